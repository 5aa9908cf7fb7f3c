//! A PostgreSQL server and databases for tests, and a test of the migrations
//! themselves. It needs the features `postgres` and `testing`.
//!
//! A server is looked for in this order:
//!
//! 1. `TEST_DATABASE_URL`, the URL of a server for tests, such as a service
//!    container. Its role needs `CREATEDB`.
//! 2. The programs `initdb` and `postgres`: in `MIGRATE_POSTGRES_BIN` (if it is
//!    set, nothing else is searched), in `PATH`, in the folder that
//!    `pg_config --bindir` prints, and in the usual folders of Debian, RHEL,
//!    Homebrew and Postgres.app.
//!
//! From the programs, a server is started once for each test binary. It listens
//! on a Unix socket in a temporary folder that other users cannot open, and it
//! ends with the process, also after `kill -9`. If nothing is found, one line
//! says so and tests are skipped; with `MIGRATE_REQUIRE_SERVERS=1` they fail.
//!
//! ```
//! # use migrate_runtime::{Checksum, Migration, Migrator, Postgres, Registry, Script, Version};
//! # static REGISTRY: Registry<Postgres> = Registry::new(&[Migration::new(
//! #     Version::new(1),
//! #     "001_users",
//! #     Checksum::from_hex([b'0'; 64]),
//! #     Script::single("001_users.sql", "CREATE TABLE users(id bigint PRIMARY KEY)"),
//! # )])
//! # .on_engine();
//! # let migrator = Migrator::<Version, Postgres>::new(&REGISTRY);
//! use migrate_runtime::postgres::{Blocking, testing};
//!
//! // Every test has its own database. Only the first one in a process waits
//! // for the migrations.
//! let Some(db) = testing::database(&migrator)? else {
//!     return Ok(()); // there is no server
//! };
//! let mut client = Blocking::connect(db.connector())?;
//! client.run(async |client| client.batch_execute("INSERT INTO users VALUES (1)").await)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod binaries;
mod database;
#[cfg(unix)]
mod process;
mod server;

pub use database::{Database, at, database};
pub use server::{Server, server};

use super::{Connector, proof};
use crate::error::{ConnectKind, Error};
use crate::findings::reported;
use crate::{Migrator, Postgres};
use std::panic::resume_unwind;
use std::thread;
use tokio::runtime::Builder;

/// Proves a set of migrations on the [server] for tests. The generated test calls it:
/// each up runs on empty tables and on tables with rows, each down restores the
/// schema, and each up runs again after it. It also finds rows and objects that are
/// lost in between. The scratch databases are dropped at the end.
///
/// Warnings are written to standard error, and do not fail the test. Without a server
/// the test is skipped.
///
/// # Panics
///
/// Panics with everything that it finds, and as [`server`] does.
pub fn check<M>(migrator: &Migrator<M, Postgres>) {
    if let Some(source) = migrator.settings.source {
        source.assert_fresh();
    }
    assert_sound(migrator);
}

pub(super) fn assert_sound<M>(migrator: &Migrator<M, Postgres>) {
    if let Some(server) = server() {
        assert_sound_at(migrator, server.connector());
    }
}

/// Proves migrations on the server of a connector.
#[doc(hidden)]
#[expect(clippy::panic, reason = "this is the assertion of a test")]
pub fn assert_sound_at<M>(migrator: &Migrator<M, Postgres>, connector: &Connector) {
    let migrator = migrator.clone().untyped();
    let proof = on_own_runtime(async || proof::prove(&migrator, connector).await);
    let problems = match proof {
        Ok(proof) => reported(proof.findings, proof.notes, &proof.coverage),
        Err(error) => Err(format!("{error:#}")),
    };
    if let Err(problems) = problems {
        panic!("{problems}");
    }
}

/// Runs on a thread of its own, so that it works whether or not the test has a
/// runtime.
fn on_own_runtime<T: Send>(
    work: impl AsyncFnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    let run = || {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| Error::with_source(ConnectKind::NoRuntime.into(), cause))?;
        runtime.block_on(work())
    };
    thread::scope(|scope| match scope.spawn(run).join() {
        Ok(result) => result,
        Err(panic) => resume_unwind(panic),
    })
}
