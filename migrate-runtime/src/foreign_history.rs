//! A foreign history: that of another tool, recognized by its table.

pub(crate) mod tables;

use std::fmt;
use tables::{HISTORY_TABLES, HistoryTable};

/// A table with the history of another tool, for messages.
#[derive(Clone, Debug)]
pub(crate) struct ForeignHistory {
    table: String,
    /// The known table with this name and these columns.
    known: Option<&'static HistoryTable>,
    columns: Vec<String>,
    /// The number of rows, if they were counted.
    rows: Option<u64>,
    /// Whether it has the name of our history table.
    is_in_our_place: bool,
}

impl ForeignHistory {
    pub(crate) fn new(
        known: &'static HistoryTable,
        columns: Vec<String>,
        rows: u64,
    ) -> ForeignHistory {
        ForeignHistory {
            table: known.name.to_owned(),
            known: Some(known),
            columns,
            rows: Some(rows),
            is_in_our_place: false,
        }
    }

    /// A table with the name of our history table.
    pub(crate) fn in_our_place(table: &str, columns: Vec<String>) -> ForeignHistory {
        let known = HISTORY_TABLES.iter().find(|known| {
            let is_here = known.name == "_migrations" || known.name.eq_ignore_ascii_case(table);
            is_here && !known.is_of_application() && known.recognizes(&columns)
        });
        ForeignHistory {
            table: table.to_owned(),
            known,
            columns,
            rows: None,
            is_in_our_place: true,
        }
    }

    /// The options with which `migrate adopt` accepts the table.
    fn adopt_options(&self) -> Option<String> {
        let known = self.known.filter(|known| known.can_read(&self.columns))?;
        let mut options = format!("--from {}", known.adopt_from?);
        if !known.name.eq_ignore_ascii_case(&self.table) {
            options += &format!(" --table {}", self.table);
        }
        Some(options)
    }
}

impl fmt::Display for ForeignHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        let tool = self.known.map_or("another tool", |known| known.tool);
        let adopt = self.adopt_options();
        if self.is_in_our_place {
            write!(
                f,
                "the table `{table}` was created by {tool} (its columns are `{}`); nothing was \
                 written: ",
                self.columns.join("`, `")
            )?;
            return match adopt {
                Some(options) => write!(
                    f,
                    "adopt it with `migrate adopt {options} --rename-old {table}_before`, which \
                     renames this table, or choose another name for the history with \
                     `history_table` (on the command line `--history-table`)"
                ),
                None => f.write_str(
                    "choose another name for the history with `history_table`, and record the \
                     applied migrations with `baseline`",
                ),
            };
        }
        write!(
            f,
            "the database has a foreign history, created by {tool}: table `{table}`"
        )?;
        match self.rows {
            Some(1) => f.write_str(" with 1 row")?,
            Some(rows) => write!(f, " with {rows} rows")?,
            None => {}
        }
        f.write_str("; nothing was written: ")?;
        match adopt {
            Some(options) => write!(f, "adopt it with `migrate adopt {options}`")?,
            None => f.write_str("record the applied migrations with `baseline`")?,
        }
        f.write_str(
            ", or call `allow_foreign_history` (on the command line `--allow-foreign-history`) if \
             both tools are meant to use this database",
        )
    }
}
