//! Delays between attempts.

use crate::postgres::random::fraction;
use std::time::Duration;

/// Delays that double up to a limit. Each varies by up to a half, so that many
/// programs that lost one server do not reconnect in step.
pub(in crate::postgres) struct Backoff {
    next: Duration,
    most: Duration,
}

impl Backoff {
    pub(in crate::postgres) fn new(first: Duration, most: Duration) -> Backoff {
        Backoff { next: first, most }
    }

    pub(in crate::postgres) fn delay(&mut self) -> Duration {
        let delay = self.next.mul_f64(0.5 + fraction()).min(self.most);
        self.next = (self.next * 2).min(self.most);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_within_their_jitter_and_end_at_the_limit() {
        for _ in 0..100 {
            let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
            for base in [100, 200, 400, 800, 1600, 3200, 5000, 5000] {
                let delay = backoff.delay().as_millis();
                assert!((base / 2..=base * 3 / 2).contains(&delay) && delay <= 5000);
            }
        }
    }

    #[test]
    fn two_programs_do_not_wait_the_same() {
        let delays = || {
            let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
            [backoff.delay(), backoff.delay(), backoff.delay()]
        };
        assert_ne!(delays(), delays());
    }
}
