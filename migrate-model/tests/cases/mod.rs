//! The configuration of property tests.

use proptest::prelude::ProptestConfig;

/// Runs `cases` inputs, and writes no file of failed ones.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
