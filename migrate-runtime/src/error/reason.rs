//! The reason of an error, for messages that have a place for it.

use std::cell::Cell;
use std::fmt;

/// The reason of an error, for a message that has a place for it. `Display`
/// writes a colon and the reason, or nothing.
#[derive(Default)]
pub struct Reason<'a> {
    text: Option<&'a str>,
    is_written: Cell<bool>,
    is_on_one_line: bool,
}

impl Reason<'_> {
    /// Whether the message must be on one line.
    pub fn is_on_one_line(&self) -> bool {
        self.is_on_one_line
    }

    /// Writes a text, with the reason before the first semicolon: what follows
    /// is the advice.
    ///
    /// # Errors
    ///
    /// Fails if the formatter does.
    pub fn write_into(&self, f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
        match text.split_once("; ") {
            Some((what, help)) => write!(f, "{what}{self}; {help}"),
            None => write!(f, "{text}{self}"),
        }
    }

    /// Writes the reason if the message had no place for it.
    ///
    /// # Errors
    ///
    /// Fails if the formatter does.
    pub fn write_rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_written.get() {
            Ok(())
        } else {
            write!(f, "{self}")
        }
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.is_written.set(true);
        match self.text {
            Some(text) => write!(f, ": {text}"),
            None => Ok(()),
        }
    }
}

impl<'a> Reason<'a> {
    pub(super) fn new(text: Option<&'a str>, is_on_one_line: bool) -> Reason<'a> {
        Reason {
            text: text.filter(|text| !text.is_empty()),
            is_written: Cell::new(false),
            is_on_one_line,
        }
    }
}
