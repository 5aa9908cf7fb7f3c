//! S14, and the half of S16 that only a comparison finds: what a table loses
//! when it is built anew.

use super::Change;
use crate::catalogue::{Kind, Object};
use crate::finding::{Findings, place_of};
use crate::memory::Memory;
use crate::table::{Table, options_of};
use migrate_core::diagnostic::Code;
use rusqlite::Result;

/// Compares each table that was built anew with what it was.
pub(super) fn lost(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    for (old, new) in change.rebuilt() {
        let now = Table::read(&scratch.conn, new)?;
        let mut notes = of_the_table(old, new);
        notes.extend(on_the_table(change, old, &now));
        let range = place_of(change.part, &old.name);
        let name = &old.name;
        if !notes.is_empty() {
            findings.add(
                change.part,
                Code::RebuildLosesObjects,
                range.clone(),
                format!("`{name}` loses something when it is built anew"),
                "make it again, or drop it with a statement that says so",
                notes,
            );
        }
        for column in lost_columns(old, &now) {
            findings.add(
                change.part,
                Code::DestructiveDrop,
                range.clone(),
                format!("the column `{column}` of `{name}` is gone when the table is built anew"),
                "copy it; or drop it with `ALTER TABLE … DROP COLUMN`",
                Vec::new(),
            );
        }
    }
    Ok(())
}

/// What stands in the definition itself.
fn of_the_table(old: &Object, new: &Object) -> Vec<String> {
    let mut lost = Vec::new();
    for (word, shown) in [("strict", "STRICT"), ("without", "WITHOUT ROWID")] {
        let has = |object: &Object| options_of(&object.tokens).iter().any(|it| it == word);
        if has(old) && !has(new) {
            lost.push(format!("it is not `{shown}` any more"));
        }
    }
    for (word, shown) in [
        ("check", "`CHECK` constraints"),
        ("unique", "`UNIQUE` constraints"),
        ("references", "foreign keys"),
        ("generated", "generated columns"),
        ("autoincrement", "`AUTOINCREMENT` columns"),
    ] {
        let count = |object: &Object| object.tokens.iter().filter(|it| *it == word).count();
        let (before, after) = (count(old), count(new));
        if after < before {
            lost.push(format!("it had {before} {shown}, and has {after}"));
        }
    }
    lost
}

/// Its indexes and triggers.
fn on_the_table(change: Change<'_, '_>, old: &Object, now: &Table) -> Vec<String> {
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
        .filter(|it| !is_there(it) && !is_dropped(change, it) && !is_of_lost_column(it, now))
        .map(|it| format!("the {} `{}` is gone", it.kind.as_str(), it.name))
        .collect()
}

/// The tokens behind its name.
fn definition(object: &Object) -> &[String] {
    let on = object.tokens.iter().position(|token| token == "on");
    on.map_or(&object.tokens[..], |on| &object.tokens[on..])
}

fn is_dropped(change: Change<'_, '_>, object: &Object) -> bool {
    let name = object.name.to_ascii_lowercase();
    change.part.words().iter().any(|words| {
        words.first().is_some_and(|word| word == "drop")
            && words
                .get(1)
                .is_some_and(|word| word == object.kind.as_str())
            && words.contains(&name)
    })
}

/// An index on a column that the table does not have any more cannot stay.
fn is_of_lost_column(object: &Object, now: &Table) -> bool {
    let columns = definition(object);
    let inner = columns.iter().skip_while(|token| *token != "(").skip(1);
    let mut inner = inner.take_while(|token| *token != ")");
    object.kind == Kind::Index
        && inner.any(|token| {
            let is_word = token.starts_with(|first: char| first.is_alphabetic() || first == '_');
            let is_order = matches!(token.as_str(), "asc" | "desc" | "collate" | "nocase");
            is_word && !is_order && now.column(token).is_none()
        })
}

/// Columns that are gone; with as many as before, one has been renamed.
fn lost_columns(old: &Object, now: &Table) -> Vec<String> {
    let columns = crate::table::column_names(&old.sql);
    match columns.len() > now.columns.len() {
        true => columns
            .into_iter()
            .filter(|name| now.column(name).is_none())
            .collect(),
        false => Vec::new(),
    }
}
