//! How long `migrate status` takes on a database that is up to date, from the
//! start of the process to its end, beside `sqlite3 app.db "select 1"`.
//!
//! `cargo bench -p migrate-cli`

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let migrate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        command.arg("--dir").arg(&migrations).args(arguments);
        command.current_dir(folder.path()).stdout(Stdio::null());
        command
    };
    let up = migrate(&["up", "-d", "app.db"]).status()?;
    assert!(up.success(), "the database was not made");
    let shell = || {
        let mut command = Command::new("sqlite3");
        command.args(["app.db", "select 1"]);
        command.current_dir(folder.path()).stdout(Stdio::null());
        command
    };
    if shell().status().is_err() {
        println!("sqlite3 is not installed, so that there is nothing to compare with");
        return Ok(());
    }
    // In turn, because the speed of a shared machine changes.
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (own, other) = (time(migrate(&["status", "-d", "app.db"]))?, time(shell())?);
        ratios.push(own.as_secs_f64() / other.as_secs_f64());
        ours.push(own);
        theirs.push(other);
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    ratios.sort_unstable_by(f64::total_cmp);
    let middle = ROUNDS / 2;
    println!(
        "migrate status {:.2?}, sqlite3 select 1 {:.2?}: {:.2} times (medians of {ROUNDS})",
        ours[middle], theirs[middle], ratios[middle]
    );
    Ok(())
}

fn time(mut command: Command) -> std::io::Result<Duration> {
    let started = Instant::now();
    let status = command.status()?;
    let took = started.elapsed();
    assert!(status.success(), "{command:?} failed");
    Ok(took)
}
