//! What an observer is told, in which order, and what it may do.

use crate::database::{BASE, dump, memory, number};
use migrate_runtime::{BoxError, Down, ErrorKind, Event, Migrator, Observer, Step, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) const B: (&str, &str) = (
    "002_b.sql",
    "CREATE TABLE b(y);\nINSERT INTO b SELECT x FROM a;\n-- migrate:down\nDROP TABLE b;\n",
);

/// Writes down what it is told.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, line: String) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join("\n")
    }
}

impl Observer for Log {
    fn on_event(&self, event: &Event<'_>) {
        let outcome = |error: &Option<&migrate_runtime::Error>| match error {
            None => "ok".to_owned(),
            Some(error) => chain(*error),
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
            } => {
                format!("run {direction} ended with {count}: {}", outcome(error))
            }
            Event::MigrationStarted {
                label,
                direction,
                version,
                ..
            } => {
                format!("  {direction} {label} ({version})")
            }
            Event::MigrationEnded {
                label,
                direction,
                error,
                ..
            } => {
                format!("  {direction} {label} ended: {}", outcome(error))
            }
            Event::StatementStarted {
                label,
                number,
                of,
                sql,
                ..
            } => {
                format!("    {label} {number} of {of}: {sql}")
            }
            Event::StatementEnded {
                label,
                number,
                of,
                error,
                ..
            } => {
                format!("    {label} {number} of {of} ended: {}", outcome(error))
            }
            Event::Waiting { waiting_for, .. } => format!("waiting for {waiting_for}"),
            other => format!("{other:?}"),
        });
    }

    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        let tables = number(
            step.connection().unwrap(),
            "SELECT count(*) FROM sqlite_schema WHERE name = 'b'",
        );
        self.add(format!("    before {step:?}: {tables}"));
        Ok(())
    }

    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        let tables = number(
            step.connection().unwrap(),
            "SELECT count(*) FROM sqlite_schema WHERE name = 'b'",
        );
        self.add(format!("    after {step:?}: {tables}"));
        Ok(())
    }
}

fn logged(files: &[(&str, &str)]) -> (Log, Migrator<Version>) {
    let log = Log::default();
    (log.clone(), migrator(files).observer(log))
}

#[test]
fn a_run_is_told_from_beginning_to_end() {
    let mut conn = Connection::open_in_memory().unwrap();
    let (log, migrator) = logged(&[BASE, B]);
    migrator.up(&mut conn).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run up of 2
      up 001_base (001)
        before up of 001_base: 0
        001_base 1 of 2: CREATE TABLE a(x INTEGER PRIMARY KEY);
        001_base 1 of 2 ended: ok
        001_base 2 of 2: INSERT INTO a VALUES (1), (2);
        001_base 2 of 2 ended: ok
        after up of 001_base: 0
      up 001_base ended: ok
      up 002_b (002)
        before up of 002_b: 0
        002_b 1 of 2: CREATE TABLE b(y);
        002_b 1 of 2 ended: ok
        002_b 2 of 2: INSERT INTO b SELECT x FROM a;
        002_b 2 of 2 ended: ok
        after up of 002_b: 1
      up 002_b ended: ok
    run up ended with 2: ok
    ");
    migrator.up(&mut conn).unwrap();
    assert_eq!(log.take(), "");
    migrator.down(&mut conn, Down::Steps(1)).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run down of 1
      down 002_b (002)
        before down of 002_b: 1
        002_b 1 of 1: DROP TABLE b;
        002_b 1 of 1 ended: ok
        after down of 002_b: 0
      down 002_b ended: ok
    run down ended with 1: ok
    ");
    migrator.up(&mut conn).unwrap();
    log.take();
    migrator.redo(&mut conn).unwrap();
    insta::assert_snapshot!(log.take(), @"
    run down of 1
      down 002_b (002)
        before down of 002_b: 1
        002_b 1 of 1: DROP TABLE b;
        002_b 1 of 1 ended: ok
        after down of 002_b: 0
      down 002_b ended: ok
      up 002_b (002)
        before up of 002_b: 0
        002_b 1 of 2: CREATE TABLE b(y);
        002_b 1 of 2 ended: ok
        002_b 2 of 2: INSERT INTO b SELECT x FROM a;
        002_b 2 of 2 ended: ok
        after up of 002_b: 1
      up 002_b ended: ok
    run down ended with 2: ok
    ");
}

#[test]
fn a_statement_that_fails_is_told_at_each_level() {
    let mut conn = Connection::open_in_memory().unwrap();
    let (log, migrator) = logged(&[BASE, ("002_b.sql", "CREATE TABLE b(y);\nSELECT nothing")]);
    migrator.up(&mut conn).unwrap_err();
    insta::assert_snapshot!(log.take(), @r#"
    run up of 2
      up 001_base (001)
        before up of 001_base: 0
        001_base 1 of 2: CREATE TABLE a(x INTEGER PRIMARY KEY);
        001_base 1 of 2 ended: ok
        001_base 2 of 2: INSERT INTO a VALUES (1), (2);
        001_base 2 of 2 ended: ok
        after up of 001_base: 0
      up 001_base ended: ok
      up 002_b (002)
        before up of 002_b: 0
        002_b 1 of 2: CREATE TABLE b(y);
        002_b 1 of 2 ended: ok
        002_b 2 of 2: SELECT nothing
        002_b 2 of 2 ended: migration `002_b` failed at 002_b.sql:2:8 and was rolled back: near "nothing": syntax error: Error code 1
      up 002_b ended: migration `002_b` failed at 002_b.sql:2:8 and was rolled back: near "nothing": syntax error: Error code 1
    run up ended with 1: migration `002_b` failed at 002_b.sql:2:8 and was rolled back: near "nothing": syntax error: Error code 1
    "#);
    let (log, migrator) = logged(&[
        BASE,
        (
            "002_b.sql",
            "-- migrate: no-transaction\nCREATE TABLE b(y);\nVACUUM;\nSELECT nothing",
        ),
    ]);
    migrator.up(&mut conn).unwrap_err();
    insta::assert_snapshot!(log.take(), @r#"
    run up of 1
      up 002_b (002)
        before up of 002_b: 0
        002_b 1 of 3: CREATE TABLE b(y);
        002_b 1 of 3 ended: ok
        002_b 2 of 3: VACUUM;
        002_b 2 of 3 ended: ok
        002_b 3 of 3: SELECT nothing
        002_b 3 of 3 ended: migration `002_b` failed at 002_b.sql:4:8 and was rolled back: near "nothing": syntax error: Error code 1
      up 002_b ended: migration `002_b` failed at 002_b.sql:4:8; it runs without a transaction, so 2 of its 3 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied: near "nothing": syntax error: Error code 1
    run up ended with 0: migration `002_b` failed at 002_b.sql:4:8; it runs without a transaction, so 2 of its 3 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied: near "nothing": syntax error: Error code 1
    "#);
}

/// Refuses the second migration.
struct Veto {
    log: Log,
    before: bool,
}

impl Observer for Veto {
    fn on_event(&self, event: &Event<'_>) {
        self.log.on_event(event);
    }

    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        refuse(self.before && step.version == Version::new(2))
    }

    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        refuse(!self.before && step.version == Version::new(2))
    }
}

#[derive(Debug, PartialEq)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too late in the day")
    }
}

impl std::error::Error for Refused {}

fn refuse(is_wrong: bool) -> Result<(), BoxError> {
    if is_wrong {
        Err(Box::new(Refused))
    } else {
        Ok(())
    }
}

#[test]
fn a_veto_rolls_back_and_stays_the_source() {
    for before in [true, false] {
        let mut conn = memory();
        let state = dump(&conn);
        let log = Log::default();
        let veto = Veto {
            log: log.clone(),
            before,
        };
        let error = migrator(&[BASE, B])
            .observer(veto)
            .up(&mut conn)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Vetoed);
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref(), Some(&Refused));
        assert_eq!(dump(&conn), state);
        assert!(conn.is_autocommit());
        if before {
            insta::assert_snapshot!(log.take(), @"
        run up of 1
          up 002_b (002)
          up 002_b ended: the observer refused migration `002_b` before it ran: too late in the day
        run up ended with 0: the observer refused migration `002_b` before it ran: too late in the day
        ");
        } else {
            insta::assert_snapshot!(log.take(), @"
        run up of 1
          up 002_b (002)
            002_b 1 of 2: CREATE TABLE b(y);
            002_b 1 of 2 ended: ok
            002_b 2 of 2: INSERT INTO b SELECT x FROM a;
            002_b 2 of 2 ended: ok
          up 002_b ended: the observer refused migration `002_b` after it ran, and it was rolled back: too late in the day
        run up ended with 0: the observer refused migration `002_b` after it ran, and it was rolled back: too late in the day
        ");
        }
    }
}

/// Whoever adds one does not take the place of the application's.
#[test]
fn an_added_observer_stands_beside_the_first() {
    struct Refuses;
    impl Observer for Refuses {
        fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
            Err(format!("not {}", step.label).into())
        }
    }
    let (first, second) = (Log::default(), Log::default());
    let migrator = migrator(&[BASE, B]);
    let watched = migrator
        .clone()
        .observer(first.clone())
        .observer(second.clone());
    watched.up(&mut memory()).unwrap();
    let told = first.take();
    assert!(told.contains("run up of 1"), "{told}");
    assert_eq!(second.take(), told);
    for refusing in [
        migrator.clone().observer(Refuses).observer(second.clone()),
        migrator.observer(first).observer(Refuses),
    ] {
        let mut db = memory();
        assert_eq!(refusing.up(&mut db).unwrap_err().kind(), ErrorKind::Vetoed);
        assert_eq!(
            number(&db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"),
            0
        );
    }
}
