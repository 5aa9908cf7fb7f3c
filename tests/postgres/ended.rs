//! Sessions that the server ends: docs/internals/postgres.md, "Lost connections and
//! killed processes".

use crate::lab::{EMPTY, Files, block, check_steps, client, locks, running, steps, texts, within};
use migrate_runtime::postgres::Connector;
use migrate_runtime::{BoxError, Migrator, Observer, Postgres, Step, Version};
use migrate_servers::{Proxy, Server, sql};
use migrate_tests::child::Worker;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

fn migrator() -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(&texts(&steps(2, "")))
}

/// Ends the session of a run before each message that it sends, one after the
/// other.
fn terminated(with_connector: bool) -> (usize, usize) {
    let Some(server) = Server::shared() else {
        return (0, 0);
    };
    let database = Arc::new(server.database());
    let (mut phases, mut failed) = (0, 0);
    for at in 0.. {
        assert!(at < 200, "it never ends");
        database.psql(EMPTY);
        let proxy = Proxy::start(server.address());
        let (seen, ended) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let (other, has_ended) = (Arc::clone(&database), Arc::clone(&ended));
        proxy.cut_before(move |message| {
            if sql(message).is_some() && seen.fetch_add(1, Ordering::Relaxed) == at {
                has_ended.fetch_add(1, Ordering::Relaxed);
                let _ = other.try_psql(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                );
            }
            false
        });
        let connector = Connector::parse(&proxy.url(database.name())).unwrap();
        let result = block(async {
            let mut client = client(&proxy.url(database.name())).await;
            let migrator = if with_connector {
                migrator().connector(connector)
            } else {
                migrator()
            };
            migrator.up(&mut client).await
        });
        let applied = check_steps(|sql| database.psql(sql));
        // The server may still be ending the session.
        within(Duration::from_secs(10), "the lock is free", || {
            locks(&database) == "0"
        });
        match &result {
            Ok(report) => assert_eq!((report.applied().len(), applied), (2, 2), "at {at}"),
            Err(error) => {
                assert!(!with_connector, "at {at}: {error}");
                assert!(error.report().applied().len() <= applied, "at {at}");
                failed += 1;
            }
        }
        block(async {
            let mut client = client(database.url()).await;
            migrator().up(&mut client).await.unwrap();
        });
        assert_eq!(check_steps(|sql| database.psql(sql)), 2, "at {at}");
        if ended.load(Ordering::Relaxed) == 0 {
            break;
        }
        phases += 1;
    }
    (phases, failed)
}

#[test]
fn a_session_that_is_ended_is_an_error_and_the_next_run_converges() {
    let (phases, failed) = terminated(false);
    println!("figures: ended in {phases} phases, of which {failed} failed");
    assert!(phases == 0 || failed > 20, "{phases} {failed}");
}

#[test]
fn with_a_connector_a_session_that_is_ended_is_no_error() {
    let (phases, _) = terminated(true);
    println!("figures: ended in {phases} phases");
    assert!(phases == 0 || phases > 20, "{phases}");
}

/// Takes its time within a transaction.
struct Slow;

impl Observer for Slow {
    fn before(&self, _: &Step<'_>) -> Result<(), BoxError> {
        sleep(Duration::from_millis(400));
        Ok(())
    }
}

#[test]
fn timeouts_of_idle_sessions_do_not_end_a_run() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    for setting in [
        "idle_in_transaction_session_timeout",
        "idle_session_timeout",
    ] {
        let name = database.name();
        server.psql(&format!("ALTER DATABASE {name} SET {setting} = '150ms'"));
    }
    // Somebody else has the lock for a while, so that this one waits for it
    // between two questions.
    let slow = [("001_m.sql".to_owned(), "SELECT pg_sleep(2.5);\n".to_owned())];
    let files = Files::new(&slow);
    let mut holder = Worker::start(files.worker(database.url(), &[]));
    holder.release();
    running(&database, "SELECT pg_sleep%");
    let both = [
        ("001_m.sql", "SELECT pg_sleep(2.5);\n"),
        ("002_m.sql", "CREATE TABLE two (id bigint);\n"),
        (
            "003_m.sql",
            "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY i ON two (id);\n",
        ),
    ];
    let migrator = migrate_tests::postgres::migrator(&both).observer(Slow);
    block(async {
        let mut client = client(database.url()).await;
        migrator.up(&mut client).await.unwrap();
        let row = client
            .query_one("SHOW idle_session_timeout", &[])
            .await
            .unwrap();
        assert_eq!(row.get::<_, String>(0), "150ms");
    });
    holder.finish().assert_ok();
    assert_eq!(locks(&database), "0");
    assert_eq!(database.psql("SELECT count(*) FROM _migrations"), "3");
}
