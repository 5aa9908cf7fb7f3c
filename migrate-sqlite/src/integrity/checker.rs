//! The quick check after a migration: whether anything that it touched may be
//! broken.

use super::code::{Code, compile};
use super::references::{self, References};
use super::{each, is_among, message, text};
use crate::touched::{Changes, Touched};
use migrate_scan::sqlite::quote;
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Checks a database after each migration of a run, and remembers what it has
/// learned about the schema.
///
/// ```
/// use migrate_sqlite::integrity::Checker;
/// use migrate_sqlite::rusqlite::Connection;
/// use migrate_sqlite::touched::Touched;
///
/// let conn = Connection::open_in_memory()?;
/// let broken = Checker::default().broken(&conn, &Touched::default())?;
/// assert!(broken.is_some_and(|broken| broken.is_empty()));
/// # Ok::<(), migrate_sqlite::rusqlite::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Checker {
    elsewhere: BTreeSet<String>,
    /// Whether tables may have rows that refer to a table which is only created now.
    may_refer_ahead: bool,
    /// Tables that others refer to and that exist, in lower case.
    tables: BTreeSet<String>,
    references: Option<References>,
    code: Option<Code>,
}

/// What is checked of a table with foreign keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extent {
    /// Whether its foreign keys can be checked at all.
    Definition,
    /// Whether each of its rows refers to one that exists.
    Rows,
}

impl Checker {
    /// For a partial copy of another database, which lacks these tables, by their
    /// names in lower case. References to them are not checked.
    pub fn of_copy(elsewhere: BTreeSet<String>) -> Checker {
        Checker {
            elsewhere,
            may_refer_ahead: true,
            ..Checker::default()
        }
    }

    /// From now on, rows that refer to a new table are checked, too: an earlier migration may
    /// have inserted them before the table existed.
    pub fn expect_references_to_new_tables(&mut self) {
        self.may_refer_ahead = true;
    }

    /// The tables and views, in lower case, that are broken where a migration
    /// that touched this may have broken something. `None` if that can be
    /// anywhere. It costs what the migration touched: the rows of a table are read
    /// only if they, or rows that they refer to, may have changed.
    ///
    /// Nothing that the migration broke is missing. What was broken before may be
    /// among the names, and [`check`](super::check) says more.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be read.
    pub fn broken(
        &mut self,
        conn: &Connection,
        touched: &Touched,
    ) -> Result<Option<BTreeSet<String>>> {
        if touched.is_unknown {
            self.forget();
            return Ok(None);
        }
        if touched.tables.values().any(|it| it.dropped) {
            self.tables.clear();
        }
        let mut broken = BTreeSet::new();
        for (table, extent) in self.children(conn, touched)? {
            if !self.is_sound(conn, &table, extent)? {
                broken.insert(table);
            }
        }
        self.code(conn, touched, &mut broken)?;
        Ok(Some(broken))
    }

    /// Forgets what it has learned. To be called if the schema was changed by
    /// something else than the migrations that were checked, or was rolled back.
    pub fn forget(&mut self) {
        self.tables.clear();
        self.references = None;
        self.code = None;
    }

    /// The tables whose foreign keys are checked.
    fn children(
        &mut self,
        conn: &Connection,
        touched: &Touched,
    ) -> Result<BTreeMap<String, Extent>> {
        if let Some(references) = self.references.take() {
            self.references = references.after(conn, touched)?;
        }
        let mut found = BTreeMap::new();
        let mut add = |name: &String, extent: Extent| {
            let found = found.entry(name.clone()).or_insert(extent);
            *found = extent.max(*found);
        };
        for (name, changes) in &touched.tables {
            let has_rows = changes.inserted || !changes.is_new();
            if changes.definition.refers && has_rows {
                add(name, Extent::Rows);
            } else if changes.definition.refers || changes.altered {
                add(name, Extent::Definition);
            }
            // Usually, what refers to a new table is new too, or was broken before.
            let is_awaited = changes.is_new() && self.may_refer_ahead && !changes.is_view;
            let has_changed =
                changes.inserted || changes.loses_rows() || !changes.updated.is_empty();
            if !is_awaited && (changes.is_new() || !has_changed) {
                continue;
            }
            let references = match &mut self.references {
                Some(references) => references,
                none => none.insert(References::read(conn)?),
            };
            if is_awaited {
                references
                    .all_children(name)
                    .for_each(|it| add(it, Extent::Rows));
                continue;
            }
            for child in references.children(conn, name, changes) {
                add(child, Extent::Rows);
            }
            if references.has_changed(name, changes) {
                add(name, Extent::Rows);
            }
        }
        Ok(found)
    }

    /// Whether the foreign keys of a table can be checked, and are satisfied.
    fn is_sound(&mut self, conn: &Connection, table: &str, extent: Extent) -> Result<bool> {
        let mut parents = match &self.references {
            Some(references) => references.parents(table),
            None => references::parents(conn, table)?,
        };
        if parents.is_empty() {
            return Ok(true);
        }
        parents.retain(|parent| !is_among(&self.elsewhere, parent));
        for parent in &parents {
            if self.tables.contains(parent) {
                continue;
            }
            // A table-valued function can be read, but is not a table.
            let sql = format!("DELETE FROM main.{}", quote(parent));
            if compile(conn, &sql)?.is_some() {
                return Ok(false);
            }
            self.tables.insert(parent.clone());
        }
        let check = format!("PRAGMA main.foreign_key_check({})", quote(table));
        let mut is_sound = true;
        let checked = if extent == Extent::Definition {
            conn.prepare(&check).map(drop)
        } else {
            each(conn, &check, &[], &mut |row| {
                is_sound &= is_among(&self.elsewhere, &text(row, 2)?);
                Ok(())
            })
        };
        match checked {
            Ok(()) => Ok(is_sound),
            Err(error) => message(error).map(|_| false),
        }
    }

    /// Compiles the views and triggers that are new, or that use something that is
    /// no longer as it was.
    fn code(
        &mut self,
        conn: &Connection,
        touched: &Touched,
        broken: &mut BTreeSet<String>,
    ) -> Result<()> {
        let changed =
            |is: fn(&Changes) -> bool| touched.tables.iter().filter(move |(_, it)| is(it));
        if touched.drops_trigger || changed(Changes::changes_code).next().is_some() {
            self.code = None;
        }
        let mut names: BTreeSet<String> = touched.triggers.clone();
        names.extend(changed(Changes::changes_shape).map(|(name, _)| name.clone()));
        if names.is_empty() {
            return Ok(());
        }
        let is_new = !touched.triggers.is_empty() || changed(|it| it.is_view).next().is_some();
        let is_read = self.code.is_some() && !is_new;
        let code = self.code.get_or_insert_default();
        if !is_read {
            code.read(conn)?;
        }
        code.add_users(&mut names);
        let is_wanted = |name: &str| names.contains(name);
        code.compile(conn, &is_wanted, &mut |_, name, _| {
            broken.insert(name.to_ascii_lowercase());
        })
    }
}
