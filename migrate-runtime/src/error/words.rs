//! The words by which messages differ on the way up and down.

use migrate_core::history::Direction;

/// The words of a message that depend on the run.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// For runs that did something before.
    pub(super) more: &'static str,
    pub(super) migration: &'static str,
    pub(super) applied: &'static str,
    pub(super) pending: &'static str,
}

impl Words {
    pub(super) fn of(direction: Direction, did_something: bool) -> Words {
        let more = if did_something { " more" } else { "" };
        match direction {
            Direction::Up => Words {
                more,
                migration: "migration",
                applied: "applied",
                pending: "pending",
            },
            // There, "the migration was rolled back" would say that it worked.
            Direction::Down => Words {
                more,
                migration: "the down of migration",
                applied: "undone",
                pending: "to be undone",
            },
        }
    }
}
