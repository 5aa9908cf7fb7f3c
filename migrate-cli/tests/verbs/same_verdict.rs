//! `check` refuses what `up` refuses, and nothing else.

use crate::support::Folder;
use insta::assert_snapshot;
use migrate_runtime::rusqlite::Connection;

const ALLOW: &str = "-- migrate: allow fk-target-invalid \"003 creates it\"\n";
const CHILD: &str =
    "CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES late (id));\n";
const LATE: &str = "CREATE TABLE late (id INTEGER PRIMARY KEY);\n";
const NOTHING: &str = "CREATE TABLE a (x TEXT);\n";

fn folder(scripts: [&str; 3]) -> Folder {
    let names = ["001_a.sql", "002_b.sql", "003_c.sql"].map(|name| format!("migrations/{name}"));
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(scripts).collect();
    Folder::with(&files)
}

/// The first error of a verb, in one line.
fn said(folder: &Folder, arguments: &str) -> String {
    let ran = folder.run(arguments);
    if ran.code == Some(0) {
        return "fine".to_owned();
    }
    let line = ran.stderr.lines().find(|it| it.starts_with("error"));
    line.unwrap_or("error without a line").to_owned()
}

/// What `check` and `up` say: `up` at once, and `up` in two runs.
fn verdicts(scripts: [&str; 3]) -> String {
    let folder = folder(scripts);
    let check = said(&folder, "check");
    let up = said(&folder, "up -d sqlite:a.db");
    let _ = folder.run("up -d sqlite:b.db --to 1");
    let _ = folder.run("up -d sqlite:b.db --to 2");
    let steps = said(&folder, "up -d sqlite:b.db");
    let is_fine = |it: &str| it == "fine";
    assert_eq!(is_fine(&check), is_fine(&up), "{check}\n{up}");
    assert_eq!(is_fine(&up), is_fine(&steps), "{up}\n{steps}");
    if steps == up {
        format!("{check}\n{up}")
    } else {
        format!("{check}\n{up}\n{steps}")
    }
}

#[test]
fn a_reference_to_a_later_table_is_allowed_by_name() {
    let allowed = format!("{ALLOW}{CHILD}");
    assert_snapshot!(verdicts([CHILD, NOTHING, LATE]), @"
    error: S13: table `child` refers to the table `late`, which does not exist
    error: migration `001_a` was rolled back, because it leaves a broken schema: table `child` refers to the table `late`, which does not exist
    ");
    assert_eq!(verdicts([&allowed, NOTHING, LATE]), "fine\nfine");
    let adopted = format!("-- migrate: adopted sqlx \"1\"\n{CHILD}");
    assert_eq!(verdicts([&adopted, NOTHING, LATE]), "fine\nfine");
    let note = folder([&allowed, NOTHING, LATE]).run("check").to_string();
    let wanted = "`001_a` leaves a reference of `child` to `late`, which only `003_c` creates";
    assert!(note.contains(wanted), "{note}");
    // The table is built again before the other exists.
    let again = "CREATE TABLE n (id INTEGER PRIMARY KEY, p INTEGER REFERENCES late (id), q TEXT);\n\
                 INSERT INTO n (id, p) SELECT id, p FROM child;\nDROP TABLE child;\n\
                 ALTER TABLE n RENAME TO child;\n";
    assert_eq!(verdicts([&allowed, again, LATE]), "fine\nfine");
}

#[test]
fn the_end_of_the_set_must_be_clean() {
    let allowed = format!("{ALLOW}{CHILD}");
    let adopted = format!("-- migrate: adopted sqlx \"1\"\n{CHILD}");
    assert_snapshot!(verdicts([&allowed, NOTHING, "CREATE TABLE c (x TEXT);\n"]), @"
    error: M037: table `child` refers to the table `late`, which does not exist, and no later migration creates it
    error: migration `003_c` was rolled back, because it leaves a broken schema: table `child` refers to the table `late`, which does not exist
    ");
    let folder = folder([&adopted, NOTHING, "CREATE TABLE c (x TEXT);\n"]);
    assert_snapshot!(said(&folder, "check"), @"error: M037: table `child` refers to the table `late`, which does not exist, and no later migration creates it");
    assert_snapshot!(said(&folder, "up -d sqlite:a.db"), @"error: migration `003_c` was rolled back, because it leaves a broken schema: table `child` refers to the table `late`, which does not exist");
    // The rows are judged once their table exists.
    let row = "INSERT INTO child VALUES (1, 7);\n";
    let filled = format!("{LATE}INSERT INTO late VALUES (7);\n");
    assert_eq!(verdicts([&allowed, row, &filled]), "fine\nfine");
    assert_snapshot!(verdicts([&allowed, row, LATE]), @"
    error: M037: rows of `child` refer to no row of `late` after this
    error: migration `003_c` was rolled back, because it breaks references: row 1 of `child` refers to no row of `late`
    ");
}

#[test]
fn rows_are_judged_as_soon_as_their_table_exists() {
    // The last migration inserts the row, which is too late.
    let first = format!("{ALLOW}{CHILD}INSERT INTO child VALUES (1, 7);\n");
    assert_snapshot!(verdicts([&first, LATE, "INSERT INTO late VALUES (7);\n"]), @"
    error: M037: rows of `child` refer to no row of `late` after this
    error: migration `002_b` was rolled back, because it breaks references: row 1 of `child` refers to no row of `late`
    ");
}

#[test]
fn a_down_of_the_later_table() {
    let [none, adopted] = ["", "-- migrate: adopted sqlx \"1\"\n"];
    let later = format!("{LATE}-- migrate:down\nDROP TABLE late;\n");
    for (first, is_fine) in [(ALLOW, true), (adopted, false)] {
        let folder = folder([
            &format!("{first}{CHILD}"),
            &format!("{none}{later}"),
            NOTHING,
        ]);
        let check = said(&folder, "check");
        assert_eq!(said(&folder, "up -d sqlite:a.db --to 2"), "fine");
        let down = said(&folder, "down -d sqlite:a.db --yes");
        assert_eq!(
            (check == "fine", down == "fine"),
            (is_fine, is_fine),
            "{check}\n{down}"
        );
    }
}

#[test]
fn the_run_may_stop_before_the_table_exists() {
    let folder = folder([
        &format!("{ALLOW}{CHILD}-- migrate:down\nDROP TABLE child;\n"),
        NOTHING,
        &format!("{LATE}-- migrate:down\nDROP TABLE late;\n"),
    ]);
    assert_eq!(said(&folder, "check"), "fine");
    assert_eq!(said(&folder, "up -d sqlite:a.db --to 2"), "fine");
    let verified = folder.run("verify -d sqlite:a.db");
    assert!(
        !verified.to_string().contains("does not exist"),
        "{verified}"
    );
    assert_eq!(said(&folder, "up -d sqlite:a.db"), "fine");
    assert_eq!(said(&folder, "verify -d sqlite:a.db"), "fine");
    assert_eq!(said(&folder, "down -d sqlite:a.db --yes"), "fine");
}

#[test]
fn what_one_refuses_the_other_refuses() {
    let parent = "CREATE TABLE p (id INTEGER, n TEXT);\nINSERT INTO p VALUES (1, 'a');\n";
    for (name, second) in [
        ("a view", "CREATE VIEW v AS SELECT nothing FROM p;\n"),
        (
            "a trigger",
            "CREATE TRIGGER t AFTER INSERT ON p BEGIN DELETE FROM nowhere; END;\n",
        ),
        (
            "a reference",
            "CREATE TABLE c (x INTEGER REFERENCES nowhere (id));\n",
        ),
        ("a target", "CREATE TABLE c (x INTEGER REFERENCES p (n));\n"),
        (
            "a row",
            "CREATE TABLE k (id INTEGER PRIMARY KEY);\n\
             CREATE TABLE c (x INTEGER REFERENCES k (id));\nINSERT INTO c VALUES (9);\n",
        ),
        (
            "a reference that follows a renaming",
            "CREATE TABLE k (id INTEGER PRIMARY KEY);\n\
             CREATE TABLE c (x INTEGER REFERENCES k (id));\nALTER TABLE k RENAME TO old;\n\
             CREATE TABLE k (id INTEGER PRIMARY KEY);\nDROP TABLE old;\n",
        ),
        ("a function", "UPDATE p SET n = slug(n) WHERE id = 1;\n"),
        ("a statement", "ATTACH 'x.db' AS x;\n"),
        ("a setting", "PRAGMA foreign_keys = ON;\n"),
        (
            "no transaction",
            "-- migrate: no-transaction\nCREATE TABLE c (x INTEGER REFERENCES nowhere (id));\n",
        ),
        (
            "a temporary table",
            "CREATE TEMP TABLE p AS SELECT 1 AS id;\n",
        ),
    ] {
        let folder = folder([parent, second, LATE]);
        let (check, up) = (said(&folder, "check"), said(&folder, "up -d sqlite:a.db"));
        assert!(check != "fine" && up != "fine", "{name}: {check}; {up}");
    }
}

const PARENT: &str = "CREATE TABLE p (id INTEGER, n TEXT);\nINSERT INTO p VALUES (1, 'a');\n";

/// Scripts that `up` refuses on each database, and an `allow` of the rule that finds them.
const REFUSED: [(&str, &str, &str, &str); 10] = [
    (
        "a temporary table that hides another one",
        "destructive-drop",
        PARENT,
        "CREATE TEMP TABLE p AS SELECT 1 AS id;\n",
    ),
    (
        "a view",
        "dangling-view-or-trigger",
        PARENT,
        "CREATE VIEW v AS SELECT nothing FROM p;\n",
    ),
    (
        "a trigger",
        "dangling-view-or-trigger",
        PARENT,
        "CREATE TRIGGER t AFTER INSERT ON p BEGIN DELETE FROM nowhere; END;\n",
    ),
    (
        "a view that loses its table",
        "dangling-view-or-trigger",
        "CREATE TABLE p (id INTEGER, n TEXT);\nCREATE VIEW v AS SELECT id, n FROM p;\n",
        "-- migrate: allow destructive-drop \"unused\"\nDROP TABLE p;\n",
    ),
    (
        "a target that is not unique",
        "fk-target-invalid",
        PARENT,
        "CREATE TABLE c (x INTEGER REFERENCES p (n));\n",
    ),
    (
        "a target that loses its index",
        "fk-target-invalid",
        "CREATE TABLE p (id INTEGER, n TEXT);\nCREATE UNIQUE INDEX u ON p (n);\n\
         CREATE TABLE c (x TEXT REFERENCES p (n));\n",
        "DROP INDEX u;\n",
    ),
    (
        "a table that is never created",
        "fk-target-invalid",
        PARENT,
        "CREATE TABLE c (x INTEGER REFERENCES nowhere (id));\n",
    ),
    (
        "a reference that follows a renaming",
        "rename-then-recreate",
        "CREATE TABLE k (id INTEGER PRIMARY KEY);\n\
         CREATE TABLE c (x INTEGER REFERENCES k (id));\n",
        "ALTER TABLE k RENAME TO old;\nCREATE TABLE k (id INTEGER PRIMARY KEY);\n\
         INSERT INTO k SELECT id FROM old;\nDROP TABLE old;\n",
    ),
    (
        "a default that refers to no row",
        "add-references-default",
        "CREATE TABLE k (id INTEGER PRIMARY KEY);\nCREATE TABLE c (x TEXT);\n\
         INSERT INTO c VALUES ('a');\n",
        "ALTER TABLE c ADD COLUMN k INTEGER DEFAULT 1 REFERENCES k (id);\n",
    ),
    (
        "a row",
        "fails-on-rows",
        "CREATE TABLE k (id INTEGER PRIMARY KEY);\n\
         CREATE TABLE c (x INTEGER REFERENCES k (id));\n",
        "INSERT INTO c VALUES (9);\n",
    ),
];

const FILL: [&str; 3] = [
    "INSERT INTO p (id, n) VALUES (2, 'b')",
    "INSERT INTO k (id) VALUES (5)",
    "INSERT INTO c (x) VALUES (5)",
];

/// What `up` says on a fresh database, in steps, on a database with rows, and on one with a view
/// that was broken before.
fn ups(folder: &Folder) -> [String; 4] {
    let fresh = said(folder, "up -d sqlite:fresh.db");
    let mut by_steps = "fine".to_owned();
    for step in 1..=3 {
        if by_steps == "fine" {
            by_steps = said(folder, &format!("up -d sqlite:steps.db --to {step}"));
        }
    }
    let prepared = |name: &str, statements: &[&str]| {
        assert_eq!(
            said(folder, &format!("up -d sqlite:{name}.db --to 1")),
            "fine"
        );
        let path = folder.at(&format!("{name}.db"));
        let conn = Connection::open(path).unwrap();
        for sql in statements {
            // Not every set has each of the tables.
            let _ = conn.execute_batch(sql);
        }
        drop(conn);
        said(folder, &format!("up -d sqlite:{name}.db"))
    };
    let filled = prepared("filled", &FILL);
    let old = prepared("old", &["CREATE VIEW broken AS SELECT * FROM not_there"]);
    [fresh, by_steps, filled, old]
}

#[test]
fn an_allow_does_not_move_the_refusal_to_the_release() {
    for (kind, rule, first, second) in REFUSED {
        let allowed = format!("-- migrate: allow {rule} \"we know\"\n{second}");
        let frozen = ["1", "2", "3"].map(|it| format!("-- migrate: adopted sqlx \"{it}\"\n"));
        let [a, b, c] = [first, second, NOTHING];
        let adopted = [
            format!("{}{a}", frozen[0]),
            format!("{}{b}", frozen[1]),
            format!("{}{c}", frozen[2]),
        ];
        let [x, y, z] = &adopted;
        for scripts in [[a, b, c], [a, &allowed, c], [x, y, z]] {
            let folder = folder(scripts);
            let check = said(&folder, "check");
            assert_ne!(check, "fine", "{kind}: {scripts:?}");
            let [fresh, by_steps, filled, old] = ups(&folder);
            for up in [&fresh, &filled, &old] {
                assert_ne!(up, "fine", "{kind}: {check}: {scripts:?}");
            }
            // What an earlier run of released migrations left may be older than the history.
            let is_left = [
                "a table that is never created",
                "a reference that follows a renaming",
            ];
            let is_old = is_left.contains(&kind) && scripts == [x, y, z];
            assert_eq!(by_steps == "fine", is_old, "{kind}: {check}: {scripts:?}");
        }
    }
}

#[test]
fn temporary_objects_are_no_bridge_between_migrations() {
    let make = "CREATE TEMP TABLE stage AS SELECT 1 AS x;\n";
    let table = "CREATE TABLE a (x TEXT);\n";
    let uses = "INSERT INTO a SELECT x FROM stage;\n";
    assert_snapshot!(verdicts([table, make, uses]), @"
    error: M037: SQLite refuses this: no such table: stage
    error: migration `003_c` failed at migrations/003_c.sql:1:1 and was rolled back
    ");
    // Each makes its own.
    let both = format!("{make}{uses}");
    assert_eq!(verdicts([table, &both, &both]), "fine\nfine");
    // What is released cannot be changed.
    let adopted = |sql: &str| format!("-- migrate: adopted sqlx \"1\"\n{sql}");
    let folder = folder([&adopted(table), &adopted(make), &adopted(uses)]);
    assert_eq!(said(&folder, "check"), "fine");
    assert_eq!(said(&folder, "up -d sqlite:a.db"), "fine");
}
