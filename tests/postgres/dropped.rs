//! Runs whose future is dropped in the middle: docs/internals/postgres.md, "Dropped
//! futures".

use crate::lab::{EMPTY, LOCKS, block, client};
use migrate_runtime::tokio_postgres::{Client, Error as PgError, Transaction};
use migrate_runtime::{Down, Error, Migrator, Postgres, Report, Version};
use migrate_servers::{Database, Server};
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

const FILES: &[(&str, &str)] = &[
    (
        "001_m.sql",
        "CREATE TABLE one (id bigint);\nSET work_mem = '7MB';\nINSERT INTO one VALUES (1);\n\
         -- migrate:down\nDROP TABLE one;\n",
    ),
    (
        "002_m.sql",
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS one_id ON one (id);\n\
         -- migrate:down\n-- migrate: no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS one_id;\n",
    ),
    ("003_m.rs", "// in Rust\npub fn up() {}\n"),
    ("003_m.down.sql", "DROP TABLE three;\n"),
];

async fn three(tx: &Transaction<'_>) -> Result<(), PgError> {
    tx.batch_execute("CREATE TABLE three (id bigint)").await?;
    tx.execute("INSERT INTO three VALUES ($1)", &[&3_i64])
        .await?;
    Ok(())
}

fn migrator() -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(FILES).with_up(Version::new(3), |tx| Box::pin(three(tx)))
}

/// One session that looks at a database, because a new one for each look would
/// take most of the time.
struct Look(RefCell<migrate_servers::Client>);

impl Look {
    fn at(database: &Database) -> Look {
        Look(RefCell::new(database.connect()))
    }

    fn psql(&self, sql: &str) -> String {
        self.try_psql(sql).unwrap()
    }

    fn try_psql(&self, sql: &str) -> Result<String, migrate_servers::Refused> {
        self.0.borrow_mut().query(sql)
    }
}

/// Polls a future so many times; whether it has completed.
async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if polls >= times => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

const SETTINGS: &str = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM \
    pg_settings WHERE name IN ('work_mem', 'lock_timeout', 'statement_timeout', 'search_path', \
    'application_name', 'idle_in_transaction_session_timeout', 'idle_session_timeout', \
    'client_connection_check_interval')";

async fn settings(client: &Client) -> String {
    client.query_one(SETTINGS, &[]).await.unwrap().get(0)
}

/// Whether the database agrees with its history, but for a migration that says
/// itself that it was started.
fn check(database: &Look) {
    let psql = |sql: &str| database.psql(sql);
    let history = match psql("SELECT to_regclass('_migrations') IS NOT NULL").as_str() {
        "t" => psql("SELECT string_agg(version || state, ' ' ORDER BY version) FROM _migrations"),
        _ => String::new(),
    };
    let has = |name: &str| psql(&format!("SELECT to_regclass('{name}') IS NOT NULL")) == "t";
    assert_eq!(has("one"), history.contains("1applied"), "{history}");
    assert_eq!(has("three"), history.contains("3applied"), "{history}");
    if !history.contains("2started") {
        assert_eq!(has("one_id"), history.contains("2applied"), "{history}");
    }
}

const LEFT: &str = "SELECT a.pid, a.state, a.wait_event, a.query, l.locktype, l.granted FROM \
    pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory' \
    WHERE a.datname = current_database()";

/// Whether nothing of a run is left, at the latest after a second.
async fn gone(database: &Look) -> Duration {
    let started = Instant::now();
    loop {
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND state <> 'idle'";
        if database.psql(open) == "0" && database.psql(LOCKS) == "0" {
            return started.elapsed();
        }
        let is_late = started.elapsed() >= Duration::from_secs(1);
        assert!(!is_late, "{}", database.psql(LEFT));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What a run that is dropped leaves is fixed, and the run is done.
async fn converge(client: &mut Client, database: &Look, down: bool) {
    let migrator = migrator();
    let started = "SELECT 1 FROM _migrations WHERE state = 'started'";
    let is_started = database
        .try_psql(started)
        .is_ok_and(|rows| !rows.is_empty());
    if is_started {
        let error = migrator.up(client).await.unwrap_err();
        assert!(error.is_dirty(), "{error}");
        let invalid = "SELECT 1 FROM pg_index WHERE NOT indisvalid \
                       AND indexrelid = to_regclass('one_id')";
        if !database.psql(invalid).is_empty() {
            database.psql("DROP INDEX one_id");
        }
        let version = Version::new(2);
        migrator
            .repair(client, version, migrate_runtime::Repair::Resume)
            .await
            .unwrap();
    }
    if down {
        migrator.down(client, Down::All).await.unwrap()
    } else {
        migrator.up(client).await.unwrap()
    };
    check(database);
    let rows = database.psql("SELECT count(*) FROM _migrations");
    assert_eq!(rows, if down { "0" } else { "3" });
}

async fn run(client: &mut Client, down: bool) -> Result<Report, Error> {
    if down {
        migrator().down(client, Down::All).await
    } else {
        migrator().up(client).await
    }
}

/// Drops a run after one poll, after two, and so on, until one completes.
fn at_every_poll(down: bool) {
    let Some(server) = Server::shared() else {
        return;
    };
    let (mut dropped, mut dirty, mut slowest) = (0, 0, Duration::ZERO);
    let database = server.database();
    let look = Look::at(&database);
    for times in 1.. {
        assert!(times < 400, "it never completes");
        look.psql(EMPTY);
        let completed = block(async {
            let mut client = client(database.url()).await;
            if down {
                migrator().up(&mut client).await.unwrap();
            }
            let was = settings(&client).await;
            let completed = polled(run(&mut client, down), times).await;
            // At once, on the same client.
            assert_eq!(settings(&client).await, was, "after {times} polls");
            slowest = slowest.max(gone(&look).await);
            assert_eq!(settings(&client).await, was, "after {times} polls");
            check(&look);
            let started = "SELECT count(*) FROM _migrations WHERE state = 'started'";
            dirty += usize::from(look.try_psql(started).is_ok_and(|count| count != "0"));
            match &completed {
                Some(result) => drop(result.as_ref().unwrap()),
                None => converge(&mut client, &look, down).await,
            }
            completed.is_some()
        });
        if completed {
            break;
        }
        dropped += 1;
    }
    println!("dropped at {dropped} points, {dirty} of them started; free after {slowest:?}");
    assert!(dropped > 20 && dirty > 0, "{dropped} {dirty}");
}

#[test]
fn at_every_point_of_the_way_up() {
    at_every_poll(false);
}

#[test]
fn at_every_point_of_the_way_down() {
    at_every_poll(true);
}

/// Amid a slow statement, which is cancelled.
#[test]
fn amid_a_slow_statement() {
    let Some(server) = Server::shared() else {
        return;
    };
    for mode in ["", "-- migrate: no-transaction\n"] {
        for wait in [20, 60, 150] {
            let database = server.database();
            let text = format!("{mode}SET work_mem = '7MB';\nSELECT pg_sleep(30);\n");
            let slow = migrate_tests::postgres::migrator(&[("001_m.sql", &text)]);
            block(async {
                let mut client = client(database.url()).await;
                let was = settings(&client).await;
                let wait = Duration::from_millis(wait);
                let result = tokio::time::timeout(wait, slow.up(&mut client)).await;
                assert!(result.is_err());
                let dropped = Instant::now();
                assert_eq!(settings(&client).await, was, "{mode} {wait:?}");
                gone(&Look::at(&database)).await;
                assert!(dropped.elapsed() < Duration::from_secs(1));
            });
        }
    }
}

/// The request to cancel that a dropped run sends must not hit what the
/// application does next.
#[test]
fn the_next_statement_of_the_client_is_not_cancelled() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let slow = migrate_tests::postgres::migrator(&[("001_m.sql", "SELECT pg_sleep(30);\n")]);
    let mut hit = Vec::new();
    for round in 0..60 {
        block(async {
            let mut client = client(database.url()).await;
            if round % 2 == 0 {
                let polls = polled(slow.up(&mut client), 3 + round / 2);
                drop(tokio::time::timeout(Duration::from_millis(100), polls).await);
            } else {
                let wait = Duration::from_millis(10 + u64::try_from(round).unwrap() / 3);
                drop(tokio::time::timeout(wait, slow.up(&mut client)).await);
            }
            let next = client.query_one("SELECT pg_sleep(0.05)::text", &[]).await;
            if let Err(error) = next {
                hit.push((round, error.to_string()));
            }
        });
    }
    assert!(hit.is_empty(), "{hit:?}");
}
