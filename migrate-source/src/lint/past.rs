//! The tables and indexes that earlier migrations created, for the few findings that depend on
//! them.

use super::action::{Action, action};
use super::words::Words;
use crate::{Options, SourceMigration};
use migrate_model::Numbering;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// The tables and indexes created by the migrations of a directory, computed on demand.
#[derive(Debug)]
pub(crate) struct Past<'a> {
    migrations: &'a [SourceMigration],
    /// Whether no migration can precede the first one.
    is_whole: bool,
    // Lazy, because most directories have no finding that depends on it.
    made: OnceCell<Made>,
}

/// The columns and expressions of a unique index that is not partial.
type Unique = Option<Vec<String>>;

/// Tables and indexes, with the numbers of the migrations that created them, from 0.
#[derive(Debug, Default)]
struct Made {
    /// Tables by name, with whether they are full-text tables.
    tables: BTreeMap<String, Vec<(usize, bool)>>,
    /// Indexes by name, with what they make unique.
    indexes: BTreeMap<String, Vec<(usize, Unique)>>,
    /// The first migration in Rust, whose effects are unknown.
    first_rust: Option<usize>,
}

impl<'a> Past<'a> {
    pub(crate) fn new(migrations: &'a [SourceMigration], options: &Options<'_>) -> Past<'a> {
        let whole = [Numbering::DEFAULT, Numbering::Timestamp];
        Past {
            migrations,
            is_whole: whole.contains(&options.numbering),
            made: OnceCell::new(),
        }
    }

    /// Whether no migration before this one created a table of this name.
    pub(crate) fn has_never_made(&self, migration: usize, table: &str) -> bool {
        let made = self.made();
        let is_known = self.is_whole && made.first_rust.is_none_or(|rust| rust >= migration);
        is_known && last_before(made.tables.get(table), migration).is_none()
    }

    /// Whether the table of this name is a full-text table.
    pub(crate) fn is_search(&self, migration: usize, table: &str) -> bool {
        last_before(self.made().tables.get(table), migration) == Some(&true)
    }

    /// The columns and expressions that the index of this name makes unique.
    pub(crate) fn unique(&self, migration: usize, index: &str) -> Option<&[String]> {
        last_before(self.made().indexes.get(index), migration)?.as_deref()
    }

    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            let mut made = Made::default();
            for (number, migration) in self.migrations.iter().enumerate() {
                if migration.up.is_rust {
                    made.first_rust.get_or_insert(number);
                }
                made.take_note(number, migration);
            }
            made
        })
    }
}

/// The entry of the last migration before this one.
fn last_before<T>(made: Option<&Vec<(usize, T)>>, migration: usize) -> Option<&T> {
    let mut before = made?.iter().rev().filter(|(number, _)| *number < migration);
    before.next().map(|(_, what)| what)
}

impl Made {
    fn take_note(&mut self, number: usize, migration: &SourceMigration) {
        for statement in &migration.up.statements {
            let range = statement.start as usize..statement.end as usize;
            let text = migration.up.text.get(range.clone()).unwrap_or_default();
            let mut first = true;
            let words = Words::read(text, range.start, |word| {
                // Only `CREATE` and `ALTER` are relevant, so other statements are not read.
                std::mem::take(&mut first) && !word.is("CREATE") && !word.is("ALTER")
            });
            match action(&words).1 {
                Action::CreateTable { table, .. } => self.table(table.name, number, false),
                Action::CreateVirtual { table, module } => {
                    self.table(table.name, number, module.starts_with("fts"));
                }
                Action::RenameTable { table, to } => {
                    let is_search = last_before(self.tables.get(&table.name), number + 1)
                        .copied()
                        .unwrap_or_default();
                    self.table(to.name, number, is_search);
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

    fn table(&mut self, name: String, number: usize, is_search: bool) {
        self.tables
            .entry(name)
            .or_default()
            .push((number, is_search));
    }
}
