//! What a run decides where both engines could decide otherwise: the state, the
//! messages and the events are the same.

use crate::database::{A, B, C, Database, On, THREE, assert_state, done, refused};
use crate::observer::{Log, logged};
use crate::rust::SECOND;
use migrate_runtime::{
    BoxError, Down, Error, ErrorKind, Event, Observer, Report, Step, Transactions,
};
use migrate_tests::kinds;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Stops a run at an event until the other end of `go` is dropped.
struct Pause {
    at: fn(&Event<'_>) -> bool,
    reached: Mutex<Sender<()>>,
    go: Mutex<Receiver<()>>,
}

impl Observer for Pause {
    fn on_event(&self, event: &Event<'_>) {
        if (self.at)(event) {
            let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = reached.send(());
            let go = self.go.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = go.recv();
        }
    }
}

/// Begins a redo while another run is paused, and lets that one end after a
/// while.
fn redo_during<D: Database>(
    db: &mut D,
    redone: On<D>,
    other: On<D>,
    at: fn(&Event<'_>) -> bool,
    run: fn(&mut D, &On<D>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let (reached, is_reached) = channel();
    let (resume, go) = channel::<()>();
    let other = other.observer(Pause {
        at,
        reached: Mutex::new(reached),
        go: Mutex::new(go),
    });
    let mut first = db.another();
    let first = thread::spawn(move || run(&mut first, &other).map(|report| done(&report)));
    is_reached.recv().unwrap();
    let mut second = db.another();
    let second = thread::spawn(move || second.redo(&redone));
    thread::sleep(Duration::from_millis(300));
    drop(resume);
    first.join().unwrap().unwrap();
    second.join().unwrap()
}

fn a_redo_of_one_that_was_undone_meanwhile<D: Database>(mut db: D) {
    let migrator = D::migrator(&[A, B]);
    db.up(&migrator).unwrap();
    let error = redo_during(
        &mut db,
        migrator.clone(),
        migrator,
        |event| matches!(event, Event::MigrationStarted { .. }),
        |db, migrator| db.down(migrator, Down::Steps(1)),
    )
    .unwrap_err();
    assert_eq!(kinds(&error), "not applied");
    insta::assert_snapshot!(error.message(), @"migration `002_b` cannot be undone, because it is not applied");
    assert_state(&mut db, "a: 1");
    db.assert_free();
}

/// One that is at work is waited for: only one whose owner is dead is dirty.
fn a_redo_while_one_without_a_transaction_runs<D: Database>(mut db: D) {
    let c = (
        "003_c.sql",
        "-- migrate: no-transaction\nCREATE TABLE c(x bigint);\nVACUUM;\n\
         -- migrate:down\nDROP TABLE c;\n",
    );
    db.up(&D::migrator(&[A, B])).unwrap();
    let migrator = D::migrator(&[A, B, c]);
    let report = redo_during(
        &mut db,
        migrator.clone(),
        migrator,
        |event| matches!(event, Event::StatementStarted { number: 2, .. }),
        |db, migrator| db.up(migrator),
    );
    assert_eq!(done(&report.unwrap()), "-003_c 003_c");
    assert_state(&mut db, "a b c: 1 2 3");
    db.assert_free();
}

/// A redo is one run, also if its two halves cannot share a transaction.
fn a_redo_without_a_transaction<D: Database>(mut db: D) {
    let b = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(x bigint);\n-- migrate:down\nDROP TABLE b;\n",
    );
    let (log, migrator) = logged::<D>(&[A, b]);
    db.up(&migrator).unwrap();
    log.take();
    db.redo(&migrator).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run down of 1
      down 002_b (002)
        before down of 002_b
        002_b 1 of 1: DROP TABLE b;
        002_b 1 of 1 ended: ok
        after down of 002_b
      down 002_b ended: ok
      up 002_b (002)
        before up of 002_b
        002_b 1 of 1: CREATE TABLE b(x bigint);
        002_b 1 of 1 ended: ok
        after up of 002_b
      up 002_b ended: ok
    run down ended with 2: ok
    ");
}

/// Sets a flag when the first migration has ended, and keeps a log.
struct StopsAfterTheFirst(Log, Arc<AtomicBool>);

impl Observer for StopsAfterTheFirst {
    fn on_event(&self, event: &Event<'_>) {
        self.0.on_event(event);
        if let Event::MigrationEnded { .. } = event {
            self.1.store(true, Ordering::Relaxed);
        }
    }
}

fn stopped_between_two_in_one_transaction<D: Database>(mut db: D) {
    let (log, flag) = (Log::default(), Arc::new(AtomicBool::new(false)));
    let is_set = Arc::clone(&flag);
    let migrator = D::migrator(&[A, B])
        .transactions(Transactions::All)
        .observer(StopsAfterTheFirst(log.clone(), flag))
        .stop_when(move || is_set.load(Ordering::Relaxed));
    let error = refused(&mut db, |db| db.up(&migrator));
    insta::assert_snapshot!(error.message(), @"stopped before migration `002_b`; all migrations of this run share one transaction, so none took effect");
    insta::assert_snapshot!(log.take(), @"
    run up of 2
      up 001_a (001)
        001_a 1 of 1: CREATE TABLE a(x bigint);
        001_a 1 of 1 ended: ok
      up 001_a ended: ok
    run up ended with 0: stopped before migration `002_b`; all migrations of this run share one transaction, so none took effect
    ");
}

/// Wants to stop while it is asked about a migration.
struct StopsBefore(Log, Arc<AtomicBool>);

impl Observer for StopsBefore {
    fn on_event(&self, event: &Event<'_>) {
        self.0.on_event(event);
    }

    fn before(&self, _: &Step<'_>) -> Result<(), BoxError> {
        self.1.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Nothing of it has run, so that it need not be finished.
fn stopped_before_the_first_statement_without_a_transaction<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let (log, flag) = (Log::default(), Arc::new(AtomicBool::new(false)));
    let is_set = Arc::clone(&flag);
    let b = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(x bigint);\n",
    );
    let migrator = D::migrator(&[A, b])
        .observer(StopsBefore(log.clone(), flag))
        .stop_when(move || is_set.load(Ordering::Relaxed));
    let error = refused(&mut db, |db| db.up(&migrator));
    insta::assert_snapshot!(log.take(), @"
    run up of 1
      up 002_b (002)
      up 002_b ended: stopped before migration `002_b`
    run up ended with 0: stopped before migration `002_b`
    ");
    assert_eq!(kinds(&error), "stopped");
}

struct TakesItsTime;

impl Observer for TakesItsTime {
    fn before(&self, _: &Step<'_>) -> Result<(), BoxError> {
        thread::sleep(Duration::from_millis(300));
        Ok(())
    }

    fn after(&self, _: &Step<'_>) -> Result<(), BoxError> {
        thread::sleep(Duration::from_millis(300));
        Ok(())
    }
}

/// A duration includes what the runner does, and no hooks.
fn an_observer_is_not_part_of_the_duration<D: Database>(mut db: D) {
    let b = ("002_b.sql", "-- migrate: no-transaction\nSELECT 1;\n");
    let migrator = D::migrator(&[A, b]).observer(TakesItsTime);
    let report = db.up(&migrator).unwrap();
    for applied in report.applied() {
        assert!(applied.duration < Duration::from_millis(300), "{applied:?}");
    }
    let slow = db.rows("SELECT count(*) FROM _migrations WHERE execution_ms >= 300");
    assert_eq!(slow, "0");
}

/// What can never run does not begin.
fn what_is_refused_is_no_run<D: Database>(mut db: D) {
    let (log, migrator) = logged::<D>(&[A, SECOND]);
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(error.kind(), ErrorKind::FunctionMissing);
    assert_eq!(log.take(), "");
    let bad = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(x bigint);\nSELECT nope;\n",
    );
    let (log, migrator) = logged::<D>(&[A, bad, C]);
    db.up(&migrator).unwrap_err();
    log.take();
    for verb in [D::up, D::reset, D::redo] {
        let error = refused(&mut db, |db| verb(db, &migrator));
        assert_eq!(kinds(&error), "dirty");
        assert_eq!(log.take(), "");
    }
}

/// Keeps what the end of a run says was done.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<String>>>);

impl Observer for Reports {
    fn on_event(&self, event: &Event<'_>) {
        if let Event::RunEnded {
            error: Some(error), ..
        } = event
        {
            self.0.lock().unwrap().push(done(error.report()));
        }
    }
}

fn the_error_of_a_run_has_its_report<D: Database>(mut db: D) {
    let bad = ("003_c.sql", "SELECT nope;\n");
    let reports = Reports::default();
    let migrator = D::migrator(&[A, B, bad]).observer(reports.clone());
    db.up(&migrator).unwrap_err();
    assert_eq!(*reports.0.lock().unwrap(), ["001_a 002_b"]);
}

fn a_value_of_the_history_is_not_one_of_ours<D: Database>(_: D) {
    let mut messages = Vec::new();
    for assignment in [
        "version = 0",
        "version = -2",
        "state = 'half done'",
        "execution_ms = -1",
        "progress = 'up'",
    ] {
        let Some(mut db) = D::new() else { return };
        db.up(&D::migrator(&[A, B])).unwrap();
        db.execute(&format!(
            "UPDATE _migrations SET {assignment} WHERE version = 2"
        ));
        let error = refused(&mut db, |db| db.up(&D::migrator(&THREE)));
        assert_eq!(kinds(&error), "damaged history");
        messages.push(error.message().replace("`public.", "`"));
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    the history table `_migrations` is damaged: 0 is not a version; nothing was applied, restore the table from a backup
    the history table `_migrations` is damaged: -2 is not a version; nothing was applied, restore the table from a backup
    the history table `_migrations` is damaged: the state of version 002 is `half done`; nothing was applied, restore the table from a backup
    the history table `_migrations` is damaged: the duration of version 002 is -1; nothing was applied, restore the table from a backup
    the history table `_migrations` is damaged: the progress of version 002 is `up`; nothing was applied, restore the table from a backup
    ");
}

on_both![
    a_redo_of_one_that_was_undone_meanwhile,
    a_redo_while_one_without_a_transaction_runs,
    a_redo_without_a_transaction,
    stopped_between_two_in_one_transaction,
    stopped_before_the_first_statement_without_a_transaction,
    an_observer_is_not_part_of_the_duration,
    what_is_refused_is_no_run,
    the_error_of_a_run_has_its_report,
    a_value_of_the_history_is_not_one_of_ours,
];
