//! What a rebuild loses beside values: rows beyond a `LIMIT`, triggers of views. And what it may
//! change: the kind of its key.

use crate::set::told;
use insta::assert_snapshot;

const LOG: &str = "== 001_a.sql
CREATE TABLE log (id INTEGER PRIMARY KEY, msg TEXT);
";

#[test]
fn a_limit_loses_rows() {
    let rebuilt = |copy: &str| {
        let text = format!(
            "== 002_b.sql
CREATE TABLE log_new (id INTEGER PRIMARY KEY, msg TEXT, level INTEGER NOT NULL DEFAULT 0);
INSERT INTO log_new (id, msg) {copy};
DROP TABLE log;
ALTER TABLE log_new RENAME TO log;
"
        );
        told(LOG, &text)
    };
    assert_snapshot!(rebuilt("SELECT id, msg FROM log LIMIT 1000"), @"S15 002_b.sql:2:51 the rows beyond the `LIMIT` are lost when `log` is rebuilt");
    assert_snapshot!(rebuilt("SELECT id, msg FROM log ORDER BY id LIMIT 2"), @"S15 002_b.sql:2:51 5 rows are lost when `log` is rebuilt, because of `LIMIT`");
    assert_snapshot!(rebuilt("SELECT id, msg FROM log LIMIT -1 OFFSET 0"), @"");
    let first =
        "SELECT id, (SELECT msg FROM log l WHERE l.id <= log.id ORDER BY id DESC LIMIT 1) FROM log";
    assert_snapshot!(rebuilt(first), @"");
}

#[test]
fn triggers_of_views() {
    const VIEW: &str = "CREATE VIEW v AS SELECT id, msg FROM log;
CREATE TRIGGER v_add INSTEAD OF INSERT ON v BEGIN INSERT INTO log (msg) VALUES (new.msg); END;
== 002_b.sql
";
    let recreated = |script: &str| told(LOG, &format!("{VIEW}{script}"));
    let create = "CREATE VIEW v AS SELECT id, msg, 1 AS one FROM log;";
    assert_snapshot!(recreated(&format!("DROP VIEW v;\n{create}\n")), @"
    S14 002_b.sql:2:13 the view `v` loses something when it is created again
        the trigger `v_add` is gone
    ");
    assert_snapshot!(recreated(&format!("DROP TRIGGER v_add;\nDROP VIEW v;\n{create}\n")), @"");
    let again = "CREATE TRIGGER v_add INSTEAD OF INSERT ON v BEGIN INSERT INTO log (msg) VALUES (new.msg); END;";
    assert_snapshot!(recreated(&format!("DROP VIEW v;\n{create}\n{again}\n")), @"");
    assert_snapshot!(recreated("DROP VIEW v;\n"), @"");
    let narrower = "DROP VIEW v;\nCREATE VIEW v AS SELECT msg FROM log;\n";
    assert_snapshot!(recreated(narrower), @"");
}

/// A key of several columns becomes `UNIQUE` beside a number.
#[test]
fn a_new_rowid() {
    let price = |id: &str, copy: &str| {
        told(
            "",
            &format!(
                "== 001_a.sql
CREATE TABLE price (sku TEXT, region TEXT, PRIMARY KEY (sku, region)) WITHOUT ROWID;
== 002_b.sql
CREATE TABLE new_price ({id}sku TEXT NOT NULL, region TEXT NOT NULL, UNIQUE (sku, region));
{copy};
DROP TABLE price;
ALTER TABLE new_price RENAME TO price;
"
            ),
        )
    };
    let copy = "INSERT INTO new_price (sku, region) SELECT sku, region FROM price";
    assert_snapshot!(price("id INTEGER PRIMARY KEY, ", copy), @"");
    assert_snapshot!(price("", copy), @"
    S14 002_b.sql:3:12 `price` loses something when it is rebuilt
        it is no longer `WITHOUT ROWID`
    ");
}

/// References to rows that a rebuild loses are no news, unless the loss is allowed.
#[test]
fn a_loss_is_told_once() {
    let text = |allow: &str| {
        format!(
            "== 001_a.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users);
CREATE INDEX posts_user ON posts (user_id);
== 002_b.sql
{allow}CREATE TABLE users_new (id INTEGER PRIMARY KEY, mail TEXT, x TEXT);
INSERT INTO users_new (id, mail) SELECT id, mail FROM users WHERE id < 900002;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
-- migrate:down
ALTER TABLE users DROP COLUMN x;
"
        )
    };
    assert_snapshot!(told("", &text("")), @"S15 002_b.sql:2:55 6 rows are lost when `users` is rebuilt, because of `WHERE`");
    let allow = "-- migrate: allow rebuild-loses-rows \"they are test users\"\n";
    assert_snapshot!(told("", &text(allow)), @"S37 002_b.sql:5:1 rows of `posts` refer to no row of `users` after this");
}
