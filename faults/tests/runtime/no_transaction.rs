//! Every disk fault in a migration without a transaction: the history agrees with
//! what took effect.

use crate::ways::{Way, every_fault, on, version};
use crate::workload::{dump, sound};
use migrate_faults::Faults;
use migrate_runtime::{Direction, Down, Error, Migrator, Repair, Report, Version};
use migrate_tests::chain;
use rusqlite::{Connection, OptionalExtension};

/// It leaves pages free, which the second compacts.
const BASE: (&str, &str) = (
    "001_items.sql",
    "CREATE TABLE item(id INTEGER PRIMARY KEY, kind INTEGER, filler TEXT);
     INSERT INTO item(kind, filler)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
     SELECT i % 7, hex(zeroblob(100)) || i FROM n;
     DELETE FROM item WHERE id > 100;",
);

/// None of them can run twice, or not at all, without a trace. That of the
/// third is the number of free pages.
const STATEMENTS: [&str; 4] = [
    "CREATE INDEX item_kind ON item(kind, filler)",
    "INSERT INTO item(kind, filler) SELECT 8, filler || '+' FROM item WHERE id % 2 = 0",
    "VACUUM",
    "UPDATE item SET filler = filler || '!'",
];

const STARTED: &str = "UPDATE _migrations SET state = 'started' WHERE version = 2";

const VACUUM: usize = 2;

const WAY_BACK: [&str; 4] = [
    "UPDATE item SET filler = substr(filler, 1, length(filler) - 1)",
    "INSERT INTO item(kind, filler) SELECT 9, filler || '-' FROM item WHERE kind = 8",
    "DELETE FROM item WHERE kind = 8",
    "DROP INDEX item_kind",
];

/// The same for a down without a transaction.
#[test]
fn every_fault_in_a_down_without_a_transaction_is_in_the_history() {
    for wal in [false, true] {
        let disk = Faults::register(&format!("outside-down-{wal}"));
        let tally = every_fault(disk, wal, &Outside::new(disk, Direction::Down));
        assert_eq!(tally.found.len(), WAY_BACK.len() + 3, "{tally:?}");
    }
}

/// After every fault the migration is not there, and has no row; or it is there
/// and its row says so; or the row says which statements have ended, and a
/// repair runs the others.
#[test]
fn every_fault_without_a_transaction_is_in_the_history_with_a_rollback_journal() {
    without_a_transaction(Faults::register("outside-rollback"), false);
}

/// As above, with a log.
#[test]
fn every_fault_without_a_transaction_is_in_the_history_with_wal() {
    without_a_transaction(Faults::register("outside-wal"), true);
}

fn without_a_transaction(disk: Faults, wal: bool) {
    let tally = every_fault(disk, wal, &Outside::new(disk, Direction::Up));
    // Not there, started with each number of statements, and applied.
    assert_eq!(tally.found.len(), STATEMENTS.len() + 3, "{tally:?}");
}

/// What the history says of the migration, or of its down.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stand {
    Before,
    Started(usize),
    After,
}

impl Stand {
    /// What the next commit makes of it.
    fn next(self) -> Stand {
        match self {
            Stand::Before => Stand::Started(0),
            Stand::Started(done) if done < STATEMENTS.len() => Stand::Started(done + 1),
            _ => Stand::After,
        }
    }
}

struct Outside {
    migrator: Migrator<Version>,
    direction: Direction,
    /// The content that belongs to each.
    states: Vec<(Stand, String)>,
}

impl Outside {
    fn new(disk: Faults, direction: Direction) -> Outside {
        let [up, down] = [STATEMENTS, WAY_BACK]
            .map(|script| format!("-- migrate: no-transaction\n{};", script.join(";\n")));
        let files = [
            BASE,
            ("002_outside.sql", up.as_str()),
            ("002_outside.down.sql", down.as_str()),
        ];
        let mut outside = Outside {
            migrator: on(disk, &files),
            direction,
            states: Vec::new(),
        };
        let mut stand = Stand::Before;
        while stand != Stand::After {
            outside.states.push((stand, outside.make(stand)));
            stand = stand.next();
        }
        outside.states.push((stand, outside.make(stand)));
        outside
    }

    /// Makes the content without a run.
    fn make(&self, stand: Stand) -> String {
        let mut conn = Connection::open_in_memory().unwrap();
        self.prepare(&mut conn);
        let done = match stand {
            Stand::Before => return dump(&conn).unwrap(),
            Stand::Started(done) => done,
            Stand::After => STATEMENTS.len(),
        };
        let (script, row) = match (self.direction, stand) {
            (Direction::Up, Stand::After) => (STATEMENTS, ""),
            (Direction::Up, _) => (STATEMENTS, STARTED),
            (Direction::Down, Stand::After) => {
                (WAY_BACK, "DELETE FROM _migrations WHERE version = 2")
            }
            (Direction::Down, _) => (WAY_BACK, STARTED),
        };
        for statement in &script[..done] {
            conn.execute_batch(statement).unwrap();
        }
        if self.direction == Direction::Up {
            let migration = self.migrator.registry().get(version(2)).unwrap();
            conn.execute(
                "INSERT INTO _migrations(version, name, checksum, state, applied_at, execution_ms)
                 VALUES (2, ?1, ?2, 'applied', '', 0)",
                (migration.name, migration.checksum.to_string()),
            )
            .unwrap();
        }
        conn.execute_batch(row).unwrap();
        dump(&conn).unwrap()
    }

    /// Where a file stands, if that is what took effect in it.
    fn stand(&self, conn: &Connection) -> Result<Stand, String> {
        let found = sound(conn)?;
        let stand = self.recorded(conn)?;
        if !self.states.contains(&(stand, found.clone())) {
            return Err(format!("not what {stand:?} says:\n{found}"));
        }
        let free: i64 = conn
            .pragma_query_value(None, "freelist_count", |row| row.get(0))
            .unwrap();
        let is_compact = match stand {
            _ if self.direction == Direction::Down => None,
            Stand::Before => Some(false),
            Stand::Started(done) if done < VACUUM => Some(false),
            // It cannot be recorded with what it does.
            Stand::Started(VACUUM) => None,
            Stand::Started(_) | Stand::After => Some(true),
        };
        if is_compact.is_none_or(|is_compact| is_compact == (free == 0)) {
            Ok(stand)
        } else {
            Err(format!("{free} free pages, and {stand:?}"))
        }
    }

    fn recorded(&self, conn: &Connection) -> Result<Stand, String> {
        let sql = "SELECT state, progress FROM _migrations WHERE version = 2";
        let row: Option<(String, Option<String>)> = conn
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|error| error.to_string())?;
        let (direction, absent, applied) = match self.direction {
            Direction::Up => ("up", Stand::Before, Stand::After),
            Direction::Down => ("down", Stand::After, Stand::Before),
        };
        let Some((state, progress)) = row else {
            return Ok(absent);
        };
        let progress = progress.as_deref().unwrap_or_default();
        let words: Vec<&str> = progress.split(' ').collect();
        match (state.as_str(), words.as_slice()) {
            ("applied", [""]) => Ok(applied),
            ("started", [way, done, "of", "4", _]) if *way == direction => {
                Ok(Stand::Started(done.parse().unwrap()))
            }
            _ => Err(format!("the row says {state:?} and {progress:?}")),
        }
    }
}

/// How many statements stay, as the message says.
fn said(error: &Error) -> Option<usize> {
    let text = error.to_string();
    let (_, after) = text.split_once("runs without a transaction, so ")?;
    let (done, _) = after.split_once(" of its 4 statements").or_else(|| {
        let (all, _) = after.split_once(" statements stay")?;
        Some((all.strip_prefix("its ")?, ""))
    })?;
    Some(done.parse().unwrap())
}

/// How many migrations were applied or undone.
fn count(report: &Report) -> usize {
    report.applied().len() + report.undone().len()
}

impl Way for Outside {
    fn prepare(&self, conn: &mut Connection) {
        let last = match self.direction {
            Direction::Up => version(1),
            Direction::Down => version(2),
        };
        self.migrator.clone().to(last).up(conn).unwrap();
    }

    fn act(&self, conn: &mut Connection) -> Result<Report, Error> {
        match self.direction {
            Direction::Up => self.migrator.up(conn),
            Direction::Down => self.migrator.down(conn, Down::To(version(1))),
        }
    }

    fn found(&self, conn: &Connection, result: &Result<Report, Error>) -> Result<String, String> {
        let stand = self.stand(conn)?;
        let is_told = match result {
            Ok(report) => count(report) == 1 && stand == Stand::After,
            Err(error) => {
                let told = match (count(error.report()), said(error)) {
                    (0, None) => Stand::Before,
                    (0, Some(done)) => Stand::Started(done),
                    (1, None) => Stand::After,
                    _ => return Err("the report and the message differ".to_owned()),
                };
                // A start that could not be taken back may be gone all the same.
                let is_unsure = error.is_commit_unknown() && told == Stand::Started(0);
                stand == told
                    || error.is_commit_unknown() && stand == told.next()
                    || is_unsure && stand == Stand::Before
            }
        };
        if is_told {
            Ok(format!("{stand:?}"))
        } else {
            Err(format!("{stand:?}, and something else was said"))
        }
    }

    fn again(&self, conn: &mut Connection, _: &Result<Report, Error>) -> Result<(), String> {
        let then = |what: &str, error: &Error| format!("then {what}: {}", chain(error));
        if let Stand::Started(_) = self.recorded(conn)? {
            match self.act(conn) {
                Err(error) if error.is_dirty() => {}
                other => return Err(format!("then it is not refused: {other:?}")),
            }
            let resumed = self.migrator.repair(conn, version(2), Repair::Resume);
            resumed.map_err(|error| then("repair", &error))?;
        } else {
            self.act(conn)
                .map_err(|error| then("a second run", &error))?;
        }
        let last = self
            .act(conn)
            .map_err(|error| then("a third run", &error))?;
        if last.is_empty() {
            Ok(())
        } else {
            Err(format!("then there is more to do: {last:?}"))
        }
    }

    fn is_finished(&self, conn: &Connection) -> Result<bool, String> {
        Ok(self.stand(conn)? == Stand::After)
    }
}
