//! The assertion of the test that the macro generates.

use crate::Migrator;

/// Proves the migrations, which takes the feature `testing`; another test says whether
/// the binary is stale.
///
/// # Panics
///
/// With everything that the proof finds.
#[cfg(feature = "testing")]
#[expect(clippy::panic, reason = "this is the assertion of a test")]
pub fn assert_sound<M>(migrator: &Migrator<M>) {
    if let Err(problems) = crate::testing::prove(migrator) {
        panic!("{problems}");
    }
}

/// Says that the proof is off, and how to turn it on.
#[cfg(not(feature = "testing"))]
pub fn assert_sound<M>(_: &Migrator<M>) {
    use std::io::Write as _;
    // Not `eprintln!`: what a test prints is shown only if it fails.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: the migrations are not proved; to turn the proof on, run `cargo add --dev \
         migrate-runtime --features testing`"
    );
}
