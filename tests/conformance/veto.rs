//! An observer that refuses a migration.

use crate::database::{A, B, Database, assert_state, done, refused, version};
use crate::observer::Log;
use migrate_runtime::{BoxError, Down, Event, Observer, Repair, Step, Transactions};
use migrate_tests::kinds;

/// Refuses the second migration.
struct Veto {
    log: Log,
    before: bool,
}

#[derive(Debug, PartialEq)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too late in the day")
    }
}

impl std::error::Error for Refused {}

impl Veto {
    fn refuse(&self, step: &Step<'_>, before: bool) -> Result<(), BoxError> {
        if self.before == before && step.version == version(2) {
            Err(Box::new(Refused))
        } else {
            Ok(())
        }
    }
}

impl Observer for Veto {
    fn on_event(&self, event: &Event<'_>) {
        self.log.on_event(event);
    }

    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        self.refuse(step, true)
    }

    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        self.refuse(step, false)
    }
}

fn veto(before: bool) -> (Log, Veto) {
    let log = Log::default();
    (log.clone(), Veto { log, before })
}

fn before_it_runs<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let (log, veto) = veto(true);
    let migrator = D::migrator(&[A, B]).observer(veto);
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(kinds(&error), "vetoed");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref(), Some(&Refused));
    insta::assert_snapshot!(log.take(), @"
    run up of 1
      up 002_b (002)
      up 002_b ended: the observer refused migration `002_b` before it ran
    run up ended with 0: the observer refused migration `002_b` before it ran
    ");
}

fn after_it_ran<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let (log, veto) = veto(false);
    let migrator = D::migrator(&[A, B]).observer(veto);
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(kinds(&error), "vetoed");
    insta::assert_snapshot!(log.take(), @"
    run up of 1
      up 002_b (002)
        002_b 1 of 2: CREATE TABLE b(x bigint);
        002_b 1 of 2 ended: ok
        002_b 2 of 2: INSERT INTO a VALUES (2);
        002_b 2 of 2 ended: ok
      up 002_b ended: the observer refused migration `002_b` after it ran, and it was rolled back
    run up ended with 0: the observer refused migration `002_b` after it ran, and it was rolled back
    ");
    // Others may say yes.
    assert_eq!(done(&db.up(&D::migrator(&[A, B])).unwrap()), "002_b");
    let error = refused(&mut db, |db| db.down(&migrator, Down::All));
    insta::assert_snapshot!(error.message(), @"the observer refused the down of migration `002_b` after it ran, and it was rolled back");
    insta::assert_snapshot!(refused(&mut db, |db| db.redo(&migrator)).message(), @"the observer refused the down of migration `002_b` after it ran, and it was rolled back; a redo is one transaction, so the migration is still applied as before");
}

fn of_one_transaction_for_all<D: Database>(mut db: D) {
    let (_, veto) = veto(false);
    let migrator = D::migrator(&[A, B])
        .observer(veto)
        .transactions(Transactions::All);
    insta::assert_snapshot!(refused(&mut db, |db| db.up(&migrator)).message(), @"the observer refused migration `002_b` after it ran, and it was rolled back; all migrations of this run share one transaction, so none took effect");
}

/// One that runs without a transaction cannot be rolled back.
fn without_a_transaction<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let second = (
        "002_b.sql",
        "-- migrate: no-transaction\nCREATE TABLE b(x bigint)",
    );
    let plain = D::migrator(&[A, second]);
    let (_, before) = veto(true);
    let migrator = plain.clone().observer(before);
    insta::assert_snapshot!(refused(&mut db, |db| db.up(&migrator)).message(), @"the observer refused migration `002_b` before it ran");
    let (_, after) = veto(false);
    let error = db.up(&plain.clone().observer(after)).unwrap_err();
    insta::assert_snapshot!(error.message(), @"the observer refused migration `002_b` after it ran; it runs without a transaction, so its 1 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    db.assert_free();
    let error = refused(&mut db, |db| db.up(&plain));
    assert_eq!(kinds(&error), "dirty");
    insta::assert_snapshot!(error.message(), @"the up of migration `002_b` was started outside a transaction and has not finished: 1 of 1 statements finished; check what it left behind, then use `repair` to resume it or to record its outcome");
    db.repair(&plain, 2, Repair::MarkApplied("it was meant"))
        .unwrap();
    assert_state(&mut db, "a b: 1 2");
    assert!(db.up(&plain).unwrap().is_empty());
}

on_both![
    before_it_runs,
    after_it_ran,
    of_one_transaction_for_all,
    without_a_transaction,
];
