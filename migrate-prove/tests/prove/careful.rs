//! Mistakes that only careful rows find, and what they must leave alone.

use crate::set::told;
use insta::assert_snapshot;

const TAGS: &str = "== 001_a.sql
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE item (id INTEGER PRIMARY KEY, kind TEXT, done INTEGER NOT NULL DEFAULT 0);
";

/// The trial goes on after a failure, reported or allowed.
#[test]
fn a_failure_hides_nothing() {
    assert_snapshot!(told(TAGS, r"== 002_b.sql
INSERT INTO tag (name) SELECT CASE done WHEN 1 THEN 'done' ELSE 'open' END FROM item;
ALTER TABLE item ADD COLUMN code TEXT NOT NULL;
"), @"
    S37 002_b.sql:1:18 this fails on a table that has rows: UNIQUE constraint failed: tag.name
    S05 002_b.sql:2:29 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    ");
    assert_snapshot!(told(TAGS, r#"== 002_b.sql
-- migrate: allow fails-on-rows "no database has such rows"
INSERT INTO tag (name) SELECT CASE done WHEN 1 THEN 'done' ELSE 'open' END FROM item;
ALTER TABLE item ADD COLUMN code TEXT NOT NULL;
ALTER TABLE tag ADD COLUMN code TEXT NOT NULL;
"#), @"
    S05 002_b.sql:3:29 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:4:28 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    ");
    assert_snapshot!(told("", r#"== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT);
CREATE TABLE item (id INTEGER PRIMARY KEY, kind TEXT);
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, email TEXT NOT NULL);
-- migrate: allow fails-on-rows "no database has a NULL"
INSERT INTO t_new SELECT id, email FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
ALTER TABLE item ADD COLUMN code TEXT NOT NULL;
"#), @"S05 002_b.sql:6:29 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL");
    // An allowed statement, and a loss of rows behind it.
    assert_snapshot!(told("", r#"== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT);
CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT);
== 002_b.sql
-- migrate: allow S10 "checked by hand"
CREATE UNIQUE INDEX t_email ON t (email);
CREATE TABLE u_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO u_new SELECT id, name FROM u WHERE name IS NOT NULL;
DROP TABLE u;
ALTER TABLE u_new RENAME TO u;
"#), @"S15 002_b.sql:4:40 1 row is lost when `u` is rebuilt, because of `WHERE`");
}

/// S10, S15 and S37.
#[test]
fn values_that_only_the_old_table_allows() {
    const T: &str = "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n INTEGER, CHECK (n < 100));
";
    let rebuilt = |columns: &str, copy: &str| {
        told(
            T,
            &format!(
                "== 002_b.sql\nCREATE TABLE t_new ({columns});\n{copy};\nDROP TABLE t;\n\
             ALTER TABLE t_new RENAME TO t;\n"
            ),
        )
    };
    let copy = "INSERT INTO t_new SELECT id, a, n FROM t";
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT UNIQUE, n INTEGER CHECK (n < 100)", copy), @"S37 002_b.sql:2:30 this fails on a table that has rows: UNIQUE constraint failed: t_new.a");
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT, n INTEGER CHECK (n > 0 AND n < 100)", copy), @"S37 002_b.sql:2:1 this fails on a table that has rows: CHECK constraint failed: n > 0 AND n < 100");
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT CHECK (length(a) < 100), n INTEGER CHECK (n < 100)", copy), @"S37 002_b.sql:2:1 this fails on a table that has rows: CHECK constraint failed: length(a) < 100");
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT CHECK (a <> ''), n INTEGER CHECK (n < 100)", copy), @"S37 002_b.sql:2:1 this fails on a table that has rows: CHECK constraint failed: a <> ''");
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT, n INTEGER NOT NULL CHECK (n < 100)", copy), @"S37 002_b.sql:2:33 this fails on a table that has rows: NOT NULL constraint failed: t_new.n");
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT UNIQUE, n INTEGER CHECK (n < 100)",
        "INSERT OR IGNORE INTO t_new SELECT id, a, n FROM t"), @"S15 002_b.sql:2:50 2 rows are lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `OR IGNORE`");
    assert_snapshot!(rebuilt("id INTEGER PRIMARY KEY, a TEXT UNIQUE, n INTEGER CHECK (n < 100)",
        "INSERT INTO t_new SELECT id, a, n FROM t WHERE true ON CONFLICT DO NOTHING"), @"S15 002_b.sql:2:40 2 rows are lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `ON CONFLICT`");
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT NOT NULL UNIQUE);
== 002_b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, mail TEXT NOT NULL UNIQUE COLLATE NOCASE);
INSERT INTO t_new SELECT id, mail FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
"), @"S37 002_b.sql:2:30 this fails on a table that has rows: UNIQUE constraint failed: t_new.mail");
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE t (mail TEXT NOT NULL, kind TEXT CHECK (kind IN ('a', 'b', 'c')));
== 002_b.sql
CREATE TABLE t_new (mail TEXT NOT NULL, kind TEXT CHECK (kind IN ('a', 'b')));
INSERT INTO t_new SELECT mail, kind FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
"), @"S37 002_b.sql:2:1 this fails on a table that has rows: CHECK constraint failed: kind IN ('a', 'b')");
    assert_snapshot!(told("", r"== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT);
CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t (id));
CREATE INDEX c_t ON c (t_id);
== 002_b.sql
UPDATE t SET mail = lower(mail);
CREATE UNIQUE INDEX t_mail ON t (mail);
== 003_c.sql
CREATE TABLE last (t_id INTEGER PRIMARY KEY REFERENCES t (id), c_id INTEGER NOT NULL REFERENCES c (id));
CREATE INDEX last_c ON last (c_id);
INSERT INTO last SELECT t_id, id FROM c WHERE t_id IS NOT NULL;
== 004_d.sql
ALTER TABLE t ADD COLUMN first INTEGER REFERENCES c (id);
CREATE INDEX t_first ON t (first);
UPDATE t SET first = (SELECT id FROM c WHERE t_id = t.id);
CREATE TABLE names (t_id INTEGER NOT NULL, first INTEGER NOT NULL);
INSERT INTO names SELECT id, first FROM t;
"), @"
    S10 002_b.sql:2:8 this fails on a table that has rows: UNIQUE constraint failed: t.mail
    S37 003_c.sql:3:25 this fails on a table that has rows: UNIQUE constraint failed: last.t_id
    S37 004_d.sql:5:30 this fails on a table that has rows: NOT NULL constraint failed: names.first
    ");
}

/// S37, for keys that users may have.
#[test]
fn fixed_keys() {
    assert_snapshot!(told(TAGS, r"== 002_b.sql
INSERT INTO tag (id, name) VALUES (1, 'admin'), (2, 'guest');
"), @"S37 002_b.sql:1:18 `tag` may have a row with the id 1 already");
    assert_snapshot!(told(TAGS, r"== 002_b.sql
INSERT INTO tag VALUES (77, 'admin');
"), @"S37 002_b.sql:1:1 `tag` may have a row with the id 77 already");
    assert_snapshot!(told(TAGS, r"== 002_b.sql
INSERT INTO tag (name, id) SELECT 'admin', 5;
"), @"S37 002_b.sql:1:24 this fails on a table that has rows: UNIQUE constraint failed: tag.id");
    // Others get no key, or are ready for it.
    assert_snapshot!(told(TAGS, r"== 002_b.sql
INSERT INTO tag (name) VALUES ('admin'), ('guest');
INSERT OR IGNORE INTO item (id, kind) VALUES (1, 'x');
INSERT INTO item (id, kind) VALUES (2, 'x') ON CONFLICT DO NOTHING;
INSERT INTO item (id, kind) SELECT 3, 'x' WHERE NOT EXISTS (SELECT 1 FROM item WHERE id = 3);
"), @"");
    // Reference data of an earlier migration.
    assert_snapshot!(told(TAGS, r"INSERT INTO tag (id, name) VALUES (1, 'admin');
== 002_b.sql
INSERT INTO tag (id, name) VALUES (2, 'guest');
"), @"");
}

/// The tables that a failing statement does not name keep their rows, and of those that it names
/// the one that it changes loses them first.
#[test]
fn a_failure_spares_the_other_tables() {
    const SEEN: &str = "== 001_a.sql
CREATE TABLE seen (a TEXT, b TEXT, UNIQUE (a, b));
CREATE TABLE ev (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE TABLE u (id INTEGER PRIMARY KEY, n INTEGER);
== 002_b.sql
INSERT INTO seen SELECT a, b FROM ev;
";
    assert_snapshot!(told(SEEN, "ALTER TABLE ev ADD COLUMN z INTEGER NOT NULL;\n"), @"
    S37 002_b.sql:1:28 this fails on a table that has rows: UNIQUE constraint failed: seen.a, seen.b
    S05 002_b.sql:2:27 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    ");
    assert_snapshot!(told(SEEN, r"CREATE TABLE u_new (id INTEGER PRIMARY KEY, n INTEGER, z TEXT);
INSERT INTO u_new (id, n) SELECT id, n FROM u WHERE n >= 0;
DROP TABLE u;
ALTER TABLE u_new RENAME TO u;
"), @"
    S37 002_b.sql:1:28 this fails on a table that has rows: UNIQUE constraint failed: seen.a, seen.b
    S15 002_b.sql:3:45 2 rows are lost when `u` is rebuilt, because of `WHERE`
    ");
    assert_snapshot!(told(SEEN, "UPDATE seen SET b = upper(b) WHERE a = 'x';\n"), @"
    S37 002_b.sql:1:28 this fails on a table that has rows: UNIQUE constraint failed: seen.a, seen.b
    S40 002_b.sql:2:8 this could not be tried on rows of `seen`: an earlier statement fails on each of them
    ");
}

/// Rows that are equal in each column of a key alone, and values that only `ANY` allows.
#[test]
fn a_narrower_key_or_type() {
    let price = |key: &str| {
        told("", &format!("== 001_a.sql
CREATE TABLE price (sku TEXT, region TEXT, cents INTEGER, PRIMARY KEY (sku, region)) WITHOUT ROWID;
== 002_b.sql
CREATE TABLE new_price (sku TEXT NOT NULL, region TEXT NOT NULL, cents INTEGER, PRIMARY KEY ({key})) WITHOUT ROWID;
INSERT INTO new_price SELECT sku, region, cents FROM price;
DROP TABLE price;
ALTER TABLE new_price RENAME TO price;
"))
    };
    assert_snapshot!(price("sku"), @"S37 002_b.sql:2:30 this fails on a table that has rows: UNIQUE constraint failed: new_price.sku");
    assert_snapshot!(price("region"), @"S37 002_b.sql:2:35 this fails on a table that has rows: UNIQUE constraint failed: new_price.region");
    assert_snapshot!(price("region, sku"), @"");
    assert_snapshot!(told("", "== 001_a.sql
CREATE TABLE kv (k TEXT PRIMARY KEY, v ANY) STRICT;
== 002_b.sql
CREATE TABLE new_kv (k TEXT PRIMARY KEY, v INTEGER) STRICT;
INSERT INTO new_kv SELECT k, v FROM kv;
DROP TABLE kv;
ALTER TABLE new_kv RENAME TO kv;
"), @"
    S37 002_b.sql:2:1 this fails on a table that has rows: cannot store TEXT value in INTEGER column new_kv.v
    S40 002_b.sql:4:30 this could not be tried on rows of `kv`: an earlier statement fails on each of them
    ");
}

/// `OR REPLACE` deletes the rows that have the new values already. `OR IGNORE` keeps all rows.
#[test]
fn an_update_that_replaces_rows() {
    let tags = |script: &str| told(TAGS, &format!("== 002_b.sql\n{script}\n"));
    let lower = "SET name = lower(name) WHERE name <> lower(name);";
    assert_snapshot!(tags(&format!("UPDATE OR REPLACE tag {lower}")), @"S15 002_b.sql:1:1 `tag` loses 1 row here: `OR REPLACE` deletes those that have the new values already");
    assert_snapshot!(tags(&format!("UPDATE OR IGNORE tag {lower}")), @"");
    assert_snapshot!(tags(&format!(
        "UPDATE OR REPLACE tag {lower}\nDELETE FROM tag WHERE name = '';"
    )), @"");
    assert_snapshot!(tags("INSERT OR REPLACE INTO tag (id, name) VALUES (1, 'new');"), @"");
}

/// Whether a text is JSON can only be guessed: rows with JSON are tried too.
#[test]
fn texts_that_are_json() {
    let told = |scripts: &str| {
        let text = format!(
            "== 001_a.sql
CREATE TABLE ev (id INTEGER PRIMARY KEY, kind TEXT CHECK (kind IN ('a', 'b')), data TEXT NOT NULL);
{scripts}"
        );
        told("", &text)
    };
    let create = "CREATE TABLE x (id INTEGER PRIMARY KEY, k TEXT NOT NULL);";
    let view = "CREATE VIEW v AS SELECT id, data AS d FROM ev;";
    let copy = "INSERT INTO x SELECT id, json_extract(d, '$.k') FROM";
    assert_snapshot!(told(&format!("{view}\n{create}\n== 002_b.sql\n{copy} v;\n")), @"S37 002_b.sql:1:1 this fails on a table that has rows: NOT NULL constraint failed: x.k");
    let query = format!("{copy} (SELECT id, data AS d FROM ev) WHERE json_extract(d, '$.k') > ''");
    assert_snapshot!(told(&format!("{create}\n== 002_b.sql\n{query};\n")), @"");
    assert_snapshot!(told("== 002_b.sql
ALTER TABLE ev ADD COLUMN k TEXT;
UPDATE ev SET k = json_extract(replace(trim(data), char(39), '\"'), '$.v') WHERE id > 0;
"), @"");
    assert_snapshot!(told("== 002_b.sql
ALTER TABLE ev ADD COLUMN k TEXT;
UPDATE ev SET k = json_extract(kind, '$.v') WHERE id > 0;
"), @"S40 002_b.sql:2:1 this could not be tried on tables that have rows: malformed JSON");
}
