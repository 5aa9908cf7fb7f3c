//! The sets of generated rows, from the most demanding one on.

use std::collections::BTreeSet;

/// The number of usual rows that each table gets.
pub(super) const ROWS: usize = 3;

/// Which rows a trial generates.
#[derive(Clone, Debug)]
pub(crate) struct RowSet {
    pub(crate) kind: RowKind,
    /// Tables that get none, in lower case.
    pub(crate) empty: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// All that the constraints of the table allow, as a careful tester would choose it.
    Careful,
    /// A few usual rows, which satisfy the checks of later migrations too.
    Usual,
    /// One usual row for each table.
    Single,
}

impl RowSet {
    /// The set that is tried first.
    pub(crate) const CAREFUL: RowSet = RowSet::of(RowKind::Careful);
    pub(crate) const USUAL: RowSet = RowSet::of(RowKind::Usual);

    const fn of(kind: RowKind) -> RowSet {
        RowSet {
            kind,
            empty: BTreeSet::new(),
        }
    }

    /// The next set after a statement failed that names these tables, perhaps because they have
    /// rows at all; `None` if only a trial without rows is left.
    pub(crate) fn next(&self, named: &BTreeSet<String>, refuses_all: bool) -> Option<RowSet> {
        let kind = match self.kind {
            kind if refuses_all => kind,
            RowKind::Careful => RowKind::Usual,
            _ => RowKind::Single,
        };
        let mut empty = self.empty.clone();
        if kind == self.kind {
            empty.extend(named.iter().cloned());
        }
        let is_other = kind != self.kind || empty.len() > self.empty.len();
        is_other.then_some(RowSet { kind, empty })
    }

    /// The number of rows that each table gets, unless its checks list more values.
    pub(super) fn rows(&self) -> usize {
        match self.kind {
            RowKind::Careful | RowKind::Usual => ROWS,
            RowKind::Single => 1,
        }
    }
}
