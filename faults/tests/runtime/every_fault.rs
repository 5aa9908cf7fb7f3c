//! Every operation of the disk fails, at every call.

use crate::is_thorough;
use crate::workload::{CACHE, COUNT, Database, NORMAL, PATIENCE, on, open};
use migrate_faults::{Done, Fault, Faults, Op};
use migrate_runtime::Version;
use migrate_tests::chain;
use rusqlite::{Connection, ffi};
use std::collections::BTreeMap;
use std::ffi::c_int;

/// What can go wrong: the operation, what SQLite is told, and what happened.
pub(crate) const TROUBLES: [(Op, c_int, Done); 17] = [
    (Op::Open, ffi::SQLITE_CANTOPEN, Done::Nothing),
    (Op::Read, ffi::SQLITE_IOERR_READ, Done::Nothing),
    (Op::Write, ffi::SQLITE_IOERR_WRITE, Done::Nothing),
    (Op::Write, ffi::SQLITE_IOERR_WRITE, Done::All),
    (Op::Write, ffi::SQLITE_FULL, Done::Half),
    (Op::Truncate, ffi::SQLITE_IOERR_TRUNCATE, Done::Nothing),
    (Op::Sync, ffi::SQLITE_IOERR_FSYNC, Done::Nothing),
    (Op::Delete, ffi::SQLITE_IOERR_DELETE, Done::Nothing),
    (Op::Delete, ffi::SQLITE_IOERR_DIR_FSYNC, Done::All),
    (Op::Access, ffi::SQLITE_IOERR_ACCESS, Done::Nothing),
    (Op::FileSize, ffi::SQLITE_IOERR_FSTAT, Done::Nothing),
    (Op::Lock, ffi::SQLITE_IOERR_LOCK, Done::Nothing),
    (Op::Lock, ffi::SQLITE_BUSY, Done::Nothing),
    (
        Op::CheckReservedLock,
        ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
        Done::Nothing,
    ),
    (Op::ShmMap, ffi::SQLITE_IOERR_SHMMAP, Done::Nothing),
    (Op::ShmLock, ffi::SQLITE_IOERR_SHMLOCK, Done::Nothing),
    (Op::ShmLock, ffi::SQLITE_BUSY, Done::Nothing),
];

/// How many calls of one operation are tried with one error, and how many of
/// the last ones, which are those of the commit and of the close.
const SAMPLE: usize = 60;
const LAST: usize = 5;

/// A migration is wholly in the file or not at all, and the history says so,
/// whatever fails: what was reported as applied is there, and a second run
/// finishes the rest, on the same connection as well as on a new one.
#[test]
fn every_fault_leaves_the_old_or_the_new_state_with_a_rollback_journal() {
    every_fault(Faults::register("every-fault-rollback"), false);
}

/// As above. A log that was not taken over, or not deleted, comes in here.
#[test]
fn every_fault_leaves_the_old_or_the_new_state_with_wal() {
    every_fault(Faults::register("every-fault-wal"), true);
}

/// What the faults did. Without figures, a test whose faults all come too late
/// would look like one that passes.
#[derive(Debug, Default)]
struct Tally {
    points: usize,
    /// The same for each operation.
    operations: BTreeMap<String, usize>,
    /// The run failed.
    errors: usize,
    /// Some migrations were applied, and some were not.
    partial: usize,
    /// The second run was on the same connection.
    reused: usize,
    /// And `synchronous` was higher on it than the application wants it.
    raised: usize,
}

/// All problems are shown, not the first one: a single cause shows at several
/// calls, and their pattern tells more than one of them.
fn every_fault(disk: Faults, wal: bool) {
    let mut tally = Tally::default();
    let mut problems = Vec::new();
    let starts = [
        Start::new(wal, 0),
        Start::new(wal, 4),
        Start::left(disk, wal),
    ];
    for start in &starts {
        for (op, code, done) in TROUBLES {
            let (in_the_run, with_the_close) = calls(disk, start, op);
            for (at, (nth, for_ever)) in points(with_the_close, SAMPLE).enumerate() {
                let fault = Fault {
                    op,
                    nth,
                    for_ever,
                    code,
                    done,
                };
                let point = Point {
                    disk,
                    start,
                    fault,
                    is_reused: at.is_multiple_of(2) && nth <= in_the_run,
                };
                if let Err(problem) = point.check(&mut tally) {
                    problems.push(format!("{fault:?}, {}: {problem}", start.applied));
                }
            }
        }
    }
    println!("wal {wal}: {tally:?}");
    let count = problems.len();
    problems.truncate(20);
    assert!(count == 0, "wal {wal}, {count}:\n{}", problems.join("\n"));
    assert!(tally.operations.len() >= 9, "{tally:?}");
    let Tally { points, errors, .. } = tally;
    assert!(points > 800 && errors > points / 2, "{tally:?}");
    assert!(tally.partial > 200 && tally.reused > 200, "{tally:?}");
}

/// What a run finds.
struct Start {
    database: Database,
    applied: usize,
    /// The connection has read nothing yet, and the file is to be recovered.
    is_left: bool,
}

impl Start {
    /// A file that so many migrations have been applied to. After the rebuild,
    /// some of its pages are free.
    fn new(wal: bool, applied: usize) -> Start {
        Start {
            database: Database::with(wal, applied),
            applied,
            is_left: false,
        }
    }

    /// What a process leaves that is killed in a commit.
    fn left(disk: Faults, wal: bool) -> Start {
        let database = Database::with(wal, 3);
        let mut conn = open(disk, &database.path());
        disk.fail(Fault {
            for_ever: true,
            ..Fault::once(Op::Delete, 1, ffi::SQLITE_IOERR_DELETE)
        });
        let result = on(disk).to(Version::new(4)).up(&mut conn);
        assert_eq!(result.is_ok(), wal);
        let database = database.copy();
        disk.heal();
        assert!(database.has_journal());
        Start {
            applied: database.copy().check().unwrap(),
            database,
            is_left: true,
        }
    }

    /// A copy of the file, and a connection to it.
    fn open(&self, disk: Faults) -> (Database, Connection) {
        disk.heal();
        let database = self.database.copy();
        let conn = if self.is_left {
            disk.open(&database.path()).unwrap()
        } else {
            open(disk, &database.path())
        };
        // These two are set without a look at the file.
        conn.busy_timeout(PATIENCE).unwrap();
        conn.pragma_update(None, "foreign_keys", true).unwrap();
        (database, conn)
    }
}

/// How often the operation is asked for in a run without faults: before the
/// connection is closed, and with that.
fn calls(disk: Faults, start: &Start, op: Op) -> (usize, usize) {
    let (_database, mut conn) = start.open(disk);
    disk.heal();
    on(disk).up(&mut conn).unwrap();
    let in_the_run = disk.calls(op);
    drop(conn);
    (in_the_run, disk.calls(op))
}

/// Which calls fail, once and for ever.
pub(crate) fn points(calls: usize, sample: usize) -> impl Iterator<Item = (usize, bool)> {
    let step = if is_thorough() {
        1
    } else {
        calls.div_ceil(sample.max(1)).max(1)
    };
    let last = calls.saturating_sub(LAST);
    let sample = (1..=last).step_by(step).chain(last + 1..=calls);
    [false, true]
        .into_iter()
        .flat_map(move |for_ever| sample.clone().map(move |nth| (nth, for_ever)))
}

struct Point<'a> {
    disk: Faults,
    start: &'a Start,
    fault: Fault,
    is_reused: bool,
}

impl Point<'_> {
    /// A run with the fault, a look at the file, and a run without it.
    fn check(&self, tally: &mut Tally) -> Result<(), String> {
        let disk = self.disk;
        let (database, mut conn) = self.start.open(disk);
        disk.fail(self.fault);
        let result = on(disk).up(&mut conn);
        let (report, message) = match &result {
            Ok(report) => (report, "ok".to_owned()),
            Err(error) => (error.report(), chain(error)),
        };
        let reported = self.start.applied + report.applied().len();
        let ensure = |is_so: bool, what: &str| {
            if is_so {
                Ok(())
            } else {
                Err(format!("{what}, {reported} reported, {message}"))
            }
        };
        let check = |database: &Database| {
            let found = database.check();
            found.map_err(|problem| format!("{reported} reported, {message}: {problem}"))
        };
        ensure(conn.is_autocommit(), "a transaction is open")?;
        ensure(result.is_err() || reported == COUNT, "not all are applied")?;
        // As a kill at this moment would leave it.
        ensure(check(&database.copy())? >= reported, "a kill loses some")?;
        let second = if self.is_reused {
            ensure(disk.fired() > 0, "the fault did not come")?;
            disk.heal();
            let second = on(disk).up(&mut conn);
            tally.raised += usize::from(self.is_raised(&conn)?);
            second
        } else {
            drop(conn);
            if disk.fired() == 0 {
                // The number of calls may differ from run to run, by the
                // duration that is recorded.
                return Ok(());
            }
            disk.heal();
            ensure(check(&database)? >= reported, "a close loses some")?;
            on(disk).up(&mut open(disk, &database.path()))
        };
        let second = second.map_err(|error| format!("{message}: then {}", chain(&error)))?;
        let twice = second.applied().len() > COUNT - reported;
        ensure(!twice, "the second run applies some again")?;
        ensure(check(&database)? == COUNT, "the second run does not finish")?;
        tally.points += 1;
        let operation = format!("{:?}", self.fault.op);
        *tally.operations.entry(operation).or_default() += 1;
        tally.errors += usize::from(result.is_err());
        tally.partial += usize::from(0 < reported && reported < COUNT);
        tally.reused += usize::from(self.is_reused);
        Ok(())
    }

    /// The connection must be as the application has set it up. Only
    /// `synchronous` can stay raised, on a disk that does not work again before
    /// the run ends: SQLite reads the schema before it changes that.
    fn is_raised(&self, conn: &Connection) -> Result<bool, String> {
        let number = |pragma: &str| -> i64 {
            conn.pragma_query_value(None, pragma, |row| row.get(0))
                .unwrap()
        };
        let (cache, synchronous) = if self.start.is_left {
            (-2000, 2)
        } else {
            (CACHE, NORMAL)
        };
        let found = ["foreign_keys", "busy_timeout", "cache_size"].map(number);
        let is_raised = number("synchronous") > synchronous;
        if found == [1, 5, cache] && (!is_raised || self.fault.for_ever) {
            Ok(is_raised)
        } else {
            Err(format!(
                "settings were not put back: {found:?}, {is_raised}"
            ))
        }
    }
}
