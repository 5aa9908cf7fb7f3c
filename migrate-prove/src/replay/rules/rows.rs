//! S01 and S15: rows that are lost.

mod limit;

use crate::replay::catalogue::{Catalogue, Kind};
use crate::replay::change::Change;
use crate::replay::finding::{Findings, beginning};
use crate::replay::rules::rebuild::script::{self, Names, copying, place_of_copy};
use crate::replay::snapshot::Snapshot;
use crate::replay::subject::Part;
use migrate_scan::sqlite::quote;
use migrate_source::diagnostic::Code;
use rusqlite::Result;
use std::collections::BTreeSet;

const COPY_ALL: &str =
    "copy every row of the old table; delete unwanted rows with an explicit `DELETE`";

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
    let fewer = fewer(change, must_have);
    for old in limit::beyond(change)? {
        let name = &old.name;
        if is_told(change, &old.table) || fewer.iter().any(|(table, ..)| *table == old.table) {
            continue;
        }
        findings.add_lost_rows(
            part,
            name,
            place_of_copy(part, &Names::of(part, name)),
            format!("the rows beyond the `LIMIT` are lost when `{name}` is rebuilt"),
            COPY_ALL,
        );
    }
    for (table, before, lost) in fewer {
        if is_rebuilt(change, &table) {
            let rows = if lost == 1 { "row is" } else { "rows are" };
            findings.add_lost_rows(
                part,
                &table,
                place_of_copy(part, &Names::of(part, &table)),
                format!(
                    "{lost} {rows} lost when `{table}` is rebuilt{}",
                    why(change, &table)
                ),
                COPY_ALL,
            );
            continue;
        }
        let sql = format!("SELECT count(*) FROM main.{}", quote(&table));
        let since = change.since(change.has_rows, &|memory| {
            Ok(memory.number(&sql).is_ok_and(|count| count < before))
        })?;
        let since = since.unwrap_or(0);
        let rows = if lost == 1 { "row" } else { "rows" };
        let words = part.words().get(since).map_or(&[][..], |words| &words[..]);
        if matches!(words, [update, or, replace, ..] if [update, or, replace] == ["update", "or", "replace"])
        {
            let message = format!(
                "`{table}` loses {lost} {rows} here: `OR REPLACE` deletes those that have the new \
                 values already"
            );
            let help = "first merge such rows, or delete them with an explicit `DELETE`";
            let place = beginning(part, since);
            findings.add_lost_rows(part, &table, place, message, help);
            continue;
        }
        findings.add(
            part,
            Code::RebuildCascades,
            beginning(part, since),
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
        .filter(|(table, ..)| {
            if is_rebuilt(change, table) {
                !is_told(change, table)
            } else {
                !deletes(change.task.part, table)
            }
        })
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

/// Whether the loss of the rows of a rebuilt table is written in the script: as a `DELETE`, or as a
/// `DROP TABLE` of a table that nothing copies, which S16 finds in the text of an up.
fn is_told(change: Change<'_, '_>, table: &str) -> bool {
    let part = change.task.part;
    let names = Names::of(part, table);
    let is_dropped = names.made == names.name && names.dropped == names.name;
    script::deletes(part, &names)
        || is_dropped && !change.is_down() && copying(part, &names).is_empty()
}

/// The clauses that lose the rows of a rebuilt table.
fn why(change: Change<'_, '_>, table: &str) -> String {
    let part = change.task.part;
    let copies = copying(part, &Names::of(part, table));
    let skips = |words: &[String]| {
        let mut all = words.windows(3);
        all.any(|it| it[..2] == ["on", "conflict"] && matches!(&*it[2], "ignore" | "replace"))
    };
    let new = change.after.catalogue.table(table);
    let in_schema = new.is_some_and(|new| skips(&new.tokens));
    let conflict = copies.iter().find_map(|copy| copy.conflict);
    if let Some(conflict) = conflict.or(in_schema.then_some("`ON CONFLICT`")) {
        return format!(
            ": rows that violate a constraint disappear without an error, because of {conflict}"
        );
    }
    let clauses: Vec<&str> = copies.into_iter().flat_map(|copy| copy.clauses).collect();
    if clauses.is_empty() {
        return String::new();
    }
    format!(", because of {}", clauses.join(", "))
}

fn is_rebuilt(change: Change<'_, '_>, table: &str) -> bool {
    change
        .rebuilt()
        .any(|(old, _)| old.name.eq_ignore_ascii_case(table))
}

/// Whether a script deletes from a table, or inserts rows in place of others.
fn deletes(part: &Part<'_>, table: &str) -> bool {
    part.words().iter().any(|words| {
        let has = |word: &str| words.iter().any(|it| it == word);
        match words.first().map(String::as_str) {
            Some("delete" | "with") if has("delete") => {
                let from = words.windows(2).find(|pair| pair[0] == "from");
                from.is_some_and(|pair| pair[1] == table) || words.iter().any(|it| it == table)
            }
            Some("replace") => has(table),
            Some("insert") => has("replace") && has(table),
            _ => false,
        }
    })
}
