//! Kinds of damage, and where each of them fits.

mod added;
mod changed;
mod copied;
mod definition;
mod downs;
mod elsewhere;
mod full_text;
mod objects;

use crate::set::{Migration, Rebuild, Set, rebuilds};
use crate::sql::{Statement, statements};

/// One way to damage a set.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// The up of the migration.
    Up(String),
    /// The down of the migration.
    Down(String),
    /// A migration after it.
    Next(String),
    /// Both an up and a migration after it; the second one is wrong.
    UpAndNext(String, String),
}

/// A migration to be damaged.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub set: &'a Set,
    pub at: usize,
    pub migration: &'a Migration,
    pub statements: Vec<Statement>,
    pub rebuilds: Vec<Rebuild>,
}

impl<'a> Place<'a> {
    pub(crate) fn new(set: &'a Set, at: usize) -> Place<'a> {
        let migration = &set.migrations[at];
        let statements = statements(&migration.up);
        Place {
            set,
            at,
            migration,
            rebuilds: rebuilds(migration, &statements),
            statements,
        }
    }

    pub(crate) fn is_last(&self) -> bool {
        self.at + 1 == self.set.migrations.len()
    }

    /// The up without some of its statements.
    pub(crate) fn without(&self, statements: &[usize]) -> String {
        let edits: Vec<_> = statements
            .iter()
            .map(|at| (self.statements[*at].bytes.clone(), ""))
            .collect();
        crate::sql::edited(&self.migration.up, &edits)
    }

    /// The files of the set up to the damaged migration, and the file that is wrong. A
    /// damaged up has no downs beside it, because most migrations have none.
    pub(crate) fn files(&self, change: &Change) -> (Vec<(String, String)>, String) {
        let mut files = Vec::new();
        let with_downs = matches!(change, Change::Down(_));
        for it in &self.set.migrations[..=self.at] {
            files.push((format!("{}.sql", it.name), it.up.clone()));
            if let Some(down) = it.down.as_ref().filter(|_| with_downs) {
                files.push((format!("{}.down.sql", it.name), down.clone()));
            }
        }
        let next = format!("{:03}_next.sql", self.at + 2);
        let wrong = match change {
            Change::Up(text) => {
                files.last_mut().unwrap().1.clone_from(text);
                format!("{}.sql", self.migration.name)
            }
            Change::Down(text) => {
                files.last_mut().unwrap().1.clone_from(text);
                format!("{}.down.sql", self.migration.name)
            }
            Change::Next(text) => {
                files.push((next.clone(), text.clone()));
                next
            }
            Change::UpAndNext(up, text) => {
                files.last_mut().unwrap().1.clone_from(up);
                files.push((next.clone(), text.clone()));
                next
            }
        };
        (files, wrong)
    }
}

/// A kind of damage.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// What is wrong, as the guide says it.
    pub name: &'static str,
    /// Every damaged version of a migration.
    pub apply: fn(&Place<'_>) -> Vec<Change>,
}

const fn kind(name: &'static str, apply: fn(&Place<'_>) -> Vec<Change>) -> Kind {
    Kind { name, apply }
}

/// All kinds, in the order of the guide.
pub(crate) fn kinds() -> Vec<Kind> {
    [
        copied::KINDS,
        definition::KINDS,
        objects::KINDS,
        full_text::KINDS,
        changed::KINDS,
        added::KINDS,
        downs::KINDS,
        elsewhere::KINDS,
    ]
    .concat()
}
