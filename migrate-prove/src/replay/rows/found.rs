//! Careful rows that were found before: a table takes part in many trials.

use super::parents::Parents;
use crate::replay::catalogue::{Catalogue, Object};
use rusqlite::types::Value;
use std::cell::RefCell;
use std::rc::Rc;

/// The rows of a table that a search has found, by what it depended on.
#[derive(Debug, Default)]
pub(super) struct Found(RefCell<Vec<(Circumstances, Rc<Rows>)>>);

/// The values of each row; `None` if the table accepts none.
pub(super) type Rows = Vec<Option<Vec<Value>>>;

/// What the search for the rows of an empty table depends on, besides its definition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Circumstances {
    /// The definitions of its indexes and triggers.
    beside: Vec<String>,
    parents: Vec<Parents>,
    fixed_keys: Vec<i64>,
}

impl Circumstances {
    pub(super) fn new(
        catalogue: &Catalogue,
        table: &Object,
        parents: &[Parents],
        fixed_keys: &[i64],
    ) -> Circumstances {
        let beside = catalogue.on_table(&table.table);
        let beside = beside.filter(|it| it.place != table.place);
        Circumstances {
            beside: beside.map(|it| it.sql.clone()).collect(),
            parents: parents.to_vec(),
            fixed_keys: fixed_keys.to_vec(),
        }
    }
}

impl Found {
    pub(super) fn get(&self, circumstances: &Circumstances) -> Option<Rc<Rows>> {
        let known = self.0.borrow();
        let same = known.iter().find(|(it, _)| it == circumstances);
        same.map(|(_, rows)| Rc::clone(rows))
    }

    pub(super) fn keep(&self, circumstances: Circumstances, rows: Rows) {
        self.0.borrow_mut().push((circumstances, Rc::new(rows)));
    }
}
