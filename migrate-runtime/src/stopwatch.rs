//! Measuring how long a migration takes, without the hooks of observers.

use crate::Timings;
use std::time::{Duration, Instant};

/// The part of a migration that is running.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Script,
    Checks,
    Commit,
}

/// How long a migration has taken so far.
pub(crate) struct Stopwatch {
    earlier: Timings,
    part: Part,
    since: Instant,
}

impl Stopwatch {
    /// Starts with the checks. `earlier` was spent before.
    pub(crate) fn start(earlier: Timings) -> Stopwatch {
        Stopwatch {
            earlier,
            part: Part::Checks,
            since: Instant::now(),
        }
    }

    /// Ends the current part and begins another.
    pub(crate) fn begin(&mut self, part: Part) {
        *self = Stopwatch {
            part,
            ..Stopwatch::start(self.timings())
        };
    }

    pub(crate) fn timings(&self) -> Timings {
        let mut timings = self.earlier;
        let part = match self.part {
            Part::Script => &mut timings.script,
            Part::Checks => &mut timings.checks,
            Part::Commit => &mut timings.commit,
        };
        *part += self.since.elapsed();
        timings
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.timings().total()
    }

    /// Does something that does not count.
    pub(crate) fn without<T>(&mut self, act: impl FnOnce() -> T) -> T {
        self.begin(self.part);
        let done = act();
        self.since = Instant::now();
        done
    }
}
