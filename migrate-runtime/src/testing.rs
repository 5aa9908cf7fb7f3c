//! Databases for tests, and a test of the migrations themselves.
//!
//! ```
//! use migrate_runtime::{embed_migrations, testing};
//!
//! embed_migrations!("../migrations", watch = false);
//!
//! // Every test has its own database. Only the first one in a process waits
//! // for the migrations.
//! let db = testing::database(&Migration::migrator())?;
//! db.execute("INSERT INTO nodes (title, url, source_domain) VALUES ('a', 'https://b.c', 'b.c')", [])?;
//!
//! // Test one migration, from a given state with existing rows.
//! let mut db = testing::at(&Migration::migrator(), Migration::V001InitialSchema)?;
//! db.execute("INSERT INTO nodes (title, url, source_domain) VALUES ('a', 'https://b.c', 'b.c')", [])?;
//! Migration::migrator().to(Migration::V002AddIndexes).up(&mut db)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::error::Error;
use crate::findings::reported;
use crate::proof;
use crate::{Migrator, Version};
use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// The key of an image: the registry, by its address, the target, the name of
/// the history table, and the release and commit in its rows.
type Key = (
    usize,
    Option<Version>,
    String,
    [Option<Cow<'static, str>>; 2],
);

static IMAGES: LazyLock<Mutex<HashMap<Key, Connection>>> = LazyLock::new(Mutex::default);

/// An in-memory database with all migrations up to the target of the migrator.
///
/// The first call in a process applies them. Each later call copies the result,
/// which takes a small fraction of the time. If functions are attached at run
/// time, or there is an observer, nothing is copied.
///
/// # Errors
///
/// Fails as [`Migrator::up`] does.
pub fn database<M>(migrator: &Migrator<M>) -> Result<Connection, Error> {
    let settings = &migrator.settings;
    let failed = crate::sqlite::failed;
    let mut conn = Connection::open_in_memory().map_err(failed("opening a database in memory"))?;
    if let Some(setup) = &settings.engine.setup {
        setup.0(&conn).map_err(failed("preparing a database in memory"))?;
    }
    if !settings.engine.attached.is_empty() || !settings.observers.is_empty() {
        migrator.up(&mut conn)?;
        return Ok(conn);
    }
    let key = (
        std::ptr::from_ref(settings.registry).addr(),
        settings.plan.target,
        settings.engine.table.name().to_owned(),
        [settings.release.clone(), settings.git_commit.clone()],
    );
    // The lock is held while the first call migrates: otherwise others would do
    // the same work.
    let mut images = IMAGES.lock().unwrap_or_else(PoisonError::into_inner);
    match images.get(&key) {
        Some(image) => {
            copy(image, &mut conn).map_err(failed("copying the database"))?;
        }
        None => {
            migrator.up(&mut conn)?;
            let image = image(&conn).map_err(failed("copying the database"))?;
            images.insert(key, image);
        }
    }
    Ok(conn)
}

/// A separate copy of a database.
fn image(conn: &Connection) -> rusqlite::Result<Connection> {
    let mut image = Connection::open_in_memory()?;
    // An in-memory database accepts only pages of its own size.
    let size: i64 = conn.query_row("PRAGMA main.page_size", [], |row| row.get(0))?;
    image.execute_batch(&format!("PRAGMA main.page_size = {size}"))?;
    copy(conn, &mut image)?;
    Ok(image)
}

/// Copies all pages at once: no other connection uses either database.
fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    Backup::new(from, to)?.run_to_completion(c_int::MAX, Duration::ZERO, None)
}

/// An in-memory database with the migrations up to this one, to test the next
/// one with existing rows.
///
/// # Errors
///
/// Fails as [`Migrator::up`] does.
pub fn at<M: Into<Version>>(migrator: &Migrator<M>, version: M) -> Result<Connection, Error> {
    database(&migrator.clone().to(version))
}

/// Proves a set of migrations. [`test_migrations!`](crate::test_migrations) and
/// the generated test call it: each up runs on empty tables and on tables with
/// rows, each down restores the schema, and each up runs again after it. It
/// also finds rows and objects that are lost in between.
///
/// Warnings are written to standard error, and do not fail the test.
///
/// # Panics
///
/// Panics with everything that it finds.
pub fn check<M>(migrator: &Migrator<M>) {
    crate::assert_sound::assert_fresh_and_sound(migrator);
}

/// Fails with the problems of a set, if it has any.
pub(crate) fn prove<M>(migrator: &Migrator<M>) -> Result<(), String> {
    let proof = proof::prove(&migrator.settings);
    let proof = proof.map_err(|error| format!("{error:#}"))?;
    reported(proof.findings, proof.notes, &proof.coverage)
}
