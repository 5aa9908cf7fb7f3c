//! A test of the migrations themselves, on a PostgreSQL server.

use super::prove;
use crate::error::Kind;
use crate::{Check, Error};
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Postgres};
use migrate_source::render::render_with_level as shown;
use std::io::Write as _;
use std::thread;

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
    let proved = Connector::parse(url)
        .map_err(Error::from)
        .and_then(|connector| proved(migrator, &connector));
    let check = match proved {
        Ok(check) => check,
        Err(error) => panic!("{error:#}"),
    };
    // Not `eprintln!`: its output is shown only if the test fails.
    let mut stderr = std::io::stderr();
    for warning in &check.warnings {
        let _ = writeln!(stderr, "{}\n", shown(warning));
    }
    for note in &check.notes {
        let _ = writeln!(stderr, "note: {note}");
    }
    if !check.errors.is_empty() {
        let errors: Vec<String> = check.errors.iter().map(shown).collect();
        panic!("the migrations are not sound\n\n{}\n", errors.join("\n\n"));
    }
}

/// Runs on a thread of its own, so that it works whether or not the test has a
/// runtime.
fn proved<M>(migrator: &Migrator<M, Postgres>, connector: &Connector) -> Result<Check, Error> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| Error::with_source(Kind::Database("starting a runtime"), cause))?;
        runtime.block_on(prove(migrator, connector))
    };
    thread::scope(|scope| match scope.spawn(run).join() {
        Ok(proved) => proved,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
