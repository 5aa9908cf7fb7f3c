//! Random numbers without another dependency: the keys of a hasher are random.

use std::hash::{BuildHasher as _, RandomState};

fn number() -> u64 {
    RandomState::new().hash_one(())
}

/// A number from 0 to 1, good enough for spreading delays.
pub(super) fn fraction() -> f64 {
    f64::from(number() as u32) / f64::from(u32::MAX)
}

/// 16 random hexadecimal digits.
pub fn nonce() -> String {
    format!("{:016x}", number())
}
