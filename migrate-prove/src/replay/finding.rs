//! The findings of one migration.

use crate::replay::subject::{Part, Subject};
use migrate_scan::TokenKind;
use migrate_scan::sqlite::{Tokens, name_of, scan};
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::lint::{Allowances, Level, or_allow};
use std::collections::BTreeSet;
use std::ops::Range;

/// The findings of one migration, without those that it allows.
pub(crate) struct Findings<'s, 'a> {
    subject: &'s Subject<'a>,
    found: Vec<Diagnostic>,
    empty: BTreeSet<String>,
    /// The tables of which lost rows or keys were reported, in lower case.
    losing: BTreeSet<String>,
    /// The names of the objects that were reported because they exist already, in lower case.
    existing: BTreeSet<String>,
    /// Whether `up` refuses the schema that the migration leaves.
    pub(crate) is_refused: bool,
}

impl<'s, 'a> Findings<'s, 'a> {
    pub(crate) fn new(subject: &'s Subject<'a>) -> Findings<'s, 'a> {
        Findings {
            subject,
            found: Vec::new(),
            empty: BTreeSet::new(),
            losing: BTreeSet::new(),
            existing: BTreeSet::new(),
            is_refused: false,
        }
    }

    /// Adds tables for which no row was found.
    pub(crate) fn stay_empty(&mut self, tables: impl Iterator<Item = String>) {
        self.empty.extend(tables);
    }

    pub(crate) fn empty_tables(&self) -> impl Iterator<Item = &String> {
        self.empty.iter()
    }

    /// Adds a finding at a place in one of the scripts.
    pub(crate) fn add(
        &mut self,
        part: &Part<'_>,
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
        help: &str,
    ) {
        self.add_with_notes(part, code, range, message, help, Vec::new());
    }

    /// Adds a finding with facts that explain it.
    pub(crate) fn add_with_notes(
        &mut self,
        part: &Part<'_>,
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
        help: &str,
        notes: Vec<String>,
    ) {
        if !self.is_allowed(part, code, range.start) {
            self.push(
                part,
                code,
                range,
                message.into(),
                or_allow(code, help),
                notes,
            );
        }
    }

    /// Adds a finding for rows that a table loses.
    pub(crate) fn add_lost_rows(
        &mut self,
        part: &Part<'_>,
        table: &str,
        range: Range<usize>,
        message: String,
        help: &str,
    ) {
        let code = Code::RebuildLosesRows;
        self.mark_losing(part, code, range.start, table);
        self.add(part, code, range, message, help);
    }

    /// Notes that a finding about lost rows or keys of a table follows, unless it is allowed.
    pub(crate) fn mark_losing(&mut self, part: &Part<'_>, code: Code, at: usize, table: &str) {
        if !self.is_allowed(part, code, at) {
            self.losing.insert(table.to_ascii_lowercase());
        }
    }

    /// Notes that a finding follows that an object exists already, unless it is allowed.
    pub(crate) fn mark_existing(&mut self, part: &Part<'_>, code: Code, at: usize, name: &str) {
        if !self.is_allowed(part, code, at) {
            self.existing.insert(name.to_ascii_lowercase());
        }
    }

    /// Whether an object was reported because it exists already, so that it is no news that a
    /// rebuilt table lacks it.
    pub(crate) fn has_existing(&self, name: &str) -> bool {
        self.existing.contains(&name.to_ascii_lowercase())
    }

    /// Whether lost rows or keys of a table were reported, so that references to them are no news.
    pub(crate) fn has_lost_rows(&self, table: &str) -> bool {
        self.losing.contains(&table.to_ascii_lowercase())
    }

    /// Adds a finding that no `allow` covers: `up` refuses the migration as well.
    pub(crate) fn add_refused(
        &mut self,
        part: &Part<'_>,
        code: Code,
        range: Range<usize>,
        message: impl Into<String>,
        help: &str,
    ) {
        self.is_refused = true;
        let is_allowed = self.is_allowed(part, code, range.start);
        let no_use = "; `up` refuses this as well, so an `allow` has no effect";
        let help = format!("{help}{}", if is_allowed { no_use } else { "" });
        self.push(part, code, range, message.into(), help, Vec::new());
    }

    fn push(
        &mut self,
        part: &Part<'_>,
        code: Code,
        range: Range<usize>,
        message: String,
        help: String,
        notes: Vec<String>,
    ) {
        let mut diagnostic = if part.is_rust {
            Diagnostic::of_path(code, part.path, message, help)
        } else {
            let text = (part.text, part.first_line);
            Diagnostic::in_part(code, part.path, text, range, message, help)
        };
        diagnostic.notes = notes;
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Whether a script allows a finding. A directive at the top of the up applies to the down too.
    fn is_allowed(&self, part: &Part<'_>, code: Code, at: usize) -> bool {
        if code.rule().is_none() || part.is_rust {
            return false;
        }
        let up = &self.subject.up;
        is_allowed(part, code, at) || !up.is_rust && allowances(up).has_everywhere(code)
    }

    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Whether an error with this message was added.
    pub(crate) fn has_error(&self, message: &str) -> bool {
        let mut found = self.found.iter();
        found.any(|it| it.message == message && it.code.level() == Level::Error)
    }

    /// Whether a finding is about an object, given as in "view `a`", in lower case.
    pub(crate) fn is_about(&self, object: &str) -> bool {
        let mut messages = self.found.iter().map(|it| it.message.to_ascii_lowercase());
        messages.any(|it| it.starts_with(object))
    }

    /// Whether a finding has this message.
    pub(crate) fn says(&self, message: &str) -> bool {
        self.found.iter().any(|it| it.message == message)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds the findings of another trial of the same migration.
    pub(crate) fn append(&mut self, other: Findings<'_, '_>) {
        self.found.extend(other.found);
        self.empty.extend(other.empty);
        self.losing.extend(other.losing);
        self.existing.extend(other.existing);
        self.is_refused |= other.is_refused;
    }

    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        self.found
    }
}

/// Whether a script allows a rule at a byte of its text.
fn is_allowed(part: &Part<'_>, code: Code, at: usize) -> bool {
    allowances(part).has(code, at)
}

fn allowances(part: &Part<'_>) -> Allowances {
    Allowances::of(part.text, &scan(part.text))
}

/// The place of a name in the last statement that contains it, or of the first statement if none
/// does.
pub(crate) fn place_of(part: &Part<'_>, name: &str) -> Range<usize> {
    last_place_of(part, name).unwrap_or_else(|| beginning(part, 0))
}

/// The place of a name in the last statement that contains it.
pub(crate) fn last_place_of(part: &Part<'_>, name: &str) -> Option<Range<usize>> {
    let mut statements = (0..part.statements.len()).rev();
    statements.find_map(|index| word_in(part, index, name))
}

/// Whether a table is the subject of a statement, not only mentioned in parentheses.
pub(crate) fn is_subject(words: &[String], table: &str) -> bool {
    let mut head = words.iter().take_while(|word| *word != "(");
    head.any(|word| word.eq_ignore_ascii_case(table))
}

/// The place of a name in a text.
pub(crate) fn find_name(text: &str, name: &str) -> Option<Range<usize>> {
    let mut tokens = Tokens::new(text).filter(|token| !token.kind.is_blank());
    tokens
        .find(|token| name_of(&text[token.range.clone()]).eq_ignore_ascii_case(name))
        .map(|token| token.range)
}

/// The place of a name in a statement.
pub(crate) fn word_in(part: &Part<'_>, statement: usize, name: &str) -> Option<Range<usize>> {
    let place = find_name(part.statement(statement), name)?;
    Some(part.place(statement, place))
}

/// The place of the word at a position of a statement, from 0.
pub(crate) fn nth_word(part: &Part<'_>, statement: usize, position: usize) -> Option<Range<usize>> {
    let mut tokens = Tokens::new(part.statement(statement)).filter(|it| !it.kind.is_blank());
    let token = tokens.nth(position)?;
    Some(part.place(statement, token.range))
}

/// The first word of a statement.
pub(crate) fn beginning(part: &Part<'_>, statement: usize) -> Range<usize> {
    part.place(statement, first_word(part.statement(statement)))
}

/// The first word of a text.
pub(crate) fn first_word(text: &str) -> Range<usize> {
    let token = Tokens::new(text).find(|token| token.kind == TokenKind::Word);
    token.map_or(0..0, |token| token.range)
}
