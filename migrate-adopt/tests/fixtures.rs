//! The fixtures are what `fixtures/README.md` says: databases of other tools,
//! with the histories that those tools write.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha384};

/// The table of a history, its columns, and the databases with how many rows it
/// has in each.
type History = (&'static str, &'static str, &'static [(&'static str, usize)]);

const HISTORIES: &[History] = &[
    (
        "refinery_schema_history",
        "version int4, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255)",
        &[
            ("refinery/app", 4),
            ("refinery/partial", 2),
            ("refinery/crlf", 4),
        ],
    ),
    (
        "refinery_schema_history",
        "version int8, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255)",
        &[("refinery/int8", 4)],
    ),
    (
        "_sqlx_migrations",
        "version BIGINT, description TEXT, installed_on TIMESTAMP, success BOOLEAN, \
         checksum BLOB, execution_time BIGINT",
        &[
            ("sqlx/app", 4),
            ("sqlx/partial", 2),
            ("sqlx/crlf", 4),
            ("sqlx/dirty", 4),
        ],
    ),
    (
        "__diesel_schema_migrations",
        "version VARCHAR(50), run_on TIMESTAMP",
        &[("diesel/app", 4), ("diesel/partial", 2)],
    ),
    (
        "seaql_migrations",
        "version varchar, applied_at INTEGER",
        &[("sea-orm/app", 4), ("sea-orm/partial", 2)],
    ),
    (
        "schema_migrations",
        "version varchar(128)",
        &[("dbmate/app", 4), ("dbmate/partial", 2)],
    ),
    (
        "schema_migrations",
        "version uint64, dirty bool",
        &[
            ("golang-migrate/app", 1),
            ("golang-migrate/partial", 1),
            ("golang-migrate/dirty", 1),
        ],
    ),
    (
        "goose_db_version",
        "id INTEGER, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP",
        &[("goose/app", 5), ("goose/partial", 3), ("goose/log", 8)],
    ),
    (
        "flyway_schema_history",
        "installed_rank INT, version VARCHAR(50), description VARCHAR(200), type VARCHAR(20), \
         script VARCHAR(1000), checksum INT, installed_by VARCHAR(100), installed_on TEXT, \
         execution_time INT, success BOOLEAN",
        &[
            ("flyway/app", 5),
            ("flyway/partial", 2),
            ("flyway/crlf", 5),
            ("flyway/dirty", 3),
            ("flyway/baseline", 4),
        ],
    ),
    (
        "_migrations",
        "id INTEGER, name TEXT, applied_at TEXT",
        &[("names/app", 4), ("names/partial", 2)],
    ),
    (
        "metadata",
        "key TEXT, value TEXT",
        &[
            ("metadata/app", 1),
            ("metadata/partial", 1),
            ("metadata/base", 1),
        ],
    ),
    (
        "archon_migrations",
        "id UUID, version VARCHAR(20), migration_name VARCHAR(255), applied_at TIMESTAMPTZ, \
         checksum VARCHAR(32)",
        &[
            ("archon/app", 4),
            ("archon/partial", 2),
            ("archon/no-checksums", 4),
        ],
    ),
    (
        "_migrations",
        "id INTEGER, version VARCHAR(10), name VARCHAR(255), checksum VARCHAR(32), \
         applied_at TIMESTAMPTZ, execution_time_ms INTEGER, git_commit VARCHAR(40)",
        &[
            ("numbered/app", 4),
            ("numbered/partial", 2),
            ("numbered/changed", 4),
        ],
    ),
];

/// rusqlite_migration has no table, only `PRAGMA user_version`.
const VERSIONS: &[(&str, i32)] = &[
    ("rusqlite_migration/app", 4),
    ("rusqlite_migration/partial", 2),
    ("rusqlite_migration/code", 4),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn open(database: &str) -> Connection {
    let path = fixtures().join(database).with_extension("db");
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The first column of every row, as text.
fn texts(db: &Connection, query: &str) -> Vec<String> {
    let mut statement = db.prepare(query).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// All files below a folder that have this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_histories_have_the_columns_and_rows_of_their_tools() {
    for (table, columns, databases) in HISTORIES {
        for (database, rows) in *databases {
            let db = open(database);
            let query = format!("SELECT name || ' ' || type FROM pragma_table_info('{table}')");
            assert_eq!(texts(&db, &query).join(", "), *columns, "{database}");
            let query = format!("SELECT CAST(count(*) AS TEXT) FROM {table}");
            assert_eq!(texts(&db, &query), [rows.to_string()], "{database}");
        }
    }
    for (database, version) in VERSIONS {
        let db = open(database);
        let found: i32 = db
            .query_row("PRAGMA user_version", (), |row| row.get(0))
            .unwrap();
        assert_eq!(found, *version, "{database}");
    }
}

#[test]
fn every_database_is_small_and_known_and_has_what_the_migrations_made() {
    let histories = HISTORIES.iter().flat_map(|(_, _, databases)| *databases);
    let known: BTreeSet<PathBuf> = histories
        .map(|(database, _)| *database)
        .chain(VERSIONS.iter().map(|(database, _)| *database))
        .map(|database| fixtures().join(database).with_extension("db"))
        .collect();
    let found: BTreeSet<PathBuf> = files(&fixtures(), "db").into_iter().collect();
    assert_eq!(found, known);
    for path in found {
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.len() < 100_000, "{}", path.display());
        assert_eq!(
            bytes[18..20],
            [1, 1],
            "{}: no rollback journal",
            path.display()
        );
        let db = open(path.with_extension("").to_str().unwrap());
        let objects = texts(&db, "SELECT name FROM sqlite_schema ORDER BY name");
        let has = |name: &str| objects.iter().any(|object| object == name);
        assert!(has("users") && has("users_email"), "{}", path.display());
        if path.ends_with("app.db") || path.ends_with("partial.db") {
            let whole = path.ends_with("app.db");
            assert_eq!(has("published_posts"), whole, "{}", path.display());
        }
    }
}

#[test]
fn line_ends_are_those_of_their_folders() {
    for path in files(&fixtures(), "sql") {
        let text = fs::read_to_string(&path).unwrap();
        let folder = path.parent().unwrap().file_name().unwrap();
        let expected = if folder == "migrations-crlf" {
            text.matches('\n').count()
        } else {
            0
        };
        assert_eq!(text.matches("\r\n").count(), expected, "{}", path.display());
    }
}

#[test]
fn sqlx_hashes_the_bytes_of_the_up() {
    for (database, folder) in [
        ("sqlx/app", "sqlx/migrations"),
        ("sqlx/partial", "sqlx/migrations"),
        ("sqlx/crlf", "sqlx/migrations-crlf"),
    ] {
        let mut ups = files(&fixtures().join(folder), "sql");
        ups.retain(|path| !path.to_str().unwrap().ends_with(".down.sql"));
        let db = open(database);
        let stored = texts(
            &db,
            "SELECT lower(hex(checksum)) FROM _sqlx_migrations ORDER BY version",
        );
        assert!(stored.len() >= 2);
        for (stored, up) in stored.iter().zip(ups) {
            let computed: String = Sha384::digest(fs::read(&up).unwrap())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(*stored, computed, "{}", up.display());
        }
    }
}

/// The hasher of the standard library is SipHash-1-3 with a key of zeros today.
#[test]
fn refinery_hashes_name_version_and_text() {
    for (database, folder) in [
        ("refinery/app", "refinery/migrations"),
        ("refinery/crlf", "refinery/migrations-crlf"),
        ("refinery/int8", "refinery/migrations"),
    ] {
        let db = open(database);
        let stored = "SELECT checksum FROM refinery_schema_history ORDER BY version";
        let ups = files(&fixtures().join(folder), "sql");
        for (index, (stored, up)) in texts(&db, stored).iter().zip(ups).enumerate() {
            let stem = up.file_stem().unwrap().to_str().unwrap();
            let mut hasher = DefaultHasher::new();
            stem.split_once("__").unwrap().1.hash(&mut hasher);
            let version = i32::try_from(index + 1).unwrap();
            if database.ends_with("int8") {
                i64::from(version).hash(&mut hasher);
            } else {
                version.hash(&mut hasher);
            }
            fs::read_to_string(&up).unwrap().hash(&mut hasher);
            assert_eq!(*stored, hasher.finish().to_string(), "{}", up.display());
        }
    }
}
