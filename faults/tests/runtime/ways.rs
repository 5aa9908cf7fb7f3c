//! Every disk fault in `down` and `redo`, and what other tests share with those.

use crate::every_fault::{TROUBLES, points};
use crate::workload::{CACHE, Database, PATIENCE, dump, open, sound};
use migrate_faults::{Fault, Faults, Op};
use migrate_runtime::{Down, Error, Migrator, Report, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// Each down is the exact inverse of its up, with the quotes that a renaming leaves.
const FILES: [(&str, &str); 8] = [
    (
        "001_items.sql",
        "CREATE TABLE tally(value INTEGER NOT NULL);
         INSERT INTO tally VALUES (1);
         CREATE TABLE \"item\"(id INTEGER PRIMARY KEY, kind INTEGER, filler TEXT);
         INSERT INTO item(kind, filler)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
         SELECT i % 7, hex(zeroblob(100)) || i FROM n;",
    ),
    ("001_items.down.sql", "DROP TABLE item; DROP TABLE tally;"),
    (
        "002_change.sql",
        "UPDATE tally SET value = value * 3;
         UPDATE item SET filler = filler || '!';",
    ),
    (
        "002_change.down.sql",
        "UPDATE tally SET value = value / 3;
         UPDATE item SET filler = substr(filler, 1, length(filler) - 1);",
    ),
    (
        "003_index.sql",
        "UPDATE tally SET value = value * 3;
         CREATE INDEX item_kind ON item(kind, filler);",
    ),
    (
        "003_index.down.sql",
        "UPDATE tally SET value = value / 3;
         DROP INDEX item_kind;",
    ),
    (
        "004_rebuild.sql",
        "UPDATE tally SET value = value * 3;
         CREATE TABLE new_item(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, filler TEXT UNIQUE);
         INSERT INTO new_item SELECT id, kind, filler FROM item;
         DROP TABLE item;
         ALTER TABLE new_item RENAME TO item;
         CREATE INDEX item_kind ON item(kind, filler);",
    ),
    (
        "004_rebuild.down.sql",
        "UPDATE tally SET value = value / 3;
         CREATE TABLE old_item(id INTEGER PRIMARY KEY, kind INTEGER, filler TEXT);
         INSERT INTO old_item SELECT id, kind, filler FROM item;
         DROP TABLE item;
         ALTER TABLE old_item RENAME TO item;
         CREATE INDEX item_kind ON item(kind, filler);",
    ),
];

const COUNT: usize = FILES.len() / 2;

/// How many calls of one operation are tried with one error, beside the last.
const SAMPLE: usize = 10;

/// After every fault the file holds the first so many migrations, with their
/// rows: none that was reported as undone is there, and a second run undoes
/// what is left.
#[test]
fn every_fault_on_the_way_down_leaves_a_prefix_with_a_rollback_journal() {
    all_the_way_down(Faults::register("ways-down-rollback"), false);
}

/// As above, with a log.
#[test]
fn every_fault_on_the_way_down_leaves_a_prefix_with_wal() {
    all_the_way_down(Faults::register("ways-down-wal"), true);
}

fn all_the_way_down(disk: Faults, wal: bool) {
    let tally = every_fault(disk, wal, &WayDown(Files::new(disk)));
    // Every prefix was met, the empty one and the whole one too.
    assert_eq!(tally.found.len(), COUNT + 1, "{tally:?}");
}

/// After every fault the migration is there with its row, the one from before
/// or, if so it was reported, the one from after.
#[test]
fn every_fault_in_a_redo_leaves_the_migration_applied_with_a_rollback_journal() {
    redone(Faults::register("ways-redo-rollback"), false);
}

/// As above, with a log.
#[test]
fn every_fault_in_a_redo_leaves_the_migration_applied_with_wal() {
    redone(Faults::register("ways-redo-wal"), true);
}

fn redone(disk: Faults, wal: bool) {
    for applied in [2, COUNT] {
        let files = Files::new(disk);
        let tally = every_fault(disk, wal, &Redo { files, applied });
        assert_eq!(tally.found.len(), 2, "{tally:?}");
    }
}

/// What runs while the disk fails, and what may be left.
pub(crate) trait Way {
    /// Makes what the run finds.
    fn prepare(&self, conn: &mut Connection);
    /// The run.
    fn act(&self, conn: &mut Connection) -> Result<Report, Error>;
    /// Where a file stands that the run left; or why that cannot be, after such
    /// a result.
    fn found(&self, conn: &Connection, result: &Result<Report, Error>) -> Result<String, String>;
    /// A second run, on a disk that works.
    fn again(&self, conn: &mut Connection, first: &Result<Report, Error>) -> Result<(), String>;
    /// Whether all is done in the end.
    fn is_finished(&self, conn: &Connection) -> Result<bool, String>;
}

/// What the faults did, so that it shows if they all come too late.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    points: usize,
    operations: BTreeMap<String, usize>,
    errors: usize,
    reused: usize,
    /// Where a kill would have left the file.
    pub(crate) found: BTreeMap<String, usize>,
}

/// Lets each call of each operation fail, once and for ever.
pub(crate) fn every_fault(disk: Faults, wal: bool, way: &impl Way) -> Tally {
    let start = Database::new(wal);
    way.prepare(&mut Connection::open(start.path()).unwrap());
    let mut tally = Tally::default();
    let mut problems = Vec::new();
    for (op, code, done) in TROUBLES {
        let (in_the_run, with_the_close) = calls(disk, &start, way, op);
        let sample = match op {
            // With these it is decided whether a commit takes effect.
            Op::Sync => with_the_close,
            _ => SAMPLE,
        };
        for (at, (nth, for_ever)) in points(with_the_close, sample).enumerate() {
            let fault = Fault {
                for_ever,
                done,
                ..Fault::once(op, nth, code)
            };
            let is_reused = at.is_multiple_of(2) && nth <= in_the_run;
            let database = start.copy();
            let checked = check(disk, &database, way, fault, is_reused, &mut tally);
            disk.heal();
            if let Err(problem) = checked {
                problems.push(format!("{fault:?}, reused {is_reused}: {problem}"));
            }
        }
    }
    println!("wal {wal}: {tally:?}");
    let count = problems.len();
    problems.truncate(20);
    assert!(count == 0, "wal {wal}, {count}:\n{}", problems.join("\n"));
    assert!(tally.operations.len() >= 8, "{tally:?}");
    let Tally { points, errors, .. } = tally;
    assert!(points > 150 && errors > points / 3, "{tally:?}");
    assert!(tally.reused > points / 4, "{tally:?}");
    tally
}

/// How often the operation is asked for without faults: before the connection
/// is closed, and with that.
fn calls(disk: Faults, start: &Database, way: &impl Way, op: Op) -> (usize, usize) {
    let database = start.copy();
    disk.heal();
    let mut conn = open(disk, &database.path());
    disk.heal();
    way.act(&mut conn).unwrap();
    let in_the_run = disk.calls(op);
    drop(conn);
    (in_the_run, disk.calls(op))
}

/// A run with the fault, a look at the file, and a run without it.
fn check(
    disk: Faults,
    database: &Database,
    way: &impl Way,
    fault: Fault,
    is_reused: bool,
    tally: &mut Tally,
) -> Result<(), String> {
    let mut conn = open(disk, &database.path());
    disk.fail(fault);
    let result = way.act(&mut conn);
    let fired = disk.fired();
    let message = match &result {
        Ok(report) => format!("ok, {report:?}"),
        Err(error) => format!("{}, {:?}", chain(error), error.report()),
    };
    let told = |problem: String| format!("{problem}: {message}");
    let look = |database: &Database| {
        let conn = Connection::open(database.path()).unwrap();
        way.found(&conn, &result).map_err(told)
    };
    if !conn.is_autocommit() {
        return Err(told("a transaction is open".to_owned()));
    }
    // As a kill at this moment would leave it.
    let found = look(&database.copy()).map_err(|problem| format!("killed: {problem}"))?;
    if is_reused {
        if fired == 0 {
            return Err(told("the fault did not come".to_owned()));
        }
        disk.heal();
        way.again(&mut conn, &result).map_err(told)?;
    } else {
        drop(conn);
        if disk.fired() == 0 {
            // The number of calls may differ from run to run, by the duration
            // that is recorded.
            return Ok(());
        }
        disk.heal();
        look(database).map_err(|problem| format!("closed: {problem}"))?;
        let mut conn = open(disk, &database.path());
        way.again(&mut conn, &result).map_err(told)?;
    }
    let conn = Connection::open(database.path()).unwrap();
    if !way.is_finished(&conn).map_err(told)? {
        return Err(told("the second run does not finish".to_owned()));
    }
    tally.points += 1;
    *tally
        .operations
        .entry(format!("{:?}", fault.op))
        .or_default() += 1;
    tally.errors += usize::from(result.is_err());
    tally.reused += usize::from(is_reused);
    *tally.found.entry(found).or_default() += 1;
    Ok(())
}

/// A migrator whose other connections are on the same disk.
pub(crate) fn on(disk: Faults, files: &[(&str, &str)]) -> Migrator<Version> {
    let connect = move |path: &Path| {
        let conn = disk.open(path)?;
        conn.busy_timeout(PATIENCE)?;
        conn.pragma_update(None, "cache_size", CACHE)?;
        Ok(conn)
    };
    migrator(files).lock_timeout(PATIENCE).connect_with(connect)
}

pub(crate) fn version(number: usize) -> Version {
    Version::new(number.try_into().unwrap())
}

/// The workload, and what it makes.
struct Files {
    migrator: Migrator<Version>,
    /// The content with the first so many migrations.
    states: Vec<String>,
}

impl Files {
    fn new(disk: Faults) -> Files {
        let migrator = on(disk, &FILES);
        let mut conn = Connection::open_in_memory().unwrap();
        let up_to = |conn: &mut Connection, count| {
            let to = migrator.clone().to(version(count));
            to.up(conn).unwrap();
            dump(conn).unwrap()
        };
        up_to(&mut conn, 1);
        // The table of the history stays, so it is in all states.
        migrator.down(&mut conn, Down::All).unwrap();
        let mut states = vec![dump(&conn).unwrap()];
        states.extend((1..=COUNT).map(|count| up_to(&mut conn, count)));
        for count in (0..COUNT).rev() {
            migrator.down(&mut conn, Down::Steps(1)).unwrap();
            assert_eq!(dump(&conn).unwrap(), states[count]);
        }
        Files { migrator, states }
    }

    fn count(&self, conn: &Connection) -> Result<usize, String> {
        let found = sound(conn)?;
        let count = self.states.iter().position(|state| *state == found);
        count.ok_or_else(|| format!("the state after no number of migrations:\n{found}"))
    }
}

fn report(result: &Result<Report, Error>) -> &Report {
    result.as_ref().unwrap_or_else(Error::report)
}

/// Whether a run does not know what became of its last commit.
fn is_unknown(result: &Result<Report, Error>) -> bool {
    result.as_ref().is_err_and(Error::is_commit_unknown)
}

struct WayDown(Files);

impl Way for WayDown {
    fn prepare(&self, conn: &mut Connection) {
        self.0.migrator.up(conn).unwrap();
    }

    fn act(&self, conn: &mut Connection) -> Result<Report, Error> {
        self.0.migrator.down(conn, Down::All)
    }

    fn found(&self, conn: &Connection, result: &Result<Report, Error>) -> Result<String, String> {
        let count = self.0.count(conn)?;
        let undone = report(result).undone();
        let expected = COUNT - undone.len();
        let is_told = count == expected || is_unknown(result) && count + 1 == expected;
        if is_told && (result.is_err() || count == 0) {
            Ok(format!("{count} applied"))
        } else {
            Err(format!("{count} applied, and not {expected}"))
        }
    }

    fn again(&self, conn: &mut Connection, first: &Result<Report, Error>) -> Result<(), String> {
        let second = self
            .act(conn)
            .map_err(|error| format!("then {}", chain(&error)))?;
        if report(first).undone().len() + second.undone().len() <= COUNT {
            Ok(())
        } else {
            Err("the second run undoes some again".to_owned())
        }
    }

    fn is_finished(&self, conn: &Connection) -> Result<bool, String> {
        Ok(self.0.count(conn)? == 0)
    }
}

struct Redo {
    files: Files,
    applied: usize,
}

impl Way for Redo {
    fn prepare(&self, conn: &mut Connection) {
        let migrator = self.files.migrator.clone().release("before");
        migrator.to(version(self.applied)).up(conn).unwrap();
    }

    fn act(&self, conn: &mut Connection) -> Result<Report, Error> {
        self.files.migrator.clone().release("after").redo(conn)
    }

    fn found(&self, conn: &Connection, result: &Result<Report, Error>) -> Result<String, String> {
        let count = self.files.count(conn)?;
        if count != self.applied {
            return Err(format!("{count} applied"));
        }
        let sql = "SELECT release FROM _migrations ORDER BY version DESC LIMIT 1";
        let release: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        let report = report(result);
        let counts = (report.undone().len(), report.applied().len());
        let expected = match counts {
            (1, 1) => "after",
            (0, 0) if result.is_err() => "before",
            _ => return Err(format!("the report has {counts:?}")),
        };
        if release == expected || is_unknown(result) && expected == "before" {
            Ok(release)
        } else {
            Err(format!("the row is from {release}, and not {expected}"))
        }
    }

    fn again(&self, conn: &mut Connection, _: &Result<Report, Error>) -> Result<(), String> {
        let second = self
            .files
            .migrator
            .up(conn)
            .map_err(|error| format!("then {}", chain(&error)))?;
        if second.applied().len() == COUNT - self.applied {
            Ok(())
        } else {
            Err(format!("the second run applies {:?}", second.applied()))
        }
    }

    fn is_finished(&self, conn: &Connection) -> Result<bool, String> {
        Ok(self.files.count(conn)? == COUNT)
    }
}
