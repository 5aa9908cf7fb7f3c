//! The words of a statement.

use migrate_scan::TokenKind;
use migrate_scan::sqlite::{Tokens, name_of};
use std::ops::Range;

/// A token of a statement that is neither white space nor a comment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// The token as written, with its quotes.
    pub(crate) text: &'a str,
    /// The offset of its first byte in the script.
    pub(crate) start: usize,
    /// The number of open parentheses around it. A parenthesis itself has the depth outside it.
    pub(crate) depth: u32,
    kind: TokenKind,
}

impl Word<'_> {
    /// Its byte range in the script.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// Whether it is this unquoted keyword or symbol.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        // Comparing lengths first is fast, and most words differ in length.
        self.text.len() == keyword.len()
            && self.kind != TokenKind::Quoted
            && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is a string literal with this content.
    pub(crate) fn is_string(&self, content: &str) -> bool {
        self.text.starts_with('\'') && self.unquoted().eq_ignore_ascii_case(content)
    }

    /// The name for comparisons: without quotes and in lower case, because SQLite ignores the case
    /// of names.
    pub(crate) fn name(&self) -> String {
        self.unquoted().to_ascii_lowercase()
    }

    /// The text without its quotes, with doubled quotes inside reduced to one.
    pub(crate) fn unquoted(&self) -> String {
        match self.kind {
            TokenKind::Quoted => name_of(self.text).into_owned(),
            _ => self.text.to_owned(),
        }
    }

    fn may_be_name(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Quoted)
    }
}

/// The words of a statement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words<'a>(Vec<Word<'a>>);

/// The name of a table, which may be qualified by a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name without schema, in lower case.
    pub(crate) name: String,
    /// The index of the word.
    pub(crate) at: usize,
}

impl<'a> Words<'a> {
    /// Reads the words of a statement that starts at the byte `start` of its script, up to and
    /// including the first for which `is_enough` returns true.
    pub(crate) fn read(
        statement: &'a str,
        start: usize,
        mut is_enough: impl FnMut(&Word<'a>) -> bool,
    ) -> Words<'a> {
        let mut words = Vec::new();
        let mut depth: u32 = 0;
        for token in Tokens::new(statement).filter(|token| !token.kind.is_blank()) {
            let text = statement.get(token.range.clone()).unwrap_or_default();
            if text == ")" {
                depth = depth.saturating_sub(1);
            }
            let word = Word {
                text,
                start: start + token.range.start,
                depth,
                kind: token.kind,
            };
            if text == "(" {
                depth = depth.saturating_add(1);
            }
            words.push(word);
            if is_enough(&word) {
                break;
            }
        }
        Words(words)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Word<'a>> {
        self.0.get(at)
    }

    /// All words with their indexes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Word<'a>)> {
        self.0.iter().enumerate()
    }

    /// Whether the word at an index is this keyword or symbol.
    pub(crate) fn is(&self, at: usize, keyword: &str) -> bool {
        self.get(at).is_some_and(|word| word.is(keyword))
    }

    /// Whether the words at an index are these keywords, in order.
    pub(crate) fn are(&self, at: usize, keywords: &[&str]) -> bool {
        let mut keywords = keywords.iter().enumerate();
        keywords.all(|(i, keyword)| self.is(at + i, keyword))
    }

    /// The index after these keywords if they are at `at`, or `at` otherwise.
    pub(crate) fn after(&self, at: usize, keywords: &[&str]) -> usize {
        if self.are(at, keywords) {
            at + keywords.len()
        } else {
            at
        }
    }

    /// The name at an index, in lower case.
    pub(crate) fn name(&self, at: usize) -> Option<String> {
        self.get(at)
            .filter(|word| word.may_be_name())
            .map(Word::name)
    }

    /// The word at an index as the user wrote it, without quotes.
    pub(crate) fn shown(&self, at: usize) -> String {
        self.get(at).map(Word::unquoted).unwrap_or_default()
    }

    /// The table that is named at an index, and the index after it.
    pub(crate) fn table(&self, at: usize) -> Option<(Table, usize)> {
        let at = if self.is(at + 1, ".") { at + 2 } else { at };
        let name = self.name(at)?;
        Some((Table { name, at }, at + 1))
    }

    /// The byte range of a word in the script.
    pub(crate) fn place(&self, at: usize) -> Range<usize> {
        self.get(at).map_or(0..0, Word::range)
    }

    /// The byte range from one word to another, inclusive.
    pub(crate) fn places(&self, from: usize, to: usize) -> Range<usize> {
        self.place(from).start..self.place(to).end
    }

    /// The index of the parenthesis that closes the one at `open`, or the number of words if there
    /// is none.
    pub(crate) fn closing(&self, open: usize) -> usize {
        let depth = self.get(open).map_or(0, |word| word.depth);
        let after = self.iter().skip(open + 1);
        let mut closing = after.filter(|(_, word)| word.depth == depth && word.is(")"));
        closing.next().map_or(self.len(), |(at, _)| at)
    }

    /// The words between the parenthesis at `open` and its closing one, split at commas.
    pub(crate) fn parts(&self, open: usize) -> Vec<Range<usize>> {
        let end = self.closing(open);
        let depth = self.get(open).map_or(0, |word| word.depth) + 1;
        self.divided(open + 1..end, depth)
    }

    /// The same parts as [`parts`](Self::parts), as texts that can be compared: names without
    /// quotes, all in lower case.
    pub(crate) fn normal_parts(&self, open: usize) -> Vec<String> {
        let text = |part: Range<usize>| {
            let words = part.filter_map(|at| self.get(at));
            words.map(Word::name).collect::<Vec<String>>().join(" ")
        };
        self.parts(open).into_iter().map(text).collect()
    }

    /// A range of words, split at the commas of a depth.
    pub(crate) fn divided(&self, range: Range<usize>, depth: u32) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut from = range.start;
        for at in range.clone() {
            if self.is(at, ",") && self.get(at).is_some_and(|word| word.depth == depth) {
                parts.push(from..at);
                from = at + 1;
            }
        }
        parts.push(from..range.end);
        parts.retain(|part| !part.is_empty());
        parts
    }
}
