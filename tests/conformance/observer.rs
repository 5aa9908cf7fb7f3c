//! What an observer is told, and in which order.

use crate::database::{A, B, Database, Files, On};
use migrate_runtime::{BoxError, Down, Event, Observer, Step};
use std::sync::{Arc, Mutex, PoisonError};

/// Writes down what it is told.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }

    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join("\n")
    }
}

impl Observer for Log {
    fn on_event(&self, event: &Event<'_>) {
        let outcome = |error: &Option<&migrate_runtime::Error>| match error {
            None => "ok".to_owned(),
            Some(error) => error.message(),
        };
        self.add(match event {
            Event::RunStarted {
                direction, count, ..
            } => format!("run {direction} of {count}"),
            Event::RunEnded {
                direction,
                count,
                error,
                ..
            } => format!("run {direction} ended with {count}: {}", outcome(error)),
            Event::MigrationStarted {
                label,
                direction,
                version,
                ..
            } => format!("  {direction} {label} ({version})"),
            Event::MigrationEnded {
                label,
                direction,
                error,
                ..
            } => format!("  {direction} {label} ended: {}", outcome(error)),
            Event::StatementStarted {
                label,
                number,
                of,
                sql,
                ..
            } => format!("    {label} {number} of {of}: {sql}"),
            Event::StatementEnded {
                label,
                number,
                of,
                error,
                ..
            } => format!("    {label} {number} of {of} ended: {}", outcome(error)),
            Event::Waiting { waiting_for, .. } => format!("waiting for {waiting_for}"),
            other => format!("{other:?}"),
        });
    }

    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        self.add(format!("    before {step:?}"));
        Ok(())
    }

    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        self.add(format!("    after {step:?}"));
        Ok(())
    }
}

pub(crate) fn logged<D: Database>(files: Files<'_>) -> (Log, On<D>) {
    let log = Log::default();
    (log.clone(), D::migrator(files).observer(log))
}

fn a_run_from_beginning_to_end<D: Database>(mut db: D) {
    let (log, migrator) = logged::<D>(&[A, B]);
    db.up(&migrator).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run up of 2
      up 001_a (001)
        before up of 001_a
        001_a 1 of 1: CREATE TABLE a(x bigint);
        001_a 1 of 1 ended: ok
        after up of 001_a
      up 001_a ended: ok
      up 002_b (002)
        before up of 002_b
        002_b 1 of 2: CREATE TABLE b(x bigint);
        002_b 1 of 2 ended: ok
        002_b 2 of 2: INSERT INTO a VALUES (2);
        002_b 2 of 2 ended: ok
        after up of 002_b
      up 002_b ended: ok
    run up ended with 2: ok
    ");
    db.up(&migrator).unwrap();
    assert_eq!(log.take(), "");
    db.down(&migrator, Down::Steps(1)).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run down of 1
      down 002_b (002)
        before down of 002_b
        002_b 1 of 2: DELETE FROM a WHERE x = 2;
        002_b 1 of 2 ended: ok
        002_b 2 of 2: DROP TABLE b;
        002_b 2 of 2 ended: ok
        after down of 002_b
      down 002_b ended: ok
    run down ended with 1: ok
    ");
    db.up(&migrator).unwrap();
    log.take();
    db.redo(&migrator).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run down of 1
      down 002_b (002)
        before down of 002_b
        002_b 1 of 2: DELETE FROM a WHERE x = 2;
        002_b 1 of 2 ended: ok
        002_b 2 of 2: DROP TABLE b;
        002_b 2 of 2 ended: ok
        after down of 002_b
      down 002_b ended: ok
      up 002_b (002)
        before up of 002_b
        002_b 1 of 2: CREATE TABLE b(x bigint);
        002_b 1 of 2 ended: ok
        002_b 2 of 2: INSERT INTO a VALUES (2);
        002_b 2 of 2 ended: ok
        after up of 002_b
      up 002_b ended: ok
    run down ended with 2: ok
    ");
}

fn a_statement_that_fails<D: Database>(mut db: D) {
    let bad = (
        "002_b.sql",
        "CREATE TABLE b(y bigint);\nSELECT nope;\nSELECT 3;",
    );
    let (log, migrator) = logged::<D>(&[A, bad]);
    db.up(&migrator).unwrap_err();
    insta::assert_snapshot!(log.take(), @"
    run up of 2
      up 001_a (001)
        before up of 001_a
        001_a 1 of 1: CREATE TABLE a(x bigint);
        001_a 1 of 1 ended: ok
        after up of 001_a
      up 001_a ended: ok
      up 002_b (002)
        before up of 002_b
        002_b 1 of 3: CREATE TABLE b(y bigint);
        002_b 1 of 3 ended: ok
        002_b 2 of 3: SELECT nope;
        002_b 2 of 3 ended: migration `002_b` failed at 002_b.sql:2:8 and was rolled back
      up 002_b ended: migration `002_b` failed at 002_b.sql:2:8 and was rolled back
    run up ended with 1: migration `002_b` failed at 002_b.sql:2:8 and was rolled back
    ");
}

fn one_that_fails_outside_of_a_transaction<D: Database>(mut db: D) {
    let bad = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(y bigint);\nVACUUM;\nSELECT nope",
    );
    let (log, migrator) = logged::<D>(&[A, bad]);
    db.up(&D::migrator(&[A])).unwrap();
    db.up(&migrator).unwrap_err();
    insta::assert_snapshot!(log.take(), @"
    run up of 1
      up 002_b (002)
        before up of 002_b
        002_b 1 of 3: CREATE TABLE b(y bigint);
        002_b 1 of 3 ended: ok
        002_b 2 of 3: VACUUM;
        002_b 2 of 3 ended: ok
        002_b 3 of 3: SELECT nope
        002_b 3 of 3 ended: migration `002_b` failed at 002_b.sql:4:8 and was rolled back
      up 002_b ended: migration `002_b` failed at 002_b.sql:4:8; it runs without a transaction, so 2 of its 3 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    run up ended with 0: migration `002_b` failed at 002_b.sql:4:8; it runs without a transaction, so 2 of its 3 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    ");
}

/// Whoever adds one does not take the place of the application's.
fn an_added_one_stands_beside_the_first<D: Database>(mut db: D) {
    let (first, second) = (Log::default(), Log::default());
    let migrator = D::migrator(&[A]).observer(first.clone());
    db.up(&migrator.observer(second.clone())).unwrap();
    let told = first.take();
    assert!(told.contains("run up of 1"), "{told}");
    assert_eq!(second.take(), told);
}

on_both![
    a_run_from_beginning_to_end,
    a_statement_that_fails,
    one_that_fails_outside_of_a_transaction,
    an_added_one_stands_beside_the_first,
];
