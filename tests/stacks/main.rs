//! Whether the runtime can be added to the stacks that services have, and the
//! recipes of the guide work.
//!
//! The tests need the registry and take minutes, so they run only if
//! `MIGRATE_STACKS` is set. With `run`, every stack has to resolve, and the recipes
//! and stacks with a program are built and run. With `check`, all stacks are
//! compiled as well. All packages share one target folder.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod recipes;
mod table;

use recipes::RECIPES;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use table::{STACKS, Stack};

/// What a service without anything special writes.
const PLAIN: &str = r#"
migrate_runtime::embed_migrations!("migrations", watch = false);
fn main() {
    let mut conn = migrate_runtime::rusqlite::Connection::open("app.db").unwrap();
    Migration::migrator().up(&mut conn).unwrap();
}
"#;

const MIGRATION: &str = "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
INSERT INTO users(name) VALUES ('Ada');
";

fn workspace() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

/// Where the packages are, and the target folder that they share.
fn shared() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("stacks")
}

fn folder(stack: &Stack) -> PathBuf {
    shared().join(stack.name)
}

/// Writes a package of its own that has the runtime and the stack.
fn write(stack: &Stack) {
    let folder = folder(stack);
    // A lock file of the last run would hide that a stack resolves no more.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::create_dir_all(folder.join("migrations")).unwrap();
    let runtime = workspace().join("migrate-runtime");
    let manifest = format!(
        "[package]\nname = '{}'\nversion = '0.1.0'\nedition = '2024'\n\n[dependencies]\n\
         migrate-runtime = {{ path = '{}' }}\n{}\n\n[profile.dev]\ndebug = false\n\n[workspace]\n",
        stack.name.replace('.', "-"),
        runtime.display(),
        stack.dependencies,
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), stack.program.unwrap_or(PLAIN)).unwrap();
    fs::write(folder.join("migrations/001_users.sql"), MIGRATION).unwrap();
}

fn cargo(stack: &Stack, arguments: &[&str]) -> Result<String, String> {
    cargo_in(&folder(stack), arguments).map_err(|error| format!("{}: {error}", stack.name))
}

/// What a Cargo command in the folder of a package prints to its standard output.
fn cargo_in(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", shared().join("target"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

/// Calls `act` for each stack, and fails with all that went wrong.
fn each<'s>(stacks: impl Iterator<Item = &'s Stack>, act: impl Fn(&Stack) -> Result<(), String>) {
    let errors: Vec<String> = stacks.filter_map(|stack| act(stack).err()).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

/// What `MIGRATE_STACKS` says, if anything is to be done.
fn wanted() -> Option<String> {
    let wanted = std::env::var("MIGRATE_STACKS").ok();
    let wanted = wanted.filter(|wanted| !wanted.is_empty());
    if wanted.is_none() {
        eprintln!("SKIPPED: MIGRATE_STACKS is not set; `run` and `check` need the registry");
    }
    wanted
}

#[test]
fn every_recipe_runs() {
    if wanted().is_none() {
        return;
    }
    let mut errors = Vec::new();
    for recipe in RECIPES {
        let start = Instant::now();
        recipe.write();
        if let Err(error) = (recipe.act)(recipe) {
            errors.push(format!("{}: {error}", recipe.page));
        }
        println!("recipe {}: {:.0?}", recipe.page, start.elapsed());
    }
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

#[test]
fn every_stack_resolves_and_some_run() {
    let Some(wanted) = wanted() else { return };
    each(STACKS.iter(), |stack| {
        write(stack);
        cargo(stack, &["generate-lockfile"])?;
        let tree = cargo(stack, &["tree", "--prefix", "none", "--edges", "normal"])?;
        let version = tree.lines().find(|line| line.starts_with("rusqlite v"));
        println!("{}: {}", stack.name, version.unwrap_or_default());
        Ok(())
    });
    let run = STACKS.iter().filter(|stack| stack.program.is_some());
    each(run, |stack| {
        let said = cargo(stack, &["run", "--quiet"])?;
        if said == "applied 1\n1 user\n" {
            Ok(())
        } else {
            Err(format!("{}: it printed {said:?}", stack.name))
        }
    });
    two_versions();
    if wanted == "check" {
        each(STACKS.iter(), |stack| {
            cargo(stack, &["check", "--quiet"]).map(drop)
        });
    }
}

/// rusqlite 0.42 and 0.43 share a libsqlite3-sys, so that Cargo takes both. The
/// compiler says what to do, and it helps: see `docs/versions.md`.
fn two_versions() {
    let stack = &Stack {
        name: "two-versions",
        dependencies: "rusqlite = '=0.42.0'",
        program: None,
    };
    write(stack);
    let function = "pub fn up(_: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> { Ok(()) }\n";
    fs::write(folder(stack).join("migrations/002_rust.rs"), function).unwrap();
    let error = cargo(stack, &["check", "--quiet"]).unwrap_err();
    let expected = "a migration in Rust takes `&migrate_runtime::rusqlite::Transaction<'_>`";
    assert!(error.contains(expected), "{error}");
    assert!(
        error.contains("`cargo update -p rusqlite@X --precise Y`"),
        "{error}"
    );
    let pin = ["update", "-p", "rusqlite@0.43.0", "--precise", "0.42.0"];
    each([stack].into_iter(), |stack| cargo(stack, &pin).map(drop));
    each([stack].into_iter(), |stack| {
        cargo(stack, &["check", "--quiet"]).map(drop)
    });
}
