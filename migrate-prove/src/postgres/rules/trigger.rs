//! Rules on triggers: P39.

use crate::postgres::action::{Action, Kind, OnTable};
use crate::postgres::finding::{Finding, Seen};
use migrate_source::diagnostic::Code;

/// P39: triggers that are switched off. `ALL` includes those that check foreign keys.
pub(super) fn disabled(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let (message, help) = match &action.kind {
        Kind::ReplicaRole => (
            "no trigger runs from here on, and no foreign key is checked, not even later"
                .to_owned(),
            "remove it, and order the statements so that each row refers to one that exists",
        ),
        Kind::OnTable(table, OnTable::DisableTrigger(_)) if seen.own.has(table) => return None,
        Kind::OnTable(table, OnTable::DisableTrigger(trigger)) if trigger == "all" => (
            format!(
                "the foreign keys of `{table}` are not checked while its triggers are disabled, \
                 and never for the rows of that time"
            ),
            "disable only the trigger in question by its name, and enable it in the same migration",
        ),
        Kind::OnTable(table, OnTable::DisableTrigger(trigger)) => {
            let enables = |(_, it): &(usize, Action)| match &it.kind {
                Kind::OnTable(other, OnTable::EnableTrigger(name)) => {
                    other == table && (name == trigger || name == "all" || name == "user")
                }
                Kind::Drop { name, .. } => name == table,
                _ => false,
            };
            // Until the transaction ends, no other session can write to the table.
            if seen.script.in_transaction && seen.later.iter().any(enables) {
                return None;
            }
            let triggers = if trigger == "user" {
                format!("the triggers of `{table}`")
            } else {
                format!("the trigger `{trigger}` of `{table}`")
            };
            (
                format!("{triggers} no longer run, for any program"),
                "enable it again in the same transaction, or drop it if it is not needed",
            )
        }
        _ => return None,
    };
    Some(Finding::new(
        Code::DisablesTriggers,
        &action.range,
        message,
        help,
    ))
}
