//! What is asked before something is undone.

use crate::pty::{Seen, Setting, Terminal};
use crate::support::Folder;
use insta::assert_snapshot;

const UP: &str = "up --database sqlite:app.db";
const VERBS: [&str; 4] = [
    "down",
    "reset",
    "redo",
    "repair 1 --reason a_comment_was_added",
];

/// Two migrations, applied; the first has been changed since if it is to be
/// repaired.
fn applied(verb: &str) -> Folder {
    let users = "CREATE TABLE users (id INTEGER PRIMARY KEY);\n\
                 -- migrate:down\nDROP TABLE users;\n";
    let folder = Folder::with(&[
        ("migrations/001_users.sql", users),
        (
            "migrations/002_orders.sql",
            "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n-- migrate:down\nDROP TABLE orders;\n",
        ),
    ]);
    folder.run(UP).fine();
    if verb.starts_with("repair") {
        let changed = format!("-- Who may log in.\n{users}");
        folder.write("migrations/001_users.sql", &changed);
    }
    folder
}

/// Waits for the question, and answers it.
#[track_caller]
fn answered(folder: &Folder, verb: &str, keys: &str) -> Seen {
    let arguments = format!("{verb} --database sqlite:app.db");
    let mut terminal = Terminal::migrate(folder, &arguments, &Setting::default());
    terminal.wait_for("go on? [y/N]");
    terminal.press(keys);
    terminal.end()
}

/// The text on the screen, without what depends on the machine.
fn shown(seen: &Seen) -> String {
    let mut text = String::new();
    for line in seen.to_string().lines() {
        let line = match line.split_once(" in ") {
            Some((head, time)) if time.ends_with("ms") => format!("{head} in [time]"),
            _ => line.to_owned(),
        };
        text += &format!("{line}\n");
    }
    text
}

#[test]
fn a_yes_does_what_was_said() {
    let seen = answered(&applied("down"), "down", "y\r");
    assert_snapshot!(shown(&seen), @"
    exit code 0
    on `app.db`, this undoes `002_orders`; the data in what it drops is lost (`--backup PATH` keeps a copy)
    go on? [y/N] y
    undid 002_orders in [time]
    ");
    let seen = answered(&applied("reset"), "reset", "yes\r");
    assert_snapshot!(shown(&seen), @"
    exit code 0
    on `app.db`, this undoes all migrations: `002_orders`, `001_users`; the data in what they drop is lost (`--backup PATH` keeps a copy)
    go on? [y/N] yes
    undid 002_orders in [time]
    undid 001_users in [time]
    ");
    let seen = answered(&applied("redo"), "redo", "Y\r");
    assert_snapshot!(shown(&seen), @"
    exit code 0
    on `app.db`, this undoes and applies again `002_orders`; the data in what it drops is lost (`--backup PATH` keeps a copy)
    go on? [y/N] Y
    undid 002_orders in [time]
    applied 002_orders in [time]
    ");
    let verb = VERBS[3];
    let seen = answered(&applied(verb), verb, "y\r");
    assert_snapshot!(shown(&seen), @"
    exit code 0
    on `app.db`, this gives a new checksum and name to migration `001_users`
    go on? [y/N] y
    restamped 001_users: sha256:6869107c4910d8df4680ee89aff9924b65ae79c81b5b78478f2b12f90254f6c5 became sha256:59f78b6b226d6fdc306ac4d9349f77c8a3e944dc30707ea94728063f9b6f67a7
    ");
}

#[test]
fn a_yes_changes_the_database() {
    let states = ["down", "reset", "redo"].map(|verb| {
        let folder = applied(verb);
        assert_eq!(answered(&folder, verb, "y\r").code, Some(0));
        let status = folder.run("status --database sqlite:app.db").fine();
        status.stdout.lines().last().unwrap().to_owned()
    });
    assert_snapshot!(states.join("\n"), @"
    Total: 2 | Applied: 1 | Pending: 1
    Total: 2 | Applied: 0 | Pending: 2
    Total: 2 | Applied: 2 | Pending: 0
    ");
    let folder = applied(VERBS[3]);
    folder.run("verify --database sqlite:app.db").ends_with(4);
    assert_eq!(answered(&folder, VERBS[3], "y\r").code, Some(0));
    folder.run("verify --database sqlite:app.db").fine();
}

#[test]
fn any_other_answer_changes_nothing() {
    for verb in VERBS {
        let folder = applied(verb);
        let before = folder.contents();
        for keys in ["n\r", "\r", "no\r", "yep\r", "\u{4}"] {
            let seen = answered(&folder, verb, keys);
            assert_eq!(seen.code, Some(1), "{verb} {keys:?}\n{seen}");
            assert_eq!(
                seen.screen.lines().last(),
                Some("error: nothing was changed"),
                "{verb} {keys:?}\n{seen}"
            );
        }
        assert!(folder.contents() == before, "{verb}");
    }
}

#[test]
fn ctrl_c_at_the_question_changes_nothing() {
    for verb in VERBS {
        let folder = applied(verb);
        let before = folder.contents();
        let seen = answered(&folder, verb, "\u{3}");
        assert_eq!(seen.code, None, "{verb}\n{seen}");
        assert!(folder.contents() == before, "{verb}");
    }
}

#[test]
fn the_question_says_what_will_be_done() {
    let folder = applied("down");
    let asked = [
        "down 2",
        "down --steps 2",
        "down --to 0",
        "down --backup copy.db",
    ]
    .map(|verb| answered(&folder, verb, "n\r").screen);
    assert_snapshot!(asked.join("\n---\n"), @"
    on `app.db`, this undoes `002_orders`; the data in what it drops is lost (`--backup PATH` keeps a copy)
    go on? [y/N] n
    error: nothing was changed
    ---
    on `app.db`, this undoes `002_orders`, `001_users`; the data in what they drop is lost (`--backup PATH` keeps a copy)
    go on? [y/N] n
    error: nothing was changed
    ---
    on `app.db`, this undoes `002_orders`, `001_users`; the data in what they drop is lost (`--backup PATH` keeps a copy)
    go on? [y/N] n
    error: nothing was changed
    ---
    on `app.db`, this undoes `002_orders`, after a backup to `copy.db`
    go on? [y/N] n
    error: nothing was changed
    ");
}

#[test]
fn nobody_is_asked_where_nothing_would_be_done() {
    let folder = applied("reset");
    folder.run("reset --yes --database sqlite:app.db").fine();
    for verb in ["down", "reset", "redo"] {
        let arguments = format!("{verb} --database sqlite:app.db");
        let seen = Terminal::migrate(&folder, &arguments, &Setting::default()).end();
        assert!(!seen.raw.contains("go on?"), "{seen}");
    }
}

// A question that nobody sees would look like a process that hangs.
#[test]
fn nobody_is_asked_if_either_end_is_no_terminal() {
    let folder = applied("reset");
    let before = folder.contents();
    for redirection in ["< /dev/null", "2> error.txt"] {
        let line = format!("exec \"$0\" reset --database sqlite:app.db {redirection}");
        let seen = Terminal::shell(&folder, &line, &Setting::default()).end();
        assert_eq!(seen.code, Some(2), "{seen}");
    }
    let error = folder.read("error.txt");
    folder.remove("error.txt");
    assert!(folder.contents() == before);
    assert_snapshot!(error, @"
    error: on `app.db`, this undoes all migrations: `002_orders`, `001_users`; the data in what they drop is lost (`--backup PATH` keeps a copy); nothing was changed
      help: give `--yes` to confirm: there is no terminal to ask on
    ");
    // What is asked is no result.
    let line = "exec \"$0\" down --database sqlite:app.db > output.txt";
    let mut terminal = Terminal::shell(&folder, line, &Setting::default());
    terminal.wait_for("go on? [y/N]");
    terminal.press("y\r");
    assert_eq!(terminal.end().code, Some(0));
    assert!(folder.read("output.txt").starts_with("undid 002_orders in"));
}
