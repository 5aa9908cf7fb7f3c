//! The triggers of a view, which are dropped with it.

use super::objects::is_dropped;
use crate::replay::catalogue::Kind;
use crate::replay::change::Change;
use crate::replay::finding::{Findings, place_of};
use crate::replay::memory::Memory;
use crate::replay::table::pragma;
use migrate_source::diagnostic::Code;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;

/// Reports the triggers that are gone after an up dropped a view and created it again. With fewer
/// columns, it is meant to be something else.
pub(super) fn lost(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    let Change { before, after, .. } = change;
    let views = before
        .catalogue
        .objects()
        .filter(|it| it.kind == Kind::View);
    for view in views {
        let lower = view.name.to_ascii_lowercase();
        if !after
            .catalogue
            .named(&lower)
            .any(|it| it.kind == Kind::View)
        {
            continue;
        }
        let gone = before.catalogue.on_table(&lower).filter(|it| {
            let name = it.name.to_ascii_lowercase();
            let mut now = after.catalogue.named(&name);
            it.kind == Kind::Trigger
                && !now.any(|now| now.kind == Kind::Trigger)
                && !is_dropped(change, it)
        });
        let notes = gone.map(|it| format!("the trigger `{}` is gone", it.name));
        let notes: Vec<String> = notes.collect();
        if notes.is_empty() {
            continue;
        }
        let now = columns(&scratch.conn, &view.name)?;
        let old = columns(&change.trial.main.conn, &view.name)?;
        if !old.is_subset(&now) {
            continue;
        }
        let part = change.task.part;
        findings.add_with_notes(
            part,
            Code::RebuildLosesObjects,
            place_of(part, &view.name),
            format!(
                "the view `{}` loses something when it is created again",
                view.name
            ),
            "create it again, or drop it with an explicit statement",
            notes,
        );
    }
    Ok(())
}

/// The names of the columns of a view, in lower case.
fn columns(conn: &Connection, view: &str) -> Result<BTreeSet<String>> {
    let mut statement = pragma(conn, "table_xinfo", view)?;
    let names = statement.query_map([], |row| row.get::<_, String>("name"))?;
    names.map(|it| Ok(it?.to_ascii_lowercase())).collect()
}
