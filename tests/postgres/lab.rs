//! What the tests of runs share: migrations that leave a trace, and a look at
//! what a run has left.

use migrate_runtime::tokio_postgres::{Client, NoTls};
use migrate_servers::Database;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Empties a database, which takes less than to make another one.
pub(crate) const EMPTY: &str = "DROP SCHEMA IF EXISTS evil CASCADE; DROP SCHEMA public CASCADE; \
    CREATE SCHEMA public";

/// Runs something asynchronous to its end.
pub(crate) fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// A client whose connection works in the background.
pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = migrate_runtime::tokio_postgres::connect(url, NoTls)
        .await
        .unwrap();
    tokio::spawn(async move { drop(connection.await) });
    client
}

/// Migrations as files, for workers.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new<N: AsRef<Path>, T: AsRef<[u8]>>(files: &[(N, T)]) -> Files {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Files(folder)
    }

    /// A worker that applies them.
    pub(crate) fn worker(&self, url: &str, settings: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pg-worker"));
        command.arg(self.0.path()).arg(url).args(settings);
        command
    }
}

/// Each migration makes a table, and changes the one row of the ledger, so that
/// one that took effect twice, or in half, leaves a trace.
pub(crate) fn steps(count: usize, rest: &str) -> Vec<(String, String)> {
    (1..=count)
        .map(|n| {
            let first = match n {
                1 => "CREATE TABLE ledger (value numeric);\nINSERT INTO ledger VALUES (1);\n",
                _ => "",
            };
            let text = format!(
                "{first}CREATE TABLE step_{n} (id bigint PRIMARY KEY);\n\
                 INSERT INTO step_{n} SELECT generate_series(1, 100);\n{rest}\
                 UPDATE ledger SET value = value * 3 + {n};\n\
                 -- migrate:down\n\
                 UPDATE ledger SET value = (value - {n}) / 3;\nDROP TABLE step_{n};\n{}",
                if n == 1 { "DROP TABLE ledger;\n" } else { "" }
            );
            (format!("{n:03}_m.sql"), text)
        })
        .collect()
}

/// The same as one slice of texts.
pub(crate) fn texts(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect()
}

/// Whether what [`steps`] makes is as the history says; how many of them are
/// applied.
pub(crate) fn check_steps(psql: impl Fn(&str) -> String) -> usize {
    let number = |sql: &str| psql(sql).parse::<usize>().unwrap();
    let tables = number("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'step\\_%'");
    let has = |name: &str| psql(&format!("SELECT to_regclass('{name}') IS NOT NULL")) == "t";
    let rows = if has("_migrations") {
        psql("SELECT version, state FROM _migrations ORDER BY version")
    } else {
        String::new()
    };
    let expected: Vec<String> = (1..=tables).map(|n| format!("{n}|applied")).collect();
    assert_eq!(rows, expected.join("\n"), "history and tables differ");
    assert_eq!(has("ledger"), tables > 0);
    if tables > 0 {
        let value = (1..=tables).fold(1_u128, |value, n| value * 3 + n as u128);
        assert_eq!(psql("SELECT trunc(value) FROM ledger"), value.to_string());
    }
    tables
}

/// Waits until something is so, for at most so long; says how long it took.
#[track_caller]
pub(crate) fn within(patience: Duration, what: &str, is: impl Fn() -> bool) -> Duration {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < patience, "waited in vain until {what}");
        sleep(Duration::from_millis(5));
    }
    started.elapsed()
}

pub(crate) const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// How many advisory locks of this database are taken.
pub(crate) fn locks(database: &Database) -> String {
    database.psql(LOCKS)
}

/// Waits until a session of the database runs a text like this; its process.
#[track_caller]
pub(crate) fn running(database: &Database, like: &str) -> String {
    let sql = format!(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '{like}' LIMIT 1"
    );
    within(Duration::from_secs(30), like, || {
        !database.psql(&sql).is_empty()
    });
    database.psql(&sql)
}
