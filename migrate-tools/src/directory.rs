//! A registry read from a directory at run time, as the macro reads one at compile
//! time.

use crate::check::CheckOptions;
use crate::disk::shown;
use crate::error::{Error, Kind};
use migrate_model::{EngineType, Migration, Numbering, Registry, Script, pack};
use migrate_runtime::__private::Disk;
use migrate_scan::Engine;
use migrate_source::diagnostic::Code;
use migrate_source::directory::{Directory, read};
use migrate_source::{Options, SourceMigration, SourceScript, SyntaxCheck, rust_file};
use std::path::Path;

/// Reads a migrations directory at run time. This is for tools and tests; a service
/// embeds its migrations.
///
/// The rules are those of the macro, except for the syntax of the statements, which the
/// database itself judges. A migration in Rust has no function here: attach it with
/// [`Migrator::with_up`](migrate_runtime::Migrator::with_up) and
/// [`Migrator::with_down`](migrate_runtime::Migrator::with_down).
///
/// The registry lives as long as the process: read a directory once, not in a loop.
///
/// ```
/// use migrate_runtime::{Migrator, Numbering, Version};
/// use migrate_tools::read_directory;
///
/// let registry = read_directory("../migrations", Numbering::DEFAULT)?;
/// # #[cfg(feature = "sqlite")]
/// # {
/// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
/// Migrator::<Version>::new(registry).up(&mut db)?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With the feature `postgres` the registry can be for PostgreSQL; the type of the
/// migrator decides:
///
/// ```
/// # #[cfg(feature = "postgres")]
/// # {
/// use migrate_runtime::{Migrator, Numbering, Postgres, Version};
/// use migrate_tools::read_directory;
///
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path();
/// std::fs::write(directory.join("001_users.sql"), "CREATE TABLE users (id bigint PRIMARY KEY);\n")?;
/// let registry = read_directory(directory, Numbering::DEFAULT)?;
/// let migrator = Migrator::<Version, Postgres>::new(registry);
/// # drop(migrator);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the directory has any problem. The message shows all of them, as the
/// compiler does.
pub fn read_directory<E: EngineType>(
    directory: impl AsRef<Path>,
    numbering: Numbering,
) -> Result<&'static Registry<E>, Error> {
    let found = find(directory.as_ref(), E::ENGINE, numbering.into(), None);
    if found.diagnostics.is_empty() {
        return Ok(leak(numbering, found.migrations));
    }
    Err(Kind::InvalidDirectory(found.diagnostics).into())
}

/// Reads a directory and applies the rules.
pub(crate) fn find(
    directory: &Path,
    engine: Engine,
    check: CheckOptions,
    syntax: Option<SyntaxCheck<'_>>,
) -> Directory {
    let shown = shown(directory);
    let mut options = Options::default();
    options.shown_root = &shown;
    options.engine = engine;
    options.numbering = check.numbering;
    options.sqlite.min_sqlite = check.min_sqlite;
    options.rust = Some(&rust_file::check);
    options.syntax = syntax;
    let mut found = read(&mut Disk(directory.to_owned()), &options);
    for diagnostic in &mut found.diagnostics {
        let is_root = diagnostic.path == options.shown_root;
        if diagnostic.code == Code::UnreadableDirectory && is_root {
            // The compiler resolves relative paths in other ways.
            "create the directory, or correct the path; it is relative to the current directory"
                .clone_into(&mut diagnostic.help);
        }
    }
    found
}

/// Makes migrations constant data, like those of the macro. They must already be in
/// order.
#[doc(hidden)]
pub fn leak<E: EngineType>(
    numbering: Numbering,
    migrations: Vec<SourceMigration>,
) -> &'static Registry<E> {
    let migrations: Vec<Migration> = migrations.into_iter().map(migration).collect();
    let registry = Registry::with_numbering(numbering, migrations.leak());
    Box::leak(Box::new(registry.on_engine()))
}

fn migration(source: SourceMigration) -> Migration {
    let (is_released, refers_ahead) = (source.is_released(), source.refers_ahead);
    let label: &'static str = source.label.leak();
    let mut migration = Migration::new(source.version, label, source.checksum, script(source.up));
    if let Some(down) = source.down {
        migration = migration.with_down(script(down));
    }
    if let Some(reason) = source.irreversible {
        migration = migration.irreversible(reason.leak());
    }
    if refers_ahead {
        migration = migration.referring_ahead();
    }
    if is_released {
        migration.frozen()
    } else {
        migration
    }
}

fn script(source: SourceScript) -> Script {
    let path: &'static str = source.path.leak();
    if source.is_rust {
        return Script::rust(path);
    }
    let packed = pack(&source.statements).leak();
    let script = Script::packed(path, source.text.leak(), source.first_line, packed);
    if source.in_transaction {
        script
    } else {
        script.without_transaction()
    }
}
