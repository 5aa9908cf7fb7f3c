//! Stopping a run from outside.

use crate::closure::Closure;
use crate::error::{Error, Kind, Stopped};

/// The function that decides whether a run is to stop.
pub(crate) type Stop = Closure<dyn Fn() -> bool + Send + Sync>;

impl Stop {
    pub(crate) fn is_wanted(&self) -> bool {
        (self.0)()
    }
}

/// The error of a migration that was stopped.
pub(crate) fn stopped_at(label: &str) -> Error {
    let label = label.to_owned();
    Kind::Stopped(Stopped::At { label }).into()
}
