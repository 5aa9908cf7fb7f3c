//! Databases and files that were made to deceive whoever looks at them.

use crate::document::{document, rusqlite};
use crate::support::{Folder, Ran};
use crate::{applied, folder, shows};

/// Clears a screen, sets a title, turns the direction of text.
const HARM: &str = "by\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}\r";

/// Without our own styles.
fn plain(ran: &Ran) -> Ran {
    let plain = |text: &str| {
        let styles = ["0", "1", "2", "31", "32", "33", "36"];
        let styles = styles.map(|style| format!("\u{1b}[{style}m"));
        let mut text = text.to_owned();
        for style in styles {
            text = text.replace(&style, "");
        }
        text
    };
    Ran {
        stdout: plain(&ran.stdout),
        stderr: plain(&ran.stderr),
        ..ran.clone()
    }
}

/// Nothing but lines, and our own styles.
#[track_caller]
fn is_harmless(ran: &Ran) {
    let plain = plain(ran);
    let text = plain.stdout + &plain.stderr;
    let harm = text
        .chars()
        .find(|it| (it.is_control() && *it != '\n') || *it == '\u{202e}');
    assert_eq!(harm, None, "{text:?}");
}

#[test]
fn a_history_moves_no_cursor() {
    let folder = applied();
    let conn = rusqlite(&folder, "");
    conn.execute(
        "UPDATE _migrations SET name = ?1, applied_at = ?1, origin = ?1, checksum = ?1 \
         WHERE version = 2",
        [HARM],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO _migrations SELECT 4, ?1, checksum, state, ?1, 1, ?1, ?1, 'DROP ' || ?1, ?1, \
         NULL, ?1 FROM _migrations WHERE version = 1",
        [HARM],
    )
    .unwrap();
    drop(conn);
    for arguments in [
        "status",
        "status -v",
        "verify",
        "plan",
        "up",
        "down --dry-run",
        "down",
        "down --yes",
        "redo --yes",
        "baseline 3",
        "repair 2 --reason why",
        "repair 8 --reason why",
        "schema",
    ] {
        for color in ["never", "always"] {
            is_harmless(&folder.run(&format!("{arguments} -d app.db --color {color}")));
        }
    }
    // A machine is told what it is.
    let ran = folder.run("status -d app.db --format json");
    assert!(
        ran.stdout.is_ascii() && !ran.stdout.contains(['\u{1b}', '\u{7f}']),
        "{ran}"
    );
    assert_eq!(
        document(&folder, "status -d app.db")["migrations"][1]["origin"],
        HARM
    );
}

#[test]
fn a_script_is_shown_as_it_is_and_moves_no_cursor() {
    let folder = Folder::with(&[(
        "migrations/001_a.sql",
        "CREATE TABLE a (x TEXT DEFAULT 'y\u{1b}[2Jz');\n-- \u{1b}[31m\n-- migrate:down\nDROP TABLE a; -- \u{1b}[2J\n",
    )]);
    let printed = folder.run("plan -d app.db --color never");
    assert_eq!(plain(&folder.run("plan -d app.db --color always")), printed);
    shows!(printed, @r"
    exit code 0
    --- stdout
    would apply 001_a (migrations/001_a.sql)
        CREATE TABLE a (x TEXT DEFAULT 'y\u{1b}[2Jz');
        -- \u{1b}[31m
    --- stderr
    note: the database `app.db` does not exist yet
    ");
    let _ = folder.run("up -d app.db").fine();
    shows!(folder.run("down --dry-run -d app.db"), @r"
    exit code 0
    --- stdout
    would undo 001_a (migrations/001_a.sql)
        DROP TABLE a; -- \u{1b}[2J
    ");
    // What goes into a file makes the same schema.
    let schema = folder.run("schema -d app.db").fine().stdout;
    assert!(schema.contains("'y\u{1b}[2Jz'"), "{schema:?}");
    folder.write("schema.sql", &schema);
    let _ = folder.run("schema --check schema.sql -d app.db").fine();
}

#[cfg(unix)]
#[test]
fn names_of_files_move_no_cursor() {
    let folder = folder();
    folder.write(&format!("migrations/{HARM}.sql"), "SELECT 1;\n");
    for arguments in ["check", "status", "create more", "lock", "renumber --all"] {
        for color in ["never", "always"] {
            is_harmless(&folder.run(&format!("{arguments} -d app.db --color {color}")));
        }
    }
    let hostile = format!("{HARM}.db");
    for arguments in [["schema", "-d"], ["status", "-d"]] {
        let arguments = [&arguments[..], &[&hostile]].concat();
        is_harmless(&folder.run_with(&arguments));
    }
}
