//! The order in which tables get rows.

use super::hints::Hints;
use super::recipe;
use crate::replay::catalogue::{Catalogue, Object};
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The tables in an order in which each comes after the tables that it refers to, as far as
/// possible.
pub(super) fn parents_first(
    conn: &Connection,
    catalogue: &Catalogue,
    tables: &[&Rc<Object>],
    hints: &Hints,
) -> Result<Vec<Rc<Object>>> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    let tables = tables.iter().rev();
    let mut waiting: Vec<(Rc<Object>, bool)> = tables.map(|it| (Rc::clone(it), false)).collect();
    while let Some((object, has_parents)) = waiting.pop() {
        if has_parents {
            ordered.push(object);
            continue;
        }
        if !seen.insert(object.place) {
            continue;
        }
        waiting.push((Rc::clone(&object), true));
        if !object.has_references() {
            continue;
        }
        for reference in &recipe(conn, &object, hints)?.table.references {
            if let Some(parent) = catalogue.table(&reference.parent.to_ascii_lowercase()) {
                waiting.push((Rc::clone(parent), false));
            }
        }
    }
    Ok(ordered)
}
