//! A database to migrate, whatever its engine is.

use migrate_model::EngineType;
use migrate_model::files::InMemory;
use migrate_runtime::{
    Adopted, Baseline, Direction, Down, DownPlan, Engine, Error, Migrator, Numbering, Plan,
    Registry, Repair, Repaired, Report, Status, Verification, Version,
};
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_source::rust_file;
use migrate_tools::leak;
use std::path::Path;

pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

pub(crate) type On<D> = Migrator<Version, <D as Database>::Engine>;

/// An empty database and a connection to it.
pub(crate) trait Database: Sized + Send + 'static {
    type Engine: Engine;

    /// A statement that takes minutes.
    const ENDLESS: &'static str;

    /// None where no server is installed.
    fn new() -> Option<Self>;

    /// Another connection to the same database.
    fn another(&self) -> Self;

    /// What differs: whether this is SQLite.
    fn is_sqlite() -> bool {
        Self::Engine::ENGINE == migrate_scan::Engine::Sqlite
    }

    fn migrator(files: Files<'_>) -> On<Self> {
        Migrator::new(registry(files))
    }

    /// The same for a directory, as `read_directory` reads it.
    fn read(directory: &Path) -> Result<On<Self>, migrate_tools::Error>;

    fn history_table(migrator: On<Self>, name: &str) -> On<Self>;
    fn attach(migrator: On<Self>, version: u64, direction: Direction, work: Work) -> On<Self>;

    fn up(&mut self, migrator: &On<Self>) -> Result<Report, Error>;
    fn down(&mut self, migrator: &On<Self>, down: Down<Version>) -> Result<Report, Error>;
    fn redo(&mut self, migrator: &On<Self>) -> Result<Report, Error>;
    fn reset(&mut self, migrator: &On<Self>) -> Result<Report, Error>;
    fn plan(&mut self, migrator: &On<Self>) -> Result<Plan, Error>;
    fn plan_down(&mut self, migrator: &On<Self>, down: Down<Version>) -> Result<DownPlan, Error>;
    fn status(&mut self, migrator: &On<Self>) -> Result<Status, Error>;
    fn verify(&mut self, migrator: &On<Self>) -> Result<Verification, Error>;
    fn baseline(&mut self, migrator: &On<Self>, version: u64) -> Result<Baseline, Error>;
    fn repair(
        &mut self,
        migrator: &On<Self>,
        version: u64,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error>;
    /// Adopts what the script leaves and the reader has found.
    fn adopt(
        &mut self,
        migrator: &On<Self>,
        script: &'static str,
        found: Result<Vec<Adopted>, &'static str>,
    ) -> Result<Baseline, Error>;

    fn execute(&mut self, sql: &str);
    /// A line for each row, `|` between the columns, nothing for NULL.
    fn rows(&mut self, sql: &str) -> String;
    /// Everything that is in the database, the history too.
    fn dump(&mut self) -> String;
    /// The names of all tables.
    fn tables(&mut self) -> Vec<String>;
    /// No transaction is open, nothing is locked, and the connection works.
    fn assert_free(&mut self);
}

/// What the function of a migration does.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Runs(&'static str),
    /// Runs something, and fails with these words.
    Fails(&'static str, &'static str),
    Panics(&'static str, &'static str),
}

/// A registry for an engine, without the compiler's checks.
fn registry<E: EngineType>(files: Files<'_>) -> &'static Registry<E> {
    let mut options = Options::default();
    options.engine = E::ENGINE;
    options.rust = Some(&rust_file::check);
    let directory = read(&mut InMemory(files), &options);
    assert!(!directory.migrations.is_empty(), "{files:?}");
    let registry = leak(Numbering::DEFAULT, directory.migrations);
    Box::leak(Box::new((*registry).on_engine()))
}

/// Makes a test on each engine of every case. What they say is the same, so that
/// there is one snapshot for both.
macro_rules! on_both {
    ($($case:ident,)*) => {
        mod on_sqlite {
            $(#[test] fn $case() {
                $crate::database::run(super::$case::<$crate::sqlite::Sqlite>);
            })*
        }
        // Servers run on Unix only.
        #[cfg(unix)]
        mod on_postgres {
            $(#[test] fn $case() {
                $crate::database::run(super::$case::<$crate::postgres::Postgres>);
            })*
        }
    };
}

pub(crate) fn run<D: Database>(case: impl FnOnce(D)) {
    if let Some(db) = D::new() {
        insta::allow_duplicates! { case(db) }
    }
}

pub(crate) const A: (&str, &str) = (
    "001_a.sql",
    "CREATE TABLE a(x bigint);\n-- migrate:down\nDROP TABLE a;\n",
);
pub(crate) const B: (&str, &str) = (
    "002_b.sql",
    "CREATE TABLE b(x bigint);\nINSERT INTO a VALUES (2);\n\
     -- migrate:down\nDELETE FROM a WHERE x = 2;\nDROP TABLE b;\n",
);
pub(crate) const C: (&str, &str) = (
    "003_c.sql",
    "CREATE TABLE c(x bigint);\nINSERT INTO b VALUES (3);\n\
     -- migrate:down\nDELETE FROM b WHERE x = 3;\nDROP TABLE c;\n",
);
pub(crate) const THREE: [(&str, &str); 3] = [A, B, C];

pub(crate) fn version(number: u64) -> Version {
    Version::new(number)
}

/// The tables beside the history, and the versions in it.
pub(crate) fn state<D: Database>(db: &mut D) -> String {
    let tables: Vec<String> = db.tables();
    let others: Vec<&str> = tables
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "_migrations")
        .collect();
    let versions = if others.len() < tables.len() {
        db.rows("SELECT version FROM _migrations ORDER BY version")
    } else {
        "no history".to_owned()
    };
    format!("{}: {}", others.join(" "), versions.replace('\n', " "))
}

#[track_caller]
pub(crate) fn assert_state<D: Database>(db: &mut D, expected: &str) {
    assert_eq!(state(db), expected);
}

/// The labels of what a report says, with a `-` before what was undone.
pub(crate) fn done(report: &Report) -> String {
    let undone = report
        .undone()
        .iter()
        .map(|undone| format!("-{}", undone.label));
    let applied = report
        .applied()
        .iter()
        .map(|applied| applied.label.to_owned());
    undone.chain(applied).collect::<Vec<_>>().join(" ")
}

/// A run that must fail and change nothing at all.
#[track_caller]
pub(crate) fn refused<D: Database, T>(
    db: &mut D,
    run: impl FnOnce(&mut D) -> Result<T, Error>,
) -> Error {
    let before = db.dump();
    let Err(error) = run(db) else {
        unreachable!("it was not refused")
    };
    assert_eq!(db.dump(), before, "{error}");
    assert!(error.report().is_empty(), "{error}");
    db.assert_free();
    error
}
