//! A process for the tests to start, to race and to kill, on PostgreSQL.
//!
//! `pg-worker <folder> <url> [key=value ...]` says `ready`, waits for the end of
//! its input, connects, and migrates what the folder holds. What came of it is
//! printed line by line, as `tests/worker` does.

use migrate_runtime::postgres::{Blocking, Connector, Lock};
use migrate_runtime::{Down, Error, Report, Transactions, Version};
use migrate_tests::chain;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let url = arguments.next().ok_or("which database?")?;
    let mut migrator =
        migrate_tests::postgres::folder(Path::new(&folder)).lock_timeout(Duration::from_secs(50));
    let connector = Connector::parse(&url)?.connect_timeout(Duration::from_secs(20));
    let mut down = None;
    for argument in arguments {
        let (key, value) = argument.split_once('=').ok_or("expected key=value")?;
        let milliseconds = || value.parse().map(Duration::from_millis);
        match key {
            "lock_timeout_ms" => migrator = migrator.lock_timeout(milliseconds()?),
            "table_lock_timeout_ms" => migrator = migrator.table_lock_timeout(milliseconds()?),
            "attempts" => migrator = migrator.attempts(value.parse()?),
            "schema" => migrator = migrator.in_schema(value),
            "history_schema" => migrator = migrator.history_schema(value),
            "table" => migrator = migrator.history_table(value),
            "lock" => {
                migrator = migrator.lock(match value {
                    "transaction" => Lock::Transaction,
                    "table" => Lock::Table,
                    _ => Lock::Session,
                });
            }
            "transactions" => migrator = migrator.transactions(Transactions::All),
            "connector" => migrator = migrator.connector(connector.clone()),
            // Everything above a version; zero is none.
            "down" => {
                let above = Version::from_u64(value.parse()?);
                down = Some(above.map_or(Down::All, Down::To));
            }
            _ => return Err(format!("unknown key `{key}`").into()),
        }
    }
    println!("ready");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let mut db = match Blocking::connect(&connector) {
        Ok(db) => db,
        Err(error) => {
            println!("error connect {:?}", chain(&error));
            return Ok(ExitCode::FAILURE);
        }
    };
    let started = Instant::now();
    let result = db.run(async |client| match down {
        None => migrator.up(client).await,
        Some(down) => migrator.down(client, down).await,
    });
    println!("elapsed {}", started.elapsed().as_millis());
    Ok(tell(&result))
}

fn tell(result: &Result<Report, Error>) -> ExitCode {
    let report = match result {
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
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("error {} {:?}", kind(error), chain(error));
            ExitCode::FAILURE
        }
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        error if error.is_locked() => "locked",
        error if error.is_read_only() => "read_only",
        error if error.is_commit_unknown() => "unknown",
        error if error.is_dirty() => "dirty",
        error if error.is_unreachable() => "unreachable",
        error if !error.drift().is_empty() => "drift",
        _ => "other",
    }
}
