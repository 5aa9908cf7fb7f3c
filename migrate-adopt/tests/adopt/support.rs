//! Databases of other tools, and what becomes of them.

use migrate_adopt::{Adoption, Error, Options, Tool, adopt, plan_adoption};
use migrate_model::files::InMemory;
use migrate_runtime::rusqlite::{Connection, types::Value};
use migrate_runtime::{Migrator, Numbering, Version};
use migrate_scan::sqlite::quote;
use migrate_source::Options as HowToRead;
use migrate_source::directory::read;
use migrate_tools::leak;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const A: &str = "CREATE TABLE a(id INTEGER);\n";
pub(crate) const B: &str = "CREATE TABLE b(id INTEGER);\n";
pub(crate) const C: &str = "CREATE TABLE c(id INTEGER);\n";

/// A migrator of files that exist only in memory. What the rules say of them is
/// no concern here.
pub(crate) fn migrator(files: &[(&str, &str)]) -> Migrator<Version> {
    let directory = read(&mut InMemory(files), &HowToRead::default());
    Migrator::new(leak(Numbering::DEFAULT, directory.migrations))
}

pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An error with all its causes, on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    // Of ours the message alone.
    let text = format!("{error:-}");
    let source = error.source();
    source.map_or(text.clone(), |source| format!("{text}: {}", chain(source)))
}

/// `001_a`, `002_b` and `003_c`, of which each makes one table.
pub(crate) fn abc() -> Migrator<Version> {
    migrator(&[("001_a.sql", A), ("002_b.sql", B), ("003_c.sql", C)])
}

/// The `CREATE TABLE` of each tool, as its sources have it.
pub(crate) const fn create(tool: Tool) -> &'static str {
    match tool {
        Tool::Refinery => {
            "CREATE TABLE IF NOT EXISTS refinery_schema_history(version int4 PRIMARY KEY, \
             name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));"
        }
        Tool::Sqlx => {
            "CREATE TABLE _sqlx_migrations(version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
             checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);"
        }
        Tool::Diesel => {
            "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
             version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);"
        }
        Tool::SeaOrm => {
            "CREATE TABLE \"seaql_migrations\" ( \"version\" varchar NOT NULL PRIMARY KEY, \
             \"applied_at\" integer NOT NULL );"
        }
        Tool::GolangMigrate => {
            "CREATE TABLE schema_migrations(version uint64, dirty bool); \
             CREATE UNIQUE INDEX version_unique ON schema_migrations(version);"
        }
        Tool::Goose => {
            "CREATE TABLE goose_db_version(id INTEGER PRIMARY KEY AUTOINCREMENT, \
             version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, \
             tstamp TIMESTAMP DEFAULT (datetime('now'))); \
             INSERT INTO goose_db_version(version_id, is_applied) VALUES (0, 1);"
        }
        Tool::Dbmate => "CREATE TABLE schema_migrations(version varchar(128) primary key);",
        Tool::Flyway => {
            "CREATE TABLE flyway_schema_history(installed_rank INT NOT NULL PRIMARY KEY, \
             version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, \
             script VARCHAR(1000) NOT NULL, checksum INT, installed_by VARCHAR(100) NOT NULL, \
             installed_on TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), \
             execution_time INT NOT NULL, success BOOLEAN NOT NULL); \
             CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history(success);"
        }
        Tool::Names => {
            "CREATE TABLE _migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, \
             name TEXT NOT NULL UNIQUE, applied_at TEXT NOT NULL DEFAULT (datetime('now')));"
        }
        Tool::Metadata => "CREATE TABLE metadata(key TEXT PRIMARY KEY, value TEXT);",
        Tool::Archon => {
            "CREATE TABLE archon_migrations(id UUID PRIMARY KEY, version VARCHAR(20), \
             migration_name VARCHAR(255), applied_at TIMESTAMPTZ, checksum VARCHAR(32), \
             UNIQUE(version, migration_name)); \
             CREATE INDEX idx_archon_migrations_version ON archon_migrations(version);"
        }
        Tool::Numbered => {
            "CREATE TABLE _migrations(id SERIAL, version VARCHAR(10), name VARCHAR(255), \
             checksum VARCHAR(32), applied_at TIMESTAMPTZ, execution_time_ms INTEGER, \
             git_commit VARCHAR(40));"
        }
        _ => "",
    }
}

/// A database file, as a tool has left it.
pub(crate) struct Left {
    pub(crate) conn: Connection,
    pub(crate) path: PathBuf,
    _folder: TempDir,
}

/// One that the tool's own statements make, with the tables of so many
/// migrations of [`abc`].
pub(crate) fn left(tool: Tool, tables: usize, history: &str) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let conn = Connection::open(&path).unwrap();
    for sql in [A, B, C].iter().take(tables) {
        conn.execute_batch(sql).unwrap();
    }
    conn.execute_batch(create(tool)).unwrap();
    conn.execute_batch(history).unwrap();
    drop(conn);
    left_at(&path)
}

/// A copy of a database file that the tool itself has made.
pub(crate) fn left_at(file: &Path) -> Left {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    std::fs::copy(file, &path).unwrap();
    Left {
        conn: Connection::open(&path).unwrap(),
        path,
        _folder: folder,
    }
}

pub(crate) fn options() -> Options {
    Options::default()
}

pub(crate) fn mapped(map: &[(&str, u64)]) -> Options {
    let mut options = options();
    options.map = map
        .iter()
        .map(|(old, new)| ((*old).to_owned(), Version::new(*new)))
        .collect();
    options
}

/// Everything that is stored, to see whether anything was changed.
pub(crate) fn dump(conn: &Connection) -> Vec<String> {
    let mut select = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1")
        .unwrap();
    let objects: Vec<(String, String)> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut dump = Vec::new();
    for (name, sql) in objects {
        if sql.starts_with("CREATE TABLE") {
            dump.extend(lines(conn, &format!("SELECT * FROM {}", quote(&name))));
        }
        dump.push(sql);
    }
    dump.extend(lines(conn, "PRAGMA user_version"));
    dump
}

/// The rows of a query, one text each.
pub(crate) fn lines(conn: &Connection, sql: &str) -> Vec<String> {
    let mut select = conn.prepare(sql).unwrap();
    let count = select.column_count();
    let rows = select
        .query_map([], |row| {
            let mut cells = Vec::new();
            for index in 0..count {
                cells.push(match row.get::<_, Value>(index)? {
                    Value::Null => "-".to_owned(),
                    Value::Integer(number) => number.to_string(),
                    Value::Real(number) => number.to_string(),
                    Value::Text(text) => text,
                    Value::Blob(bytes) => format!("{bytes:?}"),
                });
            }
            Ok(cells.join(" | "))
        })
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// What our history says afterwards.
pub(crate) fn history(conn: &Connection) -> String {
    let sql = "SELECT version, name, state, origin, applied_at, execution_ms, note \
               FROM _migrations ORDER BY version";
    lines(conn, sql).join("\n")
}

/// Adopts, after a dry run that must show the same and write nothing. The old
/// table must be as it was.
#[track_caller]
pub(crate) fn adopted(
    left: &mut Left,
    migrator: &Migrator<Version>,
    tool: Tool,
    options: &Options,
) -> Adoption {
    let before = dump(&left.conn);
    let planned = plan_adoption(migrator, &left.conn, tool, options).unwrap();
    assert_eq!(dump(&left.conn), before);
    let adoption = adopt(migrator, &mut left.conn, tool, options).unwrap();
    assert_eq!(planned.to_string(), adoption.to_string());
    if options.rename_to.is_none() {
        let after = dump(&left.conn);
        for line in before {
            assert!(after.contains(&line), "{line}");
        }
    }
    let pending = migrator.plan(&left.conn).unwrap();
    let pending: Vec<&str> = pending.pending().iter().map(|one| one.label).collect();
    assert_eq!(pending, adoption.pending);
    adoption
}

/// Is refused, by the dry run too, and writes nothing.
#[track_caller]
pub(crate) fn refused(
    left: &mut Left,
    migrator: &Migrator<Version>,
    tool: Tool,
    options: &Options,
) -> Error {
    let before = dump(&left.conn);
    let planned = plan_adoption(migrator, &left.conn, tool, options).unwrap_err();
    let error = adopt(migrator, &mut left.conn, tool, options).unwrap_err();
    assert_eq!(planned.to_string(), error.to_string());
    assert_eq!(dump(&left.conn), before);
    error
}
