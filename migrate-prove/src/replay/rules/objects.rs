//! S14, and the part of S16 that needs a comparison: what a table loses when it is rebuilt.

use crate::replay::catalogue::{Kind, Object};
use crate::replay::change::Change;
use crate::replay::finding::{Findings, is_subject, place_of, word_in};
use crate::replay::memory::Memory;
use crate::replay::subject::Part;
use crate::replay::table::{Table, indexes, items, options_of};
use migrate_source::diagnostic::Code;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;
use std::ops::Range;

/// Compares each rebuilt table with the old one.
pub(super) fn lost(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    // A function in Rust cannot allow a finding.
    if change.task.part.is_rust {
        return Ok(());
    }
    for (old, new) in change.rebuilt() {
        let main = &change.trial.main.conn;
        let old = Rebuilt::read(main, old)?;
        let new = Rebuilt::read(&scratch.conn, new)?;
        let name = &old.object.name;
        let gone = old.columns_beside(&new);
        let mut notes = of_the_table(&old, &new, &gone);
        notes.extend(on_the_table(change, old.object, &gone));
        if !notes.is_empty() {
            findings.add_with_notes(
                change.task.part,
                Code::RebuildLosesObjects,
                dropping(change.task.part, name),
                format!("`{name}` loses something when it is rebuilt"),
                "create it again, or drop it with an explicit statement",
                notes,
            );
        }
        // If the number is the same, a column was renamed.
        if new.table.columns.len() < old.table.columns.len() {
            for column in gone {
                findings.add(
                    change.task.part,
                    Code::DestructiveDrop,
                    creating(change.task.part, name),
                    format!("the column `{column}` of `{name}` is gone when the table is rebuilt"),
                    "copy it; or drop it with `ALTER TABLE … DROP COLUMN`",
                );
            }
        }
    }
    Ok(())
}

/// A table, before or after.
struct Rebuilt<'o> {
    object: &'o Object,
    table: Table,
    /// The columns of each unique index, and whether it belongs to a constraint of the table.
    unique: Vec<(BTreeSet<String>, bool)>,
}

impl<'o> Rebuilt<'o> {
    fn read(conn: &Connection, object: &'o Object) -> Result<Rebuilt<'o>> {
        let table = Table::read(conn, object)?;
        let mut unique: Vec<(BTreeSet<String>, bool)> = indexes(conn, &object.name)?
            .into_iter()
            .filter(|index| index.is_unique)
            .map(|index| {
                let columns = index.columns.iter().map(|name| name.to_ascii_lowercase());
                (columns.collect(), index.is_constraint)
            })
            .collect();
        // A primary key that is the rowid has no index.
        let key = table.columns.iter().filter(|column| column.key > 0);
        unique.push((key.map(|it| it.name.to_ascii_lowercase()).collect(), false));
        Ok(Rebuilt {
            object,
            table,
            unique,
        })
    }

    /// The columns that another table does not have.
    fn columns_beside(&self, other: &Rebuilt<'_>) -> Vec<String> {
        let names = self.table.columns.iter().map(|column| &column.name);
        names
            .filter(|name| other.table.column(name).is_none())
            .cloned()
            .collect()
    }

    /// The number of constraints that start with a word, without those on the given columns, which
    /// are dropped with their columns.
    fn constraints(&self, word: &str, gone: &[String]) -> usize {
        let tokens = &self.object.tokens;
        let items = items(tokens);
        let about = |at| items.iter().find(|item| item.contains(&at));
        let begins = tokens.iter().enumerate().filter(|(_, it)| *it == word);
        begins
            .filter(|(at, _)| !about(*at).is_some_and(|item| is_about(&tokens[item.clone()], gone)))
            .count()
    }
}

fn is_about(words: &[String], columns: &[String]) -> bool {
    let mut columns = columns.iter();
    columns.any(|column| words.iter().any(|word| word.eq_ignore_ascii_case(column)))
}

/// The losses in the definition itself.
fn of_the_table(old: &Rebuilt<'_>, new: &Rebuilt<'_>, gone: &[String]) -> Vec<String> {
    let mut lost = Vec::new();
    for (word, shown) in [("strict", "STRICT"), ("without", "WITHOUT ROWID")] {
        let has = |it: &Rebuilt<'_>| options_of(&it.object.tokens).iter().any(|it| it == word);
        if has(old) && !has(new) {
            lost.push(format!("it is no longer `{shown}`"));
        }
    }
    let generated = |it: &Rebuilt<'_>| {
        let columns = it.table.columns.iter();
        columns
            .filter(|column| column.is_generated && !gone.contains(&column.name))
            .count()
    };
    let constraints = |word, shown| {
        let count = |it: &Rebuilt<'_>| it.constraints(word, gone);
        (shown, count(old), count(new))
    };
    let all = [
        constraints("check", "`CHECK` constraint"),
        constraints("references", "foreign key"),
        ("generated column", generated(old), generated(new)),
        constraints("autoincrement", "`AUTOINCREMENT` column"),
    ];
    for (shown, before, after) in all {
        if after < before {
            let many = before - after;
            lost.push(match many {
                1 => format!("1 {shown} is gone"),
                _ => format!("{many} {shown}s are gone"),
            });
        }
    }
    lost.extend(lost_unique(old, new, gone));
    lost
}

/// Lost `UNIQUE` constraints, whose indexes have no SQL. If the number is the same, a column was
/// renamed.
fn lost_unique(old: &Rebuilt<'_>, new: &Rebuilt<'_>, gone: &[String]) -> Vec<String> {
    if new.unique.len() >= old.unique.len() {
        return Vec::new();
    }
    let constraints = old
        .unique
        .iter()
        .filter(|(_, is_constraint)| *is_constraint);
    let is_there = |columns| new.unique.iter().any(|(others, _)| others == columns);
    constraints
        .filter(|(columns, _)| !is_there(columns))
        .filter(|(columns, _)| {
            let mut gone = gone.iter();
            !gone.any(|column| columns.contains(&column.to_ascii_lowercase()))
        })
        .map(|(columns, _)| {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            format!("`UNIQUE` on `{}` is gone", columns.join("`, `"))
        })
        .collect()
}

/// The lost indexes and triggers.
fn on_the_table(change: Change<'_, '_>, old: &Object, gone: &[String]) -> Vec<String> {
    let is_there = |object: &Object| {
        let mut after = change.after.catalogue.on_table(&old.table);
        after.any(|it| {
            let is_same_name = it.name.eq_ignore_ascii_case(&object.name);
            it.kind == object.kind && (is_same_name || definition(it) == definition(object))
        })
    };
    let objects = change.before.catalogue.on_table(&old.table);
    objects
        .filter(|it| matches!(it.kind, Kind::Index | Kind::Trigger))
        .filter(|it| !is_there(it) && !is_dropped(change, it))
        // An index on a dropped column cannot stay.
        .filter(|it| it.kind != Kind::Index || !is_about(definition(it), gone))
        .map(|it| format!("the {} `{}` is gone", it.kind.as_str(), it.name))
        .collect()
}

/// The tokens after the name of an index or trigger.
fn definition(object: &Object) -> &[String] {
    let on = object.tokens.iter().position(|token| token == "on");
    on.map_or(&object.tokens[..], |on| &object.tokens[on..])
}

fn is_dropped(change: Change<'_, '_>, object: &Object) -> bool {
    let name = object.name.to_ascii_lowercase();
    change.task.part.words().iter().any(|words| {
        matches!(&words[..], [drop, kind, ..] if drop == "drop" && kind == object.kind.as_str())
            && words.contains(&name)
    })
}

/// The place where a script drops a table, or else the last place where it names the table.
fn dropping(part: &Part<'_>, table: &str) -> Range<usize> {
    let name = table.to_ascii_lowercase();
    statement_with(part, &["drop", "table"], &name)
        .and_then(|index| word_in(part, index, table))
        .unwrap_or_else(|| place_of(part, table))
}

/// The place where a script creates the table that replaces another one.
fn creating(part: &Part<'_>, table: &str) -> Range<usize> {
    let name = table.to_ascii_lowercase();
    let renamed = part.words().iter().find_map(|words| {
        let to = words.iter().position(|word| word == "rename")?;
        let is_this = words.get(to + 2) == Some(&name);
        is_this.then(|| words.get(to.checked_sub(1)?)).flatten()
    });
    let made = renamed.unwrap_or(&name);
    statement_with(part, &["create", "table"], made)
        .and_then(|index| word_in(part, index, made))
        .unwrap_or_else(|| place_of(part, table))
}

/// The last statement that starts with these words and has this subject.
fn statement_with(part: &Part<'_>, head: &[&str], name: &str) -> Option<usize> {
    part.words()
        .iter()
        .rposition(|words| words.len() >= 2 && words[..2] == *head && is_subject(words, name))
}
