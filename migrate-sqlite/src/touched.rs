//! A record of what a migration touches, as SQLite reports it to the authorizer.

mod text;

pub(crate) use text::Text;

use rusqlite::hooks::{AuthAction, AuthContext};
use std::collections::{BTreeMap, BTreeSet};

/// What migrations have touched in the main database: the tables, what happened
/// to each, and where triggers were created.
///
/// SQLite reports an action while it compiles the statement. So a statement that
/// matches no rows counts too, and so does what its views and triggers do. What it
/// does not report is taken from the text of the statement. If there is no
/// text, because the code of an application runs the statement, the worst is
/// assumed.
///
/// Temporary and attached tables are left out, and so are SQLite's own. A virtual
/// table is a table; what its module writes to other tables is seen only when the
/// module compiles its statements.
///
/// ```
/// use migrate_sqlite::authorizer::{Authorizer, Scope};
/// use migrate_sqlite::integrity::Checker;
/// use migrate_sqlite::rusqlite::Connection;
/// use migrate_sqlite::statement::run;
///
/// let mut conn = Connection::open_in_memory()?;
/// conn.execute_batch("PRAGMA foreign_keys = OFF")?;
/// let authorizer = Authorizer::new("_migrations");
/// authorizer.install(&mut conn)?;
/// for sql in ["CREATE TABLE a(x PRIMARY KEY, y REFERENCES a)", "INSERT INTO a VALUES (1, 2)"] {
///     run(&conn, &authorizer, Scope::Transaction, sql).unwrap();
/// }
/// let touched = authorizer.take_touched();
/// let broken = Checker::default().broken(&conn, &touched)?.unwrap();
/// assert!(broken.contains("a"));
/// # Ok::<(), migrate_sqlite::rusqlite::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// By their names in lower case. A view is among them if it was created or
    /// dropped, or written to through a trigger.
    pub(crate) tables: BTreeMap<String, Changes>,
    /// The tables and views for which a trigger was created or dropped.
    pub(crate) triggers: BTreeSet<String>,
    pub(crate) drops_trigger: bool,
    /// The extent is not known, as when a table was renamed to an unknown name.
    pub(crate) is_unknown: bool,
    has_pragma: bool,
    has_temporary: bool,
}

/// What happened to a table or view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) inserted: bool,
    /// Rows were deleted, or may have been replaced.
    pub(crate) deleted: bool,
    /// The columns that were updated, in lower case.
    pub(crate) updated: BTreeSet<String>,
    pub(crate) created: bool,
    /// A view was created.
    pub(crate) is_view: bool,
    pub(crate) dropped: bool,
    pub(crate) column_added: bool,
    pub(crate) index_created: bool,
    pub(crate) index_dropped: bool,
    /// Its definition was changed in another way.
    pub(crate) altered: bool,
    /// What the new parts of its definition may contain.
    pub(crate) definition: Definition,
}

/// What a definition of a table may contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    /// A foreign key.
    pub(crate) refers: bool,
    /// A conflict clause that replaces rows.
    pub(crate) replaces: bool,
    /// A generated column.
    pub(crate) generates: bool,
    /// `IF NOT EXISTS`: the table may be an old one.
    pub(crate) may_exist: bool,
}

impl Touched {
    /// Everything: for what was not recorded.
    pub fn everything() -> Touched {
        Touched {
            is_unknown: true,
            has_pragma: true,
            has_temporary: true,
            ..Touched::default()
        }
    }

    /// The tables and views that were created, dropped or altered, or that got or
    /// lost an index or a trigger, by their names in lower case.
    pub fn schema(&self) -> BTreeSet<String> {
        let is_one = |it: &Changes| it.changes_shape() || it.index_created;
        let tables = self.tables.iter().filter(|(_, it)| is_one(it));
        let names = tables.map(|(name, _)| name).chain(&self.triggers);
        names.cloned().collect()
    }

    /// The tables whose rows were inserted, updated or deleted, by their names in
    /// lower case. A dropped table counts.
    pub fn written(&self) -> BTreeSet<String> {
        let is_one = |it: &Changes| it.inserted || it.deleted || !it.updated.is_empty();
        let tables = self.tables.iter().filter(|(_, it)| is_one(it));
        tables.map(|(name, _)| name.clone()).collect()
    }

    /// Whether a pragma was compiled, which may have changed a setting.
    pub fn has_pragma(&self) -> bool {
        self.has_pragma
    }

    /// Whether a temporary table or view was created.
    pub fn has_temporary(&self) -> bool {
        self.has_temporary
    }

    pub(crate) fn record(&mut self, context: &AuthContext<'_>, text: &Text) {
        match context.action {
            AuthAction::Pragma { .. } => {
                self.has_pragma = true;
                return;
            }
            AuthAction::CreateTempTable { .. } | AuthAction::CreateTempView { .. } => {
                self.has_temporary = true;
                return;
            }
            _ => {}
        }
        let database = match context.action {
            // For a dropped column, SQLite reports the name here.
            AuthAction::AlterTable { database_name, .. } => Some(database_name),
            // `None` if the statement names no database.
            _ => context.database_name,
        };
        if database.is_some_and(|name| name != "main") {
            self.has_temporary |= matches!(context.action, AuthAction::CreateVtable { .. });
            return;
        }
        // The conflict clause of a statement in a trigger is not known.
        let may_replace = text.may_replace() || context.accessor.is_some();
        match context.action {
            AuthAction::Insert { table_name } => {
                if let Some(changes) = self.changes(table_name) {
                    changes.inserted = true;
                    changes.deleted |= may_replace;
                }
            }
            AuthAction::Update {
                table_name,
                column_name,
            } => {
                if let Some(changes) = self.changes(table_name) {
                    changes.deleted |= may_replace;
                    if !changes.updated.contains(column_name) {
                        changes.updated.insert(column_name.to_ascii_lowercase());
                    }
                }
            }
            AuthAction::Delete { table_name } => {
                self.change(table_name, |changes| changes.deleted = true);
            }
            AuthAction::CreateTable { table_name } => {
                self.change(table_name, |changes| {
                    changes.created = true;
                    changes.definition = changes.definition.and(text.definition());
                });
            }
            AuthAction::CreateVtable { table_name, .. } => {
                self.change(table_name, |changes| changes.created = true);
            }
            AuthAction::CreateView { view_name } => self.change(view_name, |changes| {
                changes.created = true;
                changes.is_view = true;
            }),
            AuthAction::DropTable { table_name }
            | AuthAction::DropVtable { table_name, .. }
            | AuthAction::DropView {
                view_name: table_name,
            } => self.change(table_name, |changes| changes.dropped = true),
            AuthAction::AlterTable { table_name, .. } => self.alter(table_name, text),
            AuthAction::CreateIndex { table_name, .. } => {
                self.change(table_name, |changes| changes.index_created = true);
            }
            AuthAction::DropIndex { table_name, .. } => {
                self.change(table_name, |changes| changes.index_dropped = true);
            }
            // The function that renames a table in the schema.
            AuthAction::Function {
                function_name: "sqlite_rename_table",
            } => self.is_unknown |= !matches!(text, Text::Renames(_)),
            AuthAction::CreateTrigger { table_name, .. }
            | AuthAction::DropTrigger { table_name, .. } => {
                self.drops_trigger |= matches!(context.action, AuthAction::DropTrigger { .. });
                self.triggers.insert(table_name.to_ascii_lowercase());
            }
            _ => {}
        }
    }

    fn alter(&mut self, table: &str, text: &Text) {
        match text {
            Text::AddsColumn(definition) => self.change(table, |changes| {
                changes.column_added = true;
                changes.definition = changes.definition.and(*definition);
            }),
            Text::Renames(new) => {
                // The rows and the definition get the new name.
                let old = self.changes(table).cloned().unwrap_or_default();
                self.change(table, |changes| changes.dropped = true);
                self.change(new, |changes| changes.take_over(old));
            }
            _ => self.change(table, |changes| {
                changes.altered = true;
                changes.definition = changes.definition.and(text.definition());
            }),
        }
    }

    fn change(&mut self, table: &str, change: impl FnOnce(&mut Changes)) {
        if let Some(changes) = self.changes(table) {
            change(changes);
        }
    }

    fn changes(&mut self, table: &str) -> Option<&mut Changes> {
        // A change of the schema writes `sqlite_master`.
        if table.starts_with("sqlite_") {
            return None;
        }
        // SQLite reports each column of a table, mostly in lower case already.
        if !self.tables.contains_key(table) {
            let name = table.to_ascii_lowercase();
            return Some(self.tables.entry(name).or_default());
        }
        self.tables.get_mut(table)
    }
}

impl Changes {
    /// Whether there was no such table before.
    pub(crate) fn is_new(&self) -> bool {
        self.created && !self.dropped && !self.definition.may_exist
    }

    /// Whether rows may be gone that others refer to, whichever columns they
    /// refer to.
    pub(crate) fn loses_rows(&self) -> bool {
        self.deleted || self.dropped || self.index_dropped || self.altered
    }

    /// Whether views and triggers that mention it may be broken. A new table may
    /// have the name of a table-valued function that they use.
    pub(crate) fn changes_shape(&self) -> bool {
        self.created || self.dropped || self.altered || self.index_dropped || self.column_added
    }

    /// Whether views and triggers may be gone, or their texts may be others.
    pub(crate) fn changes_code(&self) -> bool {
        self.dropped || self.altered
    }

    fn take_over(&mut self, old: Changes) {
        self.altered = true;
        self.inserted |= old.inserted;
        self.deleted |= old.deleted;
        self.created |= old.created;
        self.is_view |= old.is_view;
        self.updated.extend(old.updated);
        self.definition = self.definition.and(old.definition);
    }
}

impl Definition {
    pub(crate) fn and(self, other: Definition) -> Definition {
        Definition {
            refers: self.refers || other.refers,
            replaces: self.replaces || other.replaces,
            generates: self.generates || other.generates,
            may_exist: self.may_exist || other.may_exist,
        }
    }
}

#[cfg(test)]
mod tests;
