//! Which tool has made a table, by its columns, and what is read of it.

use super::record::{Order, Wanted};
use crate::Tool;

/// The columns that the history of a tool has. Others may follow.
const fn columns_of(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::Refinery => &["version", "name", "applied_on", "checksum"],
        Tool::Sqlx => &[
            "version",
            "description",
            "installed_on",
            "success",
            "checksum",
            "execution_time",
        ],
        Tool::Diesel => &["version", "run_on"],
        Tool::RusqliteMigration => &[],
        Tool::SeaOrm => &["version", "applied_at"],
        Tool::GolangMigrate => &["version", "dirty"],
        Tool::Goose => &["id", "version_id", "is_applied", "tstamp"],
        Tool::Dbmate => &["version"],
        Tool::Flyway => &[
            "installed_rank",
            "version",
            "description",
            "type",
            "script",
            "checksum",
            "installed_on",
            "execution_time",
            "success",
        ],
        Tool::Names => &["id", "name", "applied_at"],
        Tool::Metadata => &["schema_version"],
        Tool::Archon => &["version", "migration_name", "applied_at", "checksum"],
        Tool::Numbered => &[
            "version",
            "name",
            "checksum",
            "applied_at",
            "execution_time_ms",
        ],
    }
}

/// What is to be read of a table of these columns.
pub(crate) fn wanted(tool: Tool, columns: &[String]) -> Wanted {
    let mut wanted = Wanted {
        columns: columns_of(tool),
        only: None,
        order: match tool {
            Tool::Goose => Order::By("id"),
            Tool::Flyway => Order::By("installed_rank"),
            Tool::Names => Order::ByNumber("name"),
            Tool::Archon => Order::ByNumber("migration_name"),
            Tool::Numbered => Order::ByNumber("version"),
            Tool::GolangMigrate | Tool::RusqliteMigration => Order::AsRead,
            Tool::Metadata => Order::By("schema_version"),
            _ => Order::By("version"),
        },
    };
    if tool == Tool::Metadata && !counts_in_a_column(columns) {
        wanted.columns = &["value"];
        wanted.only = Some(("key", "schema_version"));
        wanted.order = Order::AsRead;
    }
    wanted
}

/// Which rows of a table say that something is applied: a condition that both
/// engines understand; none, if all do.
pub(crate) fn telling(tool: Tool, columns: &[String]) -> Option<&'static str> {
    match tool {
        Tool::Metadata if !counts_in_a_column(columns) => Some("key = 'schema_version'"),
        // Its own first row says nothing.
        Tool::Goose => Some("version_id <> 0"),
        _ => None,
    }
}

/// Whether `schema_version` is a column, and not a key.
fn counts_in_a_column(columns: &[String]) -> bool {
    columns
        .iter()
        .any(|column| column.eq_ignore_ascii_case("schema_version"))
}

/// Whether a table of these columns can be the tool's.
pub(crate) fn made(tool: Tool, columns: &[String]) -> bool {
    let has = |wanted: &str| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(wanted))
    };
    let wanted = columns_of(tool);
    let has_all = !wanted.is_empty() && wanted.iter().all(|wanted| has(wanted));
    match tool {
        // One column says too little to be one of many.
        Tool::Dbmate => has_all && columns.len() == 1,
        // Ours has these columns too, beside others.
        Tool::Names => has_all && !has("checksum") && !has("hash"),
        Tool::Numbered => has_all && !has("origin"),
        Tool::Diesel | Tool::SeaOrm => has_all && columns.len() == 2,
        Tool::Metadata => has_all || has("key") && has("value"),
        _ => has_all,
    }
}

/// The tools that can have made a table of these columns.
pub(crate) fn detect_in(columns: &[String]) -> Vec<Tool> {
    let is_one = |tool: &Tool| *tool != Tool::Metadata && made(*tool, columns);
    Tool::ALL.into_iter().filter(is_one).collect()
}
