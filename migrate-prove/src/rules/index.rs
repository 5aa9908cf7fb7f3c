//! S22: a foreign key whose columns have no index.

use super::Change;
use crate::catalogue::Kind;
use crate::finding::{Findings, word_in};
use crate::memory::Memory;
use crate::table::{Reference, references};
use migrate_core::diagnostic::Code;
use rusqlite::{Connection, Result};

/// Looks at the foreign keys of every table that the script made or changed.
pub(super) fn missing(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let tables = change.changed().filter(|it| it.kind == Kind::Table);
    let tables = tables.filter(|it| it.tokens.iter().any(|token| token == "references"));
    for table in tables {
        let before = change.before_of(table);
        let count = |tokens: &[String]| tokens.iter().filter(|it| *it == "references").count();
        if before.is_some_and(|before| count(&before.tokens) == count(&table.tokens)) {
            continue;
        }
        let indexes = indexes(&scratch.conn, &table.name)?;
        for reference in references(&scratch.conn, &table.name)? {
            let is_served = indexes.iter().any(|index| serves(index, &reference));
            if !is_served && !change.trial.hints.has_index(&table.name, &reference.from) {
                report(change, &table.name, &reference, findings);
            }
        }
    }
    Ok(())
}

/// The columns of each index, and of the primary key.
fn indexes(conn: &Connection, table: &str) -> Result<Vec<Vec<String>>> {
    let mut statement = conn.prepare_cached(
        "SELECT list.name, info.name FROM pragma_index_list(?1, 'main') AS list \
         JOIN pragma_index_info(list.name, 'main') AS info ORDER BY list.seq, info.seqno",
    )?;
    let mut rows = statement.query([table])?;
    let mut indexes: Vec<(String, Vec<String>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (index, column): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let column = column.unwrap_or_default();
        match indexes.last_mut() {
            Some((name, columns)) if *name == index => columns.push(column),
            _ => indexes.push((index, vec![column])),
        }
    }
    let mut all: Vec<Vec<String>> = indexes.into_iter().map(|(_, columns)| columns).collect();
    let key: Vec<String> = conn
        .prepare_cached("SELECT name FROM pragma_table_info(?1, 'main') WHERE pk > 0 ORDER BY pk")?
        .query_map([table], |row| row.get(0))?
        .collect::<Result<_>>()?;
    all.push(key);
    Ok(all)
}

/// Whether an index begins with the columns, in any order.
fn serves(index: &[String], reference: &Reference) -> bool {
    let first = index.iter().take(reference.from.len());
    let first: Vec<&String> = first.collect();
    first.len() == reference.from.len()
        && reference.from.iter().all(|column| {
            let mut first = first.iter();
            first.any(|it| it.eq_ignore_ascii_case(column))
        })
}

fn report(
    change: Change<'_, '_>,
    table: &str,
    reference: &Reference,
    findings: &mut Findings<'_, '_>,
) {
    let part = change.part;
    let column = &reference.from[0];
    let statements = (0..part.statements.len()).rev();
    let range = statements
        .filter(|index| word_in(part, *index, "references").is_some())
        .find_map(|index| word_in(part, index, column))
        .unwrap_or_else(|| crate::finding::place_of(part, table));
    let columns = reference.from.join("`, `");
    findings.add(
        part,
        Code::ForeignKeyWithoutIndex,
        range,
        format!(
            "the foreign key of `{table}` on `{columns}` has no index: each delete in `{}` reads \
             the whole table",
            reference.parent
        ),
        &format!(
            "add `CREATE INDEX … ON {table}({})`",
            reference.from.join(", ")
        ),
        Vec::new(),
    );
}
