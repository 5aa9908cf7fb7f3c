//! The assertions of the tests that the macros write.

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

/// The same, and that the registry is not older than its directory.
///
/// # Panics
///
/// As a test must, with everything that it finds.
pub fn assert_fresh_and_sound<M>(migrator: &Migrator<M>) {
    if let Some(source) = migrator.settings.source {
        source.assert_fresh();
    }
    assert_sound(migrator);
}

/// Writes a test of a set of migrations, as `testing::check` makes it. It takes
/// the feature `testing`: without it the test only finds a stale registry.
///
/// A set that is embedded has such a test already. This is for a registry that
/// is built otherwise, and for a call of the macro in the body of a function,
/// where the test harness does not look.
///
/// ```
/// use migrate_runtime::{embed_migrations, test_migrations};
///
/// embed_migrations!("../migrations", watch = false);
///
/// test_migrations!(Migration);
/// # fn main() {}
/// ```
///
/// The test is called `migrations_are_sound`; for a second set in the same
/// module say `test_migrations!(orders_are_sound, Orders)`. For a set whose
/// functions are attached at run time, call `testing::check` instead.
#[macro_export]
macro_rules! test_migrations {
    ($migration:ty) => {
        $crate::test_migrations!(migrations_are_sound, $migration);
    };
    ($name:ident, $migration:ty) => {
        #[cfg(test)]
        #[test]
        fn $name() {
            $crate::__private::assert_fresh_and_sound(&<$migration>::migrator());
        }
    };
}
