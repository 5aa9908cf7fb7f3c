//! Databases for tests, and a test of the migrations themselves.
//!
//! ```
//! use migrate_runtime::{embed_migrations, testing};
//!
//! embed_migrations!("../migrations", watch = false);
//!
//! // Every test has a database of its own; only the first one in a process
//! // waits for the migrations.
//! let db = testing::database(&Migration::migrator())?;
//! db.execute("INSERT INTO nodes (title, url, source_domain) VALUES ('a', 'https://b.c', 'b.c')", [])?;
//!
//! // One migration, from a given state with rows of the test's own.
//! let mut db = testing::at(&Migration::migrator(), Migration::V001InitialSchema)?;
//! db.execute("INSERT INTO nodes (title, url, source_domain) VALUES ('a', 'https://b.c', 'b.c')", [])?;
//! Migration::migrator().to(Migration::V002AddIndexes).up(&mut db)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalogue;

use crate::error::Error;
use crate::{Down, Migrator, Version};
use catalogue::catalogue;
use rusqlite::Connection;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

/// What an image depends on: the registry, by its place in memory, the target,
/// the name of the history table, and what its rows say of the application.
type Key = (
    usize,
    Option<Version>,
    String,
    [Option<Cow<'static, str>>; 2],
);

static IMAGES: LazyLock<Mutex<HashMap<Key, &'static [u8]>>> = LazyLock::new(Mutex::default);

/// A database in memory with all migrations up to the target of the migrator.
///
/// The first call in a process applies them; each later one copies the image
/// that the first one left, which takes a small fraction of the time. With
/// functions that were attached at run time, or an observer, nothing is copied.
///
/// # Errors
///
/// As [`Migrator::up`].
pub fn database<M>(migrator: &Migrator<M>) -> Result<Connection, Error> {
    let settings = &migrator.settings;
    let failed = crate::sqlite::failed;
    let mut conn = Connection::open_in_memory().map_err(failed("opening a database in memory"))?;
    if !settings.attached.is_empty() || settings.observer().is_some() {
        migrator.up(&mut conn)?;
        return Ok(conn);
    }
    let key = (
        std::ptr::from_ref(settings.registry).addr(),
        settings.plan.target,
        settings.table.name().to_owned(),
        [settings.release.clone(), settings.git_commit.clone()],
    );
    // The lock is held while the first one migrates: others would only do the
    // same work.
    let mut images = IMAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let image = match images.get(&key) {
        Some(image) => image,
        None => {
            migrator.up(&mut conn)?;
            let image = conn
                .serialize("main")
                .map_err(failed("copying the database"))?
                .to_vec();
            images.insert(key, image.leak());
            return Ok(conn);
        }
    };
    conn.deserialize_read_exact("main", *image, image.len(), false)
        .map_err(failed("copying the database"))?;
    Ok(conn)
}

/// The same, with the migrations up to this one: for a test of the next, with
/// rows of its own.
///
/// # Errors
///
/// As [`Migrator::up`].
pub fn at<M: Into<Version>>(migrator: &Migrator<M>, version: M) -> Result<Connection, Error> {
    let migrator = Migrator::<M>::with_settings(migrator.settings.clone());
    database(&migrator.to(version))
}

/// Checks a set of migrations, for [`test_migrations!`](crate::test_migrations).
///
/// # Panics
///
/// Panics, as a test must, with every difference that it found.
#[expect(clippy::panic, reason = "this is the assertion of a test")]
pub fn check<M>(migrator: &Migrator<M>) {
    if let Some(source) = migrator.settings.source {
        source.assert_fresh();
    }
    match walk(migrator) {
        Ok(report) if report.is_empty() => {}
        Ok(report) => panic!("{report}"),
        Err(error) => panic!("{}", with_causes(&error)),
    }
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

/// Applies every migration; undoes and applies again each that has a down.
/// Returns what is not as it should be.
fn walk<M>(migrator: &Migrator<M>) -> Result<String, Error> {
    let failed = crate::sqlite::failed;
    let mut conn = Connection::open_in_memory().map_err(failed("opening a database in memory"))?;
    let read = |conn: &Connection| {
        catalogue(conn, migrator.settings.table.name()).map_err(failed("reading the schema"))
    };
    let mut report = String::new();
    for migration in migrator.settings.registry.migrations() {
        let step = Migrator::<Version>::with_settings(migrator.settings.clone());
        let step = step.to(migration.version);
        let before = read(&conn)?;
        step.up(&mut conn)?;
        if migration.down.is_none() {
            continue;
        }
        let after = read(&conn)?;
        step.down(&mut conn, Down::Only(migration.version))?;
        for line in before.differences(&read(&conn)?) {
            let label = migration.label;
            let _ = writeln!(report, "the down of `{label}` does not undo its up: {line}");
        }
        if let Err(error) = step.up(&mut conn) {
            // What the down left is often why, and stands above.
            let (label, error) = (migration.label, with_causes(&error));
            let _ = writeln!(
                report,
                "`{label}` cannot be applied again after its down: {error}"
            );
            return Ok(report);
        }
        for line in after.differences(&read(&conn)?) {
            let label = migration.label;
            let _ = writeln!(
                report,
                "`{label}` does something else the second time: {line}"
            );
        }
    }
    Ok(report)
}

/// Writes a test of a set of migrations: the embedded files are those of the
/// directory, every up runs, every down undoes its up, and every up runs again
/// after it.
///
/// ```
/// use migrate_runtime::{embed_migrations, test_migrations};
///
/// embed_migrations!("../migrations", watch = false);
///
/// test_migrations!(Migration);
/// # fn main() {}
/// ```
///
/// The test is called `migrations_are_sound`; for a second set in the same
/// module say `test_migrations!(orders_are_sound, Orders)`. For a set whose
/// functions are attached at run time, call [`testing::check`](check) instead.
#[macro_export]
macro_rules! test_migrations {
    ($migration:ty) => {
        $crate::test_migrations!(migrations_are_sound, $migration);
    };
    ($name:ident, $migration:ty) => {
        #[cfg(test)]
        #[test]
        fn $name() {
            $crate::testing::check(&<$migration>::migrator());
        }
    };
}
