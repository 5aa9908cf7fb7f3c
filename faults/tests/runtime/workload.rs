//! The migrations that the tests run, and what must be in the file after so
//! many of them.

use migrate_faults::Faults;
use migrate_runtime::{Migrator, Version};
use migrate_tests::migrator;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// Of each kind that a database goes through: tables with more rows than the
/// small cache holds, an index, changes of all rows, a rebuild, a trigger. The
/// tally shows a migration that took effect twice.
const FILES: [(&str, &str); 5] = [
    (
        "001_items.sql",
        "CREATE TABLE tally(value INTEGER NOT NULL);
         INSERT INTO tally VALUES (1);
         CREATE TABLE item(id INTEGER PRIMARY KEY, kind INTEGER, filler TEXT);
         INSERT INTO item(kind, filler)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240)
         SELECT i % 7, hex(zeroblob(100)) || i FROM n;",
    ),
    (
        "002_index.sql",
        "UPDATE tally SET value = value * 3;
         CREATE INDEX item_kind ON item(kind, filler);",
    ),
    (
        "003_change.sql",
        "UPDATE tally SET value = value * 3;
         UPDATE item SET filler = filler || '!' WHERE id > 100;
         DELETE FROM item WHERE kind = 3;",
    ),
    (
        "004_rebuild.sql",
        "UPDATE tally SET value = value * 3;
         CREATE TABLE new_item(
             id INTEGER PRIMARY KEY, kind INTEGER NOT NULL DEFAULT 0, filler TEXT UNIQUE
         );
         INSERT INTO new_item SELECT id, kind, filler FROM item;
         DROP TABLE item;
         ALTER TABLE new_item RENAME TO item;",
    ),
    (
        "005_trigger.sql",
        "UPDATE tally SET value = value * 3;
         CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER REFERENCES item);
         CREATE TRIGGER item_added AFTER INSERT ON item
         BEGIN INSERT INTO audit(item) VALUES (new.id); END;
         INSERT INTO item(kind, filler) VALUES (8, 'the last');",
    ),
];

pub(crate) const COUNT: usize = FILES.len();

/// A lock that is held is held by plan, so nothing waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_millis(5);

/// The workload.
pub(crate) fn workload() -> Migrator<Version> {
    static MIGRATOR: OnceLock<Migrator<Version>> = OnceLock::new();
    MIGRATOR
        .get_or_init(|| migrator(&FILES).lock_timeout(PATIENCE))
        .clone()
}

/// A database in a folder of its own.
pub(crate) struct Database(TempDir);

impl Database {
    /// One of a service that has chosen its journal mode already.
    pub(crate) fn new(wal: bool) -> Database {
        let database = Database::empty();
        migrate_tests::open(&database.path(), wal).unwrap();
        database
    }

    /// One that so many migrations have been applied to.
    pub(crate) fn with(wal: bool, applied: usize) -> Database {
        let database = Database::new(wal);
        let mut conn = Connection::open(database.path()).unwrap();
        for version in 1..=applied {
            up_to(&mut conn, version);
        }
        database
    }

    pub(crate) fn empty() -> Database {
        Database(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("app.db")
    }

    /// What a new process would find if this one were killed now: the files,
    /// without the index of the log that lies in shared memory.
    pub(crate) fn copy(&self) -> Database {
        let copy = Database::empty();
        for name in ["app.db", "app.db-journal", "app.db-wal"] {
            let from = self.0.path().join(name);
            if from.exists() {
                std::fs::copy(from, copy.0.path().join(name)).unwrap();
            }
        }
        copy
    }

    /// Whether something is to be undone or taken over from a journal.
    pub(crate) fn has_journal(&self) -> bool {
        let names = ["app.db-journal", "app.db-wal"].map(|name| self.0.path().join(name));
        let lengths = names.map(|path| path.metadata().map_or(0, |found| found.len()));
        lengths.iter().any(|length| *length > 0)
    }

    /// How many migrations are in the file, or what is wrong with it.
    pub(crate) fn check(&self) -> Result<usize, String> {
        let conn = Connection::open(self.path()).map_err(|error| error.to_string())?;
        check(&conn)
    }
}

/// The level of `PRAGMA synchronous` that an application has set.
pub(crate) const NORMAL: i64 = 1;

/// The workload, for a database on a disk.
pub(crate) fn on(disk: Faults) -> Migrator<Version> {
    workload().connect_with(move |path| disk.open(path))
}

/// Opens a database with so small a cache that changes reach the disk long
/// before the commit, and a log so short that it is taken over in the run.
pub(crate) fn open(disk: Faults, path: &Path) -> Connection {
    let conn = disk.open(path).unwrap();
    conn.busy_timeout(PATIENCE).unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn.pragma_update(None, "synchronous", NORMAL).unwrap();
    conn.pragma_update(None, "cache_size", CACHE).unwrap();
    conn.pragma_update(None, "wal_autocheckpoint", 20).unwrap();
    conn
}

pub(crate) const CACHE: i64 = 5;

/// How many migrations are in a database, or what is wrong with it: it must be
/// sound, and be exactly what that many migrations make, history included.
pub(crate) fn check(conn: &Connection) -> Result<usize, String> {
    let found = sound(conn)?;
    states()
        .iter()
        .position(|state| *state == found)
        .ok_or_else(|| format!("neither the old nor the new state of any migration:\n{found}"))
}

/// The content of a database, unless it is damaged.
pub(crate) fn sound(conn: &Connection) -> Result<String, String> {
    let said = |error: rusqlite::Error| error.to_string();
    let integrity: String = conn
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(said)?;
    if integrity == "ok" {
        dump(conn).map_err(said)
    } else {
        Err(integrity)
    }
}

/// The content after no migration, the first, and so on.
fn states() -> &'static [String] {
    static STATES: OnceLock<Vec<String>> = OnceLock::new();
    STATES.get_or_init(|| {
        let mut conn = Connection::open_in_memory().unwrap();
        let mut states = vec![dump(&conn).unwrap()];
        for version in 1..=COUNT {
            up_to(&mut conn, version);
            states.push(dump(&conn).unwrap());
        }
        states
    })
}

/// Runs the workload as far as this version, which is the next one.
pub(crate) fn up_to(conn: &mut Connection, version: usize) {
    let version = Version::new(version.try_into().unwrap());
    let report = workload().to(version).up(conn).unwrap();
    assert_eq!(report.applied().len(), 1);
}

/// The schema, and for each table the number and the hash of its rows, without
/// what differs from run to run. Of the history it is which migrations it says
/// are applied, so that a state fits only together with its rows.
pub(crate) fn dump(conn: &Connection) -> rusqlite::Result<String> {
    let mut text = String::new();
    let mut schema = conn.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2")?;
    let mut objects = schema.query([])?;
    while let Some(object) = objects.next()? {
        let (kind, name): (String, String) = (object.get(0)?, object.get(1)?);
        let sql: Option<String> = object.get(2)?;
        let _ = writeln!(text, "{kind} {name}: {}", sql.unwrap_or_default());
        if kind == "table" {
            let columns = match name.as_str() {
                "_migrations" => "version, name, checksum, state",
                _ => "*",
            };
            let (count, hash) = hash(conn, &format!("SELECT {columns} FROM {name}"))?;
            let _ = writeln!(text, "  {count} rows, {hash:x}");
        }
    }
    Ok(text)
}

fn hash(conn: &Connection, sql: &str) -> rusqlite::Result<(usize, u64)> {
    let mut hasher = DefaultHasher::new();
    let mut count = 0;
    let mut statement = conn.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        count += 1;
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Integer(number) => number.hash(&mut hasher),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.hash(&mut hasher),
                value => format!("{value:?}").hash(&mut hasher),
            }
        }
    }
    Ok((count, hasher.finish()))
}
