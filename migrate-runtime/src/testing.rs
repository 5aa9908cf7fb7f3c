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

use crate::error::Error;
use crate::proof;
use crate::{Migrator, Version};
use migrate_source::lint::by_level;
use migrate_source::render::render_with_level;
use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::c_int;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// What an image depends on: the registry, by its place in memory, the target,
/// the name of the history table, and what its rows say of the application.
type Key = (
    usize,
    Option<Version>,
    String,
    [Option<Cow<'static, str>>; 2],
);

static IMAGES: LazyLock<Mutex<HashMap<Key, Connection>>> = LazyLock::new(Mutex::default);

/// A database in memory with all migrations up to the target of the migrator.
///
/// The first call in a process applies them; each later one copies the database
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
    // The lock is held while the first one migrates: others would only do the
    // same work.
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

/// A copy that nobody else has.
fn image(conn: &Connection) -> rusqlite::Result<Connection> {
    let mut image = Connection::open_in_memory()?;
    // A database in memory takes no pages of another size.
    let size: i64 = conn.query_row("PRAGMA main.page_size", [], |row| row.get(0))?;
    image.execute_batch(&format!("PRAGMA main.page_size = {size}"))?;
    copy(conn, &mut image)?;
    Ok(image)
}

/// Copies all pages at once: nobody else is at work on either database.
fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    Backup::new(from, to)?.run_to_completion(c_int::MAX, Duration::ZERO, None)
}

/// The same, with the migrations up to this one: for a test of the next, with
/// rows of its own.
///
/// # Errors
///
/// As [`Migrator::up`].
pub fn at<M: Into<Version>>(migrator: &Migrator<M>, version: M) -> Result<Connection, Error> {
    database(&migrator.clone().to(version))
}

/// Proves a set of migrations, for [`test_migrations!`](crate::test_migrations)
/// and the test that the macro generates: each up runs on empty tables and on
/// tables with rows, each down brings the schema back, and each up runs again
/// after it. Rows and objects that get lost on the way are found as well.
///
/// Warnings are written to the standard error, and do not fail the test.
///
/// # Panics
///
/// Panics, as a test must, with everything that it found.
pub fn check<M>(migrator: &Migrator<M>) {
    crate::assert_sound::assert_fresh_and_sound(migrator);
}

/// The problems of a set, if it has any.
pub(crate) fn prove<M>(migrator: &Migrator<M>) -> Result<(), String> {
    let proof = proof::prove(&migrator.settings);
    let proof = proof.map_err(|error| format!("{error:#}"))?;
    let (errors, warnings) = by_level(proof.findings);
    // Not `eprintln!`: what a test prints is shown only if it fails.
    let mut stderr = std::io::stderr();
    for warning in &warnings {
        let _ = writeln!(stderr, "{}\n", render_with_level(warning));
    }
    for note in &proof.notes {
        let _ = writeln!(stderr, "note: {note}");
    }
    if errors.is_empty() {
        return Ok(());
    }
    let errors: Vec<String> = errors.iter().map(render_with_level).collect();
    Err(format!(
        "the migrations are not sound\n\n{}\n",
        errors.join("\n\n")
    ))
}
