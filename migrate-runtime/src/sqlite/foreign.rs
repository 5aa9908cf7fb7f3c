//! Histories of other tools, recognised by their tables.

use super::history;
use rusqlite::{Connection, OptionalExtension};
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
    rows: Option<u64>,
    /// Whether it has the name that our own table should have.
    is_in_our_place: bool,
}

struct Known {
    table: &'static str,
    /// Columns that it has; others may follow, unless a single one says too
    /// little.
    columns: &'static [&'static str],
    tool: &'static str,
    /// What `migrate adopt --from` calls it, if it can be adopted.
    from: Option<&'static str>,
}

/// Those that are recognised, the most telling ones first. Their shapes are
/// those of the tools' own `CREATE TABLE`.
const KNOWN: [Known; 14] = [
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
    fn has_made(&self, columns: &[String]) -> bool {
        let may_have_more = self.columns != ["id"];
        has(columns, self.columns) && (may_have_more || columns.len() == self.columns.len())
    }
}

impl Found {
    /// A table that has the name of our own.
    pub(super) fn in_our_place(table: &str, columns: Vec<String>) -> Found {
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

fn has(columns: &[String], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| {
        columns
            .iter()
            .any(|column| column.eq_ignore_ascii_case(wanted))
    })
}

/// Looks for the history of another tool, in a database that has none of ours.
/// One that records nothing as applied counts for nothing.
pub(super) fn find(conn: &Connection) -> rusqlite::Result<Option<Found>> {
    for known in &KNOWN {
        let columns = columns(conn, known.table)?;
        // That of another registry may have this name.
        if history::is_ours(&columns) {
            continue;
        }
        if !known.has_made(&columns) {
            if known.table == "metadata" && has_version_key(conn, &columns)? {
                return found(conn, known, columns).map(Some);
            }
            continue;
        }
        if is_without_applied(conn, known, &columns)? {
            continue;
        }
        let found = found(conn, known, columns)?;
        if found.rows != Some(0) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether the rows are only those that a tool writes before it has applied
/// anything, or after it has undone all.
fn is_without_applied(
    conn: &Connection,
    known: &Known,
    columns: &[String],
) -> rusqlite::Result<bool> {
    let sql = match known.table {
        // A log, in which the newest row of a version counts, and 0 is no version.
        "goose_db_version" if has(columns, &["id"]) => {
            "SELECT NOT EXISTS (SELECT 1 FROM (
                SELECT is_applied, max(id) FROM main.goose_db_version
                WHERE version_id <> 0 GROUP BY version_id
            ) WHERE is_applied)"
        }
        "metadata" => {
            "SELECT NOT EXISTS (SELECT 1 FROM main.metadata WHERE trim(schema_version) <> '0')"
        }
        _ => return Ok(false),
    };
    conn.query_row(sql, [], |row| row.get(0))
}

/// `metadata` may also be a table of keys and values.
fn has_version_key(conn: &Connection, columns: &[String]) -> rusqlite::Result<bool> {
    if !has(columns, &["key", "value"]) {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM main.metadata
        WHERE key = 'schema_version' AND trim(CAST(value AS TEXT)) <> '0'";
    Ok(conn.query_row(sql, [], |_| Ok(())).optional()?.is_some())
}

fn found(conn: &Connection, known: &Known, columns: Vec<String>) -> rusqlite::Result<Found> {
    let sql = format!("SELECT count(*) FROM main.{}", super::quote(known.table));
    let rows: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
    Ok(Found {
        table: known.table.to_owned(),
        tool: Some(known.tool),
        from: known.from,
        columns,
        rows: u64::try_from(rows).ok(),
        is_in_our_place: false,
    })
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare("SELECT name FROM pragma_table_info(?1, 'main')")?
        .query_map([table], |row| row.get(0))?
        .collect()
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
