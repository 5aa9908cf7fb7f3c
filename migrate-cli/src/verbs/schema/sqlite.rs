//! The schema of an SQLite database.

use crate::failure::Failure;
use migrate_runtime::rusqlite::{self, Connection};

pub(super) fn dump(conn: &Connection, history: &str) -> Result<String, Failure> {
    statements(conn, history)
        .map_err(|error| Failure::new("the schema cannot be read").because(&error))
}

/// The statements that create the schema: tables first, each kind sorted by
/// name, independent of the order of creation. Objects that SQLite and virtual
/// tables create themselves are left out, and so is the history.
fn statements(conn: &Connection, history: &str) -> rusqlite::Result<String> {
    let mut statement = conn.prepare(
        "SELECT sql FROM main.sqlite_schema AS object
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
         AND tbl_name <> ?1 COLLATE NOCASE
         AND NOT EXISTS (SELECT 1 FROM pragma_table_list AS listed
             WHERE listed.schema = 'main' AND listed.type = 'shadow'
             AND listed.name = object.tbl_name COLLATE NOCASE)
         ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END,
         name COLLATE BINARY",
    )?;
    let rows = statement.query_map([history], |row| row.get::<_, String>(0))?;
    let mut statements = Vec::new();
    for row in rows {
        let sql = row?.trim_end().to_owned();
        // SQLite keeps a comment at the end of a view.
        let ends_in_comment = sql.lines().last().is_some_and(|line| line.contains("--"));
        statements.push(sql + if ends_in_comment { "\n;\n" } else { ";\n" });
    }
    Ok(statements.join("\n"))
}
