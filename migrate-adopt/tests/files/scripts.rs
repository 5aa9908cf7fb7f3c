//! What is taken out of a script, and what is not.

use super::{conversion, directory, shown};
use insta::assert_snapshot;
use migrate_adopt::Tool;

/// A conversion of one file, whose result may have problems.
fn one(text: &str) -> String {
    let folder = directory(&[("1_a.sql", text)]);
    shown(&conversion(Tool::Sqlx, folder.path()))
}

#[test]
fn a_transaction_that_does_not_wrap_stays() {
    assert_snapshot!(one("BEGIN;\nCREATE TABLE t(id INTEGER PRIMARY KEY);\nCOMMIT;\nBEGIN;\nSELECT 1;\nCOMMIT;\n"), @r#"
    1_a.sql -> 001_a.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    note: `1_a.sql`, line 1: `BEGIN` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 3: `COMMIT` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 4: `BEGIN` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 6: `COMMIT` was left, because only a transaction around the whole script is removed
    to fix in the new files:

    M019: this script is wrapped in `BEGIN; … COMMIT;`
     --> migrations/001_a.sql:3:1
      |
    3 | BEGIN;
      | ^^^^^
      = note: the `COMMIT` is on line 8
      = help: remove both: the runner already runs each migration in a transaction, together with its row in the history

    M019: `COMMIT` would break the transaction of the migration
     --> migrations/001_a.sql:5:1
      |
    5 | COMMIT;
      | ^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    M019: `BEGIN` would break the transaction of the migration
     --> migrations/001_a.sql:6:1
      |
    6 | BEGIN;
      | ^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    BEGIN;
    CREATE TABLE t(id INTEGER PRIMARY KEY);
    COMMIT;
    BEGIN;
    SELECT 1;
    COMMIT;
    "#);
    assert_snapshot!(one("BEGIN;\nSAVEPOINT a;\nCREATE TABLE t(id INTEGER PRIMARY KEY);\nRELEASE a;\nCOMMIT;\n"), @r#"
    1_a.sql -> 001_a.sql
      the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN;
           5 - COMMIT;
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    note: `1_a.sql`, line 2: `SAVEPOINT` was left, because only a transaction around the whole script is removed
    note: `1_a.sql`, line 4: `RELEASE` was left, because only a transaction around the whole script is removed
    to fix in the new files:

    M019: `SAVEPOINT` would break the transaction of the migration
     --> migrations/001_a.sql:3:1
      |
    3 | SAVEPOINT a;
      | ^^^^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    M019: `RELEASE` would break the transaction of the migration
     --> migrations/001_a.sql:5:1
      |
    5 | RELEASE a;
      | ^^^^^^^
      = help: remove it: the runner already runs each migration in a transaction, together with its row in the history

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    SAVEPOINT a;
    CREATE TABLE t(id INTEGER PRIMARY KEY);
    RELEASE a;
    "#);
}

#[test]
fn other_words_for_the_same() {
    let head = "-- migrate: adopted sqlx \"1\"\n\
        -- migrate: irreversible \"it had no down when it was adopted from sqlx\"\n";
    for (begin, end) in [
        ("begin;", "commit;"),
        ("BEGIN EXCLUSIVE TRANSACTION ;", "END TRANSACTION"),
        ("START TRANSACTION;", "COMMIT /* all */ ;"),
        ("pragma foreign_keys(0); /* x */ Begin;", "End;"),
        (
            "INSERT OR IGNORE INTO main.[_SQLX_migrations] VALUES (1);",
            "BEGIN; COMMIT;",
        ),
    ] {
        let text = format!("{begin}\nDELETE FROM t WHERE i = 1;\n{end}\n");
        let shown = one(&text);
        let script = shown
            .rsplit_once(head)
            .unwrap_or_else(|| panic!("{shown}"))
            .1
            .replace("/* x */\n", "");
        if begin.starts_with("INSERT") {
            // This transaction is around nothing.
            assert!(script.contains("BEGIN; COMMIT;"), "{shown}");
        } else {
            assert_eq!(script, "DELETE FROM t WHERE i = 1;\n", "{text}");
        }
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    let text = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT);\n\
        CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  INSERT INTO _sqlx_migrations_log VALUES (1);\nEND;\n\
        INSERT INTO t(a) VALUES ('BEGIN; COMMIT; DELETE FROM _sqlx_migrations;');\n\
        PRAGMA user_version = 7;\n-- PRAGMA foreign_keys = ON;\n";
    let shown = one(text);
    assert!(shown.ends_with(&format!("sqlx\"\n{text}")), "{shown}");
    assert!(!shown.contains(" - "), "{shown}");
}

#[test]
fn one_blank_line_stays_of_two() {
    let shown = one("SELECT 1;\n\nPRAGMA foreign_keys = ON;\n\nSELECT 2;\n");
    assert!(shown.ends_with("\nSELECT 1;\n\nSELECT 2;\n"), "{shown}");
}

#[test]
fn several_on_one_line() {
    assert_snapshot!(one("BEGIN; CREATE TABLE t(id INTEGER PRIMARY KEY); /* kept */ COMMIT; -- kept too"), @r#"
    1_a.sql -> 001_a.sql
      the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN;
           1 - COMMIT;
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    CREATE TABLE t(id INTEGER PRIMARY KEY); /* kept */ -- kept too
    "#);
    assert_snapshot!(one("PRAGMA foreign_keys=OFF; BEGIN;\n  CREATE TABLE t(\n    id INTEGER PRIMARY KEY\n  );\nCOMMIT; PRAGMA foreign_keys=ON;"), @r#"
    1_a.sql -> 001_a.sql
      the switch of foreign keys is removed: the runner switches them off for the run, and checks before each commit that no reference is broken
           1 - PRAGMA foreign_keys=OFF;
           5 - PRAGMA foreign_keys=ON;
      the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN;
           5 - COMMIT;
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
      CREATE TABLE t(
        id INTEGER PRIMARY KEY
      );
    "#);
}

#[test]
fn all_that_is_left_is_nothing() {
    assert_snapshot!(one("BEGIN;\nCOMMIT;\n"), @r#"
    1_a.sql -> 001_a.sql
      the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN;
           2 - COMMIT;
      it has no statement: an empty migration is refused unless it declares this
             + -- migrate: empty "it only did what sqlx required"
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: empty "it only did what sqlx required"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    "#);
    assert_snapshot!(one(""), @r#"
    1_a.sql -> 001_a.sql
      it has no statement: an empty migration is refused unless it declares this
             + -- migrate: empty "it had no statement when it was adopted from sqlx"
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: empty "it had no statement when it was adopted from sqlx"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    "#);
}

#[test]
fn problems_are_a_part_of_the_result() {
    assert_snapshot!(one("CREATE TABLE t(id INTEGER PRIMARY KEY);\nATTACH 'x.db' AS x;\nSELECT 'open\n"), @r#"
    1_a.sql -> 001_a.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from sqlx"
    to fix in the new files:

    M020: a migration cannot attach or detach another database
     --> migrations/001_a.sql:4:1
      |
    4 | ATTACH 'x.db' AS x;
      | ^^^^^^
      = help: remove it; open that database on a separate connection

    M017: this quote is never closed
     --> migrations/001_a.sql:5:8
      |
    5 | SELECT 'open
      |        ^
      = help: add the closing quote; a quote in the text is written twice

    === 001_a.sql
    -- migrate: adopted sqlx "1"
    -- migrate: irreversible "it had no down when it was adopted from sqlx"
    CREATE TABLE t(id INTEGER PRIMARY KEY);
    ATTACH 'x.db' AS x;
    SELECT 'open
    "#);
}

#[test]
fn many_get_wider_numbers() {
    let names: Vec<String> = (1..=1000).map(|i| format!("{i}_a.sql")).collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "DELETE FROM t WHERE i = 1;\n"))
        .collect();
    let folder = directory(&files);
    let conversion = conversion(Tool::Sqlx, folder.path());
    let paths = [0, 998, 999].map(|at| conversion.files[at].path.as_str());
    assert_eq!(paths, ["0001_a.sql", "0999_a.sql", "1000_a.sql"]);
    assert!(conversion.diagnostics.is_empty());
}

/// Scripts of parts in any order: what is to stay is there afterwards, in its
/// order and with every comment, and nothing else.
#[test]
fn any_parts_in_any_order() {
    const KEPT: [&str; 4] = [
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'é;');",
        "INSERT INTO t(a) VALUES ('BEGIN; -- é\n\n\nCOMMIT;');",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  DELETE FROM _migrations;\nEND;",
        "PRAGMA foreign_key_check;",
    ];
    const TAKEN: [&str; 3] = [
        "PRAGMA foreign_keys = OFF;",
        "DELETE FROM _migrations WHERE name = 'é';",
        "PRAGMA user_version = 3;",
    ];
    const BETWEEN: [&str; 7] = ["", " ", "\n", "\n\n\n", " -- é\n", "/* é\n */", "\n\t"];
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut files = Vec::new();
    let mut expected = Vec::new();
    for i in 0..1000 {
        let mut text = String::new();
        let mut kept = Vec::new();
        let is_wrapped = next(2) == 0;
        if is_wrapped {
            text += "BEGIN;";
        }
        // At least one stays, so that there is a script.
        kept.push(KEPT[next(KEPT.len())]);
        text += kept[0];
        for _ in 0..next(6) {
            text += BETWEEN[next(BETWEEN.len())];
            text += if next(2) == 0 {
                TAKEN[next(TAKEN.len())]
            } else {
                kept.push(KEPT[next(KEPT.len())]);
                kept[kept.len() - 1]
            };
        }
        text += BETWEEN[next(BETWEEN.len())];
        if is_wrapped {
            text += "COMMIT;";
        }
        files.push((format!("{i:04}_a.sql"), text));
        expected.push(kept);
    }
    let listed: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let folder = directory(&listed);
    let conversion = conversion(Tool::Names, folder.path());
    assert_eq!(conversion.files.len(), 1000);
    for ((new, kept), (_, old)) in conversion.files.iter().zip(&expected).zip(&files) {
        let scan = migrate_scan::sqlite::scan(&new.text);
        let statements: Vec<&str> = scan
            .statements
            .iter()
            .map(|it| &new.text[it.start as usize..it.end as usize])
            .collect();
        assert_eq!(&statements, kept, "{old}");
        for comment in [" -- é\n", "/* é\n */"] {
            let count = |text: &str| text.matches(comment.trim()).count();
            assert_eq!(count(&new.text), count(old), "{old}\nbecame\n{}", new.text);
        }
    }
}
