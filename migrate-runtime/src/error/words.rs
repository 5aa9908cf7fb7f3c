//! The words by which messages differ from run to run.

use super::reason::Reason;
use migrate_model::history::Direction;

/// The words of a message that depend on the run.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    /// What the database said, for the place where it belongs.
    pub(super) cause: &'a Reason<'a>,
    /// For runs that did something before.
    pub(super) more: &'static str,
    pub(super) migration: &'static str,
    pub(super) applied: &'static str,
    pub(super) pending: &'static str,
    /// `and rolled back` and the like, in the forms that sentences need; nothing
    /// of the kind may be said where something stays.
    pub(super) and_rolled_back: &'static str,
    pub(super) and_it_was: &'static str,
    pub(super) was_because_it: &'static str,
    pub(super) stays: bool,
}

impl Words<'_> {
    pub(super) fn of<'a>(
        cause: &'a Reason<'a>,
        direction: Direction,
        did_something: bool,
        stays: bool,
    ) -> Words<'a> {
        // On the way down, "the migration was rolled back" would say that it
        // worked.
        let (migration, applied, pending) = match direction {
            Direction::Up => ("migration", "applied", "pending"),
            Direction::Down => ("the down of migration", "undone", "to be undone"),
        };
        let (and_rolled_back, and_it_was, was_because_it) = if stays {
            ("", "", "")
        } else {
            (
                " and rolled back",
                ", and it was rolled back",
                "was rolled back, because it ",
            )
        };
        Words {
            cause,
            more: if did_something { " more" } else { "" },
            migration,
            applied,
            pending,
            and_rolled_back,
            and_it_was,
            was_because_it,
            stays,
        }
    }
}
