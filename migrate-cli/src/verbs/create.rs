//! `create`: writes a new migration.

mod existing;
mod layout;
mod lock_file;
mod new_migration;
mod template;
mod write;

use crate::args::Create;
use crate::context::Context;
use crate::failure::{Failure, io};
use crate::files::shown;
use crate::outcome::Outcome;
use crate::style::{GREEN, styled};
use existing::Existing;
use new_migration::{NewMigration, Request};
use serde_json::json;
use std::path::Path;
use write::Written;

pub(crate) fn run(context: &Context<'_>, args: &Create) -> Result<Outcome, Failure> {
    let directory = context.directory()?;
    let request = Request::new(args, directory)?;
    let shown = shown(directory.path);
    if make_directory(directory.path)? {
        let note = format!("created `{shown}`");
        context.output.note(note);
    }
    let lock = write::lock(directory.path);
    let migration = write(&request)?;
    let lock_file = lock_file::list(directory)
        .inspect_err(|_| write::remove(directory.path, &migration.files))?;
    drop(lock);
    let paths: Vec<String> = migration.paths(&shown).collect();
    report(context, &migration, &paths, lock_file);
    Ok(Outcome::fine(json!({
        "files": paths,
        "version": migration.version.get(),
        "label": migration.label,
    })))
}

/// Creates the directory, and returns whether it was missing. Its parent must
/// exist, so that a misspelled path is noticed.
fn make_directory(directory: &Path) -> Result<bool, Failure> {
    if directory.is_dir() {
        return Ok(false);
    }
    // Another process may have created it in the meantime.
    if directory.symlink_metadata().is_ok() && !directory.is_dir() {
        return Err(
            Failure::new(format!("`{}` is not a folder", shown(directory)))
                .help("name the migrations directory with `--dir`"),
        );
    }
    let parent = directory.parent().unwrap_or(directory);
    if !parent.as_os_str().is_empty() && !parent.is_dir() {
        return Err(Failure::new(format!(
            "the migrations directory `{}` cannot be created: `{}` does not exist",
            shown(directory),
            shown(parent)
        ))
        .help(
            "correct `--dir`, which is relative to the current directory, or create that folder",
        ));
    }
    match std::fs::create_dir(directory) {
        Ok(()) => Ok(true),
        // Another process was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(io("created", directory, &error)),
    }
}

/// Takes a number and writes the files. Retries with another number if another
/// process takes the same one.
fn write(request: &Request<'_>) -> Result<NewMigration, Failure> {
    const ATTEMPTS: usize = 100;
    for _ in 0..ATTEMPTS {
        let existing = Existing::read(request.directory);
        existing.refuse_disorder()?;
        let migration = NewMigration::new(request, &existing)?;
        // Errors of the lock file are reported before any file is written.
        lock_file::check(&existing, &migration)?;
        if write::files(&migration, request)? == Written::Fine {
            return Ok(migration);
        }
    }
    Err(
        Failure::new("other processes took every number that was tried; nothing was written")
            .help("try again when they are done"),
    )
}

fn report(
    context: &Context<'_>,
    migration: &NewMigration,
    paths: &[String],
    lock_file: Option<String>,
) {
    let output = context.output;
    if let Some(category) = &migration.new_category {
        let note = format!("created the folder of the new category `{category}`");
        output.note(note);
    }
    for path in paths {
        output.done(format!("{} `{path}`", styled(GREEN, "created")));
    }
    if let Some(lock_file) = lock_file {
        let stem = &migration.stem;
        output.done(format!("`{stem}` is a draft in `{lock_file}`"));
    }
    let first = &paths[0];
    let next = match (migration.is_rust, paths.len()) {
        (true, _) => format!(
            "write it in `{first}`, in place of `compile_error!`; the crate does not build until \
             then"
        ),
        (_, 1) if !migration.has_down => {
            format!("write its SQL in `{first}`; the build fails until it is there (M016)")
        }
        (_, 1) => format!(
            "write its SQL in `{first}`, up and down; the build fails until it is there (M016)"
        ),
        _ => "write its SQL in both files; the build fails until it is there (M016)".to_owned(),
    };
    output.done(format!("next: {next}"));
}
