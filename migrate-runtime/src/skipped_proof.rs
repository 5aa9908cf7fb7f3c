//! The report of a proof that is off.

use std::io::Write as _;

/// Reports that the proof is off, and how to turn it on.
pub(crate) fn skipped_proof() {
    // Not `eprintln!`: the output of a test is shown only if it fails.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: the migrations are not proved; to turn the proof on, run `cargo add --dev \
         migrate-runtime --features testing`"
    );
}
