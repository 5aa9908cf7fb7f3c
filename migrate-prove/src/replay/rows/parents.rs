//! The rows to which a new row can refer.

use super::set::ROWS;
use crate::replay::table::{Reference, Table, primary_key, values};
use migrate_scan::sqlite::quote;
use rusqlite::types::Value;
use rusqlite::{Connection, Result};

/// The rows to which a foreign key can refer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parents {
    /// The columns of the child, as indexes into the insertable columns.
    own: Vec<usize>,
    /// The values of the first rows of the parent.
    rows: Vec<Vec<Value>>,
}

impl Parents {
    /// Those of every foreign key of a table.
    pub(super) fn of(conn: &Connection, table: &Table) -> Result<Vec<Parents>> {
        let references = table.references.iter();
        references
            .map(|it| Parents::read(conn, table, it))
            .collect()
    }

    fn read(conn: &Connection, table: &Table, reference: &Reference) -> Result<Parents> {
        let keys = if reference.to.is_empty() {
            primary_key(conn, &reference.parent)?
        } else {
            reference.to.clone()
        };
        let selected: Vec<String> = if keys.len() == reference.from.len() {
            keys.iter().map(|it| quote(it)).collect()
        } else {
            // The parent does not exist, or the foreign key is invalid.
            reference.from.iter().map(|_| "NULL".to_owned()).collect()
        };
        let sql = format!(
            "SELECT {} FROM main.{} LIMIT {}",
            selected.join(", "),
            quote(&reference.parent),
            ROWS
        );
        let mut parents: Vec<Vec<Value>> = Vec::new();
        // A missing parent is reported elsewhere, or was not copied.
        if let Ok(mut statement) = conn.prepare_cached(&sql) {
            let mut rows = statement.query([])?;
            while let Some(found) = rows.next()? {
                parents.push(values(found, selected.len()));
            }
        }
        let own = reference.from.iter().filter_map(|name| {
            let mut columns = table.insertable();
            columns.position(|it| it.name.eq_ignore_ascii_case(name))
        });
        Ok(Parents {
            own: own.collect(),
            rows: parents,
        })
    }

    /// Gives the columns of the foreign key the values of an existing row: of the one at `turn`
    /// first, or of none if the row shall have a NULL and may have one.
    pub(super) fn choose(
        &self,
        table: &Table,
        (turn, is_null): (usize, bool),
        candidates: &mut [Vec<Value>],
    ) {
        let Parents { own, rows } = self;
        for (at, index) in own.iter().enumerate() {
            let mut columns = table.insertable();
            let may_be_null = columns.nth(*index).is_some_and(|it| !it.is_not_null);
            let mut values: Vec<Value> = (0..rows.len())
                .filter_map(|offset| rows[(turn + offset) % rows.len()].get(at).cloned())
                .collect();
            values.dedup();
            if may_be_null && (values.is_empty() || is_null) {
                values.insert(0, Value::Null);
            }
            if !values.is_empty() {
                candidates[*index] = values;
            }
        }
    }
}
