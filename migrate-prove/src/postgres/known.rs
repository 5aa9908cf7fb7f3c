//! The schema as known when a statement runs: the objects of earlier migrations, and those of its
//! own script.

use super::action::{Action, Bounds, Constraint, ConstraintKind, Kind, OnTable, UNFILLED};
use super::column::{Column, Type};
use migrate_scan::postgres::Tokens;
use std::collections::{BTreeMap, BTreeSet};

/// The schema, as far as it is known from the scripts.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) tables: BTreeMap<String, Table>,
    indexes: BTreeMap<String, String>,
    /// Materialized views without rows, which cannot be refreshed concurrently.
    unfilled: BTreeSet<String>,
    /// Procedures that end the transaction, and how.
    procedures: BTreeMap<String, &'static str>,
}

/// A table that a script has created or changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) columns: BTreeMap<String, Type>,
    is_partitioned: bool,
    /// Name, expression, and whether all rows were checked.
    checks: Vec<(Option<String>, String, bool)>,
    /// The name of the constraint.
    primary_key: Option<String>,
}

/// The objects that the script itself has created so far, which are not in use yet.
#[derive(Debug, Default)]
pub(super) struct Own {
    tables: BTreeSet<String>,
    columns: BTreeSet<(String, String)>,
    indexes: BTreeSet<String>,
    /// The indexes that it has dropped.
    pub(super) dropped: BTreeSet<String>,
    others: BTreeSet<(&'static str, String)>,
    emptied: BTreeSet<String>,
    /// Constraints that were added with `NOT VALID`.
    pub(super) unvalidated: BTreeSet<(String, String)>,
}

impl Own {
    /// Whether the script has created a table.
    pub(super) fn has(&self, table: &str) -> bool {
        let schema = table.split_once('.').map(|(schema, _)| schema);
        self.tables.contains(table) || schema.is_some_and(|it| self.has_other("schema", it))
    }

    /// Whether the script has created or emptied a table.
    pub(super) fn has_no_rows(&self, table: &str) -> bool {
        self.has(table) || self.emptied.contains(table)
    }

    /// Whether it has an object that is neither a table, a column nor an index.
    pub(super) fn has_other(&self, what: &'static str, name: &str) -> bool {
        self.others.contains(&(what, name.to_owned()))
    }

    /// Whether it has created a column, or its table.
    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        let key = (table.to_owned(), column.to_owned());
        self.has(table) || self.columns.contains(&key)
    }

    /// Whether it has created an index.
    pub(super) fn has_index(&self, index: &str) -> bool {
        self.indexes.contains(index)
    }

    /// Records an action.
    pub(super) fn apply(&mut self, action: &Action) {
        match &action.kind {
            Kind::CreateTable { table, .. } => drop(self.tables.insert(table.clone())),
            Kind::Create(what, name) => drop(self.others.insert((what, name.clone()))),
            Kind::CreateIndex {
                index: Some(index), ..
            } => drop(self.indexes.insert(index.clone())),
            Kind::DropIndex { index, .. } => drop(self.dropped.insert(index.clone())),
            Kind::Truncate(table)
            | Kind::Change {
                table,
                is_update: false,
                has_where: false,
            } => drop(self.emptied.insert(table.clone())),
            Kind::OnTable(table, OnTable::Rename(to)) => {
                let to = beside(table, to);
                if self.tables.contains(table) {
                    self.tables.insert(to.clone());
                }
                let of_table = self.columns.iter().filter(|it| it.0 == *table);
                let columns: Vec<_> = of_table.map(|it| it.1.clone()).collect();
                self.columns
                    .extend(columns.into_iter().map(|it| (to.clone(), it)));
            }
            Kind::OnTable(table, OnTable::AddColumn(column)) => {
                self.columns.insert((table.clone(), column.name.clone()));
            }
            Kind::OnTable(table, OnTable::RenameColumn { from, to })
                if self.has_column(table, from) =>
            {
                self.columns.insert((table.clone(), to.clone()));
            }
            Kind::OnTable(table, OnTable::AddConstraint(constraint)) => {
                if let Some(name) = constraint.name.as_ref().filter(|_| constraint.is_not_valid) {
                    self.unvalidated.insert((table.clone(), name.clone()));
                }
            }
            _ => {}
        }
    }
}

impl Known {
    /// Whether a table is partitioned.
    pub(super) fn is_partitioned(&self, table: &str) -> bool {
        self.tables.get(table).is_some_and(|it| it.is_partitioned)
    }

    /// The table that an index belongs to.
    pub(super) fn table_of(&self, index: &str) -> Option<&str> {
        self.indexes.get(index).map(String::as_str)
    }

    /// The type of a column.
    pub(super) fn ty(&self, table: &str, column: &str) -> Option<&Type> {
        self.tables.get(table)?.columns.get(column)
    }

    /// Whether a validated check excludes NULL from a column.
    pub(super) fn has_no_null(&self, table: &str, column: &str) -> bool {
        let is_checked = format!("{column} is not null");
        let table = self.tables.get(table);
        let mut checks = table.into_iter().flat_map(|it| &it.checks);
        checks.any(|(_, text, is_valid)| *is_valid && text.replace('"', "").contains(&is_checked))
    }

    /// Whether a constraint is the primary key of a table, as far as its name shows that.
    pub(super) fn is_primary_key(&self, table: &str, constraint: &str) -> bool {
        let known = self
            .tables
            .get(table)
            .and_then(|it| it.primary_key.as_ref());
        match known {
            Some(name) => name == constraint,
            None => constraint == primary_key_of(table),
        }
    }

    /// Whether a validated check allows only the rows between the bounds of a partition.
    pub(super) fn is_within(&self, table: &str, bounds: &Bounds) -> bool {
        let checks = self.tables.get(table).into_iter().flat_map(|it| &it.checks);
        let mut valid = checks.filter(|(_, _, is_valid)| *is_valid);
        valid.any(|(_, text, _)| match bounds {
            Bounds::Values(values) => {
                let tokens = Tokens::new(text).filter_map(|it| text.get(it.range));
                let words: BTreeSet<&str> = tokens.collect();
                values.iter().all(|it| words.contains(it.as_str()))
            }
            Bounds::Hash => text.contains("satisfies_hash_partition"),
            Bounds::Default => true,
        })
    }

    /// Whether a materialized view has never been refreshed.
    pub(super) fn is_unfilled(&self, view: &str) -> bool {
        self.unfilled.contains(view)
    }

    /// How a procedure ends the transaction.
    pub(super) fn procedure_ends(&self, procedure: &str) -> Option<&'static str> {
        self.procedures.get(procedure).copied()
    }

    /// Records what a statement has done.
    pub(super) fn apply(&mut self, action: &Action) {
        match &action.kind {
            Kind::CreateTable {
                table,
                columns,
                constraints,
                is_partitioned,
            } => {
                let mut made = Table {
                    is_partitioned: *is_partitioned,
                    ..Table::default()
                };
                for column in columns {
                    made.add(column);
                    if column.is_primary {
                        let named = column.primary_key.clone();
                        made.primary_key = Some(named.unwrap_or_else(|| primary_key_of(table)));
                    }
                }
                for constraint in constraints {
                    made.constrain(table, constraint);
                }
                self.tables.insert(table.clone(), made);
            }
            Kind::CreateIndex {
                index: Some(index),
                table,
                ..
            } => drop(self.indexes.insert(index.clone(), table.clone())),
            Kind::Drop {
                what: "table",
                name,
                ..
            } => drop(self.tables.remove(name)),
            Kind::OnTable(table, OnTable::Rename(to)) => {
                if let Some(made) = self.tables.remove(table) {
                    self.tables.insert(beside(table, to), made);
                }
            }
            Kind::OnTable(table, OnTable::AddConstraint(constraint)) => {
                let made = self.tables.entry(table.clone()).or_default();
                made.constrain(table, constraint);
            }
            Kind::OnTable(table, change) => {
                self.tables.entry(table.clone()).or_default().change(change);
            }
            Kind::Create(UNFILLED, view) => drop(self.unfilled.insert(view.clone())),
            Kind::Rewrite { of: Some(view), .. } => drop(self.unfilled.remove(view)),
            Kind::CreateProcedure { name, ends } => {
                self.procedures.remove(name);
                self.procedures.extend(ends.map(|it| (name.clone(), it)));
            }
            _ => {}
        }
    }
}

impl Table {
    fn add(&mut self, column: &Column) {
        if let Some(ty) = &column.ty {
            self.columns.insert(column.name.clone(), ty.clone());
        }
    }

    fn constrain(&mut self, table: &str, constraint: &Constraint) {
        let name = &constraint.name;
        match &constraint.kind {
            ConstraintKind::Check(text) => {
                let is_valid = !constraint.is_not_valid;
                self.checks.push((name.clone(), text.clone(), is_valid));
            }
            ConstraintKind::Primary => {
                let named = name.clone();
                self.primary_key = Some(named.unwrap_or_else(|| primary_key_of(table)));
            }
            _ => {}
        }
    }

    fn change(&mut self, change: &OnTable) {
        match change {
            OnTable::AddColumn(column) => self.add(column),
            OnTable::DropColumn(column) => drop(self.columns.remove(column)),
            OnTable::RenameColumn { from, to } => {
                if let Some(ty) = self.columns.remove(from) {
                    self.columns.insert(to.clone(), ty);
                }
            }
            OnTable::SetType(column, ty) => drop(self.columns.insert(column.clone(), ty.clone())),
            OnTable::DropConstraint(name) => {
                self.checks.retain(|it| it.0.as_ref() != Some(name));
                self.primary_key = self.primary_key.take().filter(|it| it != name);
            }
            OnTable::Validate(name) => {
                let checks = self.checks.iter_mut();
                let named = checks.filter(|it| it.0.as_ref() == Some(name));
                named.for_each(|it| it.2 = true);
            }
            _ => {}
        }
    }
}

/// The name that PostgreSQL gives to the primary key of a table.
fn primary_key_of(table: &str) -> String {
    format!("{}_pkey", table.rsplit('.').next().unwrap_or(table))
}

/// The new name of a table, with the schema of the old name.
pub(super) fn beside(table: &str, to: &str) -> String {
    match table.rsplit_once('.') {
        Some((schema, _)) => format!("{schema}.{to}"),
        None => to.to_owned(),
    }
}
