//! The kinds of errors, and their messages.

use crate::Tool;
use crate::plan::{Refusal, listed};
use migrate_runtime::__private::error::Reason;
use std::fmt;
#[cfg(feature = "postgres")]
use std::time::Duration;

#[derive(Debug)]
pub(crate) enum Kind {
    /// Reading this table failed.
    Reading(String),
    NoTable {
        tool: Tool,
        table: String,
        /// The schemas that were searched, if the engine has schemas.
        schemas: Vec<String>,
        others: Vec<Tool>,
    },
    /// The tool has no table, and this one was named.
    NoTableOfItsOwn(Tool, String),
    Shape {
        tool: Tool,
        table: String,
        columns: Vec<String>,
        others: Vec<Tool>,
    },
    Empty {
        tool: Tool,
        table: Option<String>,
        /// Whether it has the name of our history table.
        is_in_our_place: bool,
    },
    Damaged {
        table: String,
        /// The number of the row, from 1.
        number: usize,
        column: &'static str,
        wanted: &'static str,
        found: String,
    },
    /// The table has this many rows, where there can be only one.
    ManyRows(String, usize),
    NoCount {
        table: String,
        text: String,
    },
    NegativeUserVersion(i64),
    /// A history that is not in a table does not exist in PostgreSQL.
    #[cfg(feature = "postgres")]
    OnlyInSqlite(Tool),
    /// This migration failed half-way.
    Dirty(Tool, String),
    Refused(Tool, Refusal),
    Schema {
        tool: Tool,
        /// The newest migration that the tool has applied.
        last: &'static str,
        differences: Vec<String>,
        /// Notes about omitted parts of the old history, which may be the reason.
        notes: Vec<String>,
    },
    /// The table of the tool has the name of ours.
    InOurPlace(Tool, String),
    /// Our history has this many rows.
    HasHistory(usize),
    /// The migrations do not run on an empty database.
    NoReplay,
    /// The migrator has no connector to open another connection.
    #[cfg(feature = "postgres")]
    NoConnector,
    /// The migrations could not be replayed on the server.
    #[cfg(feature = "postgres")]
    NotCompared,
    /// The tool has changed its history while the schema was compared.
    #[cfg(feature = "postgres")]
    Changed(Tool),
    NotRenamed {
        table: String,
        name: String,
    },
    /// The tool's own lock is held.
    #[cfg(feature = "postgres")]
    Locked {
        tool: Tool,
        patience: Duration,
    },
    Runtime(Tool),
}

impl Kind {
    /// Writes the message. The reason is appended, unless it is part of the
    /// message.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result {
        match self {
            Kind::Reading(table) => write!(f, "`{table}` could not be read"),
            Kind::NoTable {
                tool,
                table,
                schemas,
                others,
            } => {
                write!(f, "the database has no table `{table}`")?;
                match schemas.len() {
                    0 => {}
                    1 => write!(f, " in the schema {}", listed(schemas))?,
                    _ => write!(f, " in the schemas {}", listed(schemas))?,
                }
                write!(f, ", in which {tool} keeps its history: ")?;
                // A name that is not the default was given explicitly.
                let is_named = tool.table() != Some(table);
                match others[..] {
                    _ if is_named && others.contains(tool) => write!(
                        f,
                        "it has one in `{}`, which is read without `--table`",
                        tool.table().unwrap_or_default()
                    ),
                    [] if !schemas.is_empty() => f.write_str(
                        "if the table has another name, or is in another schema, give it with \
                         `--table SCHEMA.TABLE`; a database that has never been migrated needs no \
                         adoption",
                    ),
                    [] => f.write_str(
                        "if the table has another name, give it with `--table`; a database that \
                         has never been migrated needs no adoption",
                    ),
                    [other] => write!(
                        f,
                        "it has that of {other}, which `--from {other}` adopts; if the table has \
                         another name, give it with `--table`"
                    ),
                    _ => write!(
                        f,
                        "it has those of {}; choose one with `--from`",
                        listed(others)
                    ),
                }
            }
            Kind::NoTableOfItsOwn(tool, table) => write!(
                f,
                "{tool} keeps its history in `PRAGMA user_version`, not in a table: omit `--table \
                 {table}`, or name the tool of that table with `--from`",
                tool = tool.called()
            ),
            Kind::Shape {
                tool,
                table,
                columns,
                others,
            } => {
                let columns = listed(columns);
                write!(
                    f,
                    "the table `{table}` does not have the columns that {tool} creates: its \
                     columns are {columns}; "
                )?;
                match others[..] {
                    [] => f.write_str("give the table of the history with `--table`"),
                    [other] => write!(f, "it looks like a table of {other}: use `--from {other}`"),
                    _ => write!(
                        f,
                        "it may be a table of {}: choose one with `--from`",
                        listed(others)
                    ),
                }
            }
            Kind::Empty {
                tool,
                table,
                is_in_our_place,
            } => {
                let tool = tool.called();
                match table {
                    Some(table) => write!(f, "`{table}` records no applied migration of {tool}")?,
                    None => write!(f, "`PRAGMA user_version` is 0: {tool} has applied nothing")?,
                }
                f.write_str(", so there is nothing to adopt: ")?;
                match table.as_ref().filter(|_| *is_in_our_place) {
                    Some(table) => write!(
                        f,
                        "drop the table, because our history table is also named `{table}`, or \
                         give ours another name with `--history-table`; then `migrate up` applies \
                         all migrations"
                    ),
                    None => f.write_str("`migrate up` applies all migrations"),
                }
            }
            Kind::Damaged {
                table,
                number,
                column,
                wanted,
                found,
            } => write!(
                f,
                "row {number} of `{table}` has {found} in the column `{column}`, where {wanted} is \
                 expected: correct it, or give the table of the history with `--table`"
            ),
            Kind::ManyRows(table, rows) => write!(
                f,
                "`{table}` has {rows} rows, but golang-migrate writes only one: delete all rows \
                 except the one with the newest version"
            ),
            Kind::NoCount { table, text } => write!(
                f,
                "the `schema_version` in `{table}` is `{}`, where a whole number is expected: \
                 correct it, or give the table of the history with `--table`",
                text.escape_debug()
            ),
            Kind::NegativeUserVersion(number) => write!(
                f,
                "`PRAGMA user_version` is {number}, which rusqlite_migration never writes: it \
                 belongs to something else; record what is already applied with `migrate baseline`"
            ),
            Kind::Dirty(tool, migration) => {
                let old = tool.called();
                write!(
                    f,
                    "{old} records `{migration}` as failed or unfinished, so it is not known how \
                     much of it took effect: repair the database, "
                )?;
                match tool {
                    Tool::GolangMigrate => f.write_str("then clear the state with its `force`"),
                    Tool::Flyway => f.write_str("then clear the state with its `repair`"),
                    _ => write!(
                        f,
                        "then delete that row, or finish the migration with {old}"
                    ),
                }
            }
            Kind::Refused(tool, refusal) => refusal.write(f, *tool),
            Kind::Schema {
                tool,
                last,
                differences,
                notes,
            } => {
                write!(
                    f,
                    "nothing was recorded: the schema is not the one that the migrations up to \
                     `{last}` produce, although {tool} has applied them:",
                    tool = tool.called()
                )?;
                let (line, next, end) = if reason.is_on_one_line() {
                    (" ", "; ", "; ")
                } else {
                    ("\n  ", "\n  ", "\n")
                };
                for (index, difference) in differences.iter().enumerate() {
                    write!(f, "{}{difference}", if index == 0 { line } else { next })?;
                }
                for note in notes {
                    write!(f, "{next}note: {note}")?;
                }
                write!(
                    f,
                    "{end}correct the database or the files, or skip the comparison with `--verify \
                     checksum` if the differences are intentional",
                )
            }
            Kind::InOurPlace(tool, table) => write!(
                f,
                "{tool} keeps its history in `{table}`, which is also the name of our history \
                 table: give the old table another name with `--rename-old`, or ours with \
                 `--history-table`",
                tool = tool.called()
            ),
            Kind::HasHistory(rows) => {
                let rows = match rows {
                    1 => "1 migration".to_owned(),
                    rows => format!("{rows} migrations"),
                };
                write!(
                    f,
                    "the database already has a history of ours, with {rows}: `migrate status` \
                     shows it"
                )
            }
            Kind::NoReplay => write!(
                f,
                "the migrations could not be replayed to compare the schema{reason}; correct them, \
                 or skip the comparison with `--verify checksum`"
            ),
            #[cfg(feature = "postgres")]
            Kind::NoConnector => f.write_str(
                "comparing the schema needs a scratch database on the same server, and the \
                 migrator has no connector: set one with `.connector(...)`, or skip the comparison \
                 with `Verify::Checksum`",
            ),
            #[cfg(feature = "postgres")]
            Kind::NotCompared => write!(
                f,
                "nothing was recorded: the schema could not be compared with that of a scratch \
                 database on the same server{reason}; correct that, or skip the comparison with \
                 `--verify checksum`"
            ),
            #[cfg(feature = "postgres")]
            Kind::Changed(tool) => write!(
                f,
                "nothing was recorded: {tool} has changed its history while the schema was \
                 compared; stop its programs and try again",
                tool = tool.called()
            ),
            #[cfg(feature = "postgres")]
            Kind::OnlyInSqlite(tool) => write!(
                f,
                "{tool} keeps its history in `PRAGMA user_version`, which only SQLite has: give \
                 the tool that has migrated this database with `--from`",
                tool = tool.called()
            ),
            #[cfg(feature = "postgres")]
            Kind::Locked { tool, patience } => write!(
                f,
                "{tool} is at work on this database: its lock was not acquired in {patience:?}, \
                 and nothing was recorded; wait until it is done, or stop it, and try again",
                tool = tool.called()
            ),
            Kind::NotRenamed { table, name } => write!(
                f,
                "the table `{table}` could not be renamed to `{name}`{reason}; give another name \
                 with `--rename-old`"
            ),
            Kind::Runtime(tool) => write!(f, "the history of {} was not adopted", tool.called()),
        }
    }
}
