//! The bar that is drawn while a run goes on.

use crate::pty::{Seen, Setting, Terminal};
use crate::slow;
use crate::support::Folder;
use migrate_runtime::rusqlite::Connection;
use std::time::Duration;

const UP: &str = "up --database sqlite:app.db";

/// Three migrations, of which the second takes a second and a half.
fn folder(name: &str) -> Folder {
    let slow = slow::statement(Duration::from_millis(1500));
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
    folder.write(&format!("migrations/002_{name}.sql"), &slow);
    folder
}

/// A run to its end, during which a bar was to be seen.
#[track_caller]
fn watched(folder: &Folder, line: &str, setting: &Setting) -> Seen {
    let terminal = Terminal::shell(folder, line, setting);
    terminal.wait_for("[1/3] 002_slow");
    terminal.end()
}

fn told(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| match line.split_once(" in ") {
        Some((head, _)) => head,
        None => line,
    });
    lines.collect()
}

const APPLIED: [&str; 3] = ["applied 001_work", "applied 002_slow", "applied 003_more"];

#[test]
fn a_bar_is_drawn_and_taken_away() {
    let seen = watched(
        &folder("slow"),
        &format!("exec \"$0\" {UP}"),
        &Setting::default(),
    );
    assert_eq!(seen.code, Some(0), "{seen}");
    assert_eq!(told(&seen.screen), APPLIED, "{seen}");
    // The look of it is the first that is drawn.
    assert!(!seen.raw.contains('░'), "{seen:?}");
}

#[test]
fn a_bar_stays_out_of_a_redirected_output() {
    let folder = folder("slow");
    let line = format!("exec \"$0\" {UP} > output.txt");
    let seen = watched(&folder, &line, &Setting::default());
    assert_eq!(seen.screen, "", "{seen:?}");
    let output = folder.read("output.txt");
    assert_eq!(told(&output), APPLIED);
    assert!(!output.contains(['\u{1b}', '\r']), "{output:?}");
}

#[test]
fn a_bar_that_does_not_fit_is_taken_away() {
    let name = "slow".to_owned() + &"_and_with_a_long_name".repeat(4);
    let folder = folder(&name);
    let setting = Setting {
        columns: 40,
        ..Setting::default()
    };
    let terminal = Terminal::migrate(&folder, UP, &setting);
    terminal.wait_for("[1/3] 002_slow");
    let seen = terminal.end();
    let screen = seen.screen.replace('\n', "");
    assert!(!screen.contains("/3]"), "{seen}");
    assert!(screen.starts_with("applied 001_work in "), "{seen}");
    assert!(
        screen.contains(&format!("sapplied 002_{name} in ")),
        "{seen}"
    );
    assert!(screen.contains("sapplied 003_more in "), "{seen}");
}

#[test]
fn no_bar_is_drawn_for_those_who_want_quiet() {
    let folder = folder("slow");
    let seen = Terminal::migrate(&folder, &format!("{UP} -q"), &Setting::default()).end();
    assert_eq!((seen.code, &*seen.raw), (Some(0), ""), "{seen:?}");
}

#[test]
fn no_bar_is_drawn_for_a_machine() {
    let folder = folder("slow");
    let arguments = format!("{UP} --format json");
    let seen = Terminal::migrate(&folder, &arguments, &Setting::default()).end();
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(seen.raw.starts_with('{'), "{seen:?}");
    assert!(!seen.raw.contains('\u{1b}'), "{seen:?}");
}

#[test]
fn no_bar_is_drawn_off_a_terminal() {
    let ran = folder("slow").run(UP).fine();
    assert_eq!(ran.stderr, "");
    assert_eq!(told(&ran.stdout), APPLIED);
}

// It cannot move the cursor, so that each frame would be a line.
#[test]
fn no_bar_is_drawn_where_the_cursor_cannot_be_moved() {
    let setting = Setting {
        variables: vec![("TERM", "dumb")],
        ..Setting::default()
    };
    let seen = Terminal::migrate(&folder("slow"), UP, &setting).end();
    assert_eq!(told(&seen.raw), APPLIED, "{seen:?}");
}

#[test]
fn an_error_stands_below_what_was_done() {
    let folder = folder("slow");
    folder.write(
        "migrations/003_more.sql",
        "CREATE TABLE work (n INTEGER);\n",
    );
    let seen = watched(&folder, &format!("exec \"$0\" {UP}"), &Setting::default());
    assert_eq!(seen.code, Some(1), "{seen}");
    let lines = told(&seen.screen);
    assert_eq!(lines[..2], APPLIED[..2], "{seen}");
    assert!(
        lines[2].starts_with("error: migration `003_more`"),
        "{seen}"
    );
    assert!(!seen.screen.contains("/3]"), "{seen}");
}

#[test]
fn ctrl_c_rolls_back_and_leaves_a_clean_screen() {
    let folder = folder("slow");
    folder.write("migrations/002_slow.sql", &slow::endless_statement());
    let mut terminal = Terminal::migrate(&folder, UP, &Setting::default());
    terminal.wait_for("[1/3] 002_slow");
    terminal.press("\u{3}");
    let seen = terminal.end();
    assert_eq!(seen.code, Some(1), "{seen}");
    let lines = told(&seen.screen);
    assert_eq!(lines[0], APPLIED[0], "{seen}");
    assert!(!seen.screen.contains("/3]"), "{seen}");
    assert_eq!(
        lines.last(),
        Some(&"error: stopped: migration `002_slow` was rolled back"),
        "{seen}"
    );
}

#[test]
fn a_stop_that_has_to_wait_was_heard() {
    let folder = folder("slow");
    let slow = slow::statement(Duration::from_millis(2500));
    let script = format!("-- migrate: no-transaction\nCREATE TABLE two(x);\n{slow}");
    folder.write("migrations/002_slow.sql", &script);
    let mut terminal = Terminal::migrate(&folder, UP, &Setting::default());
    // Before its first statement it would be stopped at once.
    terminal.wait_for("[1/3] 002_slow, statement 2 of 2");
    terminal.press("\u{3}");
    terminal.wait_for("s, stopping; Ctrl-C again ends at once");
    let seen = terminal.end();
    assert_eq!(seen.code, Some(1), "{seen}");
    assert_eq!(
        told(&seen.screen),
        [
            APPLIED[0],
            APPLIED[1],
            "error: stopped before migration `003_more`"
        ],
        "{seen}"
    );
}

#[test]
fn a_wait_for_a_lock_is_told() {
    let folder = folder("slow");
    let conn = Connection::open(folder.at("app.db")).unwrap();
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut terminal = Terminal::migrate(&folder, UP, &Setting::default());
    terminal.wait_for("waiting for the write lock, ");
    terminal.press("\u{3}");
    let seen = terminal.end();
    assert_eq!(seen.code, Some(1), "{seen}");
    assert!(
        seen.screen
            .starts_with("error: stopped while waiting for the write lock of"),
        "{seen}"
    );
}
