//! A service that runs the command line in its own process, and goes on.

use crate::running::Running;
use crate::support::{Folder, Ran};
use clap::Parser;
use migrate_cli::{MigrateArgs, Program, clap};
use migrate_runtime::{Migrator, Numbering, Version};
use migrate_tools::read_directory;
use rustix::process::Signal;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const HOW: &str = "MIGRATE_TEST_SERVICE";

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: MigrateArgs,
}

/// Not a test by itself: it is the service, in a process of its own.
#[test]
fn service() {
    let Ok(how) = std::env::var(HOW) else { return };
    let handled = Arc::new(AtomicBool::new(false));
    let handle = || {
        signal_hook::flag::register(Signal::INT.as_raw(), Arc::clone(&handled)).unwrap();
    };
    let registry = read_directory("migrations", Numbering::DEFAULT).unwrap();
    let mut migrator = Migrator::<Version>::new(registry);
    if how == "handles before" {
        handle();
    }
    if how == "has a stop, handles after" {
        migrator = migrator.stop_when(|| false);
    }
    let program = Program::embedded(migrator).database("sqlite:app.db");
    for arguments in [vec!["up"], vec!["down", "--yes"], vec!["up"]] {
        let cli = Cli::parse_from(["service"].into_iter().chain(arguments));
        let _ = program.run(&cli.args);
    }
    if how == "has a stop, handles after" {
        handle();
    }
    println!("\nserving");
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if handled.load(Ordering::Relaxed) {
            println!("cleaned up");
            return;
        }
        sleep(Duration::from_millis(10));
    }
    println!("never heard of it");
}

/// How such a service ends after one SIGINT.
fn interrupted(how: &str) -> Ran {
    let folder = Folder::with(&[(
        "migrations/001_a.sql",
        "CREATE TABLE a (x INTEGER);\n-- migrate:down\nDROP TABLE a;\n",
    )]);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["serving::service", "--exact", "--nocapture"])
        .env(HOW, how)
        .current_dir(folder.path());
    let mut running = Running::start(&folder, command);
    running.wait_for("serving");
    running.signal(Signal::INT);
    running.end()
}

#[test]
fn signals_end_a_service_after_a_run() {
    let ran = interrupted("handles nothing");
    assert_eq!(ran.code, None, "{ran}");
}

/// Only there it can be seen that somebody handles a signal.
#[cfg(target_os = "linux")]
#[test]
fn handlers_of_a_service_stay_its_own() {
    let ran = interrupted("handles before").fine();
    assert!(ran.stdout.contains("cleaned up"), "{ran}");
}

#[test]
fn who_stops_runs_itself_keeps_the_signals() {
    let ran = interrupted("has a stop, handles after").fine();
    assert!(ran.stdout.contains("cleaned up"), "{ran}");
}
