//! A process for the tests to start, to race and to kill.
//!
//! `worker <set> <database> [key=value ...]` says `ready`, waits for the end
//! of its input, and migrates. So a test decides when it begins, and no worker
//! outlives its test for long. What came of it is printed line by line. Instead
//! of a set it takes a directory, as `sequence:<path>` or `timestamps:<path>`.

use migrate_runtime::{
    Ahead, Down, Error, ErrorKind, Event, Migrator, Numbering, Observer, Report, Transactions,
    Version,
};
use migrate_sqlite::compat;
use migrate_tests::{chain, sets};
use migrate_tools::read_directory;
use rusqlite::Connection;
use std::io::Read;
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let set = arguments.next().ok_or("which set?")?;
    let path = arguments.next().ok_or("which database?")?;
    let mut migrator = migrator(&set)?.lock_timeout(Duration::from_secs(30));
    let mut setup = Setup::default();
    let (mut hold, mut down, mut cycles) = (None, None, 1_u32);
    for argument in arguments {
        let (key, value) = argument.split_once('=').ok_or("expected key=value")?;
        match key {
            "lock_timeout_ms" => {
                migrator = migrator.lock_timeout(Duration::from_millis(value.parse()?));
            }
            "wal" => migrator = migrator.wal(),
            "down" => down = Some(target(value.parse()?)),
            "cycles" => cycles = value.parse()?,
            "table" => migrator = migrator.history_table(value),
            "ahead" => migrator = migrator.ahead(Ahead::Allow),
            "transactions" => migrator = migrator.transactions(Transactions::All),
            "steps" => down = Some(Down::Steps(value.parse()?)),
            "busy_ms" => setup.busy_timeout = Some(Duration::from_millis(value.parse()?)),
            "cache_pages" => setup.cache_pages = Some(value.parse()?),
            "max_pages" => setup.max_pages = Some(value.parse()?),
            "abort_after" => setup.abort_after = Some(value.parse()?),
            "abort_at" => {
                migrator = migrator.observer(at(value.parse()?, || std::process::abort()));
            }
            "abort_in" => {
                let wanted: usize = value.parse()?;
                migrator = migrator.observer(move |event: &Event<'_>| {
                    if let Event::StatementEnded { label, number, .. } = event
                        && *label == "002_m"
                        && *number == wanted
                    {
                        std::process::abort();
                    }
                });
            }
            "pause_at" => {
                let go = format!("{path}.go");
                migrator = migrator.observer(at(value.parse()?, move || pause(&go)));
            }
            "backup" => migrator = migrator.backup_to(value),
            "hold" => hold = Some(value.to_owned()),
            _ => return Err(format!("unknown key `{key}`").into()),
        }
    }
    if let Some(sql) = hold {
        let db = Connection::open(&path)?;
        db.execute_batch(&sql)?;
        println!("ready");
        wait_for_release()?;
        println!("ok");
        return Ok(ExitCode::SUCCESS);
    }
    println!("ready");
    wait_for_release()?;
    let mut db = match setup.open(&path) {
        Ok(db) => db,
        Err(error) => {
            println!("error open {:?}", chain(&error));
            return Ok(ExitCode::FAILURE);
        }
    };
    let started = Instant::now();
    let mut result = run(&migrator, &mut db, down);
    // From one to the next, all the way up again.
    for _ in 1..cycles {
        if result.is_ok() {
            result = migrator
                .up(&mut db)
                .and_then(|_| run(&migrator, &mut db, down));
        }
    }
    println!("elapsed {}", started.elapsed().as_millis());
    let report = match &result {
        Ok(report) => report,
        Err(error) => error.report(),
    };
    for applied in report.applied() {
        println!("applied {}", applied.version.get());
    }
    for undone in report.undone() {
        println!("undone {}", undone.version.get());
    }
    match result {
        Ok(_) => {
            println!("ok");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            println!("error {} {:?}", kind(&error), chain(&error));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Acts before a statement of a migration without a transaction, of which the
/// number is given.
fn at(wanted: usize, act: impl Fn() + Send + Sync + 'static) -> impl Observer {
    move |event: &Event<'_>| {
        if let Event::StatementStarted { label, number, .. } = event
            && *label == "002_m"
            && *number == wanted
        {
            act();
        }
    }
}

/// Says that it has come so far, and waits for a file.
fn pause(go: &str) {
    println!("paused");
    let start = Instant::now();
    while !std::path::Path::new(go).exists() && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn migrator(set: &str) -> Result<Migrator<Version>, Box<dyn std::error::Error>> {
    let (numbering, directory) = match set.split_once(':') {
        Some(("sequence", path)) => (Numbering::DEFAULT, path),
        Some(("timestamps", path)) => (Numbering::Timestamp, path),
        _ => return Ok(sets::migrator(set)),
    };
    let registry = read_directory(directory, numbering)?;
    Ok(Migrator::new(registry))
}

/// Everything above a version; zero is none.
fn target(version: u64) -> Down<Version> {
    Version::from_u64(version).map_or(Down::All, Down::To)
}

fn run(
    migrator: &Migrator<Version>,
    db: &mut Connection,
    down: Option<Down<Version>>,
) -> Result<Report, Error> {
    match down {
        None => migrator.up(db),
        Some(down) => migrator.down(db, down),
    }
}

fn wait_for_release() -> std::io::Result<()> {
    std::io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

/// The steps of SQLite's virtual machine from one call of the progress handler
/// to the next, within a statement.
const STEPS_PER_CALL: i32 = 300;

/// How the connection is set up before it is migrated.
#[derive(Default)]
struct Setup {
    busy_timeout: Option<Duration>,
    cache_pages: Option<i64>,
    /// The file may not become larger.
    max_pages: Option<i64>,
    /// Dies at so many calls of SQLite's progress handler.
    abort_after: Option<u64>,
}

impl Setup {
    fn open(&self, path: &str) -> rusqlite::Result<Connection> {
        let mut db = Connection::open(path)?;
        if let Some(timeout) = self.busy_timeout {
            db.busy_timeout(timeout)?;
        }
        if let Some(pages) = self.cache_pages {
            db.pragma_update(None, "cache_size", pages)?;
        }
        if let Some(pages) = self.max_pages {
            // It answers with the new limit.
            db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        }
        if let Some(mut calls) = self.abort_after {
            let abort = move || {
                calls = calls
                    .checked_sub(1)
                    .unwrap_or_else(|| std::process::abort());
                false
            };
            compat::set_progress_handler(&mut db, STEPS_PER_CALL, Some(abort))?;
        }
        Ok(db)
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        error if error.is_locked() => "locked",
        error if error.is_read_only() => "read_only",
        error if error.kind() == ErrorKind::Panicked => "panic",
        error if error.is_ahead() => "ahead",
        error if error.kind() == ErrorKind::DamagedHistory => "damaged",
        error if error.is_dirty() => "dirty",
        error if error.kind() == ErrorKind::BackupFailed => "backup",
        error if error.kind() == ErrorKind::OutOfOrder => "out_of_order",
        error if error.is_irreversible() => "irreversible",
        error if !error.drift().is_empty() => "drift",
        _ => "other",
    }
}
