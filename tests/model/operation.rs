//! What may happen, and how likely it is.

use crate::model::Kind;
use proptest::prelude::*;

/// One thing that a developer, an operator or the power supply does. A number
/// picks a file, or a version, from however many there are.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// A file after the others, or with a number that may be taken.
    Add {
        slot: Option<u8>,
        kind: Kind,
        down: Option<bool>,
    },
    Edit(usize, Kind),
    /// Another down, or none.
    EditDown(usize, Option<bool>),
    Rename(usize),
    Delete(usize),
    /// The newest files are gone, as in a checkout of an older state.
    CheckOutOlder(usize),
    /// The files are again what the history says, and those that are pending
    /// are fixed and follow it.
    Restore,
    /// The next operations have a new connection.
    Reopen,
    Up {
        to: Option<u8>,
        ahead: bool,
        whole: bool,
    },
    Down(Downward),
    Redo,
    /// Up, in a process that aborts after so many steps of SQLite.
    Crash {
        after: u16,
        whole: bool,
    },
    /// Down, in such a process.
    CrashDown {
        after: u16,
        steps: u8,
    },
    /// Up, in so many processes at once, of which one may abort.
    Together {
        starters: usize,
        crash: Option<u16>,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Downward {
    Steps(usize),
    To(u8),
    Only(u8),
    All,
}

/// The operations of one case.
pub(crate) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..60)
}

fn operation() -> impl Strategy<Value = Operation> {
    let slot = prop_oneof![3 => Just(None), 1 => (1..12_u8).prop_map(Some)];
    let ahead = prop::bool::weighted(0.2);
    let whole = prop::bool::weighted(0.3);
    let to = prop_oneof![3 => Just(None), 1 => any::<u8>().prop_map(Some)];
    let downward = prop_oneof![
        4 => (1..4_usize).prop_map(Downward::Steps),
        1 => any::<u8>().prop_map(Downward::To),
        1 => any::<u8>().prop_map(Downward::Only),
        1 => Just(Downward::All),
    ];
    prop_oneof![
        45 => (slot, kind(), down()).prop_map(|(slot, kind, down)| Operation::Add { slot, kind, down }),
        4 => (any::<usize>(), kind()).prop_map(|(at, kind)| Operation::Edit(at, kind)),
        2 => (any::<usize>(), down()).prop_map(|(at, down)| Operation::EditDown(at, down)),
        2 => any::<usize>().prop_map(Operation::Rename),
        4 => any::<usize>().prop_map(Operation::Delete),
        4 => (1..4_usize).prop_map(Operation::CheckOutOlder),
        10 => Just(Operation::Restore),
        3 => Just(Operation::Reopen),
        14 => (to, ahead, whole)
            .prop_map(|(to, ahead, whole)| Operation::Up { to, ahead, whole }),
        6 => downward.prop_map(Operation::Down),
        3 => Just(Operation::Redo),
        8 => (0..120_u16, whole).prop_map(|(after, whole)| Operation::Crash { after, whole }),
        4 => (0..20_u16, 1..4_u8).prop_map(|(after, steps)| Operation::CrashDown { after, steps }),
        8 => (2..5_usize, prop::option::of(0..120_u16))
            .prop_map(|(starters, crash)| Operation::Together { starters, crash }),
    ]
}

fn kind() -> impl Strategy<Value = Kind> + Clone {
    prop_oneof![6 => Just(Kind::Table), 4 => Just(Kind::Line), 1 => Just(Kind::Fails)]
}

/// Whether there is a down, and whether it fails.
fn down() -> impl Strategy<Value = Option<bool>> + Clone {
    prop_oneof![7 => Just(Some(false)), 1 => Just(Some(true)), 2 => Just(None)]
}
