//! Histories of other tools, recognised by their tables.

use std::fmt;

/// A history that is not ours.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    table: String,
    /// The tool, or the system that wrote its own.
    tool: Option<&'static str>,
    /// Its name for `migrate adopt --from`.
    from: Option<&'static str>,
    columns: Vec<String>,
    pub(crate) rows: Option<u64>,
    /// Whether it has the name that our own table should have.
    is_in_our_place: bool,
}

pub(crate) struct Known {
    pub(crate) table: &'static str,
    /// Columns that it has; others may follow, unless a single one says too
    /// little.
    columns: &'static [&'static str],
    tool: &'static str,
    /// What `migrate adopt --from` calls it, if it can be adopted.
    from: Option<&'static str>,
}

/// Those that are recognised, the most telling ones first. Their shapes are
/// those of the tools' own `CREATE TABLE`.
pub(crate) const KNOWN: [Known; 14] = [
    Known {
        table: "_sqlx_migrations",
        columns: &["version", "description", "success", "checksum"],
        tool: "sqlx",
        from: Some("sqlx"),
    },
    Known {
        table: "refinery_schema_history",
        columns: &["version", "name", "applied_on", "checksum"],
        tool: "refinery",
        from: Some("refinery"),
    },
    Known {
        table: "__diesel_schema_migrations",
        columns: &["version", "run_on"],
        tool: "diesel",
        from: Some("diesel"),
    },
    Known {
        table: "seaql_migrations",
        columns: &["version", "applied_at"],
        tool: "sea-orm",
        from: Some("sea-orm"),
    },
    Known {
        table: "flyway_schema_history",
        columns: &["installed_rank", "version", "checksum"],
        tool: "flyway",
        from: Some("flyway"),
    },
    Known {
        table: "goose_db_version",
        columns: &["version_id", "is_applied"],
        tool: "goose",
        from: Some("goose"),
    },
    Known {
        table: "schema_migrations",
        columns: &["version", "dirty"],
        tool: "golang-migrate",
        from: Some("golang-migrate"),
    },
    Known {
        table: "schema_migrations",
        columns: &["version"],
        tool: "dbmate",
        from: Some("dbmate"),
    },
    Known {
        table: "schema_migrations",
        columns: &["id"],
        tool: "geni",
        from: None,
    },
    Known {
        table: "archon_migrations",
        columns: &["version", "migration_name", "checksum"],
        tool: "a runner with its history in `archon_migrations`",
        from: Some("archon"),
    },
    Known {
        table: "_migrations",
        columns: &["id", "name", "ts", "hash"],
        tool: "hiqlite",
        from: None,
    },
    Known {
        table: "_migrations",
        columns: &["id", "version", "name", "checksum", "execution_time_ms"],
        tool: "a runner with numbered rows and short checksums",
        from: Some("numbered"),
    },
    Known {
        table: "_migrations",
        columns: &["id", "name", "applied_at"],
        tool: "a runner that records names",
        from: Some("names"),
    },
    Known {
        table: "metadata",
        columns: &["schema_version"],
        tool: "an application that counts in `metadata.schema_version`",
        from: Some("metadata"),
    },
];

impl Known {
    pub(crate) fn has_made(&self, columns: &[String]) -> bool {
        let may_have_more = self.columns != ["id"];
        has(columns, self.columns) && (may_have_more || columns.len() == self.columns.len())
    }
}

impl Found {
    /// A table of this tool, with so many rows.
    pub(crate) fn of(known: &Known, columns: Vec<String>, rows: Option<u64>) -> Found {
        Found {
            table: known.table.to_owned(),
            tool: Some(known.tool),
            from: known.from,
            columns,
            rows,
            is_in_our_place: false,
        }
    }

    /// A table that has the name of our own.
    pub(crate) fn in_our_place(table: &str, columns: Vec<String>) -> Found {
        let is_here = |known: &&Known| {
            known.table == "_migrations" || known.table.eq_ignore_ascii_case(table)
        };
        let known = KNOWN
            .iter()
            .filter(is_here)
            .find(|known| known.has_made(&columns));
        Found {
            table: table.to_owned(),
            tool: known.map(|known| known.tool),
            from: known.and_then(|known| known.from),
            columns,
            rows: None,
            is_in_our_place: true,
        }
    }
}

pub(crate) fn has(columns: &[String], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(wanted))
    })
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        let tool = self.tool.unwrap_or("another tool");
        if self.is_in_our_place {
            write!(
                f,
                "the table `{table}` was made by {tool} (its columns are `{}`); nothing was \
                 written: ",
                self.columns.join("`, `")
            )?;
            return match self.from {
                Some(from) => write!(
                    f,
                    "take it over with `migrate adopt --from {from} --rename-old {table}_before`, \
                     which gives this table another name, or give our history one with \
                     `history_table` (on the command line `--history-table`)"
                ),
                None => f.write_str(
                    "give the history another name with `history_table`, and record what is \
                     applied already with `baseline`",
                ),
            };
        }
        write!(f, "the database has the history of {tool}: table `{table}`")?;
        match self.rows {
            Some(1) => f.write_str(" with 1 row")?,
            Some(rows) => write!(f, " with {rows} rows")?,
            None => {}
        }
        f.write_str("; nothing was written: ")?;
        match self.from {
            Some(from) => write!(f, "take it over with `migrate adopt --from {from}`")?,
            None => f.write_str("record what is applied already with `baseline`")?,
        }
        f.write_str(
            ", or say `beside_other_tools` (on the command line `--beside-other-tools`) if both are \
             meant to work on this database",
        )
    }
}
