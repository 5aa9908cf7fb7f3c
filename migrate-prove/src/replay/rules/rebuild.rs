//! S14, S39, and the part of S16 and S41 that needs a comparison: what a table loses when it is rebuilt.

mod definition;
mod numbers;
mod objects;
pub(super) mod script;
mod shape;
mod values;
mod views;

use self::script::{
    Names, copying, creating, dropping, inserts, is_copied_elsewhere, place_of_copy, updated,
};
use self::shape::Shape;
use self::values::Values;
use crate::replay::catalogue::Object;
use crate::replay::change::Change;
use crate::replay::finding::Findings;
use crate::replay::memory::Memory;
use crate::replay::subject::Part;
use migrate_scan::sqlite::name_of;
use migrate_source::diagnostic::Code;
use rusqlite::Result;
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
    views::lost(scratch, change, findings)?;
    let mut before = None;
    for (old, new) in change.rebuilt() {
        // Generating the rows again is cheaper than keeping those of every migration.
        let before = match &before {
            Some(before) => before,
            None => before.insert(change.trial.copy(change.has_rows)?),
        };
        of_table((before, scratch), change, (old, new), findings)?;
    }
    Ok(())
}

fn of_table(
    (before, after): (&Memory, &Memory),
    change: Change<'_, '_>,
    (old, new): (&Object, &Object),
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let part = change.task.part;
    let name = &old.name;
    let names = Names::of(part, name);
    let copies = copying(part, &names);
    let old = &Shape::read(&before.conn, old, &change.before.catalogue)?;
    let new = &Shape::read(&after.conn, new, &change.after.catalogue)?;
    let shapes = (old, new);
    let values = Values::compare((before, after), shapes, &copies, updated(part, &names))?;
    let mut notes = definition::of_the_table(shapes, &values);
    notes.extend(objects::on_the_table(change, shapes, &values, findings));
    let mut help = "create it again, or drop it with an explicit statement".to_owned();
    // Without a copy, all rows are gone, which is another finding.
    if !copies.is_empty() && loses_mark(before, after, shapes) {
        let how = carrying_over(part, &names, &old.object.name);
        help = if notes.is_empty() {
            how
        } else {
            format!("{help}; {how}")
        };
        let mark = "the highest id that was ever given is forgotten: ids of deleted rows are given \
                    to new ones";
        notes.push(mark.to_owned());
    }
    if !notes.is_empty() {
        findings.add_with_notes(
            part,
            Code::RebuildLosesObjects,
            dropping(part, &names),
            format!("`{name}` loses something when it is rebuilt"),
            &help,
            notes,
        );
    }
    let gone = old.table.columns.iter().filter(|it| !it.is_generated);
    for column in gone.filter(|_| !copies.is_empty()) {
        let it = column.name.to_ascii_lowercase();
        if values.is_gone(&it) && !values.is_used(&it) {
            let column = &column.name;
            let is_copied = is_copied_elsewhere(part, &names, &it);
            findings.add(
                part,
                if is_copied {
                    Code::DropAfterCopy
                } else {
                    Code::DestructiveDrop
                },
                creating(part, &names),
                format!("the column `{column}` of `{name}` is gone when the table is rebuilt"),
                "copy it; or drop it with `ALTER TABLE … DROP COLUMN`",
            );
        }
    }
    let mut wrong = values.wrong(shapes);
    // Rows of other tables are added on purpose.
    let is_only = copies.len() == 1 && inserts(part, &names) == 1;
    if values.more() > 0 && is_only && !copies[0].clauses.contains(&"`UNION`") {
        wrong.push(format!("there are {} rows more than before", values.more()));
    }
    if !wrong.is_empty() {
        let (code, place) = (Code::RebuildChangesValues, place_of_copy(part, &names));
        if values.has_new_ids(shapes) {
            findings.mark_losing(part, code, place.start, name);
        }
        findings.add_with_notes(
            part,
            code,
            place,
            format!("the rows of `{name}` have other values after it is rebuilt"),
            "name the columns in both lists, in the same order: `INSERT INTO … (a, b) SELECT a, b \
             FROM …`",
            wrong,
        );
    }
    for column in numbers::from_texts(before, shapes, &values)? {
        findings.add(
            part,
            Code::RebuildChangesValues,
            place_of_copy(part, &names),
            format!("`{column}` of `{name}` becomes a number: the text `007` is `7` then"),
            &format!(
                "keep its type; or write `CAST({column} AS …)` if leading zeros do not matter"
            ),
        );
    }
    Ok(())
}

/// Whether the highest key that was ever given is forgotten.
fn loses_mark(before: &Memory, after: &Memory, (old, new): (&Shape<'_>, &Shape<'_>)) -> bool {
    let has = |it: &Shape<'_>| it.object.tokens.iter().any(|it| it == "autoincrement");
    let mark = |memory: &Memory, shape: &Shape<'_>| {
        let sql = "SELECT coalesce(max(seq), 0) FROM main.sqlite_sequence WHERE name = ?1";
        let name = &shape.object.name;
        let found = memory.conn.query_row(sql, [name], |row| row.get(0));
        found.unwrap_or(0_i64)
    };
    has(old) && has(new) && mark(after, new) < mark(before, old)
}

/// The statements that carry the highest key over. The new table may have no row yet.
fn carrying_over(part: &Part<'_>, names: &Names, table: &str) -> String {
    let written = |place: Range<usize>| name_of(part.text.get(place).unwrap_or_default());
    let text = |name: &str| format!("'{}'", name.replace('\'', "''"));
    let made = text(&written(creating(part, names)));
    let dropped = if names.dropped == names.name {
        text(table)
    } else {
        text(&written(dropping(part, names)))
    };
    if made == dropped {
        return "create the new table under another name before the `DROP TABLE`, and copy its row \
                of `sqlite_sequence` too"
            .to_owned();
    }
    format!(
        "carry the highest id over before the `DROP TABLE`: `DELETE FROM sqlite_sequence WHERE \
         name = {made}; INSERT INTO sqlite_sequence (name, seq) SELECT {made}, seq FROM \
         sqlite_sequence WHERE name = {dropped};`"
    )
}
