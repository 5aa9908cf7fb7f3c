//! S01 and S15: rows that are lost.

use crate::replay::catalogue::{Catalogue, Kind};
use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning, place_of, word_in};
use crate::replay::snapshot::Snapshot;
use crate::replay::subject::Part;
use migrate_scan::sqlite::quote;
use migrate_source::diagnostic::Code;
use rusqlite::Result;
use std::collections::BTreeSet;
use std::ops::Range;

/// Compares how many rows the tables have before and after a script. Only tables that `must_have`
/// contains are compared: for a down, those from before the up.
pub(super) fn lost(
    change: Change<'_, '_>,
    must_have: &Snapshot,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let part = change.task.part;
    // The deletes of a function in Rust cannot be seen.
    if part.is_rust {
        return Ok(());
    }
    for (table, before, lost) in fewer(change, must_have) {
        if is_rebuilt(change, &table) {
            let rows = if lost == 1 { "row is" } else { "rows are" };
            findings.add(
                part,
                Code::RebuildLosesRows,
                copying(part, &table).unwrap_or_else(|| place_of(part, &table)),
                format!("{lost} {rows} lost when `{table}` is rebuilt"),
                "copy every row of the old table; delete unwanted rows with an explicit `DELETE`",
            );
            continue;
        }
        let sql = format!("SELECT count(*) FROM main.{}", quote(&table));
        let since = change.since(change.has_rows, &|memory| {
            Ok(memory.number(&sql).is_ok_and(|count| count < before))
        })?;
        let rows = if lost == 1 { "row" } else { "rows" };
        findings.add(
            part,
            Code::RebuildCascades,
            beginning(part, since.unwrap_or(0)),
            format!("`{table}` loses {lost} {rows} here, though no statement deletes from it"),
            "drop the trigger that deletes them first, and create it again afterwards",
        );
    }
    Ok(())
}

/// The tables that lost rows which the script does not delete itself: the number before, and the
/// number of lost rows.
fn fewer(change: Change<'_, '_>, must_have: &Snapshot) -> Vec<(String, i64, i64)> {
    let tables = change.before.counts.iter().flatten();
    let count = |snapshot: &Snapshot, table: &str| snapshot.counts.as_ref()?.get(table).copied();
    tables
        .filter(|(table, _)| count(must_have, table).is_some())
        .filter_map(|(table, before)| {
            let after = count(change.after, table)?;
            (after < *before).then(|| (table.clone(), *before, before - after))
        })
        .filter(|(table, ..)| !deletes(change.task.part, table))
        .filter(|(table, ..)| {
            let before = change.before.catalogue.table(table);
            !before.is_some_and(|before| change.is_kept_elsewhere(before))
        })
        .filter(|(table, ..)| is_rebuilt(change, table) || !is_meant(change, table))
        .collect()
}

/// Whether the loss is intentional: a trigger deletes the rows, and the script fires it by a
/// `DELETE … WHERE` on a view, which has no rows, or in a down, which removes what the up inserted.
fn is_meant(change: Change<'_, '_>, table: &str) -> bool {
    let catalogue = &change.before.catalogue;
    change.task.part.words().iter().any(|words| {
        let head = words.first().map(String::as_str);
        let delete = words.iter().position(|word| word == "delete");
        let from = delete.and_then(|at| words.get(at + 2));
        let is_delete = matches!(head, Some("delete" | "with"));
        let has_where = words.iter().any(|word| word == "where");
        let is_view = |from: &str| catalogue.named(from).any(|it| it.kind == Kind::View);
        let from = from.filter(|from| change.is_down() || is_view(from));
        is_delete && has_where && from.is_some_and(|from| fires(catalogue, from, table))
    })
}

/// Whether a delete from one table or view can fire triggers that delete from the other.
fn fires(catalogue: &Catalogue, from: &str, table: &str) -> bool {
    let mut waiting = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(from) = waiting.pop() {
        if from == table && !seen.is_empty() {
            return true;
        }
        if !seen.insert(from) {
            continue;
        }
        let triggers = catalogue
            .on_table(from)
            .filter(|it| it.kind == Kind::Trigger);
        for trigger in triggers {
            let deletes = trigger.tokens.windows(3).filter_map(|words| match words {
                [delete, from, table] if delete == "delete" && from == "from" => Some(table),
                _ => None,
            });
            waiting.extend(deletes.map(String::as_str));
        }
    }
    false
}

fn is_rebuilt(change: Change<'_, '_>, table: &str) -> bool {
    change
        .rebuilt()
        .any(|(old, _)| old.name.eq_ignore_ascii_case(table))
}

/// Whether a script deletes from a table, or replaces its rows.
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

/// The place of the `INSERT … SELECT` that copies a table, perhaps under its new name.
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
