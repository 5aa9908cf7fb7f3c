//! A test of the migrations themselves, on a PostgreSQL server.

use migrate_runtime::__private::postgres::assert_sound_at;
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Postgres};

/// Proves a set of migrations on a server, as [`prove`](super::prove()) does, for
/// a test of the program that embeds them:
///
/// ```no_run
/// # use migrate_runtime::{Migrator, Postgres, Version};
/// # struct Migration;
/// # impl Migration {
/// #     fn migrator() -> Migrator<Version, Postgres> { unimplemented!() }
/// # }
/// # fn wrapped() {
/// #[test]
/// # fn ignored() {}
/// fn migrations_are_sound() {
///     let url = std::env::var("TEST_DATABASE_URL").expect("a PostgreSQL server for tests");
///     migrate_tools::postgres::testing::check(&Migration::migrator(), &url);
/// }
/// # migrations_are_sound();
/// # }
/// ```
/// The functions of migrations in Rust run too. They get a transaction on a scratch
/// database, but whatever else they do is not undone: use the URL of a server for
/// tests.
///
/// Warnings are written to standard error, and do not fail the test.
///
/// # Panics
///
/// Panics with all findings, as a test must, and if the server cannot be reached.
#[expect(clippy::panic, reason = "this is the assertion of a test")]
pub fn check<M>(migrator: &Migrator<M, Postgres>, url: &str) {
    let connector = match Connector::parse(url) {
        Ok(connector) => connector,
        Err(error) => panic!("{error:#}"),
    };
    assert_sound_at(migrator, &connector);
}
