//! Stopping a run from outside.

use crate::error::{Error, Kind, Stopped};
use std::fmt;
use std::sync::Arc;

/// The function that decides whether a run is to stop.
#[derive(Clone)]
pub(crate) struct Stop(pub(crate) Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    pub(crate) fn is_wanted(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

/// The error of a migration that was stopped.
pub(crate) fn stopped_at(label: &str) -> Error {
    let label = label.to_owned();
    Kind::Stopped(Stopped::At { label }).into()
}
