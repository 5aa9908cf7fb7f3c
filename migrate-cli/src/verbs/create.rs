mod existing;
mod layout;
mod lock_file;
mod new_migration;
mod template;
mod write;

use crate::args::Create;
use crate::context::Context;
use crate::directory::Directory;
use crate::failure::{Failure, io};
use crate::outcome::Outcome;
use crate::paths::shown;
use crate::style::{GREEN, styled};
use existing::Existing;
use new_migration::{NewMigration, Request};
use serde_json::json;
use std::path::Path;
use write::Written;

pub(crate) fn run(context: &Context<'_>, args: &Create) -> Result<Outcome, Failure> {
    let Directory {
        path: directory,
        numbering,
        engine,
    } = context.directory()?;
    let request = Request::new(args, engine, numbering)?;
    if make_directory(directory)? {
        let shown = shown(directory);
        context
            .output
            .note(format!("`{shown}` was not there, and is made"));
    }
    let turn = write::turn(directory);
    let migration = write(directory, &request)?;
    let lock = match lock_file::list(directory, request.engine, request.numbering) {
        Ok(lock) => lock,
        Err(failure) => {
            write::remove(directory, &migration.files);
            return Err(failure);
        }
    };
    drop(turn);
    tell(context, &migration, lock);
    let files: Vec<String> = migration.paths(&shown(directory)).collect();
    Ok(Outcome::fine(json!({
        "files": files,
        "version": migration.version.get(),
        "label": migration.label,
    })))
}

/// Whether it had to be made. One folder is made and no more, so that a
/// misspelt path is noticed.
fn make_directory(directory: &Path) -> Result<bool, Failure> {
    if directory.is_dir() {
        return Ok(false);
    }
    if directory.symlink_metadata().is_ok() {
        return Err(Failure::new(format!("`{}` is no folder", shown(directory)))
            .help("name the migrations directory with `--dir`"));
    }
    let parent = directory.parent().unwrap_or(directory);
    if !parent.as_os_str().is_empty() && !parent.is_dir() {
        return Err(Failure::new(format!(
            "the migrations directory `{}` cannot be made: there is no `{}`",
            shown(directory),
            shown(parent)
        ))
        .help("correct `--dir`, which is relative to the current directory, or make that folder"));
    }
    match std::fs::create_dir(directory) {
        Ok(()) => Ok(true),
        // Another process was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(io("made", directory, &error)),
    }
}

/// Takes a number and writes the files; if somebody else took the same number
/// meanwhile, takes another.
fn write(directory: &Path, request: &Request) -> Result<NewMigration, Failure> {
    const ATTEMPTS: usize = 100;
    for _ in 0..ATTEMPTS {
        let existing = Existing::read(directory, request.engine, request.numbering);
        existing.refuse_disorder(request.numbering)?;
        let migration = NewMigration::new(request, &existing)?;
        // What would stop the lock file from being written is said before
        // there is a file.
        lock_file::check(directory, &existing, &migration)?;
        match write::files(directory, &migration, request)? {
            Written::Fine => return Ok(migration),
            Written::Taken => {}
        }
    }
    Err(
        Failure::new("others took every number that was tried; nothing was written")
            .help("try it again when they are done"),
    )
}

fn tell(context: &Context<'_>, migration: &NewMigration, lock: Option<String>) {
    let directory = shown(&context.global.dir);
    if let Some(category) = &migration.new_category {
        let text = format!("the category `{category}` is new: its folder is made");
        context.output.note(text);
    }
    for path in migration.paths(&directory) {
        context
            .output
            .done(format!("{} `{path}`", styled(GREEN, "created")));
    }
    if let Some(lock) = lock {
        let stem = &migration.stem;
        context
            .output
            .done(format!("`{stem}` is a draft in `{lock}`"));
    }
    let first = migration.paths(&directory).next().unwrap_or_default();
    let next = match (migration.is_rust, migration.files.len()) {
        (true, _) => format!(
            "write it in `{first}`, where `compile_error!` stands; the crate does not build before"
        ),
        (_, 1) if !migration.has_down => {
            format!("write its SQL in `{first}`; the build fails until it is there (M016)")
        }
        (_, 1) => format!(
            "write its SQL in `{first}`, up and down; the build fails until it is there (M016)"
        ),
        _ => "write its SQL in both files; the build fails until it is there (M016)".to_owned(),
    };
    context.output.done(format!("next: {next}"));
}
