//! The rules of a migrations directory, whose diagnostics cannot be allowed.
//!
//! A rule checks files or sections and pushes diagnostics. It is independent of the other rules,
//! and does not stop at its first finding.

pub(crate) mod directives;
pub(crate) mod lock;
pub(crate) mod names;
pub(crate) mod numbering;
pub(crate) mod postgres;
pub(crate) mod rust;
pub(crate) mod script;
pub(crate) mod shell;
pub(crate) mod statements;
