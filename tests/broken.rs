//! Directories with one hazard each, and what is said of them: the code, and
//! the place. They are real directories, and are checked with all that is known
//! without a database.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use migrate_core::diagnostic::{Code, Diagnostic};
use migrate_core::lint::RULES;
use migrate_runtime::{Numbering, check_directory, lock};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const USERS: (&str, &str) = (
    "001_users.sql",
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n",
);

const ORDERS: (&str, &str) = (
    "002_orders.sql",
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, total INTEGER NOT NULL);\n",
);

/// Those of the files and their texts.
const BROKEN: &[(&str, &[(&str, &str)])] = &[
    ("nothing in it", &[("README.md", "later\n")]),
    ("a file of another kind", &[USERS, ("deploy.sh", "exit\n")]),
    ("no number", &[USERS, ("orders.sql", ORDERS.1)]),
    ("few digits", &[("1_users.sql", USERS.1)]),
    ("a bad name", &[("001_Users.sql", USERS.1)]),
    ("mixed widths", &[USERS, ("0002_orders.sql", ORDERS.1)]),
    ("begins at two", &[ORDERS]),
    ("a gap", &[USERS, ("003_orders.sql", ORDERS.1)]),
    (
        "a number twice",
        &[
            USERS,
            ORDERS,
            (
                "002_sales.sql",
                "CREATE TABLE sales(id INTEGER PRIMARY KEY);\n",
            ),
        ],
    ),
    (
        "a down alone",
        &[USERS, ("002_orders.down.sql", "DROP TABLE orders;\n")],
    ),
    (
        "two downs",
        &[
            USERS,
            ("001_users.down.sql", "DROP TABLE users;\n"),
            ("down/001_users.sql", "DROP TABLE users;\n"),
        ],
    ),
    (
        "a nul",
        &[
            USERS,
            (
                "002_orders.sql",
                "CREATE TABLE a(x INTEGER);\n\0CREATE TABLE b(x INTEGER);\n",
            ),
        ],
    ),
    ("only a comment", &[USERS, ("002_orders.sql", "-- later\n")]),
    (
        "a quote",
        &[
            USERS,
            (
                "002_orders.sql",
                "INSERT INTO users(name)\nVALUES ('Bob);\n",
            ),
        ],
    ),
    (
        "a trigger",
        &[
            USERS,
            (
                "002_t.sql",
                "CREATE TRIGGER t AFTER INSERT ON users BEGIN\n  SELECT 1;\n",
            ),
        ],
    ),
    (
        "a parameter",
        &[
            USERS,
            ("002_orders.sql", "INSERT INTO users(name)\nVALUES (?1);\n"),
        ],
    ),
    (
        "a commit",
        &[
            USERS,
            (
                "002_orders.sql",
                "UPDATE users SET name = 'x' WHERE id = 1;\n  COMMIT;\n",
            ),
        ],
    ),
    (
        "wrapped",
        &[
            USERS,
            (
                "002_orders.sql",
                "BEGIN;\nCREATE TABLE a(x INTEGER);\nCOMMIT;\n",
            ),
        ],
    ),
    ("a vacuum", &[USERS, ("002_compact.sql", "VACUUM;\n")]),
    (
        "an attach",
        &[USERS, ("002_attach.sql", "ATTACH 'other.db' AS other;\n")],
    ),
    (
        "foreign keys off",
        &[
            USERS,
            (
                "002_a.sql",
                "PRAGMA foreign_keys = OFF;\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    ("a shell", &[USERS, ("002_a.sql", ".read other.sql\n")]),
    (
        "a directive",
        &[
            USERS,
            (
                "002_a.sql",
                "-- migrate: ireversible \"x\"\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    (
        "no reason",
        &[
            USERS,
            (
                "002_a.sql",
                "-- migrate: irreversible\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    (
        "no rule",
        &[
            USERS,
            (
                "002_a.sql",
                "-- migrate: allow S99 \"x\"\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    ("no function", &[USERS, ("002_a.rs", "pub fn upp() {}\n")]),
    (
        "a no-break space",
        &[USERS, ("002_a.sql", "CREATE TABLE a(x\u{a0}INTEGER);\n")],
    ),
    (
        "a syntax error",
        &[USERS, ("002_a.sql", "CREATE TABLE a(\n  x INTEGER,\n);\n")],
    ),
    (
        "no table",
        &[
            USERS,
            ("002_a.sql", "INSERT INTO user(name) VALUES ('x');\n"),
        ],
    ),
    (
        "no column",
        &[
            USERS,
            ("002_a.sql", "CREATE INDEX by_mail\n  ON users(mail);\n"),
        ],
    ),
    (
        "a table twice",
        &[
            USERS,
            ("002_a.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ],
    ),
    (
        "a constraint",
        &[
            USERS,
            (
                "002_a.sql",
                "INSERT INTO users(id, name) VALUES (1, 'x');\nINSERT INTO users(id, name) VALUES (1, 'y');\n",
            ),
        ],
    ),
    (
        "a down that fails",
        &[
            USERS,
            ORDERS,
            ("002_orders.down.sql", "DROP TABLE order_;\n"),
        ],
    ),
    (
        "a down in a section",
        &[
            USERS,
            (
                "002_a.sql",
                "CREATE TABLE a(x INTEGER);\n-- migrate:down\n\nDROP TABLE b;\n",
            ),
        ],
    ),
    (
        "rows that a down leaves",
        &[
            USERS,
            (
                "002_root.sql",
                "INSERT INTO users(id, name) VALUES (7, 'root');\n",
            ),
            (
                "002_root.down.sql",
                "UPDATE users SET name = 'nobody' WHERE id = 7;\n",
            ),
        ],
    ),
];

/// What breaks a directory whose two migrations are frozen, and a third is not.
type Break = fn(&Path);

const LOCKED: &[(&str, Break)] = &[
    ("a frozen up", |at| append(at, "001_users.sql", "-- more\n")),
    ("a frozen down", |at| {
        append(at, "002_orders.down.sql", "-- more\n")
    }),
    ("a frozen name", |at| {
        rename(at, "002_orders.sql", "002_sales.sql");
        rename(at, "002_orders.down.sql", "002_sales.down.sql");
    }),
    ("a frozen hyphen", |at| {
        rename(at, "001_users.sql", "001-users.sql")
    }),
    ("a frozen file gone", |at| {
        fs::remove_file(at.join("001_users.sql")).unwrap();
    }),
    ("not listed", |at| {
        write(at, ("004_more.sql", "CREATE TABLE more(x INTEGER);\n"));
    }),
    ("a draft gone", |at| {
        fs::remove_file(at.join("003_draft.sql")).unwrap();
    }),
    ("a line", |at| {
        edit(at, |text| text.replace("draft\n", "daft\n"))
    }),
    ("a header", |at| {
        edit(at, |text| text.replacen("# ", "#  ", 1))
    }),
    ("a chain", |at| edit(at, |text| swap_digit(&text, "chain="))),
    ("a checksum", |at| {
        edit(at, |text| swap_digit(&text, "users sha256:"))
    }),
    ("an order", |at| {
        edit(at, |text| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.swap(1, 2);
            format!("{}\n", lines.join("\n"))
        });
    }),
    ("markers", |at| {
        edit(at, |text| {
            text.replace(
                "003_draft draft\n",
                "<<<<<<< HEAD\n003_draft draft\n=======\n003_other draft\n>>>>>>> theirs\n",
            )
        });
    }),
];

fn write(at: &Path, (name, text): (&str, &str)) {
    let path = at.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn append(at: &Path, name: &str, more: &str) {
    let text = fs::read_to_string(at.join(name)).unwrap();
    write(at, (name, &(text + more)));
}

fn rename(at: &Path, from: &str, to: &str) {
    fs::rename(at.join(from), at.join(to)).unwrap();
}

fn edit(at: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(at.join("migrations.lock")).unwrap();
    let changed = change(text.clone());
    assert_ne!(changed, text);
    write(at, ("migrations.lock", &changed));
}

/// Another digit behind a word.
fn swap_digit(text: &str, word: &str) -> String {
    let at = text.find(word).unwrap() + word.len() + "sha256:".len();
    let digit = if &text[at..=at] == "0" { "1" } else { "0" };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

/// Every finding of a directory, with its place in it.
fn findings(at: &Path) -> Vec<(Code, String)> {
    let check = check_directory(at, Numbering::DEFAULT);
    let root = format!("{}/", at.display());
    let place = |finding: &Diagnostic| {
        let path = finding.path.replace(&root, "");
        let path = path.replace(root.trim_end_matches('/'), ".");
        match &finding.excerpt {
            Some(excerpt) => {
                let position = excerpt.position;
                format!("{path}:{}:{}", position.line, position.column)
            }
            None => path,
        }
    };
    let all = check.errors.iter().chain(&check.warnings);
    all.map(|finding| (finding.code, place(finding))).collect()
}

/// Checks that a directory has one finding, and says which.
fn one(name: &str, at: &Path, wrong: &mut Vec<String>) -> String {
    let found = findings(at);
    match &found[..] {
        [(code, place)] => format!("{name}: {code} {place}\n"),
        _ => {
            wrong.push(format!("{name}: {found:?}"));
            String::new()
        }
    }
}

#[test]
fn each_hazard_is_found_in_its_place() {
    let mut wrong = Vec::new();
    let mut shown = String::new();
    let mut codes = BTreeSet::new();
    for (name, files) in BROKEN {
        let folder = tempfile::tempdir().unwrap();
        for file in *files {
            write(folder.path(), *file);
        }
        shown += &one(name, folder.path(), &mut wrong);
        codes.extend(findings(folder.path()).into_iter().map(|(code, _)| code));
    }
    // A file name cannot hold bytes that are no text here.
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("001_a.sql"),
        b"CREATE TABLE a(x);\n-- caf\xe9\n",
    )
    .unwrap();
    shown += &one("not in utf-8", folder.path(), &mut wrong);
    for (name, change) in LOCKED {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        write(at, USERS);
        write(at, ORDERS);
        write(at, ("002_orders.down.sql", "DROP TABLE orders;\n"));
        let _ = lock::freeze(at, Numbering::DEFAULT, None).unwrap();
        write(at, ("003_draft.sql", "CREATE TABLE draft(x INTEGER);\n"));
        let _ = lock::update(at, Numbering::DEFAULT).unwrap();
        assert_eq!(findings(at), [], "{name}: before");
        change(at);
        shown += &one(name, at, &mut wrong);
        codes.extend(findings(at).into_iter().map(|(code, _)| code));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(BROKEN.len() + LOCKED.len() >= 40);
    assert!(codes.len() >= 30, "{codes:?}");
    insta::assert_snapshot!(shown, @"
    nothing in it: M002 .
    a file of another kind: M003 deploy.sh
    no number: M004 orders.sql
    few digits: M005 1_users.sql
    a bad name: M006 001_Users.sql
    mixed widths: M007 001_users.sql
    begins at two: M008 002_orders.sql
    a gap: M009 003_orders.sql
    a number twice: M010 002_orders.sql
    a down alone: M011 002_orders.down.sql
    two downs: M012 down/001_users.sql
    a nul: M015 002_orders.sql:2:1
    only a comment: M016 002_orders.sql:1:1
    a quote: M017 002_orders.sql:2:9
    a trigger: M017 002_t.sql:1:1
    a parameter: M018 002_orders.sql:2:9
    a commit: M019 002_orders.sql:2:3
    wrapped: M019 002_orders.sql:1:1
    a vacuum: M020 002_compact.sql:1:1
    an attach: M020 002_attach.sql:1:1
    foreign keys off: M021 002_a.sql:1:1
    a shell: M022 002_a.sql:1:1
    a directive: M023 002_a.sql:1:1
    no reason: M024 002_a.sql:1:1
    no rule: M024 002_a.sql:1:1
    no function: M026 002_a.rs
    a no-break space: M027 002_a.sql:1:17
    a syntax error: M037 002_a.sql:3:1
    no table: M037 002_a.sql:1:13
    no column: M037 002_a.sql:2:12
    a table twice: M037 002_a.sql:1:14
    a constraint: M037 002_a.sql:2:19
    a down that fails: M038 002_orders.down.sql:1:12
    a down in a section: M038 002_a.sql:4:12
    rows that a down leaves: M039 002_root.sql:1:19
    not in utf-8: M014 001_a.sql:2:7
    a frozen up: M031 001_users.sql
    a frozen down: M031 002_orders.down.sql
    a frozen name: M032 002_sales.sql
    a frozen hyphen: M032 001-users.sql
    a frozen file gone: M033 migrations.lock:2:1
    not listed: M034 004_more.sql
    a draft gone: M035 migrations.lock:4:1
    a line: M028 migrations.lock:4:1
    a header: M028 migrations.lock:1:1
    a chain: M030 migrations.lock:2:1
    a checksum: M030 migrations.lock:2:1
    an order: M036 migrations.lock:3:1
    markers: M029 migrations.lock:4:1
    ");
}

/// The rules that can be allowed: what their pages show as bad.
#[test]
fn each_rule_is_broken_by_its_example() {
    let mut wrong = Vec::new();
    let mut shown = String::new();
    for rule in RULES.iter().filter(|rule| !NEEDS_MORE.contains(&rule.code)) {
        for (files, is_bad) in [(rule.bad, true), (rule.good, false)] {
            let folder = tempfile::tempdir().unwrap();
            for file in files {
                write(folder.path(), *file);
            }
            match is_bad {
                true => shown += &one(rule.name, folder.path(), &mut wrong),
                false => {
                    let found = findings(folder.path());
                    assert_eq!(found, [], "the good example of {}", rule.name);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(shown, @"
    rebuild-cascades: S01 002_clean.sql:1:1
    or-rollback: S04 002_admin.sql:1:8
    add-not-null-no-default: S05 002_email.sql:1:30
    add-nonconstant-default: S06 002_created_at.sql:1:30
    add-references-default: S07 002_team.sql:1:46
    add-stored-generated: S08 002_key.sql:1:30
    add-check-violated-by-default: S09 002_seats.sql:1:30
    new-unique-on-old-columns: S10 002_unique.sql:1:8
    rename-then-recreate: S11 002_email.sql:4:1
    dangling-view-or-trigger: S12 001_users.sql:2:13
    fk-target-invalid: S13 001_users.sql:6:30
    rebuild-loses-objects: S14 002_email.sql:5:33
    rebuild-loses-rows: S15 002_email.sql:3:25
    destructive-drop: S16 002_drop.sql:1:1
    double-quoted-string: S18 002_names.sql:1:25
    unknown-type-name: S19 001_users.sql:1:49
    int-primary-key: S20 001_users.sql:1:23
    fk-without-index: S22 001_users.sql:4:3
    forbidden-statement: S24 002_statistics.sql:2:8
    nondeterministic-data: S25 002_admin.sql:1:54
    unbounded-dml: S27 002_inactive.sql:1:1
    bad-bytes: S31 002_admin.sql:1:34
    returns-rows: S32 002_admin.sql:1:42
    down-does-not-restore: S33 001_users.sql:4:1
    case-colliding-names: S34 schema/002_orders.sql
    fails-on-rows: S37 002_email.sql:2:27
    ");
}

/// A function of the application; it is named in the call of the macro.
const NEEDS_MORE: [Code; 1] = [Code::ApplicationFunction];
