//! S34: names that differ only by case.

use crate::replay::change::Change;
use crate::replay::finding::{Findings, place_of};
use migrate_source::diagnostic::Code;

/// SQLite ignores the case of ASCII letters in names, and only of those.
///
/// `Größe` and `GRÖSSE` are two names for it, and the same for most readers.
pub(super) fn names(change: Change<'_, '_>, findings: &mut Findings<'_, '_>) {
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
