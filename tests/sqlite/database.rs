//! What the tests share: database files, and the whole content of one as text.

use migrate_runtime::{Error, Report};
use migrate_tests::{migrator, open};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::PathBuf;
use std::time::SystemTime;
use tempfile::TempDir;

/// Rollback journal and write-ahead log.
pub(crate) const MODES: [bool; 2] = [false, true];

/// A migration for others to follow.
pub(crate) const BASE: (&str, &str) = (
    "001_base.sql",
    "CREATE TABLE a(x INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);\n",
);

/// A database file in a folder of its own.
pub(crate) struct Database {
    folder: TempDir,
    wal: bool,
}

impl Database {
    pub(crate) fn new(wal: bool) -> Database {
        let folder = tempfile::tempdir().unwrap();
        Database { folder, wal }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    pub(crate) fn open(&self) -> Connection {
        open(&self.path(), self.wal).unwrap()
    }

    /// Name, bytes and time of every file, without the index of the log: that
    /// is memory which readers write to as well.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>, SystemTime)> {
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.to_string_lossy().ends_with("-shm"))
            .map(|path| {
                let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
                (path.clone(), std::fs::read(&path).unwrap(), modified)
            })
            .collect();
        files.sort();
        files
    }
}

/// An in-memory database with `BASE`, and foreign keys on.
/// Whether SQLite says of a name in double quotes that it may be meant as text;
/// the library of some systems does not yet.
pub(crate) fn has_hint_for_quotes() -> bool {
    rusqlite::version_number() >= 3_046_000
}

pub(crate) fn memory() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    migrator(&[BASE]).up(&mut conn).unwrap();
    conn
}

/// Runs a script as the migration after `BASE`.
pub(crate) fn up_second(conn: &mut Connection, script: &str) -> Result<Report, Error> {
    migrator(&[BASE, ("002_second.sql", script)]).up(conn)
}

/// As [`up_second`], for a script that must fail and leave nothing behind: no
/// change, no open transaction, and a connection on which a run succeeds.
pub(crate) fn refused_second(conn: &mut Connection, script: &str) -> Error {
    let before = dump(conn);
    let error = up_second(conn, script).expect_err(script);
    assert!(conn.is_autocommit(), "{script}");
    assert_eq!(dump(conn), before, "{script}");
    assert!(error.report().is_empty(), "{script}");
    let report = up_second(conn, "CREATE TABLE later(z)").unwrap();
    assert_eq!(report.applied().len(), 1, "{script}");
    conn.execute("INSERT INTO later VALUES (1)", []).unwrap();
    error
}

/// The whole content of the main database: schema, rows, history.
pub(crate) fn dump(conn: &Connection) -> String {
    let mut text = format!("user_version {}\n", number(conn, "PRAGMA user_version"));
    let schema = rows(
        conn,
        "SELECT type, name, sql FROM main.sqlite_schema ORDER BY type, name",
    );
    for object in schema {
        text += &format!("{object:?}\n");
        if let [Value::Text(kind), Value::Text(name), Value::Text(sql)] = object.as_slice()
            && kind == "table"
            && !sql.starts_with("CREATE VIRTUAL")
        {
            let name = name.replace('"', "\"\"");
            for row in rows(conn, &format!("SELECT * FROM main.\"{name}\"")) {
                text += &format!("  {row:?}\n");
            }
        }
    }
    text
}

pub(crate) fn rows(conn: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = conn.prepare(sql).unwrap();
    let width = statement.column_count();
    statement
        .query_map([], |row| (0..width).map(|at| row.get(at)).collect())
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

pub(crate) fn number(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

pub(crate) fn text(conn: &Connection, sql: &str) -> String {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}
