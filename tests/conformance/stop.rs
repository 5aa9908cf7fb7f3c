//! Stopping a run from outside of it, and waiting for others.

use crate::database::{A, B, C, Database, On, assert_state, done, refused};
use migrate_runtime::{BoxError, Down, Error, Event, Observer, Report, Step, Transactions};
use migrate_tests::kinds;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A migrator that is stopped some time after the last statement of the second
/// migration has begun.
fn stopped_in_the_second<D: Database>(migrator: On<D>) -> On<D> {
    let flag = Arc::new(AtomicBool::new(false));
    let setting = Arc::clone(&flag);
    let migrator = migrator.stop_when(move || flag.load(Ordering::Relaxed));
    migrator.observer(move |event: &Event<'_>| {
        if let Event::StatementStarted { label, sql, .. } = event
            && label.starts_with("002")
            && (sql.contains("RECURSIVE") || sql.contains("pg_sleep"))
        {
            let flag = Arc::clone(&setting);
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(30));
                flag.store(true, Ordering::Relaxed);
            });
        }
    })
}

fn endless<D: Database>(up: bool) -> String {
    let (create, drop) = ("CREATE TABLE b(x bigint);\n", "DROP TABLE b;\n");
    if up {
        format!("{create}{}\n-- migrate:down\n{drop}", D::ENDLESS)
    } else {
        format!("{create}-- migrate:down\n{}\n{drop}", D::ENDLESS)
    }
}

#[track_caller]
fn stopped<D: Database>(db: &mut D, run: impl FnOnce(&mut D) -> Result<Report, Error>) -> Error {
    let begun = Instant::now();
    let error = run(db).unwrap_err();
    assert_eq!(kinds(&error), "stopped", "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    db.assert_free();
    error
}

fn before_anything<D: Database>(mut db: D) {
    let migrator = D::migrator(&[A, B]).stop_when(|| true);
    let error = refused(&mut db, |db| db.up(&migrator));
    assert_eq!(kinds(&error), "stopped");
    insta::assert_snapshot!(error.message(), @"stopped before migration `001_a`");
    db.up(&D::migrator(&[A, B])).unwrap();
    // With nothing to do there is nothing to stop.
    assert!(db.up(&migrator).unwrap().is_empty());
    insta::assert_snapshot!(refused(&mut db, |db| db.reset(&migrator)), @"stopped before the down of migration `002_b`");
    insta::assert_snapshot!(refused(&mut db, |db| db.redo(&migrator)), @"stopped before the down of migration `002_b`; a redo is one transaction, so the migration is still applied as before");
}

fn amid_a_statement<D: Database>(mut db: D) {
    let text = endless::<D>(true);
    let plain = D::migrator(&[A, ("002_b.sql", &text), C]);
    let migrator = stopped_in_the_second::<D>(plain.clone());
    let error = stopped(&mut db, |db| db.up(&migrator));
    insta::assert_snapshot!(error.message(), @"stopped: migration `002_b` was rolled back");
    assert_eq!(done(error.report()), "001_a");
    assert_state(&mut db, "a: 1");
    // The next run goes on, with the script as it should have been.
    assert_eq!(
        done(&db.up(&D::migrator(&[A, B, C])).unwrap()),
        "002_b 003_c"
    );
    db.reset(&D::migrator(&[A, B, C])).unwrap();
    let migrator = stopped_in_the_second::<D>(plain.transactions(Transactions::All));
    let error = stopped(&mut db, |db| db.up(&migrator));
    insta::assert_snapshot!(error.message(), @"stopped: migration `002_b` was rolled back; all migrations of this run share one transaction, so none took effect");
    assert_state(&mut db, ": ");
}

fn on_the_way_down<D: Database>(mut db: D) {
    let text = endless::<D>(false);
    let c = (
        "003_c.sql",
        "CREATE TABLE c(x bigint);\n-- migrate:down\nDROP TABLE c;\n",
    );
    let plain = D::migrator(&[A, ("002_b.sql", &text), c]);
    db.up(&plain).unwrap();
    let migrator = stopped_in_the_second::<D>(plain);
    let error = stopped(&mut db, |db| db.down(&migrator, Down::All));
    insta::assert_snapshot!(error.message(), @"stopped: the down of migration `002_b` was rolled back");
    assert_eq!(done(error.report()), "-003_c");
    assert_state(&mut db, "a b: 1 2");
    let two = D::migrator(&[A, ("002_b.sql", &text)]);
    let migrator = stopped_in_the_second::<D>(two);
    let error = stopped(&mut db, |db| db.redo(&migrator));
    insta::assert_snapshot!(error.message(), @"stopped: the down of migration `002_b` was rolled back; a redo is one transaction, so the migration is still applied as before");
    assert_state(&mut db, "a b: 1 2");
}

/// Keeps the lock from before a migration until it is told.
struct Holds {
    has_it: Mutex<Sender<()>>,
    let_go: Mutex<Receiver<()>>,
}

impl Observer for Holds {
    fn before(&self, _: &Step<'_>) -> Result<(), BoxError> {
        let has_it = self.has_it.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = has_it.send(());
        let let_go = self.let_go.lock().unwrap_or_else(PoisonError::into_inner);
        // Of the next migrations, too: nobody is there to tell them.
        let _ = let_go.recv();
        Ok(())
    }
}

/// Does something while another run has the lock; then that run ends.
fn while_locked<D: Database>(db: &mut D, other: On<D>, work: impl FnOnce(&mut D)) -> String {
    let (has_it, had) = channel();
    let (go, let_go) = channel();
    let mut holder = db.another();
    let other = other.observer(Holds {
        has_it: Mutex::new(has_it),
        let_go: Mutex::new(let_go),
    });
    let running = thread::spawn(move || holder.up(&other).map(|report| done(&report)));
    had.recv().unwrap();
    work(db);
    go.send(()).unwrap();
    drop(go);
    running.join().unwrap().unwrap()
}

/// `waited 0.3 s` with any number, and the name of any database.
fn masked(error: &Error) -> String {
    let text = error.message();
    let (before, rest) = text.split_once(" of ").unwrap();
    let after = rest
        .split_once('`')
        .and_then(|(_, rest)| rest.split_once('`'))
        .unwrap()
        .1;
    let before = match before.split_once(" s ") {
        Some((_, doing)) => format!("waited # s {doing}"),
        None => before.to_owned(),
    };
    format!("{before} of `DATABASE`{after}")
        .replace("the write lock", "the lock")
        .replace("the migration lock", "the lock")
}

fn while_waiting<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let other = while_locked(&mut db, D::migrator(&[A, B]), |db| {
        let flag = Arc::new(AtomicBool::new(false));
        let setting = Arc::clone(&flag);
        let told = Arc::new(AtomicBool::new(false));
        let telling = Arc::clone(&told);
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            setting.store(true, Ordering::Relaxed);
        });
        let migrator = D::migrator(&[A, B])
            .stop_when(move || flag.load(Ordering::Relaxed))
            .observer(move |event: &Event<'_>| {
                if let Event::Waiting { .. } = event {
                    telling.store(true, Ordering::Relaxed);
                }
            });
        let begun = Instant::now();
        let error = db.up(&migrator).unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(kinds(&error), "stopped");
        assert!(told.load(Ordering::Relaxed), "nobody was told of the wait");
        insta::assert_snapshot!(masked(&error), @"stopped while waiting for the lock of `DATABASE`; nothing was applied");
    });
    assert_eq!(other, "002_b");
    assert_state(&mut db, "a b: 1 2");
    db.assert_free();
}

fn until_the_deadline<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let other = while_locked(&mut db, D::migrator(&[A, B]), |db| {
        let migrator = D::migrator(&[A, B]).lock_timeout(Duration::from_millis(300));
        for down in [false, true] {
            let begun = Instant::now();
            let error = if down {
                db.down(&migrator, Down::All)
            } else {
                db.up(&migrator)
            };
            let error = error.unwrap_err();
            let took = begun.elapsed();
            assert!(took > Duration::from_millis(290) && took < Duration::from_secs(5));
            assert_eq!(kinds(&error), "locked");
            if down {
                insta::assert_snapshot!(masked(&error), @"waited # s for the lock of `DATABASE`, and another connection is still in the way; nothing was undone");
            } else {
                insta::assert_snapshot!(masked(&error), @"waited # s for the lock of `DATABASE`, and another connection is still in the way; nothing was applied");
            }
        }
    });
    assert_eq!(other, "002_b");
    assert!(db.up(&D::migrator(&[A, B])).unwrap().is_empty());
}

/// A sibling that was faster is no error.
fn one_that_waits_finds_nothing_left<D: Database>(mut db: D) {
    let waiting = db.another();
    let (started, has_started) = channel();
    let mut running = None;
    let other = while_locked(&mut db, D::migrator(&[A, B, C]), |_| {
        let mut waiting = waiting;
        running = Some(thread::spawn(move || {
            started.send(()).unwrap();
            waiting
                .up(&D::migrator(&[A, B, C]))
                .map(|report| done(&report))
        }));
        has_started.recv().unwrap();
        thread::sleep(Duration::from_millis(200));
    });
    let waited = running.unwrap().join().unwrap().unwrap();
    let both: Vec<&str> = [&*other, &*waited]
        .into_iter()
        .flat_map(str::split_whitespace)
        .collect();
    // Each is applied by one of them; on SQLite they may take turns.
    assert_eq!(both.len(), 3, "{other} and {waited}");
    assert_state(&mut db, "a b c: 1 2 3");
    assert_eq!(db.rows("SELECT * FROM b"), "3");
}

on_both![
    before_anything,
    amid_a_statement,
    on_the_way_down,
    while_waiting,
    until_the_deadline,
    one_that_waits_finds_nothing_left,
];
