//! Words in messages that depend on the run.

use super::reason::Reason;
use migrate_model::history::Direction;

/// Words in a message that depend on the run.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    /// The error of the database, for the place where it belongs.
    pub(super) cause: &'a Reason<'a>,
    /// ` more` if the run did something before the error.
    pub(super) more: &'static str,
    pub(super) migration: &'static str,
    pub(super) applied: &'static str,
    pub(super) pending: &'static str,
    /// `and rolled back` and similar phrases; empty if part of the migration
    /// stays in effect.
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
        // On the way down, "the migration was rolled back" would mean success.
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
