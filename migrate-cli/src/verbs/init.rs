//! `init`: sets a package up for migrations.

mod build_script;
mod package;

use crate::context::Context;
use crate::directory::Directory;
use crate::failure::{Failure, io};
use crate::files::{shell_quoted, write_new};
use crate::outcome::Outcome;
use crate::style::{DIM, GREEN, styled};
use build_script::BuildScript;
use migrate_scan::Engine;
use migrate_source::diagnostic::Code;
use migrate_source::lock_file::{FILE_NAME, LockFile};
use package::Package;
use serde_json::json;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path};

/// Checksums are computed over text with LF, and the lock file is written with
/// LF.
const ATTRIBUTES: &str = "\
# Frozen files must have the same text on every machine.
*.sql text eol=lf
migrations.lock text eol=lf
";

/// The changes that were made, and the next steps.
#[derive(Default)]
struct Made {
    files: Vec<String>,
    /// Paths that already existed.
    skipped: Vec<String>,
    next: Vec<String>,
}

pub(crate) fn run(context: &Context<'_>) -> Result<Outcome, Failure> {
    let package = Package::here()?;
    let directory = place(&context.global.dir)?;
    let mut made = Made::default();
    let path = Path::new(&directory);
    if path.is_dir() {
        made.skipped.push(directory.clone());
    } else {
        fs::create_dir_all(path).map_err(|error| io("created", path, &error))?;
        made.files.push(directory.clone());
    }
    let migrations = Directory {
        path,
        ..context.directory()?
    };
    lock_file(migrations, &directory, &mut made)?;
    create(
        &format!("{directory}/.gitattributes"),
        ATTRIBUTES,
        &mut made,
    )?;
    build_script(&package, &directory, &mut made)?;
    let read = migrations.read();
    let is_empty = read.is_err_and(|failure| has_no_migrations(&failure));
    steps(&package, &directory, migrations.engine, is_empty, &mut made);
    for path in &made.files {
        let done = styled(GREEN, "created");
        context.output.done(format!("{done} `{path}`"));
    }
    for path in &made.skipped {
        let text = format!("`{path}` already exists and was not changed");
        context.output.done(styled(DIM, text));
    }
    for (i, step) in made.next.iter().enumerate() {
        let start = if i == 0 { "next: " } else { "      " };
        let step = step.replace('\n', "\n        ");
        context.output.done(format!("{start}{step}"));
    }
    Ok(Outcome::fine(json!({
        "files": made.files,
        "skipped": made.skipped,
        "next": made.next,
    })))
}

/// The directory in the form that the macro and the build script need: relative
/// to the package, separated by `/`.
fn place(directory: &Path) -> Result<String, Failure> {
    let refused = |what: &str| {
        Failure::usage(format!("the directory `{}` {what}", directory.display()))
            .help("name one relative to the package: `--dir migrations`")
    };
    let mut parts = Vec::new();
    for component in directory.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => parts.push(".."),
            Component::Normal(part) => match part.to_str() {
                // The build script uses it as the separator of directories.
                Some(part) if part.contains(|it: char| it == ';' || it.is_control()) => {
                    return Err(refused("has a character that a build script cannot name"));
                }
                Some(part) => parts.push(part),
                None => return Err(refused("is not UTF-8")),
            },
            _ => {
                return Err(refused("is absolute, and would differ on each machine"));
            }
        }
    }
    match parts.last() {
        None | Some(&"..") => Err(refused("contains the package itself")),
        Some(_) => Ok(parts.join("/")),
    }
}

/// Writes a lock file that lists the existing migrations, if any: a migration
/// missing from the lock file would break the build.
fn lock_file(migrations: Directory<'_>, directory: &str, made: &mut Made) -> Result<(), Failure> {
    let path = format!("{directory}/{FILE_NAME}");
    if Path::new(&path).symlink_metadata().is_ok() {
        made.skipped.push(path);
        return Ok(());
    }
    match migrations.update_lock() {
        Ok(_) => made.files.push(path),
        Err(failure) if has_no_migrations(&failure) => {
            create(&path, &LockFile::default().to_string(), made)?;
        }
        Err(failure) if failure.diagnostics.is_empty() => return Err(failure),
        Err(_) => made.next.push(format!(
            "fix the errors that `{}` reports, then run `{}`: there is no lock file yet, because \
             the migrations have errors",
            command(directory, "migrate check"),
            command(directory, "migrate lock"),
        )),
    }
    Ok(())
}

fn has_no_migrations(failure: &Failure) -> bool {
    matches!(&failure.diagnostics[..], [only] if only.code == Code::NoMigrations)
}

fn build_script(package: &Package, directory: &str, made: &mut Made) -> Result<(), Failure> {
    let Some(path) = &package.build_script else {
        let step = format!(
            "remove `build = false` from Cargo.toml, and write a build.rs:\n{}",
            build_script::whole(directory).trim_end()
        );
        made.next.push(step);
        return Ok(());
    };
    let script = match fs::read_to_string(path) {
        Ok(text) => BuildScript::of(&text, directory),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return create(path, &build_script::whole(directory), made);
        }
        Err(error) => return Err(io("read", Path::new(path), &error)),
    };
    made.skipped.push(path.clone());
    if let Some(lines) = script.missing(directory) {
        made.next
            .push(format!("add to the function `main` of {path}:\n{lines}"));
    }
    Ok(())
}

fn steps(package: &Package, directory: &str, engine: Engine, is_empty: bool, made: &mut Made) {
    if !package.has_runtime {
        let features = match engine {
            Engine::Postgres => " --no-default-features --features postgres,rustls,syntax",
            _ => "",
        };
        made.next
            .push(format!("cargo add migrate-runtime{features}"));
    }
    // On PostgreSQL, the proof needs a server, and a test that names it.
    if !package.has_proof && engine == Engine::Sqlite {
        let step = "cargo add --dev migrate-runtime --features testing";
        made.next.push(step.to_owned());
    }
    let argument = match engine {
        Engine::Postgres => ", engine = \"postgres\"",
        _ => "",
    };
    made.next.push(format!(
        "add to src/main.rs or src/lib.rs:\nmigrate_runtime::embed_migrations!(\"{}\"{argument});",
        directory.escape_debug()
    ));
    if is_empty {
        made.next
            .push(command(directory, "migrate create initial_schema"));
    }
}

/// A command line with the options for this directory.
fn command(directory: &str, command: &str) -> String {
    match directory {
        "migrations" => command.to_owned(),
        _ => {
            let directory = shell_quoted(directory);
            command.replace("migrate ", &format!("migrate --dir {directory} "))
        }
    }
}

/// Writes a file, unless it exists.
fn create(path: &str, text: &str, made: &mut Made) -> Result<(), Failure> {
    match write_new(path.as_ref(), text) {
        Ok(()) => made.files.push(path.to_owned()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            made.skipped.push(path.to_owned());
        }
        Err(error) => return Err(io("written", Path::new(path), &error)),
    }
    Ok(())
}
