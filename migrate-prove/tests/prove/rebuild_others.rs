//! What a rebuild loses beside values: rows beyond a `LIMIT`, triggers of views, the strength of
//! keys and triggers, texts in a number column. And what it may change: the kind of its key.

use crate::set::told;
use insta::assert_snapshot;

const LOG: &str = "== 001_a.sql
CREATE TABLE log (id INTEGER PRIMARY KEY, msg TEXT);
";

/// What is told of a rebuild of `log` with these statements as its copy.
fn rebuilt(copy: &str) -> String {
    let text = format!(
        "== 002_b.sql
CREATE TABLE log_new (id INTEGER PRIMARY KEY, msg TEXT, level INTEGER NOT NULL DEFAULT 0);
{copy};
DROP TABLE log;
ALTER TABLE log_new RENAME TO log;
"
    );
    told(LOG, &text)
}

#[test]
fn a_limit_loses_rows() {
    let rebuilt = |copy: &str| rebuilt(&format!("INSERT INTO log_new (id, msg) {copy}"));
    assert_snapshot!(rebuilt("SELECT id, msg FROM log LIMIT 1000"), @"S15 002_b.sql:2:51 the rows beyond the `LIMIT` are lost when `log` is rebuilt");
    assert_snapshot!(rebuilt("SELECT id, msg FROM log ORDER BY id LIMIT 2"), @"S15 002_b.sql:2:51 5 rows are lost when `log` is rebuilt, because of `LIMIT`");
    assert_snapshot!(rebuilt("SELECT id, msg FROM log LIMIT -1 OFFSET 0"), @"");
    let first =
        "SELECT id, (SELECT msg FROM log l WHERE l.id <= log.id ORDER BY id DESC LIMIT 1) FROM log";
    assert_snapshot!(rebuilt(first), @"");
}

/// A `LIMIT` in a subquery or before the `INSERT`.
#[test]
fn a_limit_anywhere_loses_rows() {
    let insert = "INSERT INTO log_new (id, msg) SELECT id, msg FROM";
    let newest = "SELECT id, msg FROM log ORDER BY id DESC LIMIT 10000";
    assert_snapshot!(rebuilt(&format!("{insert} ({newest})")), @"S15 002_b.sql:2:72 the rows beyond the `LIMIT` are lost when `log` is rebuilt");
    assert_snapshot!(rebuilt(&format!("{insert} log WHERE id IN (SELECT id FROM log LIMIT 10000)")), @"S15 002_b.sql:2:51 the rows beyond the `LIMIT` are lost when `log` is rebuilt");
    assert_snapshot!(rebuilt(&format!("WITH n AS ({newest}) {insert} n")), @"S15 002_b.sql:2:32 the rows beyond the `LIMIT` are lost when `log` is rebuilt");
    assert_snapshot!(rebuilt(&format!("CREATE TEMP TABLE n AS {newest};\n{insert} n;\nDROP TABLE n")), @"S15 002_b.sql:3:13 the rows beyond the `LIMIT` are lost when `log` is rebuilt");
    // These keep all rows.
    let all = "SELECT id, msg FROM log ORDER BY id LIMIT 9223372036854775807";
    assert_snapshot!(rebuilt(&format!("{insert} ({all})")), @"");
    assert_snapshot!(rebuilt(&format!("{insert} log WHERE id > 0 OR id IN (SELECT id FROM log LIMIT 100)")), @"");
    assert_snapshot!(rebuilt(&format!("{insert} log LEFT JOIN (SELECT 1 AS one LIMIT 100) WHERE id <> 0")), @"");
    let last = "(SELECT group_concat(msg) FROM (SELECT msg FROM log ORDER BY id LIMIT 5))";
    assert_snapshot!(rebuilt(&format!("INSERT INTO log_new (id, msg) SELECT id, {last} FROM log")), @"");
    assert_snapshot!(rebuilt(&format!("{insert} ({newest});\nDELETE FROM log WHERE msg = ''")), @"");
}

/// A key with a new column that may be NULL allows equal values of the old ones.
#[test]
fn a_key_with_a_new_column() {
    let rebuilt = |old: &str, new: &str, after: &str| {
        let text = format!(
            "== 001_a.sql
CREATE TABLE t (id INTEGER, a TEXT NOT NULL{old});
== 002_b.sql
CREATE TABLE t_new (id INTEGER, a TEXT NOT NULL, {new});
INSERT INTO t_new (id, a) SELECT id, a FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
{after}"
        );
        told("", &text)
    };
    assert_snapshot!(rebuilt(" UNIQUE", "b TEXT, UNIQUE (a, b)", ""), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        `UNIQUE` on `a` is gone: the key has a new column, and rows that are NULL there are all different
    ");
    assert_snapshot!(rebuilt(" UNIQUE", "b TEXT NOT NULL DEFAULT '', UNIQUE (a, b)", ""), @"");
    assert_snapshot!(rebuilt(", PRIMARY KEY (a)", "b TEXT, PRIMARY KEY (a, b)", ""), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        `PRIMARY KEY` on `a` is gone: the key has a new column, and rows that are NULL there are all different
    ");
    assert_snapshot!(rebuilt(", PRIMARY KEY (a)", "b TEXT NOT NULL DEFAULT '', PRIMARY KEY (a, b)", ""), @"");
    let index = "CREATE UNIQUE INDEX t_a ON t (a, coalesce(b, ''));\n";
    assert_snapshot!(rebuilt(" UNIQUE", "b TEXT", index), @"");
    let index = ");\nCREATE UNIQUE INDEX t_a ON t (a";
    assert_snapshot!(rebuilt(index, "b TEXT", "CREATE UNIQUE INDEX t_a ON t (a, b);\n"), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        the index `t_a` allows more than before
    ");
}

/// A trigger may look at a new column, and must still fire for the old ones.
#[test]
fn a_trigger_that_fires_for_less() {
    let rebuilt = |old: &str, new: &str| {
        let text = format!(
            "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE TRIGGER g {old} ON t BEGIN SELECT raise(ABORT, 'no') WHERE new.b = ''; END;
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT);
INSERT INTO t_new (id, a, b) SELECT id, a, b FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
CREATE TRIGGER g {new} ON t BEGIN SELECT raise(ABORT, 'no') WHERE new.b = '' OR new.c = ''; END;
"
        );
        told("", &text)
    };
    assert_snapshot!(rebuilt("BEFORE UPDATE", "BEFORE UPDATE OF c"), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        the trigger `g` does not fire for each change as before
    ");
    assert_snapshot!(rebuilt("BEFORE UPDATE OF a, b", "BEFORE UPDATE OF a, c"), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        the trigger `g` does not fire for each change as before
    ");
    assert_snapshot!(rebuilt("BEFORE INSERT", "BEFORE UPDATE"), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        the trigger `g` does not fire for each change as before
    ");
    assert_snapshot!(rebuilt("BEFORE UPDATE", "BEFORE UPDATE"), @"");
    assert_snapshot!(rebuilt("BEFORE UPDATE", "BEFORE UPDATE OF b, c"), @"");
    assert_snapshot!(rebuilt("BEFORE UPDATE OF a, b", "BEFORE UPDATE OF a, b, c"), @"");
    assert_snapshot!(rebuilt("BEFORE UPDATE OF b", "BEFORE UPDATE"), @"");
}

/// Postal codes, telephone numbers: a number has no leading zero.
#[test]
fn texts_that_become_numbers() {
    let rebuilt = |old: &str, new: &str, item: &str| {
        let text = format!(
            "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, zip {old});
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, zip {new}, note TEXT);
INSERT INTO t_new (id, zip) SELECT id, {item} FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
"
        );
        told("", &text)
    };
    assert_snapshot!(rebuilt("TEXT NOT NULL", "INTEGER NOT NULL", "zip"), @"S39 002_b.sql:2:49 `zip` of `t` becomes a number: the text `007` is `7` then");
    assert_snapshot!(rebuilt("VARCHAR(10)", "REAL", "t.zip"), @"S39 002_b.sql:2:40 `zip` of `t` becomes a number: the text `007` is `7` then");
    assert_snapshot!(rebuilt("TEXT", "INTEGER", "CAST(zip AS INTEGER)"), @"");
    assert_snapshot!(rebuilt("TEXT", "VARCHAR(10)", "zip"), @"");
    assert_snapshot!(rebuilt("INTEGER", "TEXT", "zip"), @"");
    assert_snapshot!(rebuilt("TEXT CHECK (zip IN ('1', '2'))", "INTEGER CHECK (zip IN (1, 2))", "zip"), @"");
    assert_snapshot!(rebuilt("TEXT CHECK (zip NOT LIKE '0%')", "INTEGER CHECK (zip NOT LIKE '0%')", "zip"), @"");
    let refuses = "TEXT);
CREATE TRIGGER g BEFORE UPDATE ON t BEGIN SELECT raise(ROLLBACK, 'no') WHERE new.zip LIKE '0%'; END;
CREATE TABLE u (id INTEGER";
    assert_snapshot!(rebuilt(refuses, "INTEGER", "zip"), @"
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt
        the trigger `g` is gone
    ");
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

/// One cause is one finding: an index or trigger that `IF NOT EXISTS` did not create, references
/// to rows whose key has changed, and a view that a down leaves without its table.
#[test]
fn a_cause_is_told_once() {
    let rebuilt = |object: &str, made: &str| {
        let text = format!(
            "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
{object};
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, z TEXT);
INSERT INTO t_new (id, a) SELECT id, a FROM t;
{made};
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
"
        );
        told("", &text)
    };
    let made = "CREATE UNIQUE INDEX IF NOT EXISTS t_a ON t_new (a)";
    assert_snapshot!(rebuilt("CREATE UNIQUE INDEX t_a ON t (a)", made), @"
    S43 002_b.sql:3:35 the index `t_a` exists with another definition, so this does nothing
        it exists as `CREATE UNIQUE INDEX t_a ON t (a)`
        the statement is `CREATE UNIQUE INDEX IF NOT EXISTS t_a ON t_new (a)`
    ");
    let allowed = format!("-- migrate: allow S43 \"it is made by hand\"\n{made}");
    assert_snapshot!(rebuilt("CREATE UNIQUE INDEX t_a ON t (a)", &allowed), @"
    S14 002_b.sql:5:12 `t` loses something when it is rebuilt
        the index `t_a` is gone
    ");
    let body = "BEGIN UPDATE t SET a = '' WHERE a IS NULL; END";
    let made = format!("CREATE TRIGGER IF NOT EXISTS g AFTER INSERT ON t_new {body}");
    assert_snapshot!(rebuilt(&format!("CREATE TRIGGER g AFTER INSERT ON t {body}"), &made), @"
    S43 002_b.sql:3:30 the trigger `g` exists with another definition, so this does nothing
        it exists as `CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = '' WHERE a IS NULL; END`
        the statement is `CREATE TRIGGER IF NOT EXISTS g AFTER INSERT ON t_new BEGIN UPDATE t SET a = '' WHERE a IS NULL; END`
    ");
    assert_snapshot!(told("", "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t (id));
CREATE INDEX u_t ON u (t_id);
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
INSERT INTO t_new (a, b) SELECT a, b FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
"), @"
    S39 002_b.sql:2:43 the rows of `t` have other values after it is rebuilt
        `id` is numbered anew: rows get the ids of others
    ");
    assert_snapshot!(told("", "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
CREATE TABLE log (a TEXT);
CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.a); END;
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, b TEXT);
INSERT INTO t_new SELECT id, a FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.a); END;
"), @"S12 002_b.sql:5:16 trigger `g` of `t`: no such column: new.a");
    assert_snapshot!(told("", "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY);
== 002_b.sql
CREATE TABLE u (id INTEGER PRIMARY KEY);
CREATE VIEW v AS SELECT t.id FROM t JOIN u ON u.id = t.id;
-- migrate:down
DROP TABLE u;
"), @"S12 002_b.sql:4:12 view `v`: no such table: main.u");
}
