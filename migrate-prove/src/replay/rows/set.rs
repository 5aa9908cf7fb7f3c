//! The sets of generated rows, from the most demanding one on.

use std::collections::BTreeMap;

/// The number of usual rows that each table gets.
pub(super) const ROWS: usize = 3;

/// Which rows a trial generates.
#[derive(Clone, Debug)]
pub(crate) struct RowSet {
    /// Those of most tables.
    kind: RowKind,
    /// Those of the tables, in lower case, that get less demanding ones.
    tables: BTreeMap<String, RowKind>,
    /// Whether texts are JSON, where the constraints of their table allow it.
    pub(crate) has_json: bool,
}

/// The rows of a table, from the most demanding ones on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RowKind {
    /// All that the constraints of the table allow, as a careful tester would choose it.
    Careful,
    /// A few usual rows, which satisfy the checks of later migrations too.
    Usual,
    /// One usual row.
    Single,
    Empty,
}

impl RowKind {
    fn next(self) -> RowKind {
        match self {
            RowKind::Careful => RowKind::Usual,
            RowKind::Usual => RowKind::Single,
            RowKind::Single | RowKind::Empty => RowKind::Empty,
        }
    }

    /// The number of rows that a table gets, unless its checks list more values.
    pub(super) fn rows(self) -> usize {
        match self {
            RowKind::Careful | RowKind::Usual => ROWS,
            RowKind::Single => 1,
            RowKind::Empty => 0,
        }
    }
}

impl RowSet {
    /// The set that is tried first.
    pub(crate) const CAREFUL: RowSet = RowSet::all(RowKind::Careful);
    pub(crate) const USUAL: RowSet = RowSet::all(RowKind::Usual);

    const fn all(kind: RowKind) -> RowSet {
        RowSet {
            kind,
            tables: BTreeMap::new(),
            has_json: false,
        }
    }

    /// The same set, with texts that are JSON.
    pub(crate) fn with_json(&self) -> RowSet {
        RowSet {
            has_json: true,
            ..self.clone()
        }
    }

    /// The rows of a table.
    pub(crate) fn of(&self, table: &str) -> RowKind {
        let own = self.tables.get(table);
        own.map_or(self.kind, |own| self.kind.max(*own))
    }

    /// Whether each of the tables has one row at most.
    pub(crate) fn is_least(&self, tables: &[String]) -> bool {
        tables.iter().all(|it| self.of(it) >= RowKind::Single)
    }

    /// The next set after a statement failed that names these tables, the one that it changes
    /// first; `None` if only a trial without rows is left. The other tables keep their rows as long
    /// as possible.
    pub(crate) fn next(&self, named: &[String], refuses_all: bool) -> Option<RowSet> {
        let mut next = self.clone();
        let filled = named.iter().filter(|it| self.of(it) < RowKind::Empty);
        let filled: Vec<&String> = filled.collect();
        let is_least = refuses_all || self.is_least(named);
        let count = if is_least && filled.first() == named.first().as_ref() {
            1
        } else {
            filled.len()
        };
        for table in &filled[..count.min(filled.len())] {
            let kind = if is_least {
                RowKind::Empty
            } else {
                self.of(table).next()
            };
            next.tables.insert((*table).clone(), kind);
        }
        if filled.is_empty() {
            if self.kind >= RowKind::Single {
                return None;
            }
            next.kind = self.kind.next();
        }
        Some(next)
    }
}
