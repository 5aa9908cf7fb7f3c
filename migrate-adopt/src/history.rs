//! Reading the histories of other tools; nothing here writes.

mod counters;
mod logs;
mod record;
mod shape;
mod tables;
mod time;

pub use shape::{detect, histories};
use shape::{detect_in, made};

use crate::Tool;
use crate::checksum::OldChecksum;
use crate::error::{Error, Kind};
use crate::id::called;
use migrate_runtime::rusqlite::Connection;
use std::fmt;

/// What the history of another tool says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OldHistory {
    /// Its table; none for what lies in a pragma.
    pub(crate) table: Option<String>,
    pub(crate) applied: Applied,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// How the tool says what is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// One by one, in the order of their versions.
    Each(Vec<OldRow>),
    /// All whose number is not higher.
    UpTo(u64),
    /// So many, numbered from 1.
    Count(u64),
}

/// One migration that another tool has applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OldRow {
    /// Its version, as that tool compares it.
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// RFC 3339, in UTC.
    pub(crate) applied_at: Option<String>,
    pub(crate) execution_ms: Option<u64>,
    pub(crate) checksum: Option<OldChecksum>,
    /// Whether it stands for everything up to it, whoever applied that.
    pub(crate) is_baseline: bool,
    /// Whether the tool runs it again when its file changes.
    pub(crate) is_repeatable: bool,
}

/// The versions that a tool has applied, in its order and as it names them. Of a
/// tool that only keeps the number of the last one it is that number.
///
/// ```
/// use migrate_adopt::{Tool, applied};
/// use migrate_runtime::rusqlite::Connection;
///
/// let db = Connection::open_in_memory()?;
/// db.pragma_update(None, "user_version", 2)?;
/// assert_eq!(applied(&db, Tool::RusqliteMigration, None)?, ["1", "2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if there is no history of this tool, or one that cannot be read.
pub fn applied(conn: &Connection, tool: Tool, table: Option<&str>) -> Result<Vec<String>, Error> {
    Ok(match read(conn, tool, table)?.applied {
        Applied::Each(rows) => rows.into_iter().map(|row| row.id).collect(),
        Applied::UpTo(last) => vec![last.to_string()],
        Applied::Count(count) => (1..=count).map(|number| number.to_string()).collect(),
    })
}

/// Reads the history of a tool, from its own table or from one of this name.
pub(crate) fn read(
    conn: &Connection,
    tool: Tool,
    table: Option<&str>,
) -> Result<OldHistory, Error> {
    let Some(table) = table.or(tool.table()) else {
        return counters::user_version(conn, tool);
    };
    if tool.table().is_none() {
        return Err(Kind::NoTableOfItsOwn {
            tool,
            table: table.to_owned(),
        }
        .into());
    }
    let columns = shape::columns(conn, table)?;
    if columns.is_empty() {
        return Err(Kind::NoTable {
            tool,
            table: table.to_owned(),
            others: detect(conn)?,
        }
        .into());
    }
    if !made(tool, &columns) {
        return Err(Kind::Shape {
            tool,
            table: table.to_owned(),
            others: detect_in(&columns),
            columns,
        }
        .into());
    }
    let mut notes = Vec::new();
    let applied = match tool {
        Tool::Refinery => Applied::Each(tables::refinery(conn, table)?),
        Tool::Sqlx => Applied::Each(tables::sqlx(conn, table)?),
        Tool::Diesel => Applied::Each(tables::diesel(conn, table)?),
        Tool::SeaOrm => Applied::Each(tables::sea_orm(conn, table)?),
        Tool::Dbmate => Applied::Each(tables::dbmate(conn, table)?),
        Tool::Names => Applied::Each(tables::names(conn, table)?),
        Tool::Archon => Applied::Each(tables::archon(conn, table)?),
        Tool::Numbered => Applied::Each(tables::numbered(conn, table)?),
        Tool::Goose => Applied::Each(logs::goose(conn, table)?),
        Tool::Flyway => Applied::Each(logs::flyway(conn, table, &mut notes)?),
        Tool::GolangMigrate => counters::golang_migrate(conn, table)?,
        Tool::Metadata => counters::metadata(conn, table, &columns)?,
        Tool::RusqliteMigration => Applied::Count(0),
    };
    if matches!(&applied, Applied::Each(rows) if rows.is_empty()) {
        return Err(empty(tool, Some(table)));
    }
    Ok(OldHistory {
        table: Some(table.to_owned()),
        applied,
        notes,
    })
}

pub(crate) fn empty(tool: Tool, table: Option<&str>) -> Error {
    Kind::Empty {
        tool,
        table: table.map(str::to_owned),
        is_in_our_place: false,
    }
    .into()
}

impl fmt::Display for OldRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&called(&self.id, self.name.as_deref()))
    }
}
