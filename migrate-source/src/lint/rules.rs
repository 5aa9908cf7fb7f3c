//! The lint rules that need only the text: one independent function each. The caller decides
//! whether a finding is allowed.

mod bad_bytes;
mod case_colliding;
mod destructive_drop;
mod down_missing;
mod forbidden_statement;
mod int_primary_key;
mod new_unique;
mod nondeterministic;
mod or_rollback;
mod returns_rows;
mod unbounded;
mod unknown_type;

use super::script::{Script, Step};
use crate::diagnostic::Code;
use std::ops::Range;

pub(super) use bad_bytes::mixed_line_ends;
pub(super) use case_colliding::case_colliding;
pub(super) use down_missing::down_missing;

/// A finding of a rule in a script.
pub(super) struct Finding {
    /// The marked bytes.
    pub(super) range: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// How to fix it. The caller adds how to allow it.
    pub(super) help: String,
}

/// Applies a rule to each statement of an up, with its index. A down restores the state before
/// its up, so it has no findings.
fn in_up<'a>(
    script: &Script<'a>,
    finding: impl Fn(usize, &Step<'a>) -> Option<Finding>,
) -> Vec<Finding> {
    let steps = if script.is_down {
        &[][..]
    } else {
        &script.steps
    };
    let steps = steps.iter().enumerate();
    steps.filter_map(|(now, step)| finding(now, step)).collect()
}

type Check = fn(&Script<'_>) -> Vec<Finding>;

/// The rules that check one script.
pub(super) const OF_SCRIPTS: [(Code, Check); 10] = [
    (Code::OrRollback, or_rollback::check),
    (Code::NewUnique, new_unique::check),
    (Code::DestructiveDrop, destructive_drop::check),
    (Code::UnknownType, unknown_type::check),
    (Code::IntPrimaryKey, int_primary_key::check),
    (Code::ForbiddenStatement, forbidden_statement::check),
    (Code::NondeterministicData, nondeterministic::check),
    (Code::UnboundedChange, unbounded::check),
    (Code::BadBytes, bad_bytes::check),
    (Code::ReturnsRows, returns_rows::check),
];
