//! Full-text indexes on the content of another table.

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::memory::Memory;
use crate::replay::table::Table;
use migrate_scan::sqlite::{name_of, quote};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, Result};

/// A virtual table of FTS5 or FTS4 with the option `content=table`.
#[derive(Clone, Debug)]
pub(crate) struct FullTextIndex {
    /// Its name as it was written.
    pub(crate) name: String,
    /// The table or view that has the content, in lower case.
    pub(crate) content: String,
    /// The column of it that is used as the rowid, in lower case.
    rowid: Option<String>,
    is_fts5: bool,
}

/// What is wrong with an index.
pub(crate) enum Trouble {
    /// It has other rows or words than its content.
    Differs,
    /// It cannot be read; holds SQLite's message.
    Unreadable(String),
}

impl FullTextIndex {
    /// `None` for other tables, and for one without a content.
    pub(crate) fn of(object: &Object) -> Option<FullTextIndex> {
        let words = &object.tokens;
        let using = words.iter().position(|word| word == "using")?;
        let module = words.get(using + 1)?.as_str();
        if object.kind != Kind::Virtual || !matches!(module, "fts4" | "fts5") {
            return None;
        }
        let option = |name: &str| {
            let mut triples = words.windows(3);
            let found = triples.find(|it| it[0] == name && it[1] == "=")?;
            Some(name_of(&found[2]).to_ascii_lowercase())
        };
        Some(FullTextIndex {
            name: object.name.clone(),
            content: option("content").filter(|it| !it.is_empty())?,
            rowid: option("content_rowid"),
            is_fts5: module == "fts5",
        })
    }

    /// Those of a schema.
    pub(crate) fn all(catalogue: &Catalogue) -> impl Iterator<Item = FullTextIndex> {
        let objects = catalogue.has_virtual_tables().then(|| catalogue.objects());
        let objects = objects.into_iter().flatten();
        objects.filter_map(|it| FullTextIndex::of(it))
    }

    /// Whether it refers to rows by a rowid that no column shows. SQLite may renumber them.
    pub(crate) fn has_hidden_rowid(
        &self,
        conn: &Connection,
        catalogue: &Catalogue,
    ) -> Result<bool> {
        let content = catalogue.table(&self.content);
        let Some(object) = content.filter(|it| it.kind == Kind::Table) else {
            return Ok(false);
        };
        let table = Table::read(conn, object)?;
        let is_column = self
            .rowid
            .as_ref()
            .is_some_and(|it| table.column(it).is_some());
        Ok(table.has_hidden_rowid() && !is_column)
    }

    /// Checks that it answers a query and matches its content.
    pub(crate) fn trouble(&self, conn: &Connection) -> Option<Trouble> {
        let name = quote(&self.name);
        let check = if self.is_fts5 {
            // Without a rank, the content is not compared.
            format!("INSERT INTO main.{name}({name}, rank) VALUES ('integrity-check', 1)")
        } else {
            format!("INSERT INTO main.{name}({name}) VALUES ('integrity-check')")
        };
        let error = conn.execute(&check, []).err()?;
        // The step budget says nothing about the index.
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            return None;
        }
        let is_read = conn
            .prepare(&format!("SELECT * FROM main.{name} LIMIT 1"))
            .and_then(|mut statement| statement.query([])?.next().map(drop));
        Some(match is_read {
            Err(error) if error.sqlite_error_code() != Some(ErrorCode::DatabaseCorrupt) => {
                Trouble::Unreadable(error.to_string())
            }
            _ if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Trouble::Differs,
            _ => Trouble::Unreadable(error.to_string()),
        })
    }

    /// Fills it from its content. A content that cannot be read is found elsewhere.
    pub(crate) fn rebuild(&self, conn: &Connection) {
        let name = quote(&self.name);
        let rebuild = format!("INSERT INTO main.{name}({name}) VALUES ('rebuild')");
        let _ = conn.execute(&rebuild, []);
    }
}

/// Brings the indexes of a copy up to date after its tables were filled. One that does not match its
/// content in the main database stays so, and one that triggers keep is left as they have made it:
/// it may be meant to have only some of the rows.
pub(crate) fn settle(scratch: &Memory, catalogue: &Catalogue, main: &Connection) -> Result<()> {
    for index in FullTextIndex::all(catalogue).filter(|it| it.trouble(main).is_none()) {
        let name = index.name.to_ascii_lowercase();
        let mut objects = catalogue.objects();
        let is_kept = objects.any(|it| it.kind == Kind::Trigger && it.tokens.contains(&name));
        if is_kept && index.trouble(&scratch.conn).is_some() {
            continue;
        }
        if index.has_hidden_rowid(&scratch.conn, catalogue)? {
            leave_gap(&scratch.conn, &index.content)?;
        }
        index.rebuild(&scratch.conn);
    }
    Ok(())
}

/// Gives the rows of a table after the first one higher rowids, as if rows had been deleted between
/// them.
fn leave_gap(conn: &Connection, table: &str) -> Result<()> {
    let name = quote(table);
    let range = format!("SELECT count(*), min(rowid), max(rowid) FROM main.{name}");
    let (count, first, last): (i64, Option<i64>, Option<i64>) =
        conn.query_row(&range, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    // Without a gap, they are numbered from 1.
    if first == Some(1) && last == Some(count) {
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        let shift = format!("UPDATE main.{name} SET rowid = rowid + {count} WHERE rowid > 1");
        conn.execute_batch(&shift)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
    }
    Ok(())
}
