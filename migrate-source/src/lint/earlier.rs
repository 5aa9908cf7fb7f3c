//! The tables and indexes that earlier migrations created, for the few findings that depend on
//! them.

use super::action::{Action, action};
use super::foreign_keys::ForeignKeys;
use super::words::Words;
use crate::{Options, SourceMigration};
use migrate_model::Numbering;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

/// The tables and indexes created by the migrations of a directory, computed on demand.
#[derive(Debug)]
pub(crate) struct EarlierMigrations<'a> {
    migrations: &'a [SourceMigration],
    /// Whether no migration can precede the first one.
    is_whole: bool,
    // Lazy, because most directories have no finding that depends on it.
    created: OnceCell<Created>,
    /// The foreign keys before the first statement of a migration, with its number. Migrations
    /// are checked in order, so that each is read once.
    foreign_keys: RefCell<(usize, ForeignKeys)>,
}

/// The columns and expressions of a unique index that is not partial.
type Unique = Option<Vec<String>>;

/// The module of a virtual table. `None` for other tables.
type Module = Option<String>;

/// Tables and indexes, with the numbers of the migrations that created them, from 0.
#[derive(Debug, Default)]
struct Created {
    /// Tables by name, with the module of a virtual table.
    tables: BTreeMap<String, Vec<(usize, Module)>>,
    /// Indexes by name, with what they make unique.
    indexes: BTreeMap<String, Vec<(usize, Unique)>>,
    /// The first migration in Rust, whose effects are unknown.
    first_rust: Option<usize>,
}

impl<'a> EarlierMigrations<'a> {
    pub(crate) fn new(migrations: &'a [SourceMigration], options: &Options<'_>) -> Self {
        let whole = [Numbering::DEFAULT, Numbering::Timestamp];
        EarlierMigrations {
            migrations,
            is_whole: whole.contains(&options.numbering),
            created: OnceCell::new(),
            foreign_keys: RefCell::default(),
        }
    }

    /// Whether no migration before this one created a table of this name.
    pub(crate) fn has_never_created(&self, migration: usize, table: &str) -> bool {
        let created = self.created();
        let is_known = self.is_whole && created.first_rust.is_none_or(|rust| rust >= migration);
        is_known && last_before(created.tables.get(table), migration).is_none()
    }

    /// Whether the table of this name is a full-text table.
    pub(crate) fn is_full_text(&self, migration: usize, table: &str) -> bool {
        let module = self.module(migration, table).flatten();
        module.is_some_and(|it| it.starts_with("fts"))
    }

    /// The module of the table of this name, or `Some(None)` if it is not a virtual table.
    pub(crate) fn module(&self, migration: usize, table: &str) -> Option<Option<&str>> {
        let module = last_before(self.created().tables.get(table), migration)?;
        Some(module.as_deref())
    }

    /// The columns and expressions that the index of this name makes unique.
    pub(crate) fn unique(&self, migration: usize, index: &str) -> Option<&[String]> {
        last_before(self.created().indexes.get(index), migration)?.as_deref()
    }

    /// The foreign keys with an action before the first statement of a migration. What a
    /// migration in Rust does is not known.
    pub(crate) fn foreign_keys_before(&self, migration: usize) -> ForeignKeys {
        let mut state = self.foreign_keys.borrow_mut();
        let (number, keys) = &mut *state;
        if *number > migration {
            (*number, *keys) = Default::default();
        }
        for earlier in self.migrations.get(*number..migration).unwrap_or_default() {
            for (words, action) in definitions(earlier) {
                keys.record(&words, &action);
            }
        }
        *number = migration;
        keys.clone()
    }

    fn created(&self) -> &Created {
        self.created.get_or_init(|| {
            let mut created = Created::default();
            for (number, migration) in self.migrations.iter().enumerate() {
                if migration.up.is_rust {
                    created.first_rust.get_or_insert(number);
                }
                created.record(number, migration);
            }
            created
        })
    }
}

/// The entry of the last migration before this one.
fn last_before<T>(created: Option<&Vec<(usize, T)>>, migration: usize) -> Option<&T> {
    let mut before = created?
        .iter()
        .rev()
        .filter(|(number, _)| *number < migration);
    before.next().map(|(_, what)| what)
}

/// The statements of an up that create, alter or drop something. Others are not read.
fn definitions(migration: &SourceMigration) -> impl Iterator<Item = (Words<'_>, Action)> {
    migration.up.statements.iter().map(|statement| {
        let range = statement.start as usize..statement.end as usize;
        let text = migration.up.text.get(range.clone()).unwrap_or_default();
        let mut first = true;
        let words = Words::read(text, range.start, |word| {
            let is_read = ["CREATE", "ALTER", "DROP"].iter().any(|it| word.is(it));
            std::mem::take(&mut first) && !is_read
        });
        let action = action(&words).1;
        (words, action)
    })
}

impl Created {
    fn record(&mut self, number: usize, migration: &SourceMigration) {
        for (words, action) in definitions(migration) {
            match action {
                Action::CreateTable { table, .. } => self.table(table.name, number, None),
                Action::CreateVirtual { table, module } => {
                    self.table(table.name, number, Some(module));
                }
                Action::RenameTable { table, to } => {
                    let module = last_before(self.tables.get(&table.name), number + 1)
                        .cloned()
                        .unwrap_or_default();
                    self.table(to.name, number, module);
                }
                Action::CreateIndex {
                    index,
                    is_unique,
                    columns,
                    ..
                } => {
                    let is_partial = words.is(words.closing(columns) + 1, "WHERE");
                    let unique = (is_unique && !is_partial).then(|| words.normal_parts(columns));
                    self.indexes
                        .entry(index)
                        .or_default()
                        .push((number, unique));
                }
                _ => {}
            }
        }
    }

    fn table(&mut self, name: String, number: usize, module: Module) {
        self.tables.entry(name).or_default().push((number, module));
    }
}
