//! A finding of a rule.

use super::script::{Script, Step};
use std::ops::Range;

/// A finding of a rule in a script.
pub(super) struct Finding {
    /// The marked bytes.
    pub(super) range: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// How to fix it. The caller adds how to allow it.
    pub(super) help: String,
}

impl Finding {
    pub(super) fn new(
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding {
            range,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Applies a rule to each statement of an up, with its index. A down restores the state before
/// its up, so it has no findings.
pub(super) fn in_up<'a>(
    script: &Script<'a>,
    finding: impl Fn(usize, &Step<'a>) -> Option<Finding>,
) -> Vec<Finding> {
    let steps = script.steps.iter().enumerate();
    let steps = steps.filter(|_| !script.is_down);
    steps.filter_map(|(now, step)| finding(now, step)).collect()
}
