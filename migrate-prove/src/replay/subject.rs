//! The migrations that a replay is given.

use crate::replay::catalogue::tokens;
use migrate_model::{Migration, Script, Version};
use migrate_scan::Statement;
use migrate_source::{SourceMigration, SourceScript};
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

/// A migration as the replay needs it, from a directory or a registry.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Its number.
    pub version: Version,
    /// Number and name.
    pub label: &'a str,
    /// The script that applies it.
    pub up: Part<'a>,
    /// The script that undoes it.
    pub down: Option<Part<'a>>,
    /// Whether it is released. Then it is applied, but not tried.
    pub is_frozen: bool,
    /// Whether it says that it refers to a table that a later migration creates.
    pub refers_ahead: bool,
}

/// One script of a migration: a file, or a section of one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Part<'a> {
    /// The file, as it is shown.
    pub path: &'a str,
    /// The text; unused for a script in Rust.
    pub text: &'a str,
    /// The line of the file on which the text starts, from 1.
    pub first_line: u32,
    /// The place of each statement.
    pub statements: Vec<Statement>,
    /// Whether it is a function and not SQL.
    pub is_rust: bool,
    /// Whether it runs in a transaction.
    pub in_transaction: bool,
    words: OnceCell<Vec<Arc<[String]>>>,
}

impl<'a> Subject<'a> {
    /// Its scripts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part<'a>> + Clone {
        std::iter::once(&self.up).chain(&self.down)
    }
}

impl<'a> Part<'a> {
    /// The same script with another text, whose statements have the same places.
    pub(crate) fn with_text<'t>(&self, text: &'t str) -> Part<'t>
    where
        'a: 't,
    {
        Part {
            path: self.path,
            text,
            statements: self.statements.clone(),
            words: OnceCell::new(),
            ..*self
        }
    }

    /// The bytes of a statement.
    pub(crate) fn range(&self, statement: usize) -> Range<usize> {
        let place = self.statements.get(statement);
        place.map_or(0..0, |place| place.start as usize..place.end as usize)
    }

    /// The bytes of the script at a place in a statement.
    pub(crate) fn place(&self, statement: usize, within: Range<usize>) -> Range<usize> {
        let start = self.range(statement).start;
        start + within.start..start + within.end
    }

    /// The text of a statement.
    pub(crate) fn statement(&self, statement: usize) -> &'a str {
        self.text.get(self.range(statement)).unwrap_or_default()
    }

    /// The words of each statement, without space, comments, the quotes of names and the last
    /// semicolon.
    pub(crate) fn words(&self) -> &[Arc<[String]>] {
        self.words.get_or_init(|| {
            let statements = 0..self.statements.len();
            statements
                .map(|it| short_tokens(without_semicolon(self.statement(it))).into())
                .collect()
        })
    }

    /// The words of all statements.
    pub(crate) fn all_words(&self) -> impl Iterator<Item = &String> + Clone {
        self.words().iter().flat_map(|words| words.iter())
    }

    /// Whether it may create a temporary table, view or trigger.
    pub(crate) fn may_create_temporary(&self) -> bool {
        let mut words = self.all_words();
        self.is_rust || words.any(|word| matches!(word.as_str(), "temp" | "temporary"))
    }

    /// Its statements as the schema of SQLite shows those that create something, with their words.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (&'a str, &Arc<[String]>)> {
        let texts = (0..self.statements.len()).map(|at| without_semicolon(self.statement(at)));
        let all = texts.zip(self.words());
        all.filter(|(text, words)| {
            text.len() <= LONG && words.first().is_some_and(|word| word == "create")
        })
    }
}

impl<'a> From<&'a SourceMigration> for Subject<'a> {
    fn from(migration: &'a SourceMigration) -> Subject<'a> {
        Subject {
            version: migration.version,
            label: &migration.label,
            up: Part::from(&migration.up),
            down: migration.down.as_ref().map(Part::from),
            is_frozen: migration.is_released(),
            refers_ahead: migration.refers_ahead,
        }
    }
}

impl<'a> From<&'a SourceScript> for Part<'a> {
    fn from(script: &'a SourceScript) -> Part<'a> {
        Part {
            path: &script.path,
            text: &script.text,
            first_line: script.first_line,
            statements: if script.is_rust {
                Vec::new()
            } else {
                script.statements.clone()
            },
            is_rust: script.is_rust,
            in_transaction: script.in_transaction,
            words: OnceCell::new(),
        }
    }
}

impl From<&Migration> for Subject<'static> {
    fn from(migration: &Migration) -> Subject<'static> {
        Subject {
            version: migration.version,
            label: migration.label,
            up: Part::from(&migration.up),
            down: migration.down.as_ref().map(Part::from),
            is_frozen: migration.is_frozen,
            refers_ahead: migration.refers_ahead,
        }
    }
}

impl From<&Script> for Part<'static> {
    fn from(script: &Script) -> Part<'static> {
        Part {
            path: script.path(),
            text: script.sql(),
            first_line: script.first_line(),
            statements: script.statements().collect(),
            is_rust: script.is_rust(),
            in_transaction: script.in_transaction(),
            words: OnceCell::new(),
        }
    }
}

/// How many bytes of a statement are split into words. The values of seed data are irrelevant.
const LONG: usize = 65_536;

fn without_semicolon(statement: &str) -> &str {
    statement.strip_suffix(';').unwrap_or(statement).trim_end()
}

fn short_tokens(statement: &str) -> Vec<String> {
    let mut end = statement.len().min(LONG);
    while !statement.is_char_boundary(end) {
        end -= 1;
    }
    tokens(&statement[..end])
}
