//! The test that `test_migrations!` defines, for both engines.

use crate::Migrator;

/// A migrator whose engine has a proof.
pub trait AssertSound {
    /// Asserts that the registry is not older than its directory, and that its migrations
    /// are sound.
    fn assert_fresh_and_sound(&self);
}

#[cfg(feature = "sqlite")]
impl<M> AssertSound for Migrator<M, crate::Sqlite> {
    fn assert_fresh_and_sound(&self) {
        crate::assert_sound::assert_fresh_and_sound(self);
    }
}

#[cfg(feature = "postgres")]
impl<M> AssertSound for Migrator<M, crate::Postgres> {
    fn assert_fresh_and_sound(&self) {
        if let Some(source) = self.settings.source {
            source.assert_fresh();
        }
        crate::postgres::assert_sound(self);
    }
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
/// functions are attached at run time, call `testing::check` or
/// `postgres::testing::check` instead.
#[macro_export]
macro_rules! test_migrations {
    ($migration:ty) => {
        $crate::test_migrations!(migrations_are_sound, $migration);
    };
    ($name:ident, $migration:ty) => {
        #[cfg(test)]
        #[test]
        fn $name() {
            $crate::__private::AssertSound::assert_fresh_and_sound(&<$migration>::migrator());
        }
    };
}
