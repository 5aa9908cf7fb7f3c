//! The forms of history tables, and the columns to read from them.

use super::record::{Order, Wanted};
use crate::Tool;
use migrate_runtime::__private::foreign_history::{HistoryTable, METADATA_KEY};

/// The selection to read from a table with these columns.
pub(crate) fn wanted(tool: Tool, columns: &[String]) -> Wanted {
    let order = match tool {
        Tool::Goose => Order::By("id"),
        Tool::Flyway => Order::By("installed_rank"),
        Tool::Names => Order::ByNumber("name"),
        Tool::Archon => Order::ByNumber("migration_name"),
        Tool::Numbered => Order::ByNumber("version"),
        Tool::GolangMigrate | Tool::RusqliteMigration => Order::AsRead,
        Tool::Metadata => Order::By("schema_version"),
        _ => Order::By("version"),
    };
    match form(tool, columns) {
        Some(table) if table.columns == METADATA_KEY.columns => Wanted {
            columns: &["value"],
            only: Some(("key", "schema_version")),
            order: Order::AsRead,
        },
        table => Wanted {
            columns: table.map_or(&[], |table| table.columns),
            only: None,
            order,
        },
    }
}

/// A query that returns a row if a table with these columns records an applied
/// migration; `table` is its name in SQL.
pub(crate) fn query_applied(tool: Tool, table: &str, columns: &[String]) -> Option<String> {
    form(tool, columns).map(|form| form.query_applied(table, columns))
}

/// Whether a table with these columns can be that of the tool.
pub(crate) fn is_readable(tool: Tool, columns: &[String]) -> bool {
    form(tool, columns).is_some()
}

/// The form of the tool's table that has these columns.
fn form(tool: Tool, columns: &[String]) -> Option<&'static HistoryTable> {
    let mut forms = tool.history_tables().iter();
    forms.find(|form| form.can_read(columns))
}

/// The tools that can have created a table with these columns.
pub(crate) fn detect_in(columns: &[String]) -> Vec<Tool> {
    let is_one = |tool: &Tool| *tool != Tool::Metadata && is_readable(*tool, columns);
    Tool::ALL.into_iter().filter(is_one).collect()
}
