//! The history table: everything that reads or writes it.

use super::lock::Failure;
use crate::error::Kind;
use migrate_core::history::{Row, State};
use migrate_core::plan::Options;
use migrate_core::{Migration, Registry, Version};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

/// The name of the history table, in lower case.
pub(super) const TABLE: &str = "_migrations";

const CREATE: &str = "CREATE TABLE main._migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    state TEXT NOT NULL,
    applied_at TEXT NOT NULL,
    execution_ms INTEGER NOT NULL,
    release TEXT,
    git_commit TEXT,
    down_sql TEXT,
    origin TEXT
) STRICT";

/// The columns above, in order.
const COLUMNS: [&str; 10] = [
    "version",
    "name",
    "checksum",
    "state",
    "applied_at",
    "execution_ms",
    "release",
    "git_commit",
    "down_sql",
    "origin",
];

/// What the fast path compares. A column that is fetched costs more than a
/// comparison inside of SQLite, so the state is compared there, and the version
/// is NULL where it is another one. The order is that of the table itself; by
/// its name it is an error in a view, which is no history.
const COMPARE: &str = "SELECT CASE state WHEN 'applied' THEN version END, checksum, name \
                       FROM main._migrations ORDER BY rowid";

const READ: &str = "SELECT rowid, version, name, checksum, state, applied_at, execution_ms, \
                    release, git_commit, origin \
                    FROM main._migrations ORDER BY rowid";

const INSERT: &str = "INSERT INTO main._migrations \
    (version, name, checksum, state, applied_at, execution_ms, release, git_commit, down_sql) \
    VALUES (?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ?5, ?6, ?7, ?8)";

/// The fast path: whether the history is exactly what the registry says, and
/// nothing up to the target is pending. One statement, no lock beyond its
/// read, no write, and no allocation for a row.
///
/// `false` only means that a closer look is needed: errors are found again, and
/// told, by whoever takes it.
pub(super) fn is_current(conn: &Connection, registry: &Registry, options: &Options) -> bool {
    let Ok(mut statement) = conn.prepare_cached(COMPARE) else {
        return false;
    };
    let Ok(mut rows) = statement.query([]) else {
        return false;
    };
    let mut expected = registry.migrations().iter();
    loop {
        match rows.next() {
            Ok(Some(row)) => match expected.next() {
                Some(migration) if is_recorded(row, migration) => {}
                _ => return false,
            },
            Ok(None) => break,
            Err(_) => return false,
        }
    }
    // A view can have a column that is called `rowid`, and a table without this
    // key the right rows by chance. It is asked last, of the schema for which
    // the statement was good; it costs no statement.
    let key = conn.column_metadata(Some("main"), TABLE, "version");
    if !matches!(key, Ok((_, _, _, true, _))) {
        return false;
    }
    match (expected.next(), options.target) {
        (None, _) => true,
        (Some(pending), Some(target)) => pending.version > target,
        (Some(_), None) => false,
    }
}

fn is_recorded(row: &rusqlite::Row<'_>, migration: &Migration) -> bool {
    let version = migration.version.get().cast_signed();
    matches!(row.get_ref(0), Ok(ValueRef::Integer(found)) if found == version)
        && matches!(row.get_ref(1), Ok(ValueRef::Text(text)) if migration.checksum.matches(text))
        && matches!(row.get_ref(2), Ok(ValueRef::Text(text)) if text == migration.name.as_bytes())
}

/// Reads the whole history, sorted by version. A database without the table
/// has an empty one; any other trouble is an error, never "version 0".
pub(super) fn read(conn: &Connection) -> Result<Vec<Row>, Failure> {
    if !exists(conn)? {
        return Ok(Vec::new());
    }
    let failure = |error: rusqlite::Error| Failure::new("reading the history")(error);
    let mut statement = conn.prepare(READ).map_err(|error| match &error {
        // All other columns have been found.
        rusqlite::Error::SqlInputError { msg, .. } if msg.ends_with(": rowid") => {
            damaged("it is a table without a rowid".to_owned())
        }
        _ => failure(error),
    })?;
    let mut rows = statement.query([]).map_err(failure)?;
    let mut history: Vec<Row> = Vec::new();
    while let Some(row) = rows.next().map_err(failure)? {
        let row = parse(row)?;
        if history
            .last()
            .is_some_and(|before| before.version >= row.version)
        {
            return Err(damaged(format!(
                "version {} stands in it twice",
                row.version
            )));
        }
        history.push(row);
    }
    Ok(history)
}

/// Whether the table is there, in the shape that this crate gave it.
pub(super) fn exists(conn: &Connection) -> Result<bool, Failure> {
    let failure = |error: rusqlite::Error| Failure::new("looking for the history")(error);
    let kind: Option<String> = conn
        .query_row(
            // Triggers have a name space of their own. The application may have
            // put something else in the place of `lower`.
            "SELECT type FROM main.sqlite_schema \
             WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'",
            [TABLE],
            |row| row.get(0),
        )
        .optional()
        .map_err(failure)?;
    match kind.as_deref() {
        None => return Ok(false),
        Some("table") => {}
        Some("index") => return Err(damaged("it is an index, not a table".to_owned())),
        Some(other) => return Err(damaged(format!("it is a {other}, not a table"))),
    }
    let mut statement = conn
        .prepare("SELECT name, pk FROM pragma_table_info(?1, 'main')")
        .map_err(failure)?;
    let columns: Vec<(String, i64)> = statement
        .query_map([TABLE], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(failure)?;
    check_columns(&columns)?;
    Ok(true)
}

/// A table in which most of our columns stand is ours and damaged; one in
/// which few do is another tool's.
fn check_columns(columns: &[(String, i64)]) -> Result<(), Failure> {
    let missing: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|wanted| columns.iter().all(|(name, _)| name != wanted))
        .collect();
    if missing.len() > COLUMNS.len() / 3 {
        let columns = columns.iter().map(|(name, _)| format!("`{name}`"));
        return Err(Kind::Foreign {
            columns: columns.collect(),
        }
        .into());
    }
    if !missing.is_empty() {
        return Err(damaged(format!(
            "the column `{}` is missing",
            missing.join("`, `")
        )));
    }
    let key: Vec<&str> = columns
        .iter()
        .filter(|(_, position)| *position > 0)
        .map(|(name, _)| name.as_str())
        .collect();
    if key != ["version"] {
        return Err(damaged("`version` is not its primary key".to_owned()));
    }
    Ok(())
}

/// Every type is checked: a history edited by hand must not make a service
/// panic.
fn parse(row: &rusqlite::Row<'_>) -> Result<Row, Failure> {
    let version = match (row.get_ref(0), row.get_ref(1)) {
        (Ok(ValueRef::Integer(rowid)), Ok(ValueRef::Integer(version))) if rowid == version => {
            u64::try_from(version).ok().and_then(Version::from_u64)
        }
        _ => None,
    };
    let Some(version) = version else {
        let found = row.get_ref(1).map_or_else(|_| String::new(), shown);
        return Err(damaged(format!("{found} is not a version")));
    };
    let in_row = |what: &str, at: usize| {
        let found = row.get_ref(at).map_or_else(|_| String::new(), shown);
        damaged(format!("the {what} of version {version} is {found}"))
    };
    let text = |what: &str, at: usize| match row.get_ref(at) {
        Ok(ValueRef::Text(bytes)) => {
            String::from_utf8(bytes.to_vec()).map_err(|_| in_row(what, at))
        }
        _ => Err(in_row(what, at)),
    };
    let optional = |what: &str, at: usize| match row.get_ref(at) {
        Ok(ValueRef::Null) => Ok(None),
        _ => text(what, at).map(Some),
    };
    Ok(Row {
        version,
        name: text("name", 2)?,
        checksum: text("checksum", 3)?,
        state: State::parse(&text("state", 4)?).ok_or_else(|| in_row("state", 4))?,
        applied_at: text("time", 5)?,
        execution_ms: match row.get_ref(6) {
            Ok(ValueRef::Integer(milliseconds)) => u64::try_from(milliseconds).ok(),
            _ => None,
        }
        .ok_or_else(|| in_row("duration", 6))?,
        release: optional("release", 7)?,
        git_commit: optional("commit", 8)?,
        origin: optional("origin", 9)?,
    })
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            format!("`{}`", text.chars().take(40).collect::<String>())
        }
        ValueRef::Blob(_) => "a blob".to_owned(),
    }
}

fn damaged(what: String) -> Failure {
    Kind::Damaged(what).into()
}

/// Makes the table; only under the write lock, and only when something is to
/// be applied.
pub(super) fn create(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute(CREATE, []).map(drop)
}

/// What the history says of a migration beside its own data.
pub(super) struct Record<'a> {
    pub(super) execution_ms: u64,
    pub(super) release: Option<&'a str>,
    pub(super) git_commit: Option<&'a str>,
}

/// Records a migration as applied, in the transaction that applied it.
pub(super) fn insert(
    conn: &Connection,
    migration: &Migration,
    record: &Record<'_>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(INSERT)?;
    // With `PRAGMA count_changes` it returns a row, which `execute` refuses.
    let mut rows = statement.query(params![
        migration.version.get().cast_signed(),
        migration.name,
        migration.checksum.to_string(),
        State::Applied.as_str(),
        i64::try_from(record.execution_ms).unwrap_or(i64::MAX),
        record.release,
        record.git_commit,
        migration.down.map(|down| down.sql()),
    ])?;
    while rows.next()?.is_some() {}
    Ok(())
}
