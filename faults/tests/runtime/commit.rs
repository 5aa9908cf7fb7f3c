//! A commit that reports an error and took effect: docs/internals/sqlite.md,
//! "Commit in doubt".

use crate::workload::{COUNT, Database, on, open, workload};
use migrate_faults::{Done, Fault, Faults, Op};
use migrate_tests::chain;
use rusqlite::{Connection, ffi};
use std::ffi::c_int;
use std::path::PathBuf;

/// What a run said of a migration whose disk failed, and what became of it.
struct Outcome {
    /// The file, as a kill right after the run would leave it.
    database: Database,
    is_there: bool,
    /// The error, if there was one.
    message: Option<String>,
}

/// Runs the last migration with each fault at each call, and checks what holds
/// for all of them: what was called applied is there, what was called rolled
/// back is not, and a second run does what is left and no more.
fn outcomes(disk: Faults, wal: bool, troubles: &[(Op, c_int, Done)]) -> Vec<Outcome> {
    let start = Database::with(wal, COUNT - 1);
    let mut outcomes = Vec::new();
    for &(op, code, done) in troubles {
        for for_ever in [false, true] {
            for nth in 1.. {
                let fault = Fault {
                    op,
                    nth,
                    for_ever,
                    code,
                    done,
                };
                let database = start.copy();
                disk.heal();
                let mut conn = open(disk, &whole_sectors(&database));
                disk.fail(fault);
                let result = on(disk).up(&mut conn);
                let outcome = Outcome {
                    is_there: database.copy().check().unwrap() == COUNT,
                    database: database.copy(),
                    message: result.err().map(|error| chain(&error)),
                };
                if disk.fired() == 0 {
                    break;
                }
                outcome.check(fault);
                outcomes.push(outcome);
            }
        }
    }
    outcomes
}

/// The name of a database on a disk where writing one byte can damage those
/// beside it. On such a one, SQLite writes more after the record of a commit:
/// <https://sqlite.org/uri.html>.
fn whole_sectors(database: &Database) -> PathBuf {
    format!("file:{}?psow=0", database.path().display()).into()
}

impl Outcome {
    fn check(&self, fault: Fault) {
        let said = |words: &str| {
            let message = self.message.as_ref();
            message.is_some_and(|message| message.contains(words))
        };
        let context = format!("{fault:?}: {:?}, {}", self.message, self.is_there);
        assert!(self.is_there || self.message.is_some(), "{context}");
        if self.is_there {
            assert!(!said("rolled back"), "{context}");
            assert!(self.message.is_none() || self.is_unknown(), "{context}");
        }
        let mut conn = Connection::open(self.database.path()).unwrap();
        let second = workload().up(&mut conn).unwrap();
        let expected = usize::from(!self.is_there);
        assert_eq!(second.applied().len(), expected, "{context}");
        drop(conn);
        assert_eq!(self.database.check(), Ok(COUNT), "{context}");
    }

    fn is_unknown(&self) -> bool {
        let message = self.message.as_ref();
        message.is_some_and(|message| message.contains("it is not known whether it took effect"))
    }
}

/// With write-ahead logging the error can come after the record of the commit,
/// which the next process to open the file then finds. The run cannot know, and
/// says so.
#[test]
fn a_commit_that_reports_an_error_may_have_taken_effect() {
    let outcomes = outcomes(
        Faults::register("commit-wal"),
        true,
        &[
            (Op::Sync, ffi::SQLITE_IOERR_FSYNC, Done::Nothing),
            (Op::Write, ffi::SQLITE_IOERR_WRITE, Done::Nothing),
            (Op::Write, ffi::SQLITE_IOERR_WRITE, Done::All),
            (Op::Write, ffi::SQLITE_FULL, Done::Half),
        ],
    );
    let unknown = outcomes.iter().filter(|outcome| outcome.is_unknown());
    let there = unknown.clone().filter(|outcome| outcome.is_there).count();
    let unknown = unknown.count();
    let all = outcomes.len();
    println!("of {all} faults {unknown} leave it open, and {there} of these took effect");
    assert!(there > 5 && unknown > there, "{there} of {unknown}");
}

/// With a rollback journal, a commit has taken effect once the journal is
/// gone, and an error can still follow: the folder could not be synced. The
/// history shows it, so the run was a success.
#[test]
fn a_commit_that_is_found_in_the_history_is_a_success() {
    let outcomes = outcomes(
        Faults::register("commit-rollback"),
        false,
        &[(Op::Delete, ffi::SQLITE_IOERR_DIR_FSYNC, Done::All)],
    );
    let successes = outcomes.iter().filter(|outcome| outcome.message.is_none());
    assert!(successes.count() >= 2, "of {}", outcomes.len());
}

/// A journal that cannot be deleted undoes the commit when the file is next
/// read. The run may call that unknown, but not a success.
#[test]
fn a_commit_whose_journal_stays_has_not_taken_effect() {
    let outcomes = outcomes(
        Faults::register("commit-journal"),
        false,
        &[(Op::Delete, ffi::SQLITE_IOERR_DELETE, Done::Nothing)],
    );
    assert!(outcomes.len() >= 2);
    for outcome in outcomes {
        let message = outcome.message.unwrap_or_default();
        assert!(message.contains("the commit of migration"), "{message}");
        assert!(!outcome.is_there, "{message}");
    }
}
