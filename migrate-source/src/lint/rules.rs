//! The rules that the text alone decides, one function each; none knows of
//! another. Whether a finding is allowed is decided where they are called.

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

/// What a rule has found in a text.
pub(super) struct Finding {
    /// The words that it is about.
    pub(super) range: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// How to mend it; that it may be allowed is added to all of them.
    pub(super) help: String,
}

/// What a rule finds in the statements of an up, each with its number. A down
/// gives back what was there, so it is not looked at.
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

/// Those that look at one script.
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
