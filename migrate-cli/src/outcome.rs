//! The outcome of a verb: its exit code and its JSON document.

use migrate_runtime::{Drift, Error};
use serde_json::Value;

/// The exit codes; they are part of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exit {
    #[default]
    Fine = 0,
    Failed = 1,
    Usage = 2,
    Pending = 3,
    Drift = 4,
    Ahead = 5,
    Locked = 6,
    Dirty = 7,
}

/// The result of a verb that completed.
pub(crate) struct Outcome {
    pub(crate) exit: Exit,
    pub(crate) facts: Value,
}

impl Outcome {
    pub(crate) fn fine(facts: Value) -> Outcome {
        Outcome {
            exit: Exit::Fine,
            facts,
        }
    }
}

impl Exit {
    /// The exit code of an error. The failed run itself may have left a
    /// migration partly applied.
    pub(crate) fn of_error(error: &Error) -> Exit {
        match Exit::of_drift(error.drift()) {
            _ if error.is_dirty() => Exit::Dirty,
            Exit::Fine if error.is_locked() => Exit::Locked,
            Exit::Fine => Exit::Failed,
            exit => exit,
        }
    }

    /// The exit code of the most severe drift. A migration that stopped half-way
    /// comes first, because it needs manual attention before anything else. A
    /// database that is ahead comes last.
    pub(crate) fn of_drift(drift: &[Drift]) -> Exit {
        let has = |test: fn(&Drift) -> bool| drift.iter().any(test);
        if has(|drift| matches!(drift, Drift::Dirty { .. })) {
            Exit::Dirty
        } else if has(|drift| !matches!(drift, Drift::Ahead { .. } | Drift::Dirty { .. })) {
            Exit::Drift
        } else if has(|drift| matches!(drift, Drift::Ahead { .. })) {
            Exit::Ahead
        } else {
            Exit::Fine
        }
    }
}
