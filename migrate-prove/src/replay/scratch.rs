//! A copy of the objects that a migration involves, with rows in every table.

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::full_text::{self, FullTextIndex};
use crate::replay::memory::Memory;
use crate::replay::rows::{Empty, fill, recipe};
use crate::replay::run::{Failure, Task, run};
use crate::replay::trial::Trial;
use migrate_model::history::COLUMNS;
use migrate_scan::sqlite::quote;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;
use std::rc::Rc;

impl Trial<'_, '_> {
    pub(crate) fn copy(self, has_rows: bool) -> Result<Memory> {
        Ok(self.copy_and_catalogue(has_rows)?.0)
    }

    /// Also returns the catalogue of the copy, and the tables that stay empty.
    pub(crate) fn copy_and_catalogue(
        self,
        has_rows: bool,
    ) -> Result<(Memory, Catalogue, Vec<Empty>)> {
        let scratch = copy(self)?;
        let catalogue = Catalogue::read(&scratch, self.catalogue)?;
        let empty = if has_rows {
            fill(&scratch, &catalogue, self)?
        } else {
            Vec::new()
        };
        full_text::settle(&scratch, &catalogue, &self.main.conn)?;
        Ok((scratch, catalogue, empty))
    }

    pub(crate) fn run(
        self,
        memory: &Memory,
        task: Task<'_, '_>,
    ) -> Result<std::result::Result<(), Failure>> {
        run(memory, task, self.options, &mut |_| Ok(()))
    }
}

/// Creates a database with the objects and rows that a trial needs. Triggers come last, so that
/// copying fires none.
fn copy(trial: Trial<'_, '_>) -> Result<Memory> {
    // It is rarely read, and has many columns.
    let history = if trial.mentions(&trial.options.history.to_ascii_lowercase()) {
        &COLUMNS[..]
    } else if trial.part.is_none() {
        &COLUMNS[..1]
    } else {
        &[]
    };
    let mut scratch = Memory::open(trial.options, history)?;
    let (tables, others): (Vec<_>, Vec<_>) = trial
        .objects()
        .partition(|object| matches!(object.kind, Kind::Table | Kind::Virtual));
    scratch.elsewhere = parents_elsewhere(trial, &tables);
    scratch.conn.execute_batch("BEGIN")?;
    if trial.part.is_none() {
        make_own_tables(trial, &scratch)?;
    }
    for table in &tables {
        scratch.conn.execute_batch(&table.sql)?;
    }
    for table in &tables {
        if trial.filled.contains(&table.table) && !has_outside_content(table) {
            copy_rows(trial, &scratch.conn, table)?;
        }
    }
    // Their content is in other tables. One that does not match it stays so.
    let indexes = tables.iter().filter_map(|it| FullTextIndex::of(it));
    for index in indexes.filter(|it| it.trouble(&trial.main.conn).is_none()) {
        index.rebuild(&scratch.conn);
    }
    for object in others {
        scratch.conn.execute_batch(&object.sql)?;
    }
    scratch.conn.execute_batch("COMMIT")?;
    Ok(scratch)
}

/// The parents of copied tables that are not copied.
fn parents_elsewhere(trial: Trial<'_, '_>, tables: &[&Rc<Object>]) -> BTreeSet<String> {
    let Some(part) = trial.part else {
        return BTreeSet::new();
    };
    let references = tables.iter().flat_map(|table| table.tokens.windows(2));
    references
        .filter(|pair| pair[0] == "references")
        .filter_map(|pair| trial.catalogue.table(&pair[1]))
        .filter(|parent| !part.objects.contains(&parent.place))
        .map(|parent| parent.table.clone())
        .collect()
}

/// Creates SQLite's own tables, to which a script may write.
fn make_own_tables(trial: Trial<'_, '_>, scratch: &Memory) -> Result<()> {
    for (table, make) in [
        (
            "sqlite_sequence",
            "CREATE TABLE made (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE made",
        ),
        ("sqlite_stat1", "ANALYZE"),
    ] {
        let exists = "SELECT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = ?1)";
        if trial
            .main
            .conn
            .query_row(exists, [table], |row| row.get(0))?
        {
            scratch.conn.execute_batch(make)?;
        }
    }
    Ok(())
}

fn copy_rows(trial: Trial<'_, '_>, to: &Connection, object: &Object) -> Result<()> {
    let from = &trial.main.conn;
    let name = quote(&object.name);
    let table = &recipe(from, object, trial.hints)?.table;
    let mut columns: Vec<String> = table.insertable().map(|it| quote(&it.name)).collect();
    if table.has_hidden_rowid() {
        // A full-text index may refer to its rows by it.
        columns.insert(0, "rowid".to_owned());
    }
    let list = columns.join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    let most = trial.most_rows.map_or(-1, i64::from);
    let mut select = from.prepare(&format!("SELECT {list} FROM main.{name} LIMIT {most}"))?;
    let mut insert = match to.prepare(&format!("INSERT INTO main.{name}({list}) VALUES ({marks})"))
    {
        // Some virtual tables only show what another one contains.
        Err(_) if table.is_virtual => return Ok(()),
        insert => insert?,
    };
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        for at in 0..columns.len() {
            // As it is: a text may be no UTF-8.
            insert.raw_bind_parameter(at + 1, ToSqlOutput::Borrowed(row.get_ref(at)?))?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// Whether it is a full-text index of another table, or a contentless one.
pub(crate) fn has_outside_content(object: &Object) -> bool {
    object.kind == Kind::Virtual
        && object
            .tokens
            .windows(2)
            .any(|pair| pair[0] == "content" && pair[1] == "=")
}
