//! S10, S19 and S20.

use super::{brief, each, nothing, shown, up};
use insta::assert_snapshot;

#[test]
fn a_unique_index() {
    let sql = "ALTER TABLE users ADD COLUMN note TEXT;\n\
               CREATE UNIQUE INDEX IF NOT EXISTS main.users_email ON \"Users\"(lower(email), id)\n\
               WHERE email IS NOT NULL;\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S10: this fails if `Users` already has duplicates
     --> 001_a.sql:2:8
      |
    2 | CREATE UNIQUE INDEX IF NOT EXISTS main.users_email ON "Users"(lower(email), id)
      |        ^^^^^^^^^^^^
      = help: first remove or merge the duplicates
              or allow it: `-- migrate: allow new-unique-on-old-columns "why"`
    "#);
    nothing(&[
        "CREATE INDEX users_email ON users(email);",
        "CREATE TABLE users(email TEXT); CREATE UNIQUE INDEX users_email ON users(email);",
        "ALTER TABLE users ADD number INTEGER; CREATE UNIQUE INDEX i ON users(team, [Number]);",
        // A down gives back what was there.
        "DROP INDEX users_email;\n-- migrate:down\nCREATE UNIQUE INDEX users_email ON users(email);",
    ]);
}

/// Once the duplicates are gone, there is nothing left to say.
#[test]
fn a_unique_index_on_what_was_mended() {
    nothing(&[
        "DELETE FROM t WHERE id NOT IN (SELECT min(id) FROM t GROUP BY a);
         CREATE UNIQUE INDEX t_a ON t(a);",
        "UPDATE t SET a = a || id WHERE a IS NOT NULL; CREATE UNIQUE INDEX t_a ON t(a);",
    ]);
    assert_eq!(
        up("DELETE FROM u WHERE 1; CREATE UNIQUE INDEX t_a ON t(a);"),
        "S10 1:31 UNIQUE INDEX"
    );
}

#[test]
fn a_unique_index_that_is_built_anew() {
    let first = |index: &str| ("001_a.sql", format!("CREATE TABLE t(a, b, c); {index}"));
    let found = |index: &str, sql: &str| {
        let (path, first) = first(index);
        brief(&[(path, first.as_str()), ("002_b.sql", sql)])
    };
    let old = "CREATE UNIQUE INDEX t_a ON t(a, \"B\");";
    for sql in [
        "DROP INDEX t_a; CREATE UNIQUE INDEX t_a ON t(c, b, a);",
        "ALTER TABLE t RENAME a TO d; DROP INDEX IF EXISTS t_a; CREATE UNIQUE INDEX t_a ON t(d, b);",
    ] {
        assert_eq!(found(old, sql), "", "{sql}");
    }
    let fewer = "DROP INDEX t_a; CREATE UNIQUE INDEX t_a ON t(a);";
    for old in [
        old,
        "CREATE INDEX t_a ON t(a);",
        "CREATE UNIQUE INDEX t_a ON t(a) WHERE b;",
        "CREATE UNIQUE INDEX t_b ON t(a);",
    ] {
        assert_eq!(
            found(old, fewer),
            "S10 002_b.sql:1:24 UNIQUE INDEX",
            "{old}"
        );
    }
}

#[test]
fn a_type_that_is_not_known() {
    let sql = "CREATE TABLE users(\n  id INTEGER PRIMARY KEY,\n  name strng NOT NULL,\n  \
               code STRING(7) DEFAULT ('a, b'),\n  shape geometry,\n  \
               \"check\" CHECK (name <> 'x, y'),\n  CONSTRAINT one UNIQUE (name, code)\n);\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S19: SQLite does not recognize the type `strng`, and would store text that looks like a number as a number
     --> 001_a.sql:3:8
      |
    3 |   name strng NOT NULL,
      |        ^^^^^
      = help: write `TEXT`
              or allow it: `-- migrate: allow unknown-type-name "why"`

    S19: SQLite does not recognize the type `string`, and would store text that looks like a number as a number
     --> 001_a.sql:4:8
      |
    4 |   code STRING(7) DEFAULT ('a, b'),
      |        ^^^^^^^^^
      = help: write `TEXT`
              or allow it: `-- migrate: allow unknown-type-name "why"`

    S19: SQLite does not recognize the type `geometry`, and would store text that looks like a number as a number
     --> 001_a.sql:5:9
      |
    5 |   shape geometry,
      |         ^^^^^^^^
      = help: write one of `INTEGER`, `REAL`, `TEXT`, `BLOB` and `NUMERIC`
              or allow it: `-- migrate: allow unknown-type-name "why"`
    "#);
    assert_snapshot!(each(&[
        "ALTER TABLE t ADD x bytea;",
        "ALTER TABLE t ADD COLUMN [x y] \"Strng\" NOT NULL DEFAULT '';",
        "CREATE TEMP TABLE t(x hash REFERENCES u(x));",
        "CREATE TABLE t(x SERIAL, PRIMARY KEY (x)) WITHOUT ROWID;",
    ]), @r#"
    ALTER TABLE t ADD x bytea;
        S19 1:21 bytea
    ALTER TABLE t ADD COLUMN [x y] "Strng" NOT NULL DEFAULT '';
        S19 1:32 "Strng"
    CREATE TEMP TABLE t(x hash REFERENCES u(x));
        S19 1:23 hash
    CREATE TABLE t(x SERIAL, PRIMARY KEY (x)) WITHOUT ROWID;
        S19 1:18 SERIAL
    "#);
    nothing(&[
        "CREATE TABLE t(x strng) STRICT;",
        "CREATE TABLE t(x strng) WITHOUT ROWID, STRICT;",
        "CREATE TABLE t(a, b TEXT, c VARCHAR(255), d DECIMAL(10, 2), e BOOLEAN, f datetime,
           g DOUBLE PRECISION, h UNSIGNED BIG INT, i TIMESTAMP WITH TIME ZONE, j json, k Uuid,
           l NATIVE CHARACTER(70), m ANY, n DATE DEFAULT CURRENT_DATE, o NUMERIC(10,5) NOT NULL,
           p GENERATED ALWAYS AS (a + b) STORED, q AS (a), r COLLATE NOCASE, s PRIMARY KEY)",
        "CREATE TABLE t AS SELECT 1 AS x;",
        "CREATE VIRTUAL TABLE t USING fts5(x, y UNINDEXED, tokenize = 'porter');",
        "ALTER TABLE t ADD COLUMN x;",
        "ALTER TABLE t ADD COLUMN x DEFAULT 'strng';",
        "ALTER TABLE t RENAME COLUMN strng TO x;",
    ]);
}

#[test]
fn a_key_that_is_not_the_rowid() {
    let sql = "CREATE TABLE users(\n  Id int NOT NULL PRIMARY KEY\n);\n";
    assert_snapshot!(shown(&[("001_a.sql", sql)]), @r#"
    S20: `id` is a primary key, but not the rowid: it is not assigned automatically, and may be NULL unless the table is `STRICT`
     --> 001_a.sql:2:6
      |
    2 |   Id int NOT NULL PRIMARY KEY
      |      ^^^
      = help: write `INTEGER`
              or allow it: `-- migrate: allow int-primary-key "why"`
    "#);
    assert_snapshot!(each(&[
        "CREATE TABLE t(x BIGINT, y TEXT, PRIMARY KEY (\"X\"));",
        "CREATE TABLE t(x INTEGER(10) CONSTRAINT k PRIMARY KEY);",
        "CREATE TABLE t(x UNSIGNED INTEGER, CONSTRAINT k PRIMARY KEY (x ASC)) STRICT;",
    ]), @r#"
    CREATE TABLE t(x BIGINT, y TEXT, PRIMARY KEY ("X"));
        S20 1:18 BIGINT
    CREATE TABLE t(x INTEGER(10) CONSTRAINT k PRIMARY KEY);
        S20 1:18 INTEGER(10)
    CREATE TABLE t(x UNSIGNED INTEGER, CONSTRAINT k PRIMARY KEY (x ASC)) STRICT;
        S20 1:18 UNSIGNED INTEGER
    "#);
    nothing(&[
        "CREATE TABLE t(x integer primary key autoincrement);",
        "CREATE TABLE t(x \"INTEGER\" PRIMARY KEY);",
        "CREATE TABLE t(x INT PRIMARY KEY) WITHOUT ROWID;",
        "CREATE TABLE t(x INT, y INT, PRIMARY KEY (x, y));",
        "CREATE TABLE t(x TEXT PRIMARY KEY, y INT);",
        "CREATE TABLE t(x INT, y TEXT, PRIMARY KEY (y));",
        "CREATE TABLE t(x INT UNIQUE, y INT CHECK (y > 0));",
    ]);
    assert_eq!(
        up("CREATE TABLE t(x INT PRIMARY KEY, y int)"),
        "S20 1:18 INT"
    );
}
