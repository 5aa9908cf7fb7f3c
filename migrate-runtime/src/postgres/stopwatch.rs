//! Measuring what a migration takes, without what observers take.

use std::time::{Duration, Instant};

/// The time that a migration has taken so far.
pub(super) struct Stopwatch {
    earlier: Duration,
    since: Instant,
}

impl Stopwatch {
    /// Starts it; `earlier` was spent before.
    pub(super) fn start(earlier: Duration) -> Stopwatch {
        Stopwatch {
            earlier,
            since: Instant::now(),
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.earlier + self.since.elapsed()
    }

    /// Does something that does not count.
    pub(super) fn without<T>(&mut self, act: impl FnOnce() -> T) -> T {
        let earlier = self.elapsed();
        let done = act();
        *self = Stopwatch::start(earlier);
        done
    }
}
