//! The input of a rule, and its finding.

use super::action::Action;
use super::known::{Known, Own};
use migrate_source::SourceScript;
use migrate_source::diagnostic::Code;
use std::ops::Range;

/// The input of a rule.
pub(super) struct Seen<'a> {
    pub(super) known: &'a Known,
    pub(super) own: &'a Own,
    pub(super) script: &'a SourceScript,
    /// The actions that follow in the script.
    pub(super) later: &'a [(usize, Action)],
    /// The statement that the action is a part of.
    pub(super) statement: usize,
}

/// The finding of a rule.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) code: Code,
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

impl Finding {
    pub(super) fn new(
        code: Code,
        range: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding {
            code,
            range: range.clone(),
            message: message.into(),
            help: help.into(),
        }
    }
}
