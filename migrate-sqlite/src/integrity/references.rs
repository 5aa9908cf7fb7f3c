//! The foreign keys of a database, by table.

use super::{Violation, each, text};
use crate::compat;
use crate::touched::{Changes, Definition, Touched};
use migrate_scan::sqlite::quote;
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The tables with something of interest in their definition, by their names in
/// lower case.
#[derive(Debug)]
pub(super) struct References(BTreeMap<String, Table>);

#[derive(Debug, Default)]
struct Table {
    definition: Definition,
    keys: Vec<Key>,
}

/// A column of a foreign key. All names are in lower case.
#[derive(Debug)]
struct Key {
    column: String,
    parent: String,
    /// `None` for the primary key of the parent.
    parent_column: Option<String>,
}

impl References {
    pub(super) fn read(conn: &Connection) -> Result<References> {
        let mut tables = BTreeMap::new();
        let sql = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'table'";
        each(conn, sql, &[], &mut |row| {
            let (name, sql) = (text(row, 0)?, text(row, 1)?);
            let definition = Definition::of(&sql);
            if definition != Definition::default() {
                let keys = Vec::new();
                tables.insert(name.to_ascii_lowercase(), Table { definition, keys });
            }
            Ok(())
        })?;
        for (name, table) in &mut tables {
            if table.definition.refers {
                table.keys = keys(conn, name)?;
            }
        }
        Ok(References(tables))
    }

    /// Follows what a migration did to the schema. `None` if it is better to read
    /// everything again: `ALTER TABLE` rewrites the references of other tables.
    pub(super) fn after(mut self, conn: &Connection, touched: &Touched) -> Result<Option<Self>> {
        if touched.tables.values().any(|it| it.altered) {
            return Ok(None);
        }
        for (name, changes) in &touched.tables {
            if changes.dropped {
                self.0.remove(name);
            }
            if changes.definition != Definition::default() {
                let table = self.0.entry(name.clone()).or_default();
                table.definition = table.definition.and(changes.definition);
                table.keys = keys(conn, name)?;
            }
        }
        Ok(Some(self))
    }

    /// The tables with rows that may refer to none any more, since these changes
    /// were made to a table.
    pub(super) fn children(
        &self,
        conn: &Connection,
        parent: &str,
        changes: &Changes,
    ) -> impl Iterator<Item = &String> {
        let definition = self.definition(parent);
        let is_any = changes.loses_rows()
            || changes.inserted && definition.replaces
            || !changes.updated.is_empty() && definition.generates
            || changes.updated.contains("rowid");
        let is_key = |key: &Key| match &key.parent_column {
            Some(column) => changes.updated.contains(column),
            None => {
                let mut updated = changes.updated.iter();
                updated.any(|column| compat::is_primary_key(conn, parent, column))
            }
        };
        let concerns = move |key: &Key| key.parent == parent && (is_any || is_key(key));
        let children = self.0.iter();
        children
            .filter(move |(_, child)| child.keys.iter().any(concerns))
            .map(|(name, _)| name)
    }

    /// The tables that refer to a table.
    pub(super) fn all_children(&self, parent: &str) -> impl Iterator<Item = &String> {
        let children = self.0.iter();
        children
            .filter(move |(_, child)| child.keys.iter().any(|key| key.parent == parent))
            .map(|(name, _)| name)
    }

    /// Whether rows of a table may refer to something else since these changes.
    pub(super) fn has_changed(&self, table: &str, changes: &Changes) -> bool {
        let Some(Table { definition, keys }) = self.0.get(table) else {
            return false;
        };
        let is_any = changes.inserted || !changes.updated.is_empty() && definition.generates;
        let is_key = |key: &Key| changes.updated.contains(&key.column);
        keys.iter().any(|key| is_any || is_key(key))
    }

    /// The tables that a table refers to, if they are known, in lower case.
    pub(super) fn parents(&self, table: &str) -> BTreeSet<String> {
        let keys = self.0.get(table).map_or(&[][..], |table| &table.keys);
        keys.iter().map(|key| key.parent.clone()).collect()
    }

    fn definition(&self, table: &str) -> Definition {
        self.0
            .get(table)
            .map(|it| it.definition)
            .unwrap_or_default()
    }
}

/// The tables that a table refers to, in lower case.
pub(super) fn parents(conn: &Connection, table: &str) -> Result<BTreeSet<String>> {
    let keys = keys(conn, table)?;
    Ok(keys.into_iter().map(|key| key.parent).collect())
}

/// The action of the violated foreign key, such as `ON DELETE CASCADE`, that would
/// have kept the reference valid if foreign keys had been on. `None` if there is
/// no such action, or if nothing happened to the parent that calls for it.
///
/// # Errors
///
/// Fails if the database cannot be read.
pub fn ineffective_action(
    conn: &Connection,
    touched: &Touched,
    violation: &Violation,
) -> Result<Option<String>> {
    let parent = violation.parent.to_ascii_lowercase();
    let changes = touched.tables.get(&parent);
    let is_deleted = touched.is_unknown || changes.is_some_and(|it| it.deleted);
    let is_updated = touched.is_unknown || changes.is_some_and(|it| !it.updated.is_empty());
    let mut found = None;
    each(conn, &foreign_key_list(&violation.table), &[], &mut |row| {
        if text(row, 2)?.to_ascii_lowercase() != parent {
            return Ok(());
        }
        let (on_update, on_delete) = (text(row, 5)?, text(row, 6)?);
        let acts = |action: &str| !matches!(action, "NO ACTION" | "RESTRICT");
        if is_deleted && acts(&on_delete) {
            found.get_or_insert(format!("ON DELETE {on_delete}"));
        } else if is_updated && acts(&on_update) {
            found.get_or_insert(format!("ON UPDATE {on_update}"));
        }
        Ok(())
    })?;
    Ok(found)
}

fn foreign_key_list(table: &str) -> String {
    format!("PRAGMA main.foreign_key_list({})", quote(table))
}

fn keys(conn: &Connection, table: &str) -> Result<Vec<Key>> {
    let sql = foreign_key_list(table);
    let mut keys = Vec::new();
    each(conn, &sql, &[], &mut |row| {
        let parent_column = text(row, 4)?.to_ascii_lowercase();
        keys.push(Key {
            parent: text(row, 2)?.to_ascii_lowercase(),
            column: text(row, 3)?.to_ascii_lowercase(),
            parent_column: Some(parent_column).filter(|it| !it.is_empty()),
        });
        Ok(())
    })?;
    Ok(keys)
}
