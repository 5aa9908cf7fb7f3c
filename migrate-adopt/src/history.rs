//! Reading the histories of other tools, without writing anything.

mod cell;
mod counters;
mod logs;
mod record;
mod shape;
pub(crate) mod sqlite;
mod tables;
mod time;

#[cfg(feature = "postgres")]
pub(crate) use cell::Cell;
pub(crate) use record::Rows;
use shape::detect_in;
pub(crate) use shape::is_readable;
#[cfg(feature = "postgres")]
pub(crate) use shape::{query_applied, wanted};
pub use sqlite::{applied, detect, histories};

use crate::Tool;
use crate::checksum::OldChecksum;
use crate::error::{Error, Kind};
use crate::id::called;
use std::fmt;

/// The history of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OldHistory {
    /// Its table; `None` for a history in a pragma.
    pub(crate) table: Option<String>,
    pub(crate) applied: Applied,
    /// Notes about what was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// The way a tool records what is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Each migration, in the order of the versions.
    Each(Vec<OldRow>),
    /// All migrations up to this number.
    UpTo(u64),
    /// The number of migrations, numbered from 1.
    Count(u64),
}

/// A migration that another tool has applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OldRow {
    /// Its version, in the form that the tool compares.
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    /// RFC 3339, in UTC.
    pub(crate) applied_at: Option<String>,
    pub(crate) execution_ms: Option<u64>,
    pub(crate) checksum: Option<OldChecksum>,
    /// Whether it represents everything up to its version.
    pub(crate) is_baseline: bool,
    /// Whether the tool runs it again when its file changes.
    pub(crate) is_repeatable: bool,
}

impl OldHistory {
    /// The versions that the tool has applied, in its order and notation.
    pub(crate) fn ids(self) -> Vec<String> {
        match self.applied {
            Applied::Each(rows) => rows.into_iter().map(|row| row.id).collect(),
            Applied::UpTo(last) => vec![last.to_string()],
            Applied::Count(count) => (1..=count).map(|number| number.to_string()).collect(),
        }
    }
}

/// The history table, if the tool has one.
pub(crate) fn table_of(tool: Tool, table: Option<&str>) -> Result<Option<&str>, Error> {
    match (tool.table(), table) {
        (None, Some(table)) => Err(Kind::NoTableOfItsOwn {
            tool,
            table: table.to_owned(),
        }
        .into()),
        (usual, table) => Ok(table.or(usual)),
    }
}

/// Fails unless the table has a form that the tool creates.
pub(crate) fn check_shape(tool: Tool, table: &str, columns: &[String]) -> Result<(), Error> {
    if is_readable(tool, columns) {
        return Ok(());
    }
    Err(Kind::Shape {
        tool,
        table: table.to_owned(),
        others: detect_in(columns),
        columns: columns.to_vec(),
    }
    .into())
}

/// Parses the rows of a tool's table.
pub(crate) fn understand(tool: Tool, rows: Rows<'_>) -> Result<OldHistory, Error> {
    let table = rows.table;
    let mut notes = Vec::new();
    let applied = match tool {
        Tool::Refinery => Applied::Each(tables::refinery(rows)?),
        Tool::Sqlx => Applied::Each(tables::sqlx(rows)?),
        Tool::Diesel => Applied::Each(tables::diesel(rows)?),
        Tool::SeaOrm => Applied::Each(tables::sea_orm(rows)?),
        Tool::Dbmate => Applied::Each(tables::dbmate(rows)?),
        Tool::Names => Applied::Each(tables::names(rows)?),
        Tool::Archon => Applied::Each(tables::archon(rows)?),
        Tool::Numbered => Applied::Each(tables::numbered(rows)?),
        Tool::Goose => Applied::Each(logs::goose(rows)?),
        Tool::Flyway => Applied::Each(logs::flyway(rows, &mut notes)?),
        Tool::GolangMigrate => counters::golang_migrate(rows)?,
        Tool::Metadata => counters::metadata(rows)?,
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
