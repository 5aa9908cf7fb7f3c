//! S22: a foreign key whose columns have no index.

use crate::replay::catalogue::Kind;
use crate::replay::change::Change;
use crate::replay::finding::{Findings, is_subject, place_of, word_in};
use crate::replay::memory::Memory;
use crate::replay::rows::recipe;
use crate::replay::table::{Reference, as_written, indexes};
use migrate_source::diagnostic::Code;
use rusqlite::Result;

/// Checks the foreign keys of every table that the script created or changed.
pub(super) fn missing(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let tables = change
        .changed()
        .filter(|it| it.kind == Kind::Table)
        .filter(|it| it.has_references());
    for table in tables {
        let before = change.before_of(table);
        let count = |tokens: &[String]| tokens.iter().filter(|it| *it == "references").count();
        if before.is_some_and(|before| count(&before.tokens) == count(&table.tokens)) {
            continue;
        }
        let mut indexes: Vec<Vec<String>> = indexes(&scratch.conn, &table.name)?
            .into_iter()
            .map(|it| it.columns)
            .collect();
        let recipe = recipe(&scratch.conn, table, change.trial.hints)?;
        indexes.push(recipe.table.primary_key());
        for reference in &recipe.table.references {
            let is_served = indexes.iter().any(|index| serves(index, reference));
            if !is_served && !change.trial.hints.has_index(&table.name, &reference.from) {
                report(change, &table.name, reference, findings);
            }
        }
    }
    Ok(())
}

/// Whether an index starts with the columns, in any order.
fn serves(index: &[String], reference: &Reference) -> bool {
    let first: Vec<&String> = index.iter().take(reference.from.len()).collect();
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
    let part = change.task.part;
    let column = &reference.from[0];
    let statements = (0..part.statements.len()).rev();
    let range = statements
        .filter(|index| word_in(part, *index, "references").is_some())
        .filter(|index| is_subject(&part.words()[*index], table))
        .find_map(|index| word_in(part, index, column))
        .unwrap_or_else(|| place_of(part, table));
    let columns = reference.from.join("`, `");
    let conn = &change.trial.main.conn;
    let names: Vec<String> = reference
        .from
        .iter()
        .map(|it| as_written(conn, it))
        .collect();
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
            "add `CREATE INDEX … ON {}({})`",
            as_written(conn, table),
            names.join(", ")
        ),
    );
}
