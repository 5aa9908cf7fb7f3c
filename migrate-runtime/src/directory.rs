//! A registry that is read from a directory at run time, as the macro reads one
//! at compile time.

use crate::error::{Error, Kind};
use crate::source::Disk;
use migrate_model::{Migration, Numbering, Registry, Script, pack};
use migrate_scan::Engine;
use migrate_source::diagnostic::Code;
use migrate_source::directory::{Directory, read};
use migrate_source::rust_file;
use migrate_source::{Options, SourceMigration, SourceScript, SyntaxCheck};
use std::path::Path;

/// Reads a migrations directory at run time, for tools and tests; a service
/// embeds its migrations.
///
/// It is judged by the same rules as the macro has, except for the syntax of
/// the statements, which SQLite itself will judge. A migration in Rust has no
/// function here: attach it with [`Migrator::with_up`](crate::Migrator::with_up)
/// and [`Migrator::with_down`](crate::Migrator::with_down).
///
/// The registry lives as long as the process, so that a program should read a
/// directory once and not in a loop.
///
/// ```
/// use migrate_runtime::{Migrator, Numbering, Version, read_directory};
///
/// let registry = read_directory("../migrations", Numbering::DEFAULT)?;
/// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
/// Migrator::<Version>::new(registry).up(&mut db)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the directory has any defect; the message shows all of them, as
/// the compiler does.
pub fn read_directory(
    directory: impl AsRef<Path>,
    numbering: Numbering,
) -> Result<&'static Registry, Error> {
    let found = sound(directory.as_ref(), Engine::Sqlite, numbering)?;
    Ok(leak(numbering, found))
}

/// The migrations of a directory without any defect.
pub(crate) fn sound(
    directory: &Path,
    engine: Engine,
    numbering: Numbering,
) -> Result<Vec<SourceMigration>, Error> {
    let found = find(directory, engine, numbering, None);
    match found.diagnostics.is_empty() {
        true => Ok(found.migrations),
        false => Err(Kind::Invalid {
            diagnostics: found.diagnostics,
        }
        .into()),
    }
}

/// Reads and judges a directory.
pub(crate) fn find(
    directory: &Path,
    engine: Engine,
    numbering: Numbering,
    syntax: Option<SyntaxCheck<'_>>,
) -> Directory {
    let shown = directory.to_string_lossy().replace('\\', "/");
    let mut options = Options::default();
    options.shown_root = shown.trim_end_matches('/');
    options.engine = engine;
    options.numbering = numbering;
    options.rust = Some(&rust_file::check);
    options.syntax = syntax;
    let mut found = read(&mut Disk(directory.to_owned()), &options);
    for diagnostic in &mut found.diagnostics {
        let is_root = diagnostic.path == options.shown_root;
        if diagnostic.code == Code::UnreadableDirectory && is_root {
            // The compiler knows other kinds of relative paths.
            "create the directory, or correct the path; it is relative to the current directory"
                .clone_into(&mut diagnostic.help);
        }
    }
    found
}

/// Makes migrations constant data, as those of the macro are. The order must be
/// right already.
pub fn leak(numbering: Numbering, migrations: Vec<SourceMigration>) -> &'static Registry {
    Box::leak(Box::new(registry(numbering, migrations)))
}

/// The same, in a place of its own.
pub(crate) fn registry(numbering: Numbering, migrations: Vec<SourceMigration>) -> Registry {
    let migrations: Vec<Migration> = migrations.into_iter().map(migration).collect();
    Registry::with_numbering(numbering, migrations.leak())
}

fn migration(source: SourceMigration) -> Migration {
    let is_released = source.is_released();
    let label: &'static str = source.label.leak();
    let mut migration = Migration::new(source.version, label, source.checksum, script(source.up));
    if let Some(down) = source.down {
        migration = migration.with_down(script(down));
    }
    if let Some(reason) = source.irreversible {
        migration = migration.irreversible(reason.leak());
    }
    match is_released {
        true => migration.frozen(),
        false => migration,
    }
}

fn script(source: SourceScript) -> Script {
    let path: &'static str = source.path.leak();
    if source.is_rust {
        return Script::rust(path);
    }
    let packed = pack(&source.statements).leak();
    let script = Script::packed(path, source.text.leak(), source.first_line, packed);
    match source.in_transaction {
        true => script,
        false => script.without_transaction(),
    }
}
