//! The error of the developer's tools.

use crate::{ErrorParts, explained_error};
use migrate_runtime::__private::error::{Explained, Reason};
use migrate_source::diagnostic::Diagnostic;
use migrate_source::render::{render, summary};
use std::fmt;

/// The error of a developer's tool.
///
/// It prints like [the runtime's error](migrate_runtime::Error): `Display` is one line
/// for a log, `Debug` is for people, and [`message`](Error::message) leaves out the
/// [`source`](std::error::Error::source).
pub struct Error(Box<ErrorParts<Kind>>);

explained_error!(Error, Kind);

#[derive(Debug)]
pub(crate) enum Kind {
    /// The migrations directory has problems.
    InvalidDirectory(Vec<Diagnostic>),
    /// A lock file that cannot be read or written, or files that cannot be renamed.
    LockFile(String),
    /// An error of the runtime, about a database.
    Runtime(migrate_runtime::Error),
}

impl Error {
    /// Whether the migrations directory has problems; `Debug` and
    /// [`message`](Error::message) show each as the compiler does.
    pub fn is_invalid_directory(&self) -> bool {
        matches!(self.0.kind, Kind::InvalidDirectory(_))
    }

    /// Every problem of the migrations directory, if that is the error.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match &self.0.kind {
            Kind::InvalidDirectory(diagnostics) => diagnostics,
            _ => &[],
        }
    }

    /// The error of the runtime, if this one is about a database.
    pub fn runtime(&self) -> Option<&migrate_runtime::Error> {
        match &self.0.kind {
            Kind::Runtime(error) => Some(error),
            _ => None,
        }
    }
}

impl From<migrate_runtime::Error> for Error {
    fn from(error: migrate_runtime::Error) -> Error {
        Kind::Runtime(error).into()
    }
}

impl Explained for Error {
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::InvalidDirectory(diagnostics) if reason.is_on_one_line() => {
                f.write_str(&summary("the migrations directory", diagnostics))?;
            }
            Kind::InvalidDirectory(diagnostics) => {
                let shown: Vec<String> = diagnostics.iter().map(render).collect();
                f.write_str(&shown.join("\n\n"))?;
            }
            Kind::LockFile(what) => reason.write_into(f, what)?,
            Kind::Runtime(error) => return error.write(f, reason),
        }
        reason.write_rest(f)
    }

    fn excerpt(&self) -> Option<&str> {
        self.runtime().and_then(Explained::excerpt)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            Kind::Runtime(error) => error.source(),
            _ => self.0.source(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Kind};
    use migrate_runtime::__private::error::{causes, text};

    /// As the cause of another error it must not say what its own causes say next.
    #[test]
    fn a_text_leaves_the_cause_out() {
        let what = "`migrations.lock` cannot be written; make its folder writable";
        let full = std::io::Error::other("the disk is full");
        let error = Error::with_source(Kind::LockFile(what.to_owned()), full);
        assert_eq!(text(&error), what);
        assert_eq!(causes(&error), ["the disk is full"]);
        assert_eq!(
            error.to_string(),
            "`migrations.lock` cannot be written: the disk is full; make its folder writable"
        );
    }
}
