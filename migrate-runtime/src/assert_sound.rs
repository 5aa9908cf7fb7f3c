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
pub fn assert_fresh_and_sound<M>(migrator: &Migrator<M>) {
    if let Some(source) = migrator.settings.source {
        source.assert_fresh();
    }
    assert_sound(migrator);
}

/// Defines a test of a set of migrations, which calls `testing::check`. This
/// needs the feature `testing`: without it, the test only finds a stale
/// registry.
///
/// An embedded set already has such a test. This macro is for a registry that
/// is built in another way, and for a call of `embed_migrations!` in the body
/// of a function, where the test harness does not find tests.
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
/// The test is named `migrations_are_sound`. For a second set in the same
/// module, write `test_migrations!(orders_are_sound, Orders)`. For a set whose
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
