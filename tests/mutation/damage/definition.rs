//! Damage of the definition of a rebuilt table.

use super::copied::with_unique;
use super::{Change, Kind, Place, kind};
use crate::set::Rebuild;
use crate::sql::{Table, bytes, clauses, edited, find, name, with_comma};
use std::ops::Range;

pub(super) const KINDS: &[Kind] = &[
    kind("rebuild: UNIQUE lost", |place| lost(place, "unique")),
    kind("rebuild: PRIMARY KEY lost", primary_key),
    kind("rebuild: CHECK lost", |place| lost(place, "check")),
    kind("rebuild: NOT NULL lost", |place| lost(place, "not null")),
    kind("rebuild: DEFAULT lost", |place| lost(place, "default")),
    kind("rebuild: COLLATE lost", |place| lost(place, "collate")),
    kind("rebuild: a generated column becomes a plain one", |place| {
        lost(place, "generated always as")
    }),
    kind("rebuild: a foreign key lost", foreign_key),
    kind("rebuild: ON DELETE or ON UPDATE lost", |place| {
        let mut changes = lost(place, "on delete");
        changes.extend(lost(place, "on update"));
        changes
    }),
    kind("rebuild: deferral of a foreign key lost", |place| {
        lost(place, "deferrable initially deferred")
    }),
    kind("rebuild: STRICT lost", |place| option(place, "strict")),
    kind("rebuild: WITHOUT ROWID lost", |place| {
        option(place, "without rowid")
    }),
    kind("rebuild: AUTOINCREMENT lost", autoincrement),
    kind("rebuild: the mark of AUTOINCREMENT lost", mark),
    kind("rebuild: a new UNIQUE", with_unique),
    kind("rebuild: a new or narrower CHECK", narrower_check),
    kind("rebuild: a new NOT NULL", new_not_null),
];

/// The item of the old table that corresponds to one of the new: the column of the same
/// name, or an equal table constraint.
fn old_item(rebuild: &Rebuild, item: usize) -> Option<usize> {
    let (old, new) = (&rebuild.old, &rebuild.new);
    if !new.is_constraint(item) {
        return old.column(&name(&new.item(item)[0]));
    }
    let text = |table: &Table, item: usize| -> Vec<String> {
        let words = table.item(item).iter();
        words.map(|word| word.text.clone()).collect()
    };
    (0..old.items.len()).find(|it| text(old, *it) == text(new, item))
}

/// Where a clause that the old table has too is removed.
fn removals(rebuild: &Rebuild, clause: &str) -> Vec<Range<usize>> {
    let (old, new) = (&rebuild.old, &rebuild.new);
    let mut found = Vec::new();
    for item in 0..new.items.len() {
        let Some(old_item) = old_item(rebuild, item) else {
            continue;
        };
        let count = clauses(old, old_item, clause).len();
        for range in clauses(new, item, clause).into_iter().take(count) {
            let is_whole =
                new.is_constraint(item) && ["unique", "check", "references"].contains(&clause);
            found.push(if is_whole {
                with_comma(&new.words, &new.items, item)
            } else {
                bytes(&new.words, &range)
            });
        }
    }
    found
}

fn lost(place: &Place<'_>, clause: &str) -> Vec<Change> {
    let up = &place.migration.up;
    let mut changes = Vec::new();
    for rebuild in &place.rebuilds {
        for range in removals(rebuild, clause) {
            let column = rebuild.new.columns().find(|item| {
                bytes(&rebuild.new.words, &rebuild.new.items[*item]).contains(&range.start)
            });
            // The key of a table without rowids and the alias of the rowid are never NULL.
            let is_implied = clause == "not null"
                && column.is_some_and(|item| {
                    rebuild.new.is_key(item) && rebuild.new.has_option("without rowid")
                        || rebuild.new.has(item, "integer primary key")
                });
            if !is_implied {
                changes.push(Change::Up(edited(up, &[(range, "")])));
            }
        }
    }
    changes
}

fn foreign_key(place: &Place<'_>) -> Vec<Change> {
    lost(place, "references")
}

fn primary_key(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for rebuild in &place.rebuilds {
        let new = &rebuild.new;
        if new.has_option("without rowid") {
            continue;
        }
        for item in 0..new.items.len() {
            for range in clauses(new, item, "primary key") {
                let range = if new.is_constraint(item) {
                    with_comma(&new.words, &new.items, item)
                } else {
                    let next = new.words.get(range.end).map(|word| word.text.as_str());
                    let more = usize::from(next == Some("autoincrement"));
                    bytes(&new.words, &(range.start..range.end + more))
                };
                let text = edited(&place.migration.up, &[(range, "")]);
                changes.push(Change::Up(text));
            }
        }
    }
    changes
}

fn option(place: &Place<'_>, option: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    for Rebuild { old, new, .. } in &place.rebuilds {
        if !old.has_option(option) || !new.has_option(option) {
            continue;
        }
        let rest = &new.words[new.options.clone()];
        let at = new.options.start + find(rest, option).unwrap();
        let comma = rest.iter().position(|word| word.text == ",");
        let mut edits = vec![(bytes(&new.words, &(at..at + option.split(' ').count())), "")];
        if let Some(comma) = comma {
            edits.push((rest[comma].bytes.clone(), ""));
        }
        changes.push(Change::Up(edited(&place.migration.up, &edits)));
    }
    changes
}

/// `AUTOINCREMENT` goes together with what carries its mark over, as somebody would do it.
fn autoincrement(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for rebuild in &place.rebuilds {
        for range in removals(rebuild, "autoincrement") {
            let mut edits = vec![(range, "")];
            for at in marks(place) {
                edits.push((place.statements[at].bytes.clone(), ""));
            }
            changes.push(Change::Up(edited(&place.migration.up, &edits)));
        }
    }
    changes
}

fn marks(place: &Place<'_>) -> Vec<usize> {
    let is_mark = |at: &usize| {
        let words = &place.statements[*at].words;
        words.iter().any(|word| word.text == "sqlite_sequence")
    };
    (0..place.statements.len()).filter(is_mark).collect()
}

fn mark(place: &Place<'_>) -> Vec<Change> {
    let marks = marks(place);
    if marks.is_empty() {
        return Vec::new();
    }
    vec![Change::Up(place.without(&marks))]
}

/// Columns of both tables that are copied as they are, with the end of their definition.
fn columns(rebuild: &Rebuild) -> Vec<(usize, String, usize)> {
    let copied = |column: &String| {
        let copy = &rebuild.insert;
        let mut values = copy.values.iter();
        values.any(|value| value.len() == 1 && name(&copy.words[value.start]) == *column)
    };
    rebuild
        .new
        .columns()
        .map(|item| (item, name(&rebuild.new.item(item)[0])))
        .filter(|(_, column)| rebuild.old.column(column).is_some() && copied(column))
        .map(|(item, column)| {
            let end = bytes(&rebuild.new.words, &rebuild.new.items[item]).end;
            (item, column, end)
        })
        .collect()
}

fn narrower_check(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for rebuild in &place.rebuilds {
        let new = &rebuild.new;
        for (item, column, end) in columns(rebuild) {
            if let Some(at) = find(new.item(item), "in (") {
                // One value of the old list.
                let first = new.items[item].start + at + 2;
                let value = new.words[first].bytes.start..new.words[first + 2].bytes.start;
                changes.push(edited(&place.migration.up, &[(value, "")]));
            } else if !new.has(item, "check")
                && !new.is_key(item)
                && !new.has(item, "references")
                && !new.is_in(item, "foreign key")
                && new.declared(item) != "blob"
            {
                let check = if new.declared(item) == "text" {
                    format!(" CHECK (length({column}) = 1)")
                } else {
                    format!(" CHECK ({column} > 100)")
                };
                changes.push(edited(&place.migration.up, &[(end..end, &check)]));
            }
        }
    }
    changes.into_iter().map(Change::Up).collect()
}

fn new_not_null(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for rebuild in &place.rebuilds {
        for (item, _, end) in columns(rebuild) {
            if rebuild.new.is_nullable(item) && !rebuild.new.is_in(item, "foreign key") {
                let text = edited(&place.migration.up, &[(end..end, " NOT NULL")]);
                changes.push(Change::Up(text));
            }
        }
    }
    changes
}
