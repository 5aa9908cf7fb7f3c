//! How many inputs a property is tried with.

use proptest::prelude::ProptestConfig;

/// So many, and no file with those that failed.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
