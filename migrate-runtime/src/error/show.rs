//! The three forms of a message: with its reason on one line, without it, and
//! on several lines for a person.

use super::causes::parts;
use super::reason::Reason;
use migrate_model::excerpt::one_line;
use std::error::Error as StdError;
use std::fmt;

/// An error of these crates: its message, and where the reason belongs in it.
pub trait Explained: StdError + Sized + 'static {
    /// Writes the message, with the reason in its place.
    ///
    /// # Errors
    ///
    /// Fails if the formatter does.
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result;

    /// The excerpt of a file, formatted as the compiler does.
    fn excerpt(&self) -> Option<&str> {
        None
    }
}

/// The message without the reason, on several lines if there are several
/// problems.
pub fn message<E: Explained>(error: &E) -> String {
    written(error, &Reason::default())
}

/// For a log: on one line, with the reason, and with the flag `#` also with the
/// other causes. With the flag `-` it is the message alone, which
/// [`text`](super::causes::text) needs: a `dyn Error` has no method for its
/// message.
///
/// # Errors
///
/// Fails if the formatter does.
pub fn display<E: Explained>(error: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let message = message(error);
    if f.sign_minus() {
        return f.write_str(&message);
    }
    let (reason, mut left) = parts(&message, error);
    if !f.alternate() {
        left.clear();
    }
    // They come before the state of the data in the message.
    let reasons: Vec<String> = reason.into_iter().chain(left).collect();
    let reasons = reasons.join(": ");
    let reason = Reason::new(Some(&reasons), true);
    f.write_str(&one_line(&written(error, &reason)))
}

/// For a person: the message, the other causes, and the excerpt.
///
/// # Errors
///
/// Fails if the formatter does.
pub fn debug<E: Explained>(error: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (reason, left) = parts(&message(error), error);
    let reason = Reason::new(reason.as_deref(), false);
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
