//! The rules for PostgreSQL. Each checks one action of a statement.

mod column;
mod constraint;
mod copied;
mod data;
mod index;
mod lock;
mod transaction;
mod trigger;
mod value;

use super::action::Action;
use super::finding::{Finding, Seen};

type Rule = fn(&Seen<'_>, &Action) -> Option<Finding>;

const OF_UPS: [Rule; 9] = [
    index::blocking,
    constraint::check,
    data::lost,
    data::renamed,
    data::changed,
    column::rewriting,
    constraint::key_dropped,
    lock::rewriting,
    trigger::disabled,
];

/// The rules on statements that fail, in an up or a down.
const OF_BOTH: [Rule; 4] = [
    index::unfinished,
    column::not_null,
    value::check,
    transaction::ended,
];

/// The findings of all rules.
pub(super) fn check(seen: &Seen<'_>, action: &Action, is_down: bool) -> Vec<Finding> {
    let mut found: Vec<Finding> = OF_BOTH
        .iter()
        .filter_map(|rule| rule(seen, action))
        .collect();
    if !is_down {
        found.extend(column::traps(action));
        found.extend(OF_UPS.iter().filter_map(|rule| rule(seen, action)));
    }
    found
}
