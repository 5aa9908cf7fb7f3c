//! Colors are for terminals, and for those who want them.

use crate::pty::{Seen, Setting, Terminal};
use crate::support::Folder;

const ESCAPE: char = '\u{1b}';

fn folder() -> Folder {
    let folder = Folder::with(&[(
        "migrations/001_users.sql",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\n",
    )]);
    folder.run("up --database sqlite:app.db").fine();
    folder.write(
        "migrations/002_orders.sql",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n",
    );
    folder
}

fn with(variables: &[(&'static str, &'static str)]) -> Setting {
    let mut setting = Setting::default();
    setting
        .variables
        .retain(|(name, _)| !variables.iter().any(|(other, _)| other == name));
    setting.variables.extend(variables);
    setting
}

fn on_terminal(folder: &Folder, arguments: &str, setting: &Setting) -> Seen {
    Terminal::migrate(folder, arguments, setting).end()
}

const STATUS: &str = "status --database sqlite:app.db";
/// It prints an error with a help, on the other stream.
const FAILS: &str = "up --database sqlite:missing/app.db";
/// What clap says.
const USAGE: &str = "upp";

#[test]
fn a_terminal_has_colors() {
    let folder = folder();
    let seen = on_terminal(&folder, STATUS, &Setting::default());
    assert!(seen.raw.contains("\u{1b}[32mapplied\u{1b}[0m"), "{seen:?}");
    assert!(seen.raw.contains("\u{1b}[33mpending\u{1b}[0m"), "{seen:?}");
    let seen = on_terminal(&folder, FAILS, &Setting::default());
    assert_eq!(seen.code, Some(1), "{seen:?}");
    assert!(seen.raw.contains("\u{1b}[31merror: "), "{seen:?}");
    assert!(seen.raw.contains("\u{1b}[36mhelp: "), "{seen:?}");
    assert!(
        on_terminal(&folder, USAGE, &Setting::default())
            .raw
            .contains(ESCAPE)
    );
}

#[test]
fn colors_go_where_they_are_not_wanted() {
    let folder = folder();
    let settings = [
        with(&[("NO_COLOR", "1")]),
        with(&[("TERM", "dumb")]),
        with(&[("CLICOLOR", "0")]),
    ];
    for setting in &settings {
        for arguments in [
            STATUS,
            FAILS,
            USAGE,
            "plan --database sqlite:app.db",
            "help",
        ] {
            let seen = on_terminal(&folder, arguments, setting);
            let variables = &setting.variables;
            assert!(!seen.raw.contains(ESCAPE), "{variables:?} {seen:?}");
            assert!(!seen.screen.is_empty());
        }
    }
    for arguments in [STATUS, FAILS, USAGE] {
        for never in ["--color never", "--color=never"] {
            let arguments = format!("{arguments} {never}");
            let seen = on_terminal(&folder, &arguments, &Setting::default());
            assert!(!seen.raw.contains(ESCAPE), "{arguments} {seen:?}");
        }
    }
}

#[test]
fn an_explicit_wish_stands_above_the_environment() {
    let folder = folder();
    let arguments = format!("{STATUS} --color always");
    let seen = on_terminal(&folder, &arguments, &with(&[("NO_COLOR", "1")]));
    assert!(seen.raw.contains("\u{1b}[32mapplied"), "{seen:?}");
}

#[test]
fn off_a_terminal_colors_have_to_be_asked_for() {
    let folder = folder();
    assert!(!folder.run(STATUS).fine().stdout.contains(ESCAPE));
    assert!(!folder.run(FAILS).ends_with(1).stderr.contains(ESCAPE));
    let forced = folder.run(&format!("{STATUS} --color always")).fine();
    assert!(forced.stdout.contains("\u{1b}[32mapplied"), "{forced}");
    let forced = folder.run(&format!("{FAILS} --color always")).ends_with(1);
    assert!(forced.stderr.contains("\u{1b}[31merror: "), "{forced}");
    let forced = folder
        .command()
        .args(STATUS.split(' '))
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(folder.ran(forced).stdout.contains(ESCAPE));
}

// Each stream by itself: a pager or a file gets none, the terminal its own.
#[test]
fn a_redirected_stream_has_no_colors() {
    let folder = folder();
    let line = "\"$0\" status --database sqlite:app.db > status.txt; \
                exec \"$0\" up --database sqlite:missing/app.db 2> error.txt";
    let seen = Terminal::shell(&folder, line, &Setting::default()).end();
    assert_eq!(seen.raw, "", "{seen:?}");
    for file in ["status.txt", "error.txt"] {
        let text = folder.read(file);
        assert!(!text.is_empty() && !text.contains(ESCAPE), "{text:?}");
    }
}

#[test]
fn json_has_no_colors_on_a_terminal() {
    let folder = folder();
    for arguments in [STATUS, FAILS] {
        let arguments = format!("{arguments} --format json");
        let seen = on_terminal(&folder, &arguments, &Setting::default());
        assert!(!seen.raw.contains(ESCAPE), "{seen:?}");
        assert!(seen.raw.starts_with('{'), "{seen:?}");
    }
}

// The table is wider than this; the terminal breaks its lines.
#[test]
fn a_narrow_terminal_breaks_nothing() {
    let folder = folder();
    for columns in [1, 40] {
        let setting = Setting {
            columns,
            ..Setting::default()
        };
        for arguments in [STATUS, "plan --database sqlite:app.db", "--help", FAILS] {
            let seen = on_terminal(&folder, arguments, &setting);
            assert_eq!(seen.code, Some(u32::from(arguments == FAILS)), "{seen:?}");
        }
    }
    let setting = Setting {
        columns: 40,
        ..Setting::default()
    };
    let seen = on_terminal(&folder, STATUS, &setting);
    assert!(
        seen.screen.contains("Total: 2 | Applied: 1 | Pending: 1"),
        "{seen}"
    );
}
