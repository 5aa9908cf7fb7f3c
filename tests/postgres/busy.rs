//! Tables that the application uses while a run wants to change them:
//! docs/internals/postgres.md, "Settings of the session".

use crate::lab::{Files, block, client, locks, running};
use migrate_runtime::{Event, Migrator, Postgres, Version};
use migrate_servers::{Database, Server};
use migrate_tests::chain;
use migrate_tests::child::Worker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const FILES: [(&str, &str); 2] = [
    ("001_users.sql", "CREATE TABLE users (id bigint);\n"),
    ("002_name.sql", "ALTER TABLE users ADD COLUMN name text;\n"),
];

const LOCK_TIMEOUT: Duration = Duration::from_millis(300);

/// A database of which only the change of the table is pending.
fn prepared(server: &Server) -> Database {
    let database = server.database();
    block(async {
        let mut client = client(database.url()).await;
        migrator()
            .to(Version::new(1))
            .up(&mut client)
            .await
            .unwrap();
    });
    database
}

fn migrator() -> Migrator<Version, Postgres> {
    migrate_tests::postgres::migrator(&FILES)
}

#[test]
fn readers_stall_no_longer_than_the_timeout() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = prepared(server);
    let mut long = database.connect();
    long.query("BEGIN; SELECT count(*) FROM users").unwrap();
    let waits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&waits);
    let migrator = migrator()
        .table_lock_timeout(LOCK_TIMEOUT)
        .attempts(20)
        .observer(move |event: &Event<'_>| {
            if let Event::Waiting { waiting_for, .. } = event {
                assert_eq!(*waiting_for, "another attempt at the migration");
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
    let over = AtomicBool::new(false);
    let longest = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut session, mut longest) = (database.connect(), Duration::ZERO);
            while !over.load(Ordering::Relaxed) {
                let started = Instant::now();
                session.query("SELECT count(*) FROM users").unwrap();
                longest = longest.max(started.elapsed());
                thread::sleep(Duration::from_millis(5));
            }
            longest
        });
        let release = scope.spawn(|| {
            let patience = Instant::now();
            while waits.load(Ordering::Relaxed) < 2 && patience.elapsed() < Duration::from_secs(20)
            {
                thread::sleep(Duration::from_millis(10));
            }
            long.query("COMMIT").unwrap();
        });
        block(async {
            let mut client = client(database.url()).await;
            migrator.up(&mut client).await.unwrap();
        });
        over.store(true, Ordering::Relaxed);
        release.join().unwrap();
        reader.join().unwrap()
    });
    let waits = waits.load(Ordering::Relaxed);
    println!("{waits} attempts were given up; a reader stalled for {longest:?} at most");
    assert!(waits >= 2);
    // That it stalled shows that the test can tell.
    assert!(longest > LOCK_TIMEOUT / 3, "{longest:?}");
    assert!(longest < LOCK_TIMEOUT * 3, "{longest:?}");
    assert_eq!(database.psql("SELECT count(name) FROM users"), "0");
}

#[test]
fn attempts_are_bounded_and_nothing_is_left() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = prepared(server);
    let mut long = database.connect();
    long.query("BEGIN; SELECT count(*) FROM users").unwrap();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let migrator = migrator()
        .table_lock_timeout(Duration::from_millis(20))
        .attempts(3)
        .observer(move |event: &Event<'_>| {
            if let Event::StatementStarted { .. } = event {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
    let error = block(async {
        let mut client = client(database.url()).await;
        let error = migrator.up(&mut client).await.unwrap_err();
        let row = client.query_one("SHOW lock_timeout", &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), "0");
        error
    });
    assert_eq!(tries.load(Ordering::Relaxed), 3);
    insta::assert_snapshot!(chain(&error), @"migration `002_name` failed at 002_name.sql:1:1 and was rolled back: canceling statement due to lock timeout (55P03)");
    assert_eq!(locks(&database), "0");
    assert_eq!(database.psql("SELECT count(*) FROM _migrations"), "1");
    long.query("COMMIT").unwrap();
}

/// Two that wait for each other: the server ends one of them, and if that is the
/// run, it tries again.
#[test]
fn a_deadlock_is_tried_again() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    // Whoever waits longer looks for a deadlock, and is the one that is ended.
    let name = database.name();
    database.psql(&format!(
        "ALTER DATABASE {name} SET deadlock_timeout = '100ms'"
    ));
    database.psql("CREATE TABLE a (); CREATE TABLE b ()");
    let text = "ALTER TABLE a ADD x int;\nSELECT pg_sleep(0.3);\nALTER TABLE b ADD x int;\n";
    let files = Files::new(&[("001_m.sql", text)]);
    let mut other = database.connect();
    other
        .query("SET deadlock_timeout = '10s'; BEGIN; LOCK TABLE b")
        .unwrap();
    let mut worker = Worker::start(files.worker(database.url(), &["table_lock_timeout_ms=20000"]));
    worker.release();
    running(&database, "SELECT pg_sleep%");
    // The statements of a script are sent ahead of their answers, so this one
    // waits for what the run has, while the run waits for `b`.
    other.start("LOCK TABLE a").unwrap();
    other.answer().unwrap();
    let log = server.log();
    assert!(log.contains("deadlock detected"), "no deadlock");
    other.query("COMMIT").unwrap();
    worker.finish().assert_ok();
    let columns = "SELECT count(*) FROM pg_attribute WHERE attname = 'x' AND attnum > 0";
    assert_eq!(database.psql(columns), "2");
}
