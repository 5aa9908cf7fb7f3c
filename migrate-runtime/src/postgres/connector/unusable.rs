//! The error of an unusable URL or configuration.

use crate::error::{ConnectKind, Error};

pub(super) fn unusable(what: impl Into<String>) -> Error {
    let what = what.into();
    ConnectKind::Unusable { what }.into()
}
