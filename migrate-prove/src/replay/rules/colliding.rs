//! S34: names that differ only by case.

use crate::replay::change::Change;
use crate::replay::finding::{Findings, nth_word, place_of, word_in};
use migrate_scan::sqlite::name_of;
use migrate_source::diagnostic::Code;

/// SQLite ignores the case of ASCII letters in names, and only of those.
pub(super) fn names(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) {
    beyond_ascii(change, findings);
    other_spelling(change, findings);
}

/// `Größe` and `GRÖSSE` are two names for SQLite, and the same for most readers.
fn beyond_ascii(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) {
    let is_other =
        |a: &str, b: &str| !a.eq_ignore_ascii_case(b) && a.to_lowercase() == b.to_lowercase();
    for object in change.changed() {
        if !object.name.is_ascii() {
            // The copy has only the objects that the migration names.
            let mut others = change
                .trial
                .catalogue
                .objects()
                .chain(change.after.catalogue.objects());
            if let Some(other) = others.find(|it| is_other(&it.name, &object.name)) {
                report(change, (&object.name, &other.name), findings);
            }
        }
        if !object.sql.is_ascii() {
            let columns = crate::replay::table::column_names(&object.sql);
            for (at, column) in columns.iter().enumerate() {
                if let Some(other) = columns[..at].iter().find(|it| is_other(it, column)) {
                    report(change, (column, other), findings);
                }
            }
        }
    }
}

fn report(change: Change<'_, '_>, (name, other): (&str, &str), findings: &mut Findings<'_, '_>) {
    findings.add(
        change.task.part,
        Code::CaseColliding,
        place_of(change.task.part, name),
        format!("`{name}` and `{other}` differ only by case, and are two names for SQLite"),
        "give one of them another name",
    );
}

/// `CREATE TABLE IF NOT EXISTS Users` does nothing if there is a `users`.
fn other_spelling(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) {
    let part = change.task.part;
    for (index, words) in part.words().iter().enumerate() {
        let exists = words.iter().take(6).position(|word| word == "exists");
        let (Some(at), Some("create")) = (exists, words.first().map(String::as_str)) else {
            continue;
        };
        let (Some(name), Some(place)) = (words.get(at + 1), nth_word(part, index, at + 1)) else {
            continue;
        };
        let written = name_of(&part.text[place]);
        let mut there = change.before.catalogue.named(name);
        // An object that the script drops before does not count.
        let stays = |name: &str| {
            let mut after = change.after.catalogue.objects();
            after.any(|it| it.name == name)
        };
        if let Some(there) = there.find(|it| it.name != written && stays(&it.name)) {
            findings.add(
                part,
                Code::CaseColliding,
                word_in(part, index, name).unwrap_or_else(|| part.range(index)),
                format!(
                    "`{written}` is the {} `{}`, which exists: this does nothing",
                    there.kind.as_str(),
                    there.name
                ),
                "remove the statement, or give it another name",
            );
        }
    }
}
