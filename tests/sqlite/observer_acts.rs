//! What an observer may do to a run, and how it is told of a lock.

use crate::database::{BASE, Database, MODES, memory, number, text};
use crate::observer::{B, Log};
use migrate_runtime::{BoxError, Event, Observer, Step};
use migrate_tests::migrator;
use rusqlite::{Connection, TransactionBehavior};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Tries what a hook may do, and what it may not.
struct Nosy(Log);

impl Observer for Nosy {
    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        self.try_all(step.connection().unwrap());
        Ok(())
    }

    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        self.try_all(step.connection().unwrap());
        Ok(())
    }
}

impl Nosy {
    fn try_all(&self, conn: &Connection) {
        for sql in [
            "SELECT count(*) FROM a",
            "SELECT version FROM _migrations",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT s",
            "ATTACH ':memory:' AS other",
            "PRAGMA foreign_keys = ON",
            "DELETE FROM _migrations",
        ] {
            let result = conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            self.0.add(format!("{sql}: {result:?}"));
        }
    }
}

#[test]
fn a_hook_reads_but_does_not_end_the_transaction() {
    let mut conn = memory();
    let log = Log::default();
    let nosy = Nosy(log.clone());
    migrator(&[BASE, ("002_b.sql", "INSERT INTO a VALUES (3)")])
        .observer(nosy)
        .up(&mut conn)
        .unwrap();
    let text = log.take();
    assert_eq!(
        text.matches("AuthorizationForStatementDenied").count(),
        12,
        "{text}"
    );
    assert!(text.starts_with("SELECT count(*) FROM a: Ok(2)"), "{text}");
    assert!(text.contains("SELECT count(*) FROM a: Ok(3)"), "{text}");
    assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 2);
}

#[test]
fn waiting_is_told_while_it_lasts() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let mut holder = database.open();
        let tx = holder
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        let log = Log::default();
        let inner = log.clone();
        let waited = Arc::new(Mutex::new(Vec::new()));
        let times = Arc::clone(&waited);
        let migrator = migrator(&[BASE, B])
            .lock_timeout(Duration::from_secs(2))
            .observer(move |event: &Event<'_>| {
                inner.on_event(event);
                if let Event::Waiting { waited, .. } = event {
                    times.lock().unwrap().push(*waited);
                }
            });
        let error = migrator.up(&mut conn).unwrap_err();
        assert!(error.is_locked());
        let told = waited.lock().unwrap().clone();
        assert!(told.len() >= 2 && told.is_sorted(), "{told:?}");
        let text = log.take();
        assert!(text.contains("waiting for the write lock"), "{text}");
        assert_eq!(text.matches("run up").count(), 2, "{text}");
        drop(tx);
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 1);
    }
}

#[test]
fn a_panic_of_an_observer_leaves_the_connection_usable() {
    for script in [
        "CREATE TABLE b(y);\nINSERT INTO b VALUES (1)",
        "-- migrate: no-transaction\nCREATE TABLE b(y);\nVACUUM;",
    ] {
        for wal in MODES {
            let database = Database::new(wal);
            let mut conn = database.open();
            migrator(&[BASE]).up(&mut conn).unwrap();
            let panicking =
                migrator(&[BASE, ("002_b.sql", script)]).observer(|event: &Event<'_>| {
                    assert!(!matches!(event, Event::StatementEnded { .. }), "on purpose");
                });
            let caught = catch_unwind(AssertUnwindSafe(|| panicking.up(&mut conn)));
            caught.unwrap_err();
            assert!(conn.is_autocommit());
            assert_eq!(number(&conn, "PRAGMA foreign_keys"), 1);
            assert_eq!(text(&conn, "PRAGMA locking_mode"), "normal");
            assert_eq!(
                number(&conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"),
                0
            );
            conn.execute_batch("ATTACH ':memory:' AS other; DETACH other")
                .unwrap();
            let other = Connection::open(database.path()).unwrap();
            other.busy_timeout(Duration::ZERO).unwrap();
            other.execute("INSERT INTO a VALUES (9)", []).unwrap();
            let result = migrator(&[BASE, ("002_b.sql", script)]).up(&mut conn);
            if script.starts_with("--") {
                assert!(result.unwrap_err().is_dirty());
            } else {
                assert_eq!(result.unwrap().applied().len(), 1);
            }
        }
    }
}
