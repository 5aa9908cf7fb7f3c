//! S25 and S27.

use super::{brief, each, nothing, shown, up};
use insta::assert_snapshot;

#[test]
fn chance_and_the_clock() {
    let sql = "INSERT INTO users(key, at)\nVALUES (randomblob(16), strftime('%s', 'now'));\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S25: `randomblob` gives a different value on each machine and in each run
     --> 001_a.sql:2:9
      |
    2 | VALUES (randomblob(16), strftime('%s', 'now'));
      |         ^^^^^^^^^^
      = help: write the value itself, or compute it from the row
              or allow it: `-- migrate: allow nondeterministic-data "why"`

    S25: `strftime` gives a different value on each machine and in each run
     --> 001_a.sql:2:25
      |
    2 | VALUES (randomblob(16), strftime('%s', 'now'));
      |                         ^^^^^^^^
      = help: write the value itself
              or allow it: `-- migrate: allow nondeterministic-data "why"`
    "#);
    assert_snapshot!(each(&[
        "REPLACE INTO t VALUES (Random ());",
        "UPDATE t SET x = datetime('NOW', '+1 day') WHERE y;",
        "UPDATE t SET x = (SELECT abs(random()) % 7) WHERE y;",
        "WITH a AS (SELECT current_timestamp AS x) INSERT INTO t SELECT x FROM a;",
        "INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET x = date();",
        "INSERT INTO t SELECT unixepoch('subsec'), strftime('%s'), timediff(x, 'now') FROM u;",
        "INSERT INTO t SELECT datetime(/* at */ 'now');",
    ]), @"
    REPLACE INTO t VALUES (Random ());
        S25 1:24 Random
    UPDATE t SET x = datetime('NOW', '+1 day') WHERE y;
        S25 1:18 datetime
    UPDATE t SET x = (SELECT abs(random()) % 7) WHERE y;
        S25 1:30 random
    WITH a AS (SELECT current_timestamp AS x) INSERT INTO t SELECT x FROM a;
        S25 1:19 current_timestamp
    INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET x = date();
        S25 1:56 date
    INSERT INTO t SELECT unixepoch('subsec'), strftime('%s'), timediff(x, 'now') FROM u;
        S25 1:22 unixepoch
        S25 1:43 strftime
        S25 1:59 timediff
    INSERT INTO t SELECT datetime(/* at */ 'now');
        S25 1:22 datetime
    ");
    nothing(&[
        "INSERT INTO t VALUES (date('2026-01-31'), 'random()', 'CURRENT_TIMESTAMP', 'now');",
        "INSERT INTO t SELECT strftime('%s', x), datetime(x, 'utc'), time(y) FROM u;",
        "INSERT INTO t SELECT random, date, \"current_timestamp\" FROM u;",
        "CREATE TABLE t(x TEXT DEFAULT CURRENT_TIMESTAMP, y INTEGER DEFAULT (random()));",
        "ALTER TABLE t ADD COLUMN x INTEGER DEFAULT (unixepoch());",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET x = datetime('now'); END;",
        "CREATE VIEW v AS SELECT date('now');",
        "INSERT INTO t(at) VALUES (1) -- datetime('now')",
    ]);
}

#[test]
fn a_change_of_every_row() {
    let sql = "UPDATE users SET active = 0;\n\nDELETE FROM \"Visits\";\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S27: this changes every row of `users`
     --> 001_a.sql:1:1
      |
    1 | UPDATE users SET active = 0;
      | ^^^^^^
      = help: add a `WHERE` clause for the intended rows
              or allow it: `-- migrate: allow unbounded-dml "why"`

    S27: this deletes every row of `Visits`
     --> 001_a.sql:3:1
      |
    3 | DELETE FROM "Visits";
      | ^^^^^^
      = help: add a `WHERE` clause for the intended rows
              or allow it: `-- migrate: allow unbounded-dml "why"`
    "#);
    assert_snapshot!(each(&[
        "WITH a AS (SELECT 1 WHERE 2) UPDATE OR IGNORE main.users SET x = 1",
        "UPDATE users SET x = (SELECT y FROM u WHERE u.id = users.id);",
        "DELETE FROM users -- WHERE id = 1",
        "UPDATE users SET x = u.y FROM u;",
        "ALTER TABLE users ADD x TEXT; UPDATE users SET x = 'a', y = 'b';",
        "ALTER TABLE users ADD x TEXT; UPDATE users SET (x, y) = (SELECT 1, 2);",
        "ALTER TABLE users ADD x TEXT; DELETE FROM users;",
        "ALTER TABLE users ADD x TEXT; UPDATE orders SET x = 1;",
        "UPDATE users SET x = 1; CREATE TABLE users(x);",
    ]), @"
    WITH a AS (SELECT 1 WHERE 2) UPDATE OR IGNORE main.users SET x = 1
        S27 1:30 UPDATE
    UPDATE users SET x = (SELECT y FROM u WHERE u.id = users.id);
        S27 1:1 UPDATE
    DELETE FROM users -- WHERE id = 1
        S27 1:1 DELETE
    UPDATE users SET x = u.y FROM u;
        S27 1:1 UPDATE
    ALTER TABLE users ADD x TEXT; UPDATE users SET x = 'a', y = 'b';
        S27 1:31 UPDATE
    ALTER TABLE users ADD x TEXT; UPDATE users SET (x, y) = (SELECT 1, 2);
        S27 1:31 UPDATE
    ALTER TABLE users ADD x TEXT; DELETE FROM users;
        S27 1:31 DELETE
    ALTER TABLE users ADD x TEXT; UPDATE orders SET x = 1;
        S27 1:31 UPDATE
    UPDATE users SET x = 1; CREATE TABLE users(x);
        S27 1:1 UPDATE
    ");
    nothing(&[
        "UPDATE users SET x = 1 where id = 7;",
        "WITH RECURSIVE a(n) AS NOT MATERIALIZED (SELECT 1), b AS (SELECT 2)
         DELETE FROM users WHERE id IN a;",
        "CREATE TABLE users(x); UPDATE users SET x = 1; DELETE FROM users;",
        "ALTER TABLE users ADD x TEXT; UPDATE users SET \"X\" = upper(name);",
        "ALTER TABLE users ADD x TEXT; ALTER TABLE users ADD COLUMN y TEXT;
         UPDATE users SET x = (SELECT a, b), (x, y) = (SELECT 1, 2) FROM u;",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET x = 1; DELETE FROM u; END;",
        "CREATE TABLE a(x);\n-- migrate:down\nUPDATE users SET x = 1;\nDROP TABLE a;",
    ]);
}

#[test]
fn a_search_that_is_filled_anew() {
    let table = (
        "001_a.sql",
        "CREATE VIRTUAL TABLE search USING fts5(title);",
    );
    let fill = "DELETE FROM search;\nINSERT INTO search SELECT title FROM t;";
    assert_eq!(brief(&[table, ("002_b.sql", fill)]), "");
    let empty = ("002_b.sql", "DELETE FROM search;");
    assert_eq!(brief(&[table, empty]), "S27 002_b.sql:1:1 DELETE");
    let plain = ("001_a.sql", "CREATE TABLE search(title);");
    assert_eq!(
        brief(&[plain, ("002_b.sql", fill)]),
        "S27 002_b.sql:1:1 DELETE"
    );
}

/// Seed data is read to the end up to a megabyte, and then no more.
#[test]
fn large_seeds_are_read_in_part() {
    let row = format!("INSERT INTO t VALUES ('{}');\n", "x".repeat(1_000));
    let late = "INSERT INTO t VALUES (random());\nUPDATE t SET x = random() WHERE y;\n\
                INSERT OR ROLLBACK INTO t VALUES (1);\n";
    assert_eq!(up(&(row.repeat(2) + late)).lines().count(), 3);
    assert_eq!(
        up(&(row.repeat(1_100) + late)),
        "S04 1103:8 OR ROLLBACK\nS25 1102:18 random"
    );
    // One statement of two megabytes, and what follows its values.
    let values = "('x'),\n".repeat(300_000);
    let sql = format!("INSERT INTO t VALUES {values} (random());\nDELETE FROM t;\n");
    assert_eq!(up(&sql), "S27 300002:1 DELETE");
}

/// Ten times the statements take about ten times as long. A rule that looked
/// at the script again for each statement would need a hundred times.
#[test]
fn the_time_is_linear() {
    let script = |count: usize| {
        let one = |i: usize| {
            format!(
                "CREATE TABLE t{i}(x INT PRIMARY KEY);\nALTER TABLE t{i} ADD COLUMN y strng;\n\
                 UPDATE u{i} SET y = random();\nDROP TABLE u{i};\n\
                 INSERT INTO t{i} SELECT x FROM u{i};\n"
            )
        };
        (0..count).map(one).collect::<String>()
    };
    let time = |sql: &str| {
        let files = [("001_a.sql", sql)];
        let runs = (0..3).map(|_| {
            let start = std::time::Instant::now();
            assert!(!super::directory(&files).diagnostics.is_empty());
            start.elapsed()
        });
        runs.min().unwrap()
    };
    let (few, many) = (time(&script(600)), time(&script(6_000)));
    assert!(many < few * 30, "{few:?}, {many:?}");
}
