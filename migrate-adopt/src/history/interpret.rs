//! Parsing the rows of each tool's table.

use super::applied::{Applied, OldHistory};
use super::record::Rows;
use super::shape::{detect_in, is_readable};
use super::{logs, row_per_migration, single_number};
use crate::Tool;
use crate::error::{Error, Kind};

/// The history table, if the tool has one.
pub(crate) fn table_of(tool: Tool, table: Option<&str>) -> Result<Option<&str>, Error> {
    match (tool.table(), table) {
        (None, Some(table)) => Err(Kind::NoTableOfItsOwn(tool, table.to_owned()).into()),
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
        Tool::Refinery => Applied::Each(row_per_migration::refinery(rows)?),
        Tool::Sqlx => Applied::Each(row_per_migration::sqlx(rows)?),
        Tool::Diesel => Applied::Each(row_per_migration::diesel(rows)?),
        Tool::SeaOrm => Applied::Each(row_per_migration::sea_orm(rows)?),
        Tool::Dbmate => Applied::Each(row_per_migration::dbmate(rows)?),
        Tool::Names => Applied::Each(row_per_migration::names(rows)?),
        Tool::Archon => Applied::Each(row_per_migration::archon(rows)?),
        Tool::Numbered => Applied::Each(row_per_migration::numbered(rows)?),
        Tool::Goose => Applied::Each(logs::goose(rows)?),
        Tool::Flyway => Applied::Each(logs::flyway(rows, &mut notes)?),
        Tool::GolangMigrate => single_number::golang_migrate(rows)?,
        Tool::Metadata => single_number::metadata(rows)?,
        Tool::RusqliteMigration => Applied::Count(0),
    };
    if matches!(&applied, Applied::Each(rows) if rows.is_empty()) {
        return Err(Error::empty(tool, Some(table)));
    }
    Ok(OldHistory {
        table: Some(table.to_owned()),
        applied,
        notes,
    })
}
