//! The snippets of the README, each compiled as a reader would: in a package of
//! its own with the dependencies that the README names.

use crate::package::{Output, Package, RUNTIME, executable, output};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Where a snippet belongs. Each is compiled by a test below.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    /// A file of the quick start, or the dependencies of it.
    QuickStart(&'static str),
    /// Statements for the program of the quick start.
    Verbs,
    PostgresDependencies,
    Postgres,
}

/// A snippet is known by its first line, so that none comes in unseen.
fn role(first_line: &str) -> Option<Role> {
    Some(match first_line {
        "[dependencies]" => Role::QuickStart("Cargo.toml"),
        "// build.rs: without it Cargo does not notice a new file" => Role::QuickStart("build.rs"),
        "-- migrations/001_users.sql" => Role::QuickStart("migrations/001_users.sql"),
        "// migrations/002_backfill.rs" => Role::QuickStart("migrations/002_backfill.rs"),
        "// src/main.rs" => Role::QuickStart("src/main.rs"),
        "use migrate_runtime::{Down, Transactions};" => Role::Verbs,
        "use migrate_runtime::{embed_migrations, postgres::Connector};" => Role::Postgres,
        line if line.starts_with("migrate-runtime = ") && line.contains("[\"postgres\"") => {
            Role::PostgresDependencies
        }
        _ => return None,
    })
}

/// Every snippet that compiles, with its role.
fn snippets() -> Vec<(Role, String)> {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let mut found = Vec::new();
    for fence in readme.split("```").skip(1).step_by(2) {
        let (language, code) = fence.split_once('\n').unwrap();
        match language {
            "rust" | "toml" | "sql" => {}
            // What programs print, and commands.
            "console" | "sh" | "text" => continue,
            other => panic!("nobody knows what to do with `{other}`:\n{code}"),
        }
        let first_line = code.lines().next().unwrap_or_default();
        let role = role(first_line)
            .unwrap_or_else(|| panic!("no test compiles the snippet `{first_line}` of the README"));
        let is_twice = found.iter().any(|(other, _)| *other == role);
        assert!(!is_twice, "two snippets for {role:?}");
        found.push((role, code.to_owned()));
    }
    found
}

fn snippet(role: Role) -> String {
    let found = snippets().into_iter().find(|(other, _)| *other == role);
    found
        .unwrap_or_else(|| panic!("the README has nothing for {role:?}"))
        .1
}

/// A package with these dependencies as the README writes them.
fn package(name: &'static str, dependencies: Role) -> Package {
    documented(name, &snippet(dependencies))
}

/// A package with dependencies as a document writes them, and the crates of this
/// workspace for those of the registry.
pub(crate) fn documented(name: &'static str, dependencies: &str) -> Package {
    let dependencies = dependencies.trim_start_matches("[dependencies]\n");
    let lines = dependencies.lines();
    let names = lines.filter_map(|line| Some(line.split_once(" = ")?.0));
    let ours: BTreeSet<&str> = names.filter(|it| it.starts_with("migrate-")).collect();
    let mut patches = "\n[patch.crates-io]\n".to_owned();
    for name in ours {
        patches += &format!("{name} = {{ path = '{ROOT}/{name}' }}\n");
    }
    Package::new(name, &format!("{dependencies}{patches}"))
}

/// The package of the quick start, with all of its files.
fn quick_start(name: &'static str, dependencies: Role) -> Package {
    let package = package(name, dependencies);
    for (role, code) in snippets() {
        match role {
            Role::QuickStart("Cargo.toml") => {}
            Role::QuickStart(file) => package.write(file, &code),
            _ => {}
        }
    }
    package
}

pub(crate) fn start(name: &str, package: &Package) -> Output {
    let mut program = Command::new(executable("debug", name));
    output(
        program
            .current_dir(package.path(""))
            .env_remove("RUST_BACKTRACE"),
    )
}

/// The lines of a program, without the times that they show.
pub(crate) fn times(output: &Output) -> Vec<String> {
    let lines = output.lines().map(|line| match line.rsplit_once(" in ") {
        Some((what, time)) if time.ends_with(" ms") => format!("{what} in # ms"),
        _ => line.to_owned(),
    });
    lines.collect()
}

#[test]
fn the_quick_start() {
    let name = "readme";
    let package = quick_start(name, Role::QuickStart("Cargo.toml"));
    // The statements of the next snippet belong into a program as this one.
    let program = snippet(Role::QuickStart("src/main.rs"));
    let end = "    Ok(())\n";
    assert_eq!(program.matches(end).count(), 1);
    let verbs = program.replace(end, &format!("{}{end}", snippet(Role::Verbs)));
    package.write("src/bin/verbs.rs", &verbs);
    package.build().ok().without_warnings(name);

    let applied = ["applied 001_users in # ms", "applied 002_backfill in # ms"];
    assert_eq!(times(&start(name, &package).ok()), applied);
    assert_eq!(times(&start(name, &package).ok()), ["nothing is pending"]);
    package
        .cargo(&["test"])
        .ok()
        .has("embedded_migrations_are_sound ... ok");
}

/// What its `main` prints if a migration fails.
#[test]
fn the_quick_start_that_fails() {
    let name = "readme_fails";
    let package = quick_start(name, Role::QuickStart("Cargo.toml"));
    package.build().ok().without_warnings(name);
    let db = rusqlite::Connection::open(package.path("app.db")).unwrap();
    db.execute_batch("CREATE TABLE users(id)").unwrap();
    let said = start(name, &package).failed();
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "Error: migration `001_users` failed at migrations/001_users.sql:2:14 and was rolled \
             back: table users already exists",
            " --> migrations/001_users.sql:2:14",
            "  |",
            "2 | CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE) STRICT;",
            "  |              ^^^^^",
        ]
    );
}

/// As after `cargo add migrate-runtime rusqlite`.
#[test]
fn with_rusqlite_among_the_dependencies() {
    let name = "readme_rusqlite";
    // The lock file says which version that is.
    let package = Package::new(name, &format!("{RUNTIME}\nrusqlite = '*'\n"));
    for (role, code) in snippets() {
        match role {
            Role::QuickStart("Cargo.toml") => {}
            Role::QuickStart(file) => {
                let own = code
                    .replace("migrate_runtime::rusqlite::", "rusqlite::")
                    .replace(
                        "use migrate_runtime::{embed_migrations, rusqlite::Connection};",
                        "use migrate_runtime::embed_migrations;\nuse rusqlite::Connection;",
                    );
                assert!(!own.contains("rusqlite::Connection}"), "{own}");
                package.write(file, &own);
            }
            _ => {}
        }
    }
    package.build().ok().without_warnings(name);
    start(name, &package).ok().has("applied 002_backfill in ");
}

#[test]
fn a_program_for_postgresql() {
    let name = "readme_postgres";
    let package = package(name, Role::PostgresDependencies);
    package.write("build.rs", &snippet(Role::QuickStart("build.rs")));
    package.write(
        "migrations/001_users.sql",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);\n",
    );
    let code = snippet(Role::Postgres);
    let (items, statements) = code.split_once("\n\nlet ").unwrap();
    package.write(
        "src/main.rs",
        &format!(
            "{items}\n\nasync fn run() -> Result<(), Box<dyn std::error::Error>> {{\n\
             let {statements}Ok(())\n}}\n\nfn main() {{\n    drop(run());\n}}\n"
        ),
    );
    package.cargo(&["check"]).ok().without_warnings(name);
}
