//! What the damage needs to know about a script: statements, words, and the parts of a table.

use migrate_scan::sqlite::{Tokens, name_of};
use migrate_scan::{Engine, TokenKind};
use std::ops::Range;

/// One word, sign or literal. Keywords and plain names are in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub text: String,
    pub bytes: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub bytes: Range<usize>,
    pub words: Vec<Word>,
}

pub(crate) fn words(text: &str, bytes: Range<usize>) -> Vec<Word> {
    let start = bytes.start;
    Tokens::new(&text[bytes])
        .filter(|token| !token.kind.is_blank() && token.kind != TokenKind::Semicolon)
        .map(|token| {
            let bytes = token.range.start + start..token.range.end + start;
            let word = &text[bytes.clone()];
            let text = if token.kind == TokenKind::Word {
                word.to_lowercase()
            } else {
                word.to_owned()
            };
            Word { text, bytes }
        })
        .collect()
}

pub(crate) fn statements(text: &str) -> Vec<Statement> {
    let scan = Engine::Sqlite.scan(text);
    let statement = |it: &migrate_scan::Statement| {
        let bytes = it.start as usize..it.end as usize;
        let words = words(text, bytes.clone());
        Statement { bytes, words }
    };
    scan.statements.iter().map(statement).collect()
}

/// A text with some of its bytes replaced.
pub(crate) fn edited(text: &str, edits: &[(Range<usize>, &str)]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, with) in edits {
        text.replace_range(range, with);
    }
    text
}

/// The name that a word stands for, in lower case and without quotes.
pub(crate) fn name(word: &Word) -> String {
    name_of(&word.text).to_lowercase()
}

/// Whether the words start with those of `pattern`.
pub(crate) fn starts(words: &[Word], pattern: &str) -> bool {
    let mut words = words.iter();
    pattern
        .split(' ')
        .all(|word| words.next().is_some_and(|it| it.text == word))
}

/// The index of the first word of `pattern` in the words.
pub(crate) fn find(words: &[Word], pattern: &str) -> Option<usize> {
    (0..words.len()).find(|at| starts(&words[*at..], pattern))
}

/// The index of the parenthesis that closes the one at `open`.
pub(crate) fn close(words: &[Word], open: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    words.len() - 1
}

/// The parts between `from` and `to` that commas separate, as ranges of words.
pub(crate) fn parts(words: &[Word], from: usize, to: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, from);
    for (at, word) in words.iter().enumerate().take(to).skip(from) {
        match word.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => {
                parts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(start..to);
    parts
}

/// The bytes of a range of words.
pub(crate) fn bytes(words: &[Word], range: &Range<usize>) -> Range<usize> {
    words[range.start].bytes.start..words[range.end - 1].bytes.end
}

/// The bytes of a part of a list together with one comma.
pub(crate) fn with_comma(words: &[Word], list: &[Range<usize>], part: usize) -> Range<usize> {
    let range = &list[part];
    if part > 0 {
        words[list[part - 1].end - 1].bytes.end..words[range.end - 1].bytes.end
    } else if let Some(next) = list.get(1) {
        words[range.start].bytes.start..words[next.start].bytes.start
    } else {
        bytes(words, range)
    }
}

/// A `CREATE TABLE` in parts.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub name: String,
    pub words: Vec<Word>,
    pub items: Vec<Range<usize>>,
    /// The words after the parenthesis.
    pub options: Range<usize>,
}

impl Table {
    pub(crate) fn parse(words: Vec<Word>) -> Option<Table> {
        let at = if starts(&words, "create table") {
            2
        } else if starts(&words, "create temp table") {
            3
        } else {
            return None;
        };
        let name = name(words.get(at)?);
        (words.get(at + 1)?.text == "(").then_some(())?;
        let end = close(&words, at + 1);
        Some(Table {
            name,
            items: parts(&words, at + 2, end),
            options: end + 1..words.len(),
            words,
        })
    }

    pub(crate) fn item(&self, item: usize) -> &[Word] {
        &self.words[self.items[item].clone()]
    }

    pub(crate) fn is_constraint(&self, item: usize) -> bool {
        let first = self.item(item)[0].text.as_str();
        ["constraint", "unique", "check", "foreign", "primary"].contains(&first)
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.items.len()).filter(|item| !self.is_constraint(*item))
    }

    pub(crate) fn column(&self, column: &str) -> Option<usize> {
        self.columns()
            .find(|item| name(&self.item(*item)[0]) == column)
    }

    /// The declared type of a column, or nothing.
    pub(crate) fn declared(&self, item: usize) -> &str {
        self.item(item).get(1).map_or("", |word| &word.text)
    }

    pub(crate) fn has(&self, item: usize, pattern: &str) -> bool {
        find(self.item(item), pattern).is_some()
    }

    /// Whether a column is part of a key that the table declares.
    pub(crate) fn is_key(&self, item: usize) -> bool {
        self.has(item, "primary key") || self.is_in(item, "primary key")
    }

    /// Whether a constraint of the table that contains `pattern` lists a column.
    pub(crate) fn is_in(&self, column: usize, pattern: &str) -> bool {
        let column = name(&self.item(column)[0]);
        (0..self.items.len())
            .filter(|item| self.is_constraint(*item) && self.has(*item, pattern))
            .any(|item| self.item(item).iter().any(|word| name(word) == column))
    }

    pub(crate) fn is_unique(&self, item: usize) -> bool {
        self.is_key(item) || self.has(item, "unique")
    }

    pub(crate) fn is_generated(&self, item: usize) -> bool {
        self.has(item, "generated")
    }

    pub(crate) fn is_nullable(&self, item: usize) -> bool {
        !self.has(item, "not null") && !self.is_key(item) && !self.is_generated(item)
    }

    pub(crate) fn has_option(&self, option: &str) -> bool {
        find(&self.words[self.options.clone()], option).is_some()
    }
}

/// A table constraint or a clause of a column, as a range of words of the statement.
pub(crate) fn clauses(table: &Table, item: usize, clause: &str) -> Vec<Range<usize>> {
    let words = &table.words;
    let range = table.items[item].clone();
    let mut found = Vec::new();
    for at in range.clone() {
        // `ON DELETE SET DEFAULT` is no default.
        let is_action = at > range.start && words[at - 1].text == "set";
        if is_action || !starts(&words[at..range.end], clause) {
            continue;
        }
        let length = clause.split(' ').count();
        let mut end = at + length;
        let next = |end: usize| words.get(end).map_or("", |word| word.text.as_str());
        match clause {
            "check" => end = close(words, end) + 1,
            "default" if next(end) == "(" => end = close(words, end) + 1,
            "default" if next(end) == "-" => end += 2,
            "default" | "collate" => end += 1,
            "generated always as" => {
                end = close(words, end) + 1;
                end += usize::from(["stored", "virtual"].contains(&next(end)));
            }
            "on delete" | "on update" => {
                end += 1 + usize::from(["set", "no"].contains(&next(end)));
            }
            "references" => end = range.end,
            _ => {}
        }
        found.push(at..end);
    }
    found
}
