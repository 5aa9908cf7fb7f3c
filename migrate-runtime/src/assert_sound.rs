//! The assertions of the tests that the macros generate.

use crate::Migrator;

/// Proves the migrations. This needs the feature `testing`. A separate
/// assertion finds a stale binary.
///
/// # Panics
///
/// Panics with everything that the proof finds.
#[cfg(feature = "testing")]
#[expect(clippy::panic, reason = "this is the assertion of a test")]
pub fn assert_sound<M>(migrator: &Migrator<M>) {
    if let Err(problems) = crate::testing::prove(migrator) {
        panic!("{problems}");
    }
}

/// Reports that the proof is off, and how to turn it on.
#[cfg(not(feature = "testing"))]
pub fn assert_sound<M>(_: &Migrator<M>) {
    crate::skipped_proof::skipped_proof();
}

/// Like [`assert_sound`], and also asserts that the registry is not older than
/// its directory.
///
/// # Panics
///
/// Panics with everything that it finds.
pub(crate) fn assert_fresh_and_sound<M>(migrator: &Migrator<M>) {
    if let Some(source) = migrator.settings.source {
        source.assert_fresh();
    }
    assert_sound(migrator);
}
