//! A script: its text, its statements and their places.

use crate::error::{Error, Kind, Place};
use crate::listeners::Listeners;
use crate::{Event, Location};
use migrate_model::excerpt::render_place;
use migrate_model::history::Row;
use migrate_model::plan::DownScript;
use migrate_model::{Excerpt, Script};
use migrate_scan::{Scan, Statement};
use std::borrow::Cow;
use std::time::Duration;

/// SQL that can be run: an embedded script, or the down of a row.
pub(crate) struct Sql {
    path: Cow<'static, str>,
    text: Cow<'static, str>,
    first_line: u32,
    statements: Statements,
    pub(crate) in_transaction: bool,
}

/// The places of the statements.
enum Statements {
    /// In the registry. A plan reads every pending script, and copies none.
    Embedded(Script),
    /// Found by scanning a down that is stored in the history.
    Scanned(Vec<Statement>),
}

impl Sql {
    pub(crate) fn embedded(script: &Script) -> Sql {
        Sql {
            path: Cow::Borrowed(script.path()),
            text: Cow::Borrowed(script.sql()),
            first_line: script.first_line(),
            statements: Statements::Embedded(*script),
            in_transaction: script.in_transaction(),
        }
    }

    /// The script that undoes the migration of a row. A down that is stored in
    /// the row was checked when it was embedded into the binary that wrote it.
    /// `scan` splits it into statements.
    pub(crate) fn down(
        down: DownScript<'_>,
        row: &Row,
        table: &str,
        scan: impl Fn(&str) -> Scan,
    ) -> Sql {
        let text = match down {
            DownScript::Embedded(script) => return Sql::embedded(&script),
            DownScript::Stored(text) => text,
        };
        let scan = scan(text);
        Sql {
            path: Cow::Owned(format!("the down of `{}` in `{table}`", row.label())),
            text: Cow::Owned(text.to_owned()),
            first_line: 1,
            in_transaction: !scan.is_without_transaction(text),
            statements: Statements::Scanned(scan.statements),
        }
    }

    /// Whether it is a down that is stored in the history.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.statements, Statements::Scanned(_))
    }

    pub(crate) fn count(&self) -> usize {
        match &self.statements {
            Statements::Embedded(script) => script.statement_count(),
            Statements::Scanned(statements) => statements.len(),
        }
    }

    /// The place of a statement, by its index.
    pub(crate) fn statement(&self, index: usize) -> Option<Statement> {
        match &self.statements {
            Statements::Embedded(script) => script.statement(index),
            Statements::Scanned(statements) => statements.get(index).copied(),
        }
    }

    pub(crate) fn text(&self, statement: Statement) -> &str {
        self.text
            .get(statement.start as usize..statement.end as usize)
            .unwrap_or_default()
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.count()).filter_map(|index| self.statement(index).map(|at| self.text(at)))
    }

    /// The place of a byte, with the word that begins there marked.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let end = offset + word(self.text.get(offset..).unwrap_or_default());
        let location = Location::in_text(self.path.clone(), &self.text, self.first_line, offset);
        let mut excerpt = Excerpt::new(&self.text, offset..end);
        excerpt.position.line = location.line;
        Place {
            excerpt: render_place(&location.path, &excerpt),
            location,
        }
    }

    /// The error of a statement that was refused.
    pub(crate) fn refused(&self, label: &str, index: usize, what: String) -> Kind {
        let statement = self.statement(index);
        Kind::Refused {
            label: label.to_owned(),
            place: self.place(statement.map_or(0, |it| it.start as usize)),
            what,
        }
    }

    pub(crate) fn started(&self, listeners: Listeners<'_>, label: &str, index: usize) {
        let Some(statement) = self.statement(index) else {
            return;
        };
        listeners.emit(&Event::StatementStarted {
            label,
            number: index + 1,
            of: self.count(),
            sql: self.text(statement),
        });
    }

    pub(crate) fn ended(
        &self,
        listeners: Listeners<'_>,
        label: &str,
        index: usize,
        duration: Duration,
        error: Option<&Error>,
    ) {
        listeners.emit(&Event::StatementEnded {
            label,
            number: index + 1,
            of: self.count(),
            duration,
            error,
        });
    }
}

/// The length in bytes of the first word of a text, or of a quoted name.
fn word(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    let rest = &text[first.len_utf8()..];
    let rest = match first {
        '"' | '`' | '\'' => rest.find(first).map_or(0, |end| end + first.len_utf8()),
        _ if first.is_alphanumeric() || first == '_' => rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len()),
        _ => 0,
    };
    first.len_utf8() + rest
}
