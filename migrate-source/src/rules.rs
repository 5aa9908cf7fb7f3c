//! The rules of a migrations directory, one function each.
//!
//! A rule looks at files or sections and pushes diagnostics; it knows nothing
//! of the other rules, and none stops at its first finding.

pub(crate) mod directives;
pub(crate) mod lock;
pub(crate) mod names;
pub(crate) mod numbering;
pub(crate) mod postgres;
pub(crate) mod rust;
pub(crate) mod script;
pub(crate) mod shell;
pub(crate) mod statements;
