//! Syntax errors in the words that both parsers share.

use std::cell::Cell;
use std::ops::Range;

/// The message for a statement that lacks its end.
pub(crate) const INCOMPLETE: &str = "syntax error: the statement ends too early";

/// The message for a token that the grammar does not allow, with its place.
pub(crate) fn near(statement: &str, range: Range<usize>) -> (String, Range<usize>) {
    let text = statement.get(range.clone()).unwrap_or_default();
    (format!("syntax error near `{}`", short(text)), range)
}

/// The beginning of a token, which can be a string of a megabyte.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    let shown: String = line.chars().take(MOST).collect();
    if shown.len() < text.len() {
        shown + "…"
    } else {
        shown
    }
}

/// How many bytes of `INSERT` statements are still parsed, at first `BYTES`. The parsers are not
/// optimized in most builds, and rust-analyzer runs them again and again: seed data of megabytes
/// would slow down each build, and is rarely written by hand.
#[derive(Debug)]
pub(crate) struct InsertBudget<const BYTES: usize>(Cell<usize>);

impl<const BYTES: usize> Default for InsertBudget<BYTES> {
    fn default() -> Self {
        InsertBudget(Cell::new(BYTES))
    }
}

impl<const BYTES: usize> InsertBudget<BYTES> {
    /// Takes a statement from the budget, or returns `None` if too little is left.
    pub(crate) fn spend(&self, statement: &str) -> Option<()> {
        let left = self.0.get().checked_sub(statement.len())?;
        self.0.set(left);
        Some(())
    }
}
