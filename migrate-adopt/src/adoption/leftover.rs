//! The tables that other tools leave in a database after an adoption.

use crate::error::{Error, Kind};
use crate::{Tool, detect, histories};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Migrator, Status};

/// The origin of a row in our history: the tool and the old versions.
pub(super) fn origin(tool: Tool, ids: &[&str]) -> String {
    format!("{tool} {}", ids.join(", "))
}

/// The tools from which a history was adopted.
pub(crate) fn tools_of(status: &Status) -> Vec<Tool> {
    let rows = status.entries().iter().filter_map(|it| it.row.as_ref());
    let origins = rows.filter_map(|row| row.origin.as_deref());
    let names = origins.filter_map(|origin| origin.split(' ').next());
    let mut tools: Vec<Tool> = names.filter_map(Tool::parse).collect();
    tools.dedup();
    tools
}

/// The default history tables. A table that contains a version among other rows
/// belongs to the application.
pub(crate) fn others(conn: &Connection) -> Result<Vec<(Tool, &'static str)>, Error> {
    let others = detect(conn)?
        .into_iter()
        .filter(|other| *other != Tool::Metadata);
    Ok(others
        .filter_map(|other| Some((other, other.table()?)))
        .collect())
}

/// The history tables of the tools from which this history was adopted, and of
/// tools used before them. No migration creates these tables, and they need not
/// be dropped. Empty if nothing was adopted.
///
/// ```
/// # use migrate_adopt::{Options, Tool, adopt, left_behind};
/// # use migrate_runtime::{embed_migrations, rusqlite::Connection};
/// # embed_migrations!("../migrations", watch = false);
/// # let mut db = Connection::open_in_memory()?;
/// # db.execute_batch(Migration::V001InitialSchema.get().up.sql())?;
/// # db.execute_batch(
/// #     "CREATE TABLE schema_migrations(version uint64, dirty bool);
/// #      INSERT INTO schema_migrations VALUES (1, 0)",
/// # )?;
/// let migrator = Migration::migrator();
/// adopt(&migrator, &mut db, Tool::GolangMigrate, &Options::default())?;
/// let ignored = left_behind(&migrator, &db)?;
/// assert!(ignored.contains(&"schema_migrations".to_owned()));
/// let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
/// assert!(migrator.compare_schema(&db, None, &ignored)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the history or the schema cannot be read.
pub fn left_behind<M>(migrator: &Migrator<M>, conn: &Connection) -> Result<Vec<String>, Error> {
    let status = migrator.status(conn).map_err(|error| {
        let table = migrator.get_history_table().to_owned();
        Error::with_source(Kind::Reading(table), error)
    })?;
    let tools = tools_of(&status);
    let mut tables = Vec::new();
    if !tools.is_empty() {
        let others = others(conn)?.into_iter();
        tables.extend(others.map(|(_, table)| table.to_owned()));
    }
    for tool in tools {
        tables.extend(histories(conn, tool)?);
    }
    Ok(tables)
}
