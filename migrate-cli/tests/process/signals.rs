//! SIGINT and SIGTERM while something is under way.

use crate::running::{Running, STATUS, UP, history, open, texts};
use crate::slow;
use crate::support::{Folder, Ran};
use insta::assert_snapshot;
use rustix::process::Signal;
use std::thread::sleep;
use std::time::Duration;

/// Three migrations, the second of which says when it has begun: with `-v` the
/// end of its first statement is printed.
fn folder(head: &str, slow: &str) -> Folder {
    let folder = Folder::with(&[
        (
            "migrations/001_work.sql",
            "CREATE TABLE work (n INTEGER);\n",
        ),
        (
            "migrations/003_more.sql",
            "CREATE TABLE more (n INTEGER);\n",
        ),
    ]);
    let begins = "CREATE TABLE begun (n INTEGER);\n";
    folder.write("migrations/002_slow.sql", &format!("{head}{begins}{slow}"));
    folder
}

const OUTSIDE: &str = "-- migrate: no-transaction\n";

/// A run whose second migration is within its second statement.
#[track_caller]
fn within(folder: &Folder) -> Running<'_> {
    let mut running = Running::migrate(folder, &format!("{UP} -v"));
    running.wait_for("applied 001_work");
    running.wait_for("statement 1 of 2");
    sleep(Duration::from_millis(100));
    running
}

/// What was said, without the times.
fn told(ran: &Ran) -> String {
    let mut text = String::new();
    for line in ran.to_string().lines() {
        let line = match line.rsplit_once(" in ") {
            Some((head, time)) if time.trim_end_matches(')').ends_with('s') => {
                format!("{head} in [time]")
            }
            _ => line.to_owned(),
        };
        text += &format!("{line}\n");
    }
    text
}

fn rolls_back(signal: Signal) -> String {
    let folder = folder("", &slow::endless_statement());
    let running = within(&folder);
    let ran = running.ends_soon_after(signal);
    let conn = open(&folder);
    assert_eq!(history(&conn), ["work"]);
    let tables = texts(
        &conn,
        "SELECT name FROM sqlite_schema WHERE name IN ('begun', 'more')",
    );
    assert!(tables.is_empty(), "{tables:?}");
    drop(conn);
    // It may be pending for good, so that it can be replaced by a faster one.
    folder.write(
        "migrations/002_slow.sql",
        "CREATE TABLE begun (n INTEGER);\n",
    );
    let next = folder.run(UP).fine();
    format!("{}\n{}", told(&ran), told(&next))
}

#[test]
fn an_interrupt_rolls_the_migration_back_and_says_so() {
    assert_snapshot!(rolls_back(Signal::INT), @"
    exit code 1
    --- stdout
      statement 1 of 1 in [time]
    applied 001_work in [time]
      statement 1 of 2 in [time]
    --- stderr
    error: stopped: migration `002_slow` was rolled back

    exit code 0
    --- stdout
    applied 002_slow in [time]
    applied 003_more in [time]
    ");
}

#[test]
fn a_termination_rolls_the_migration_back_and_says_so() {
    assert_eq!(rolls_back(Signal::TERM), rolls_back(Signal::INT));
}

#[test]
fn a_migration_without_a_transaction_is_finished_first() {
    let folder = folder(OUTSIDE, &slow::statement(Duration::from_millis(1500)));
    let mut running = within(&folder);
    running.signal(Signal::INT);
    sleep(Duration::from_millis(300));
    assert!(!running.has_ended());
    let ran = running.end().ends_with(1);
    assert_snapshot!(told(&ran), @"
    exit code 1
    --- stdout
      statement 1 of 1 in [time]
    applied 001_work in [time]
      statement 1 of 2 in [time]
      statement 2 of 2 in [time]
    applied 002_slow in [time]
    --- stderr
    error: stopped before migration `003_more`
    ");
    assert_eq!(history(&open(&folder)), ["work", "slow"]);
    folder.run(&format!("{STATUS} --exit-code")).ends_with(3);
    let next = folder.run(UP).fine();
    assert_snapshot!(told(&next), @"
    exit code 0
    --- stdout
    applied 003_more in [time]
    ");
}

#[test]
fn a_second_interrupt_ends_it_at_once() {
    let folder = folder(OUTSIDE, &slow::endless_statement());
    let mut running = within(&folder);
    running.signal(Signal::INT);
    sleep(Duration::from_millis(300));
    assert!(!running.has_ended());
    running.ends_soon_after(Signal::TERM);
    // As after a kill: the first statement is in, and recorded.
    folder.run(&format!("{STATUS} --exit-code")).ends_with(7);
    let progress = texts(
        &open(&folder),
        "SELECT state FROM _migrations WHERE version = 2",
    );
    assert_eq!(progress, ["started"]);
}

// It is dirty already, and to stop it would leave it so.
#[test]
fn what_is_resumed_is_finished() {
    let folder = folder(OUTSIDE, "INSERT INTO missing VALUES (1);\n");
    folder.run(UP).ends_with(7);
    let slow = slow::statement(Duration::from_millis(1500));
    folder.write(
        "migrations/002_slow.sql",
        &format!(
            "{OUTSIDE}CREATE TABLE begun (n INTEGER);\n{slow}CREATE TABLE last (n INTEGER);\n"
        ),
    );
    let resume = "repair 2 --resume --yes --database sqlite:app.db";
    let mut running = Running::migrate(&folder, resume);
    running.goes_on_for(Duration::from_millis(700));
    running.signal(Signal::INT);
    let ran = running.end().fine();
    assert!(
        ran.stdout.starts_with("resumed and finished 002_slow"),
        "{ran}"
    );
    assert_eq!(history(&open(&folder)), ["work", "slow"]);
    folder.run(UP).fine();
}

#[test]
fn an_interrupt_ends_the_wait_for_a_lock() {
    let folder = folder("", "");
    let conn = open(&folder);
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut running = Running::migrate(&folder, UP);
    running.goes_on_for(Duration::from_millis(700));
    let ran = running.ends_soon_after(Signal::INT);
    assert_snapshot!(ran, @"
    exit code 1
    --- stderr
    error: stopped while waiting for the write lock of `[folder]/app.db`; nothing was applied
    ");
    conn.execute_batch("ROLLBACK").unwrap();
    assert!(history(&conn).is_empty());
}

#[test]
fn an_interrupt_stops_a_way_down() {
    let folder = folder("", "");
    let down = format!("-- migrate:down\n{}", slow::endless_statement());
    folder.write(
        "migrations/002_slow.sql",
        &format!("CREATE TABLE begun (n INTEGER);\n{down}"),
    );
    folder.write(
        "migrations/003_more.sql",
        "CREATE TABLE more (n INTEGER);\n-- migrate:down\nDROP TABLE more;\n",
    );
    folder.run(UP).fine();
    let down = "down --steps 2 --yes --database sqlite:app.db";
    let mut running = Running::migrate(&folder, down);
    running.wait_for("undid 003_more");
    sleep(Duration::from_millis(200));
    running.signal(Signal::INT);
    let ran = running.end().ends_with(1);
    assert_snapshot!(told(&ran), @"
    exit code 1
    --- stdout
    undid 003_more in [time]
    --- stderr
    error: stopped: the down of migration `002_slow` was rolled back
    ");
    assert_eq!(history(&open(&folder)), ["work", "slow"]);
}

#[test]
fn an_interrupt_takes_all_back_where_all_share_a_transaction() {
    let folder = folder("", &slow::endless_statement());
    let mut running = Running::migrate(&folder, &format!("{UP} -v --all-or-nothing"));
    running.wait_for("statement 1 of 2");
    sleep(Duration::from_millis(100));
    running.signal(Signal::INT);
    let ran = running.end().ends_with(1);
    assert_snapshot!(told(&ran), @"
    exit code 1
    --- stdout
      statement 1 of 1 in [time]
      statement 1 of 2 in [time]
    --- stderr
    error: stopped: migration `002_slow` was rolled back; all migrations of this run share one transaction, so none took effect
    ");
    assert!(history(&open(&folder)).is_empty());
}
