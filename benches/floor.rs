//! The floor: what a good hand-written program does, and nothing more. It trusts
//! its scripts, checks nothing, and has no messages.

use migrate_model::{Migration, Registry};
use rusqlite::{Connection, Result, Statement};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS history(\n  version INTEGER PRIMARY KEY,\n  \
                     name TEXT NOT NULL,\n  checksum TEXT NOT NULL,\n  \
                     applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP\n)";
/// Of the runtime's own table: a start reads what an earlier one wrote.
const SELECT: &str = "SELECT version, checksum, state FROM _migrations ORDER BY version";
const INSERT: &str = "INSERT INTO history(version, name, checksum) VALUES (?1, ?2, ?3)";

/// Applies what is pending, in a transaction each or in one for all.
///
/// The history is read once, and the statement that writes it is prepared once.
///
/// # Errors
///
/// As SQLite's.
pub fn apply(conn: &mut Connection, registry: &Registry, in_one: bool) -> Result<usize> {
    conn.pragma_update(None, "foreign_keys", false)?;
    conn.execute_batch(TABLE)?;
    let applied: Vec<i64> = conn
        .prepare("SELECT version FROM history ORDER BY version")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let pending: Vec<_> = registry
        .migrations()
        .iter()
        .filter(|migration| applied.binary_search(&version(migration)).is_err())
        .collect();
    if in_one {
        conn.execute_batch("BEGIN IMMEDIATE")?;
    }
    let mut insert = conn.prepare(INSERT)?;
    for migration in &pending {
        if !in_one {
            conn.execute_batch("BEGIN IMMEDIATE")?;
        }
        conn.execute_batch(migration.up.sql())?;
        insert.execute(row(migration))?;
        if !in_one {
            conn.execute_batch("COMMIT")?;
        }
    }
    drop(insert);
    if in_one {
        conn.execute_batch("COMMIT")?;
    }
    conn.pragma_update(None, "foreign_keys", true)?;
    Ok(pending.len())
}

/// Records all migrations as applied, without running them.
///
/// # Errors
///
/// As SQLite's.
pub fn baseline(conn: &Connection, registry: &Registry) -> Result<()> {
    conn.execute_batch(TABLE)?;
    let mut insert = conn.prepare(INSERT)?;
    for migration in registry.migrations() {
        insert.execute(row(migration))?;
    }
    Ok(())
}

/// The check at start-up, on the history that the runtime has written: one SELECT
/// of version, checksum and state of all rows, prepared beforehand, each compared
/// with what is expected.
pub struct StartUp<'c> {
    select: Statement<'c>,
    expected: Vec<(i64, String)>,
}

impl<'c> StartUp<'c> {
    /// Prepares the SELECT.
    ///
    /// # Errors
    ///
    /// As SQLite's.
    pub fn new(conn: &'c Connection, registry: &Registry) -> Result<StartUp<'c>> {
        let expected = registry.migrations().iter();
        Ok(StartUp {
            select: conn.prepare(SELECT)?,
            expected: expected
                .map(|each| (version(each), each.checksum.to_string()))
                .collect(),
        })
    }

    /// Whether nothing is pending and nothing differs.
    ///
    /// # Errors
    ///
    /// As SQLite's.
    pub fn is_same(&mut self) -> Result<bool> {
        let mut rows = self.select.query([])?;
        let mut expected = self.expected.iter();
        while let Some(row) = rows.next()? {
            let Some((version, checksum)) = expected.next() else {
                return Ok(false);
            };
            let is_same = row.get_ref(0)?.as_i64()? == *version
                && row.get_ref(1)?.as_str()? == *checksum
                && row.get_ref(2)?.as_str()? == "applied";
            if !is_same {
                return Ok(false);
            }
        }
        Ok(expected.next().is_none())
    }
}

fn row(migration: &Migration) -> (i64, &str, &str) {
    (version(migration), migration.name, migration.checksum.hex())
}

fn version(migration: &Migration) -> i64 {
    migration.version.get().cast_signed()
}
