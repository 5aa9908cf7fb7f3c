//! S26.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use super::memory::Memory;
use insta::assert_snapshot;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::directory::read;
use migrate_source::render::render;
use migrate_source::{Options, SqliteVersion};

fn findings(sql: &str, min: &str, functions: &[(String, i32)]) -> Vec<Diagnostic> {
    let mut options = Options::default();
    options.sqlite.min_sqlite = Some(min.parse::<SqliteVersion>().unwrap());
    options.sqlite.functions = functions;
    let directory = read(&mut Memory::new([("001_a.sql", sql)]), &options);
    let all = directory.diagnostics.into_iter().chain(directory.warnings);
    all.filter(|it| it.code == Code::NewerThanMinSqlite)
        .collect()
}

/// What each script has that SQLite 3.23 does not, with the marked words.
fn each(scripts: &[&str]) -> String {
    let mut shown = Vec::new();
    for sql in scripts {
        for it in findings(sql, "3.23", &[]) {
            let excerpt = it.excerpt.unwrap();
            let line = excerpt.line.chars().skip(excerpt.position.column - 1);
            let marked: String = line.take(excerpt.width).collect();
            let message = it.message.replace("; 3.23, the minimum,", ";");
            shown.push(format!("{marked} | {message}"));
        }
    }
    shown.join("\n")
}

#[test]
fn what_is_newer_is_marked() {
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT,\n\
               at TEXT DEFAULT (datetime('now', 'subsec'))) STRICT;\n\
               ALTER TABLE t ADD CONSTRAINT nonempty CHECK (a <> '');\n\
               CREATE INDEX t_j ON t(jsonb(a));\n";
    let found: Vec<String> = findings(sql, "3.38", &[]).iter().map(render).collect();
    assert_snapshot!(found.join("\n\n"), @r#"
    S26: the modifier `subsec` needs SQLite 3.42; 3.38, the minimum, returns NULL
     --> 001_a.sql:2:34
      |
    2 | at TEXT DEFAULT (datetime('now', 'subsec'))) STRICT;
      |                                  ^^^^^^^^
      = help: use `strftime('%Y-%m-%d %H:%M:%f', …)`, or require SQLite 3.42
              or allow it: `-- migrate: allow newer-than-min-sqlite "why"`

    S26: `ADD CONSTRAINT` needs SQLite 3.53; 3.38, the minimum, refuses it
     --> 001_a.sql:3:15
      |
    3 | ALTER TABLE t ADD CONSTRAINT nonempty CHECK (a <> '');
      |               ^^^^^^^^^^^^^^
      = help: use a rebuild of the table, or require SQLite 3.53
              or allow it: `-- migrate: allow newer-than-min-sqlite "why"`

    S26: the function `jsonb` needs SQLite 3.45; 3.38, the minimum, refuses it
     --> 001_a.sql:4:23
      |
    4 | CREATE INDEX t_j ON t(jsonb(a));
      |                       ^^^^^
      = help: use the function that starts with `json`, or require SQLite 3.45
              or allow it: `-- migrate: allow newer-than-min-sqlite "why"`
    "#);
    assert_eq!(findings(sql, "3.53", &[]), []);
    assert_eq!(findings(sql, "3.52.1", &[]).len(), 1);
}

#[test]
fn syntax() {
    assert_snapshot!(each(&[
        "ALTER TABLE t RENAME COLUMN a TO b;",
        "CREATE TABLE t(a); ALTER TABLE t DROP COLUMN a;",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
        "ALTER TABLE t ADD CHECK (a > 0);",
        "CREATE TABLE t(a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1) STORED) WITHOUT ROWID, STRICT;",
        "ALTER TABLE t ADD b AS (a + 1);",
        "UPDATE t SET a = u.a FROM u WHERE u.id = t.id;",
        "CREATE VIEW v AS SELECT a -> '$.x', a->>'b', a ->> -1 FROM t;",
        "CREATE VIEW v AS SELECT * FROM t RIGHT JOIN u FULL OUTER JOIN w;",
        "CREATE VIEW v AS SELECT 1_000, 0x1_f FROM t WHERE a IS NOT DISTINCT FROM b;",
        "CREATE VIEW v AS SELECT sum(a) FILTER (WHERE a > 0), rank() OVER (ORDER BY a NULLS LAST) FROM t;",
        "CREATE VIEW v AS WITH w AS NOT MATERIALIZED (SELECT 1) SELECT * FROM w;",
        "CREATE VIEW v AS SELECT group_concat(a, ',' ORDER BY b) FROM t;",
        "INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1;",
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;",
        "INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1;",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'no ' || new.a); END;",
        "REINDEX EXPRESSIONS;",
        "CREATE VIEW v AS SELECT name FROM sqlite_schema;",
        "CREATE VIEW v AS SELECT (SELECT max(a) FROM u HAVING max(a) > 0) FROM t GROUP BY b HAVING c;",
        "INSERT INTO f(f, rank) VALUES ('secure-delete', 1);",
        "PRAGMA table_list;",
        "CREATE VIRTUAL TABLE f USING fts5(a, contentless_delete = 1, tokenize = 'trigram', locale=1);",
        "SELECT 1;\n-- migrate:down\nCREATE VIEW v AS SELECT iif(a, 1, 2) FROM t;",
    ]), @r"
    RENAME | `RENAME COLUMN` needs SQLite 3.25; refuses it
    DROP | `DROP COLUMN` needs SQLite 3.35; refuses it
    ALTER COLUMN | `ALTER COLUMN` needs SQLite 3.53; refuses it
    ADD CHECK | `ADD CHECK` needs SQLite 3.53; refuses it
    AS | a generated column needs SQLite 3.31; refuses it
    STRICT | `STRICT` needs SQLite 3.37; refuses it
    AS | a generated column needs SQLite 3.31; refuses it
    FROM | `UPDATE … FROM` needs SQLite 3.33; refuses it
    -> | `->` needs SQLite 3.38; refuses it
    ->> | `->>` needs SQLite 3.38; refuses it
    ->> | a negative index after `->>` needs SQLite 3.47; returns NULL
    RIGHT JOIN | `RIGHT JOIN` needs SQLite 3.39; refuses it
    FULL OUTER JOIN | `FULL OUTER JOIN` needs SQLite 3.39; refuses it
    1_000 | `_` in the number `1_000` needs SQLite 3.46; refuses it
    0x1_f | `_` in the number `0x1_f` needs SQLite 3.46; refuses it
    IS NOT DISTINCT FROM | `IS NOT DISTINCT FROM` needs SQLite 3.39; refuses it
    FILTER (WHERE | `FILTER (WHERE` needs SQLite 3.30; refuses it
    OVER | `OVER` needs SQLite 3.25; refuses it
    NULLS LAST | `NULLS LAST` needs SQLite 3.30; refuses it
    AS NOT MATERIALIZED | `AS NOT MATERIALIZED` needs SQLite 3.35; refuses it
    ORDER BY | `ORDER BY` in `group_concat` needs SQLite 3.44; refuses it
    ON CONFLICT | `ON CONFLICT` needs SQLite 3.24; refuses it
    ON CONFLICT DO | `ON CONFLICT DO` needs SQLite 3.24; refuses it
    ON CONFLICT DO UPDATE | `ON CONFLICT DO UPDATE` needs SQLite 3.35; refuses it
    'no ' || new.a | an expression in `RAISE` needs SQLite 3.47; refuses it
    REINDEX EXPRESSIONS | `REINDEX EXPRESSIONS` needs SQLite 3.53; refuses it
    sqlite_schema | `sqlite_schema` needs SQLite 3.33; refuses it
    HAVING | `HAVING` without `GROUP BY` needs SQLite 3.39; refuses it
    'secure-delete' | the FTS5 command `secure-delete` needs SQLite 3.42; refuses it
    table_list | the pragma `table_list` needs SQLite 3.37; ignores it
    contentless_delete = 1 | the option `contentless_delete` needs SQLite 3.43; refuses it
    tokenize = 'trigram' | the tokenizer `trigram` needs SQLite 3.34; refuses it
    locale=1 | the option `locale` needs SQLite 3.47; refuses it
    iif | the function `iif` needs SQLite 3.32; refuses it
    ");
}

#[test]
fn functions_and_their_arguments() {
    assert_snapshot!(each(&[
        "CREATE VIEW v AS SELECT Concat(a, b), string_agg(a, ','), unixepoch(a), sqrt(a) FROM t;",
        "CREATE VIEW v AS SELECT iif(a, 1), iif(a, 1, 2), if(a, 1, b, 2), json_valid(a, 6), json_valid(a) FROM t;",
        "CREATE VIEW v AS SELECT * FROM t JOIN jsonb_each(t.a), pragma_table_list('t');",
        "CREATE TABLE t(a DEFAULT (date('now', '+0001-00-00')), b CHECK (octet_length(b) < 9));",
        "CREATE VIEW v AS SELECT date(a, 'floor'), time(a, 'end of day'), unixepoch('subsec') FROM t;",
        "CREATE VIEW v AS SELECT strftime('%F %T', a), strftime('%G-%V'), strftime('%Y-%m') FROM t;",
        "CREATE VIEW v AS SELECT json('{a: 1}'), json_extract('[1,]', '$[0]') FROM t;",
        "CREATE TRIGGER r AFTER INSERT ON t WHEN unhex(new.a) IS NULL BEGIN SELECT 1; END;",
        "UPDATE t SET a = format('%d', b) WHERE id IN (SELECT json_pretty(b) FROM t);",
    ]), @r"
    Concat | the function `concat` needs SQLite 3.44; refuses it
    string_agg | the function `string_agg` needs SQLite 3.44; refuses it
    unixepoch | the function `unixepoch` needs SQLite 3.38; refuses it
    sqrt | the function `sqrt` needs SQLite 3.35; refuses it
    iif | the function `iif` needs SQLite 3.48; refuses it
    iif | the function `iif` needs SQLite 3.32; refuses it
    if | the function `if` needs SQLite 3.49; refuses it
    json_valid | the function `json_valid` needs SQLite 3.45; refuses it
    jsonb_each | the function `jsonb_each` needs SQLite 3.51; refuses it
    pragma_table_list | the function `pragma_table_list` needs SQLite 3.37; refuses it
    '+0001-00-00' | the modifier `+0001-00-00` needs SQLite 3.43; returns NULL
    octet_length | the function `octet_length` needs SQLite 3.43; refuses it
    'floor' | the modifier `floor` needs SQLite 3.46; returns NULL
    'end of day' | the modifier `end of day` needs SQLite 3.54; returns NULL
    unixepoch | the function `unixepoch` needs SQLite 3.38; refuses it
    'subsec' | the modifier `subsec` needs SQLite 3.42; returns NULL
    '%F %T' | the format `%F` needs SQLite 3.44; returns NULL
    '%G-%V' | the format `%G` needs SQLite 3.46; returns NULL
    '{a: 1}' | JSON5 needs SQLite 3.42; refuses it
    '[1,]' | JSON5 needs SQLite 3.42; refuses it
    unhex | the function `unhex` needs SQLite 3.41; refuses it
    format | the function `format` needs SQLite 3.38; refuses it
    json_pretty | the function `json_pretty` needs SQLite 3.46; refuses it
    ");
}

#[test]
fn what_only_looks_like_it() {
    for sql in [
        "CREATE TABLE format(concat TEXT, sign VARCHAR(10), x if(3), \"unhex\" TEXT);",
        "INSERT INTO concat (a, b) VALUES ('subsec', '%F');",
        "CREATE INDEX unhex ON format (concat);",
        "CREATE TABLE t(a REFERENCES concat (id), UNIQUE (a));",
        "CREATE VIEW format(a, b) AS SELECT 1, 2;",
        "CREATE VIEW v AS WITH concat(a) AS (SELECT 1), format(b) AS (SELECT 2) SELECT * FROM format;",
        "CREATE TRIGGER sign AFTER UPDATE OF format ON concat BEGIN SELECT 1; END;",
        "CREATE TABLE strict(strict TEXT, \"returning\" TEXT);",
        "CREATE VIEW v AS SELECT a - b > c, a <> -1, a - -1, 'x->y', substr(a, 1) FROM t; -- a->b",
        "CREATE VIEW v AS SELECT group_concat(a) FROM (SELECT a FROM t ORDER BY b);",
        "CREATE VIEW v AS SELECT max((SELECT a FROM u ORDER BY b)) FROM t;",
        "CREATE VIEW v AS SELECT date(a, 'start of month', '+1 month'), replace(a, 'subsec', 'auto');",
        "CREATE VIEW v AS SELECT strftime('%Y-%m-%d %H:%M:%S', a), json('{\"a\": 1}'), printf('%F', 1);",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'no'), RAISE(IGNORE), RAISE(FAIL, \"no\"); END;",
        "INSERT INTO f(name, f) VALUES ('secure-delete', 1);",
        "CREATE TABLE t(a UNIQUE ON CONFLICT REPLACE); INSERT OR REPLACE INTO t VALUES (1);",
        "CREATE VIRTUAL TABLE f USING fts5(locale, tokendata, tokenize = 'porter');",
        "CREATE TABLE a_1(b_2 TEXT); INSERT INTO a_1 VALUES (x'1f', 'a_b');",
        "PRAGMA user_version = 3;",
    ] {
        assert_eq!(each(&[sql]), "", "{sql}");
    }
}

/// The application may define a function that its SQLite does not have yet.
#[test]
fn a_function_of_the_application() {
    let sql = "CREATE VIEW v AS SELECT concat(a, b), unhex(a) FROM t;";
    let functions = [("CONCAT".to_owned(), -1)];
    let found = findings(sql, "3.38", &functions);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("unhex"));
}

#[test]
fn nothing_is_looked_for_by_default_and_all_can_be_allowed() {
    let sql = "-- migrate: allow newer-than-min-sqlite \"a table for tests\"\nSELECT unhex('00');";
    assert_eq!(findings(sql, "3.38", &[]), []);
    assert_eq!(super::up("UPDATE t SET a = unhex(b) WHERE a -> 'x';"), "");
}
