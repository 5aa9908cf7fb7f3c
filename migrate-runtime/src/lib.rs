//! Migrations that the compiler checks and that a service applies at start-up,
//! transactionally and exactly once.
//!
//! [`embed_migrations!`] reads a directory while the crate compiles, rejects
//! every defect that can be found then, and generates a typed, ordered
//! registry. At start-up one call brings the database to the newest version:
//! each migration and its row in the history commit together, however many
//! processes start at once and wherever one of them is killed.
//!
//! # Quick start
//!
//! ```
//! use migrate_runtime::{embed_migrations, rusqlite::Connection};
//!
//! embed_migrations!("../migrations"); // relative to your `Cargo.toml`
//!
//! let mut db = Connection::open_in_memory()?;
//! let report = Migration::migrator().up(&mut db)?;
//! assert_eq!(report.applied().len(), Migration::ALL.len());
//! assert!(Migration::migrator().up(&mut db)?.is_empty());
//! println!("{}", Migration::migrator().status(&db)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`embed_migrations!`] describes the content of a directory, the arguments of
//! the macro, and the `build.rs` that makes Cargo notice an added file.
//!
//! # Verbs
//!
//! [`Migrator`] is a description of a run; the last call is the verb.
//!
//! | verb | what it does | writes |
//! |---|---|---|
//! | [`up`](Migrator::up) | applies what is pending, up to a target | if something is pending |
//! | [`up_in`](Migrator::up_in) | the same, inside the caller's transaction | if something is pending |
//! | [`plan`](Migrator::plan) | returns what `up` would apply | no |
//! | [`status`](Migrator::status) | lists every migration and its state | no |
//! | [`down`](Migrator::down) | undoes by steps, to a version, one, or all | yes |
//! | [`redo`](Migrator::redo) | undoes the newest and applies it again | yes |
//! | [`reset`](Migrator::reset) | undoes all | yes |
//! | [`verify`](Migrator::verify) | finds every difference at once | no |
//! | [`baseline`](Migrator::baseline) | records the migrations that a database already has | the history |
//! | [`repair`](Migrator::repair) | repairs a row of the history | the history |
//!
//! A way down is complete or refused: if a migration on the way has no down,
//! that is an error that names it. The down is stored in the history, so that
//! an older program can undo a migration that it does not contain:
//!
//! ```
//! # use migrate_runtime::{embed_migrations, Down, rusqlite::Connection};
//! # embed_migrations!("../migrations", watch = false);
//! # let mut db = Connection::open_in_memory()?;
//! # Migration::migrator().up(&mut db)?;
//! let migrator = Migration::migrator();
//! migrator.down(&mut db, Down::Steps(1))?;
//! migrator.down(&mut db, Down::To(Migration::V001InitialSchema))?;
//! migrator.up(&mut db)?;
//! migrator.redo(&mut db)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Policies
//!
//! ```
//! # use migrate_runtime::{embed_migrations, rusqlite::Connection};
//! use migrate_runtime::{Ahead, Transactions};
//! use std::time::Duration;
//! # embed_migrations!("../migrations", watch = false);
//! # let mut db = Connection::open_in_memory()?;
//!
//! let report = Migration::migrator()
//!     .to(Migration::V002AddIndexes)          // default: all
//!     .ahead(Ahead::Allow)                    // a newer database; default: refuse
//!     .transactions(Transactions::All)        // one for the whole run; default: one each
//!     .lock_timeout(Duration::from_secs(10))  // default: 60 s
//!     .history_table("_orders_migrations")    // default: `_migrations`
//!     .git_commit("4f2a91c")                  // for the history
//!     .up(&mut db)?;
//! # assert_eq!(report.applied().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`backup_to`](Migrator::backup_to) copies the database before the first
//! change; [`observer`](Migrator::observer) receives events and may veto;
//! [`wal`](Migrator::wal) switches to write-ahead logging, safely while others
//! do the same; [`connect_with`](Migrator::connect_with) opens further
//! connections to a database that needs a key;
//! [`allow_foreign_history`](Migrator::allow_foreign_history) accepts a foreign
//! history, that of another tool, which is refused by default.
//!
//! # Migrations in Rust
//!
//! What SQL cannot express goes into a file such as `003_backfill.rs`, between
//! the SQL files:
//!
//! ```
//! use migrate_runtime::rusqlite::{Result, Transaction};
//! use migrate_runtime::schema;
//!
//! pub fn up(tx: &Transaction<'_>) -> Result<()> {
//!     schema::add_column_if_missing(tx, "users", "slug", "TEXT")?;
//!     let mut update = tx.prepare("UPDATE users SET slug = ?2 WHERE id = ?1")?;
//!     let mut users = tx.prepare("SELECT id, name FROM users")?;
//!     let mut rows = users.query([])?;
//!     while let Some(row) = rows.next()? {
//!         let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
//!         update.execute((id, name.to_lowercase().replace(' ', "-")))?;
//!     }
//!     Ok(())
//! }
//! # let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
//! # db.execute_batch("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)")?;
//! # up(&db.transaction()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The file is compiled into your crate, and its text is checksummed. The
//! function cannot end the transaction; a panic becomes an error and a
//! rollback. [`schema`] has functions for changes that may already exist.
//!
//! # The lock file
//!
//! `migrations.lock` in the directory lists the released migrations: if one is
//! changed, renamed or removed, the crate does not compile. The command
//! `migrate lock` writes it, and so does the crate `migrate-tools`, which also
//! renumbers the drafts of two branches.
//!
//! # Testing
//!
//! With the feature `testing`, which belongs in `[dev-dependencies]`, the macro
//! generates a test that replays the migrations with rows in every table: every
//! up runs, every down undoes its up, every up runs again, and no data is lost.
//! `testing::database` gives each test its own migrated in-memory database for
//! the cost of a copy. `test_migrations!` defines the same test for a registry
//! that is built in another way:
//!
//! ```
//! # use migrate_runtime::embed_migrations;
//! # embed_migrations!("../migrations", watch = false);
//! migrate_runtime::test_migrations!(Migration);
//! # fn main() -> Result<(), migrate_runtime::Error> {
//! # #[cfg(all(feature = "sqlite", feature = "testing"))]
//! let db = migrate_runtime::testing::database(&Migration::migrator())?;
//! # Ok(())
//! # }
//! ```
//!
//! # Recovery
//!
//! A migration that fails, is killed or loses power is rolled back, and the
//! next start tries it again; there is nothing to clean up. Every other problem
//! is an [`Error`] that says what it is, where it is, and how to fix it:
//!
//! | kind | what happened | what to do |
//! |---|---|---|
//! | [`Locked`](ErrorKind::Locked) | another connection held the lock until the timeout | start again, or wait longer |
//! | [`Ahead`](ErrorKind::Ahead) | the database has newer migrations | start the newer program, go [`down`](Migrator::down) with this one, or allow it |
//! | [`Drift`](ErrorKind::Drift) | applied files were changed, renamed, removed or renumbered ([`Error::drift`]) | restore them; [`Repair::Restamp`] if the change does no harm |
//! | [`Dirty`](ErrorKind::Dirty) | a migration without a transaction was interrupted | [`Repair::Resume`], or one of the marks |
//! | [`ReadOnly`](ErrorKind::ReadOnly) | something is pending, and nothing can be written | open the database for writing |
//! | [`DamagedHistory`](ErrorKind::DamagedHistory) | the history is not readable | restore a backup |
//! | [`ForeignHistory`](ErrorKind::ForeignHistory) | the history is another tool's | [`adopt`](Migrator::adopt) it |
//! | [`CommitUnknown`](ErrorKind::CommitUnknown) | the disk, or the connection, failed during a commit | start again: the next run finds out |
//! | [`Stopped`](ErrorKind::Stopped) | the function of [`stop_when`](Migrator::stop_when) returned `true` | start again: the next run continues |
//! | [`Irreversible`](ErrorKind::Irreversible) | a migration to undo has no down | restore a backup |
//! | [`Stale`](ErrorKind::Stale) | the program is older than its directory | rebuild it |
//!
//! [`Error::report`] lists what was applied before; [`Error::location`] is the
//! position in the file.
//!
//! ```
//! # use migrate_runtime::{Checksum, Migration, Migrator, Registry, Repair, Script, Version};
//! # static REGISTRY: Registry = Registry::new(&[Migration::new(
//! #     Version::new(1),
//! #     "001_compact",
//! #     Checksum::from_hex([b'0'; 64]),
//! #     Script::single("001_compact.sql", "VACUUM").without_transaction(),
//! # )]);
//! # let migrator = Migrator::<Version>::new(&REGISTRY);
//! # let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
//! # let vacuum = Version::new(1);
//! # migrator.up(&mut db)?;
//! # let progress = "up 0 of 1 sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
//! # db.execute("UPDATE _migrations SET state = 'started', progress = ?1", [progress])?;
//! match migrator.up(&mut db) {
//!     Err(error) if error.is_dirty() => {
//!         eprintln!("{error}");
//!         println!("{}", migrator.repair(&mut db, vacuum, Repair::Resume)?);
//!     }
//!     other => drop(other?),
//! }
//! # assert!(migrator.up(&mut db)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # PostgreSQL
//!
//! With the feature `postgres`, a service that outgrows one machine keeps its
//! API, history and errors. The macro gets `engine = "postgres"`, and the type
//! of the migrator prevents the use of such a registry with SQLite. The methods
//! are async and take a `tokio_postgres::Client`; `postgres::Connector` waits
//! for a server that is starting, and `postgres::Blocking` is for a `main`
//! without a runtime:
//!
//! ```no_run
//! # #[cfg(feature = "postgres")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use migrate_runtime::{Checksum, Registry, Script};
//! use migrate_runtime::postgres::{Blocking, Connector};
//! use migrate_runtime::{Migration, Migrator, Postgres, Version};
//!
//! # static REGISTRY: Registry<Postgres> = Registry::new(&[Migration::new(
//! #     Version::new(1),
//! #     "001_users",
//! #     Checksum::from_hex([b'0'; 64]),
//! #     Script::single("001_users.sql", "CREATE TABLE users(id bigint PRIMARY KEY)"),
//! # )])
//! # .on_engine();
//! let connector = Connector::parse("postgres://app@localhost/orders")?;
//! let migrator = Migrator::<Version, Postgres>::new(&REGISTRY).connector(connector.clone());
//! let mut db = Blocking::connect(&connector)?;
//! println!("{}", db.run(async |client| migrator.up(client).await)?);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "postgres"))]
//! # fn main() {}
//! ```
//!
//! `docs/guide/src/postgres.md` in the repository describes a run on
//! PostgreSQL, poolers, failover and tenants.
//!
//! # What it does not do
//!
//! It never changes the journal mode unless asked, never writes when nothing is
//! pending, never runs a migration that the history records as applied, and
//! never restarts one that may have been interrupted halfway.
//!
//! # Features
//!
//! On docs.rs each item lists the feature that it needs.
//!
//! | feature | what it adds | items |
//! |---|---|---|
//! | `sqlite` (default) | the SQLite engine, through rusqlite | the verbs of `Migrator<M>`, [`schema`], [`rusqlite`] |
//! | `bundled` (default) | SQLite is compiled in; without it the system's is linked | |
//! | `syntax` (default) | the syntax of every statement is checked at compile time | |
//! | `testing` | the generated test proves the migrations; for `[dev-dependencies]` | `testing`, `test_migrations!`, `Migrator::compare_schema` and `replay`; `postgres::testing` |
//! | `prove` | the migrations are proved at compile time, on an SQLite that is compiled into the macro | |
//! | `postgres` | the PostgreSQL engine, through tokio-postgres; with `default-features = false` there is no SQLite in the tree | `postgres`, the verbs of `Migrator<M, Postgres>`, `tokio_postgres` |
//! | `rustls` | encrypted connections to PostgreSQL; it enables `postgres` | |
//! | `tracing` | a span for each run, and events in it | |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("migrate-runtime needs an engine: enable its feature `sqlite` or `postgres`");

mod adoption;
#[cfg(feature = "sqlite")]
mod assert_sound;
mod attached;
mod closure;
mod engine;
mod error;
mod exclusive_file;
#[cfg(feature = "testing")]
mod findings;
mod foreign_history;
mod function_error;
mod history_row;
mod history_table;
mod history_write;
mod listeners;
mod migrator;
mod next_step;
mod observer;
mod planned_step;
#[cfg(all(feature = "sqlite", feature = "testing"))]
mod proof;
mod rename;
mod repair;
mod report;
mod run_report;
mod script;
#[cfg(not(feature = "testing"))]
mod skipped_proof;
mod source;
#[cfg(feature = "sqlite")]
mod sqlite;
mod status;
mod stop;
mod stopwatch;
mod test_migrations;
#[cfg(feature = "tracing")]
mod trace;
mod verification;
#[cfg(windows)]
mod windows;

#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod schema;
#[cfg(all(feature = "sqlite", feature = "testing"))]
pub mod testing;

pub use adoption::Adopted;
pub use engine::Engine;
pub use error::{Error, ErrorKind};
pub use migrate_macros::embed_migrations;
pub use migrate_model::history::{Direction, Row, State};
pub use migrate_model::plan::{Ahead, Down, DownScript, Drift, Undo};
pub use migrate_model::{
    Checksum, Location, Migration, Numbering, Postgres, Registry, Script, Sqlite, Version,
};
pub use migrator::{Migrator, Transactions};
pub use observer::{BoxError, Event, Observer, Step};
pub use repair::{Baseline, Repair, Repaired};
pub use report::{Applied, DownPlan, Plan, Report, Timings, Undone};
pub use status::{Status, StatusEntry, StatusKind};
pub use verification::Verification;

#[cfg(feature = "sqlite")]
pub use rusqlite;
#[cfg(feature = "postgres")]
pub use tokio_postgres;

/// For generated code and the crates of this workspace; not part of the public
/// interface.
#[doc(hidden)]
pub mod __private {
    /// Formatting of errors.
    pub mod error {
        pub use crate::error::causes::{causes, readable, text, with_causes};
        pub use crate::error::reason::Reason;
        pub use crate::error::show::{Explained, debug, display, message};
    }
    pub use crate::exclusive_file::ExclusiveFile;
    /// The history tables of other tools.
    pub mod foreign_history {
        pub use crate::foreign_history::tables::*;
    }
    pub use crate::migrator::Migrator;
    pub use crate::rename::rename;
    pub use crate::source::{Disk, Source};
    pub use crate::test_migrations::AssertSound;
    /// Functions of migrations in Rust for PostgreSQL.
    #[cfg(feature = "postgres")]
    pub mod postgres {
        pub use crate::postgres::assert_sound;
        pub use crate::postgres::tools::*;
        pub use crate::postgres::{Functions, call};
    }
    #[cfg(feature = "sqlite")]
    pub use crate::assert_sound::assert_sound;
    #[cfg(feature = "sqlite")]
    pub use crate::sqlite::functions::{Borrowed, Functions, Plain, call};
    pub use migrate_model::{
        Checksum, Migration, Numbering, Postgres, Registry, Script, Sqlite, Version,
    };
}
