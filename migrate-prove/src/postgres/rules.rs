//! The rules, each of which looks at one thing that a statement does.

mod column;
mod constraint;
mod data;
mod index;
mod value;

use super::action::Action;
use super::finding::{Finding, Seen};

type Rule = fn(&Seen<'_>, &Action) -> Vec<Finding>;

const OF_UPS: [Rule; 4] = [index::check, constraint::check, data::check, column::check];

/// What fails, whichever way it runs.
const OF_BOTH: [Rule; 3] = [index::unfinished, column::not_null, value::check];

/// The findings of all rules.
pub(super) fn check(seen: &Seen<'_>, action: &Action, is_down: bool) -> Vec<Finding> {
    let of_ups = OF_UPS.iter().filter(|_| !is_down);
    let rules = OF_BOTH.iter().chain(of_ups);
    rules.flat_map(|rule| rule(seen, action)).collect()
}
