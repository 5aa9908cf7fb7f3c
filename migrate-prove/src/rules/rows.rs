//! S01 and S15: rows that are lost.

use super::Change;
use crate::finding::{Findings, beginning, word_in};
use crate::snapshot::Snapshot;
use crate::subject::Part;
use migrate_core::diagnostic::Code;
use migrate_core::sqlite::quote;
use rusqlite::Result;
use std::ops::Range;

/// Compares how many rows the tables have before and after an up.
pub(super) fn lost(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) -> Result<()> {
    for (table, lost) in fewer(change, change.before) {
        if is_rebuilt(change, &table) {
            built_anew(change, &table, lost, findings);
            continue;
        }
        let sql = format!("SELECT count(*) FROM main.{}", quote(&table));
        let before = change.before.counts[&table];
        let since = change.trial.since(change.has_rows, &|memory| {
            Ok(memory.number(&sql).is_ok_and(|count| count < before))
        })?;
        let range = beginning(change.part, since.unwrap_or(0));
        elsewhere(change.part, range, &table, lost, findings);
    }
    Ok(())
}

/// The same for a down: the tables that were there before the up must not lose
/// rows on the way back.
pub(super) fn lost_in_down(
    change: Change<'_, '_>,
    before_up: &Snapshot,
    findings: &mut Findings<'_, '_>,
) {
    for (table, lost) in fewer(change, before_up) {
        if is_rebuilt(change, &table) {
            built_anew(change, &table, lost, findings);
        } else {
            let range = beginning(change.part, 0);
            elsewhere(change.part, range, &table, lost, findings);
        }
    }
}

/// The tables with fewer rows, that the script does not delete itself.
fn fewer(change: Change<'_, '_>, must_have: &Snapshot) -> Vec<(String, i64)> {
    let tables = change.before.counts.iter();
    tables
        .filter(|(table, _)| must_have.counts.contains_key(*table))
        .filter_map(|(table, before)| {
            let after = change.after.counts.get(table)?;
            (after < before).then(|| (table.clone(), before - after))
        })
        .filter(|(table, _)| !deletes(change.part, table))
        .collect()
}

fn is_rebuilt(change: Change<'_, '_>, table: &str) -> bool {
    change
        .rebuilt()
        .any(|(old, _)| old.name.eq_ignore_ascii_case(table))
}

/// `DELETE FROM` it, or an `INSERT` that replaces rows.
fn deletes(part: &Part<'_>, table: &str) -> bool {
    part.words().iter().any(|words| {
        let has = |word: &str| words.iter().any(|it| it == word);
        match words.first().map(String::as_str) {
            Some("delete" | "with") if has("delete") => {
                let from = words.windows(2).find(|pair| pair[0] == "from");
                from.is_some_and(|pair| pair[1] == table) || words.iter().any(|it| it == table)
            }
            Some("replace") => has(table),
            Some("insert" | "update") => has("replace") && has(table),
            _ => false,
        }
    })
}

fn built_anew(change: Change<'_, '_>, table: &str, lost: i64, findings: &mut Findings<'_, '_>) {
    let part = change.part;
    let range = copying(part, table).unwrap_or_else(|| crate::finding::place_of(part, table));
    let rows = if lost == 1 { "row is" } else { "rows are" };
    findings.add(
        part,
        Code::RebuildLosesRows,
        range,
        format!("{lost} {rows} lost when `{table}` is built anew"),
        "copy every row of the old table; delete what is not wanted with a `DELETE` that says so",
        Vec::new(),
    );
}

/// The `INSERT … SELECT` that reads from a table, or from what it was renamed
/// to.
fn copying(part: &Part<'_>, table: &str) -> Option<Range<usize>> {
    let renamed = part.words().iter().find_map(|words| match &words[..] {
        [alter, _, old, rename, to, new, ..]
            if alter == "alter" && rename == "rename" && to == "to" && old == table =>
        {
            Some(new.clone())
        }
        _ => None,
    });
    let names = [Some(table.to_owned()), renamed];
    (0..part.statements.len()).find_map(|index| {
        let words = &part.words()[index];
        let is_copy = words
            .first()
            .is_some_and(|it| matches!(&**it, "insert" | "replace"))
            && words.iter().any(|it| it == "select");
        let name = names.iter().flatten().find(|name| words.contains(name))?;
        is_copy.then(|| word_in(part, index, name)).flatten()
    })
}

fn elsewhere(
    part: &Part<'_>,
    range: Range<usize>,
    table: &str,
    lost: i64,
    findings: &mut Findings<'_, '_>,
) {
    let rows = if lost == 1 { "row" } else { "rows" };
    findings.add(
        part,
        Code::RebuildCascades,
        range,
        format!("`{table}` loses {lost} {rows} here, though no statement deletes from it"),
        "drop the trigger that deletes them first, and make it anew afterwards",
        Vec::new(),
    );
}
