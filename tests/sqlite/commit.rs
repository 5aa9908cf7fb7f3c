//! 15. Commits that fail, and commits that only say so.

use crate::database::{Database, MODES, dump, number};
use migrate_runtime::{BoxError, Down, Observer, Step, Transactions};
use migrate_sqlite::compat;
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const FILES: [(&str, &str); 3] = [
    (
        "001_a.sql",
        "CREATE TABLE a(x);\n-- migrate:down\nDROP TABLE a;\n",
    ),
    (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\n",
    ),
    (
        "003_c.sql",
        "CREATE TABLE c(x);\n-- migrate:down\nDROP TABLE c;\n",
    ),
];

/// In memory, and in a file with either journal.
fn each_journal(check: impl Fn(Connection)) {
    check(Connection::open_in_memory().unwrap());
    for wal in MODES {
        let database = Database::new(wal);
        check(database.open());
    }
}

/// Makes each `COMMIT` report an interrupt after it has taken effect: SQLite
/// asks the progress handler once more at the end of a statement. Counts them.
fn interrupt_after_each_commit(conn: &mut Connection) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let commits = Arc::new(AtomicBool::new(false));
    let begun = Arc::clone(&commits);
    let hook = move || {
        begun.store(true, Ordering::Relaxed);
        false
    };
    compat::set_commit_hook(conn, Some(hook)).unwrap();
    let handler = move || {
        let interrupts = commits.swap(false, Ordering::Relaxed);
        counted.fetch_add(usize::from(interrupts), Ordering::Relaxed);
        interrupts
    };
    compat::set_progress_handler(conn, 1, Some(handler)).unwrap();
    count
}

#[test]
fn one_that_reports_an_error_after_taking_effect_is_none() {
    each_journal(|mut conn| {
        let interrupts = interrupt_after_each_commit(&mut conn);
        // The application sees it, so the run does.
        let error = conn.execute_batch("BEGIN; CREATE TABLE mine(x); COMMIT");
        assert_eq!(error.unwrap_err().to_string(), "interrupted");
        assert_eq!(interrupts.load(Ordering::Relaxed), 1);
        assert!(conn.is_autocommit());

        let migrator = migrator(&FILES);
        let report = migrator.up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 3);
        assert_eq!(interrupts.load(Ordering::Relaxed), 4);
        assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 3);
        let report = migrator.down(&mut conn, Down::Steps(2)).unwrap();
        assert_eq!(report.undone().len(), 2);
        assert_eq!(interrupts.load(Ordering::Relaxed), 6);
        let report = migrator.redo(&mut conn).unwrap();
        assert_eq!((report.undone().len(), report.applied().len()), (1, 1));
        let migrator = migrator.transactions(Transactions::All);
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 2);
        assert_eq!(interrupts.load(Ordering::Relaxed), 8);
        let report = migrator.down(&mut conn, Down::All).unwrap();
        assert_eq!(report.undone().len(), 3);
        assert_eq!(number(&conn, "SELECT count(*) FROM _migrations"), 0);
    });
}

/// Nothing was written, so that no later reader can find it in the log.
#[test]
fn one_that_is_vetoed_is_rolled_back_for_good() {
    each_journal(|mut conn| {
        let two = migrator(&FILES[..2]);
        two.up(&mut conn).unwrap();
        let before = dump(&conn);
        compat::set_commit_hook(&mut conn, Some(|| true)).unwrap();
        let errors = [
            migrator(&FILES).up(&mut conn).unwrap_err(),
            two.down(&mut conn, Down::Steps(1)).unwrap_err(),
        ];
        compat::remove_commit_hook(&mut conn).unwrap();
        for error in &errors {
            assert!(!error.is_commit_unknown(), "{}", chain(error));
            assert!(error.report().is_empty());
        }
        let [up, down] = errors.map(|error| error.to_string());
        insta::allow_duplicates! {
            insta::assert_snapshot!(up, @"the commit of migration `003_c` failed, and it was rolled back: constraint failed");
            insta::assert_snapshot!(down, @"the commit of the down of migration `002_b` failed, and it was rolled back: constraint failed");
        }
        assert_eq!(dump(&conn), before);
        assert_eq!(migrator(&FILES).up(&mut conn).unwrap().applied().len(), 1);
    });
}

/// The second connection may find another history than the first has left, or
/// none: then the first one's error stands, and what is known is said.
#[test]
fn the_file_decides_and_not_the_error() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&FILES[..2]).up(&mut conn).unwrap();
        // A backup of before, which lacks what is committed.
        let old = Database::new(wal);
        conn.execute("VACUUM INTO ?1", [old.path().to_str().unwrap()])
            .unwrap();
        if wal {
            drop(old.open());
        }
        interrupt_after_each_commit(&mut conn);
        let path = old.path();
        let elsewhere = migrator(&FILES).connect_with(move |_| Connection::open(&path));
        let error = elsewhere.up(&mut conn).unwrap_err();
        // With a log, a later reader may find what this one does not.
        assert_eq!(error.is_commit_unknown(), wal, "{}", chain(&error));
        let nowhere = migrator(&FILES).connect_with(|_| Connection::open("/nowhere/app.db"));
        let error = nowhere.down(&mut conn, Down::Steps(1)).unwrap_err();
        assert!(error.is_commit_unknown(), "{}", chain(&error));
        compat::remove_progress_handler(&mut conn).unwrap();
        let report = migrator(&FILES).up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 1);
    }
}

/// `INSERT OR ROLLBACK` ends the transaction, and only its error says so. What
/// comes after it would be committed, statement by statement.
#[test]
fn one_whose_transaction_has_ended_is_none() {
    struct Unheard {
        before: bool,
    }
    impl Unheard {
        fn end(&self, step: &Step<'_>, is_now: bool) {
            if self.before == is_now && step.label == "002_b" {
                let sql = "INSERT OR ROLLBACK INTO one VALUES (1)";
                step.connection().unwrap().execute(sql, []).unwrap_err();
            }
        }
    }
    impl Observer for Unheard {
        fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
            self.end(step, true);
            Ok(())
        }
        fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
            self.end(step, false);
            Ok(())
        }
    }
    for before in [true, false] {
        for transactions in [Transactions::Each, Transactions::All] {
            let mut conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("CREATE TABLE one(x UNIQUE); INSERT INTO one VALUES (1)")
                .unwrap();
            let migrator = migrator(&FILES).transactions(transactions);
            let error = migrator
                .clone()
                .observer(Unheard { before })
                .up(&mut conn)
                .unwrap_err();
            insta::allow_duplicates! {
                match transactions {
                    Transactions::All => insta::assert_snapshot!(chain(&error), @"SQLite itself ended the transaction of migration `002_b`, and it was rolled back; all migrations of this run share one transaction, so none took effect"),
                    _ => insta::assert_snapshot!(chain(&error), @"SQLite itself ended the transaction of migration `002_b`, and it was rolled back"),
                }
            }
            let applied = error.report().applied().len();
            assert_eq!(applied, usize::from(transactions == Transactions::Each));
            let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b', 'c')";
            assert_eq!(number(&conn, tables), i64::try_from(applied).unwrap());
            assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 3 - applied);
        }
    }
}
