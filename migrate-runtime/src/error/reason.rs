//! The three forms of a message: with its reason on one line, without it, and
//! as people read it on a screen.

use super::causes::parts;
use migrate_model::excerpt::one_line;
use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt;

/// Why it happened, for a message that has a place for it: `Display` writes
/// nothing, or a colon and the reason.
#[derive(Default)]
pub struct Reason<'a> {
    text: Option<&'a str>,
    is_written: Cell<bool>,
    is_on_one_line: bool,
}

impl Reason<'_> {
    /// Whether the message must not have several lines.
    pub fn is_on_one_line(&self) -> bool {
        self.is_on_one_line
    }

    /// Writes a text, with the reason before the first semicolon: what follows
    /// that is what to do.
    ///
    /// # Errors
    ///
    /// As the formatter's.
    pub fn write_into(&self, f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
        match text.split_once("; ") {
            Some((what, help)) => write!(f, "{what}{self}; {help}"),
            None => write!(f, "{text}{self}"),
        }
    }

    /// Writes the reason, if the message had no place for it.
    ///
    /// # Errors
    ///
    /// As the formatter's.
    pub fn write_rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_written.get() {
            true => Ok(()),
            false => write!(f, "{self}"),
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

/// An error of these crates: its message, and where the reason belongs in it.
pub trait Explained: StdError + Sized + 'static {
    /// Writes the message, with the reason at its place.
    ///
    /// # Errors
    ///
    /// As the formatter's.
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result;

    /// The place in a file, as the compiler shows one.
    fn excerpt(&self) -> Option<&str> {
        None
    }
}

/// The message without the reason, on several lines where it tells several
/// things.
pub fn message<E: Explained>(error: &E) -> String {
    written(error, &Reason::default())
}

/// For a log: on one line, and with `#` the other causes behind it.
///
/// # Errors
///
/// As the formatter's.
pub fn display<E: Explained>(error: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (reason, mut left) = parts(&message(error), error);
    if !f.alternate() {
        left.clear();
    }
    // Before what the message says of the state of the data.
    let reasons: Vec<String> = reason.into_iter().chain(left).collect();
    let reasons = reasons.join(": ");
    let reason = Reason {
        text: Some(reasons.as_str()).filter(|it| !it.is_empty()),
        is_on_one_line: true,
        ..Reason::default()
    };
    f.write_str(&one_line(&written(error, &reason)))
}

/// For a person: the message, what else led to it, and the place.
///
/// # Errors
///
/// As the formatter's.
pub fn debug<E: Explained>(error: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (reason, left) = parts(&message(error), error);
    let reason = Reason {
        text: reason.as_deref(),
        ..Reason::default()
    };
    f.write_str(&written(error, &reason))?;
    for cause in left {
        write!(f, "\n  because: {cause}")?;
    }
    match error.excerpt() {
        Some(excerpt) => write!(f, "\n{excerpt}"),
        None => Ok(()),
    }
}

fn written<E: Explained>(error: &E, reason: &Reason<'_>) -> String {
    struct Written<'e, E>(&'e E, &'e Reason<'e>);

    impl<E: Explained> fmt::Display for Written<'_, E> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.write(f, self.1)
        }
    }

    Written(error, reason).to_string()
}
