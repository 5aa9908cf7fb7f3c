//! The assertion of the test that the macro generates for PostgreSQL.

use crate::{Migrator, Postgres};

/// Proves the migrations on a server for tests. This needs the feature `testing`.
///
/// # Panics
///
/// Panics with everything that the proof finds.
#[cfg(feature = "testing")]
pub fn assert_sound<M>(migrator: &Migrator<M, Postgres>) {
    super::testing::assert_sound(migrator);
}

/// Reports that the proof is off, and how to turn it on.
#[cfg(not(feature = "testing"))]
pub fn assert_sound<M>(_: &Migrator<M, Postgres>) {
    crate::skipped_proof::skipped_proof();
}
