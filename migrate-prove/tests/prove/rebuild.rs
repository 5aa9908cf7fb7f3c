//! What a rebuilt table must keep.

use crate::set::{found, told};
use insta::assert_snapshot;

/// What is found when `t`, with the first columns, is rebuilt with the others. `copy` fills the new
/// table `t_new`; `before` and `after` are more statements of the two migrations.
fn rebuilt((old, before): (&str, &str), (new, copy, after): (&str, &str, &str)) -> String {
    let text = format!(
        "== 001_a.sql
CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE t {old};
{before}
== 002_b.sql
CREATE TABLE t_new {new};
{copy};
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
{after}
"
    );
    told("", &text)
}

/// The same without more statements.
fn changed(old: &str, new: &str, copy: &str) -> String {
    rebuilt((old, ""), (new, copy, ""))
}

const COPY: &str = "INSERT INTO t_new (id, a, b) SELECT id, a, b FROM t";
const PLAIN: &str = "(id INTEGER PRIMARY KEY, a TEXT, b TEXT)";

/// One line for each finding and note, without the code and the place if it is S14.
fn each(all: impl IntoIterator<Item = String>) -> String {
    let all = all
        .into_iter()
        .map(|found| match found.split_once("\n    ") {
            Some((head, notes)) if head.starts_with("S14") => notes.replace("\n    ", "; "),
            _ => found.replace("\n    ", ": "),
        });
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn values_that_change() {
    let two = "(id INTEGER PRIMARY KEY, x INTEGER, y INTEGER NOT NULL)";
    let copies = [
        "INSERT INTO t_new (id, a, b) SELECT id, b, a FROM t",
        "INSERT INTO t_new (id, a) SELECT id, a FROM t",
        "INSERT INTO t_new (id, a, b) SELECT id, a, NULL FROM t",
        "INSERT INTO t_new SELECT id, a, 'x' FROM t",
        "INSERT INTO t_new (a, b) SELECT a, b FROM t",
        "INSERT INTO t_new SELECT t.id * 100 + p.id, a, b FROM t JOIN p",
    ];
    let star = "INSERT INTO t_new SELECT * FROM t";
    let first = "(id INTEGER PRIMARY KEY, first TEXT, last TEXT)";
    let last = "(id INTEGER PRIMARY KEY, last TEXT, first TEXT)";
    let mut all: Vec<String> = copies.map(|copy| changed(PLAIN, PLAIN, copy)).to_vec();
    all.push(changed(first, last, star));
    all.push(changed("(a TEXT, b TEXT)", "(b TEXT, a TEXT)", star));
    all.push(changed(
        two,
        "(id INTEGER PRIMARY KEY, y INTEGER NOT NULL, x INTEGER)",
        star,
    ));
    assert_snapshot!(each(all), @"
    S39 002_b.sql:2:51 the rows of `t` have other values after it is rebuilt: `a` has the values of `b`: `b` has the values of `a`
    S39 002_b.sql:2:45 the rows of `t` have other values after it is rebuilt: `b` is `NULL` in every row: the column list of the `INSERT` lacks it
    S39 002_b.sql:2:54 the rows of `t` have other values after it is rebuilt: `b` is `NULL` in every row
    S39 002_b.sql:2:42 the rows of `t` have other values after it is rebuilt: `b` is `x` in every row
    S39 002_b.sql:2:43 the rows of `t` have other values after it is rebuilt: `id` is numbered anew: rows get the ids of others
    S39 002_b.sql:2:26 the rows of `t` have other values after it is rebuilt: there are 42 rows more than before
    S39 002_b.sql:2:33 the rows of `t` have other values after it is rebuilt: `last` has the values of `first`: `first` has the values of `last`
    S39 002_b.sql:2:33 the rows of `t` have other values after it is rebuilt: `b` has the values of `a`: `a` has the values of `b`
    S37 002_b.sql:2:1 this fails on a table that has rows: NOT NULL constraint failed: t_new.y
    S39 002_b.sql:2:33 the rows of `t` have other values after it is rebuilt: `y` has the values of `x`: `x` has the values of `y`
    ");
}

#[test]
fn rows_that_are_lost() {
    let unique = "(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT)";
    let ignoring = "(id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT IGNORE, b TEXT)";
    let star = "INSERT INTO t_new SELECT * FROM t";
    assert_snapshot!(each([
        changed(PLAIN, unique, "INSERT OR IGNORE INTO t_new SELECT * FROM t"),
        changed(PLAIN, unique, "INSERT OR REPLACE INTO t_new SELECT * FROM t"),
        changed(PLAIN, unique, "REPLACE INTO t_new SELECT * FROM t"),
        changed(PLAIN, unique, "INSERT INTO t_new SELECT * FROM t WHERE true ON CONFLICT DO NOTHING"),
        changed(PLAIN, ignoring, star),
        changed(PLAIN, PLAIN, "INSERT INTO t_new SELECT t.id, a, b FROM t JOIN p ON code = a"),
        changed(PLAIN, PLAIN, "INSERT INTO t_new SELECT max(id), a, b FROM t GROUP BY a"),
        changed("(a TEXT, b TEXT)", "(a TEXT, b TEXT)", "INSERT INTO t_new SELECT DISTINCT a, b FROM t"),
        changed(PLAIN, PLAIN, "DELETE FROM t WHERE a IS NULL; INSERT INTO t_new SELECT * FROM t"),
    ]), @"
    S15 002_b.sql:2:43 1 row is lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `OR IGNORE`
    S15 002_b.sql:2:44 1 row is lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `OR REPLACE`
    S15 002_b.sql:2:34 1 row is lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `OR REPLACE`
    S15 002_b.sql:2:33 1 row is lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `ON CONFLICT`
    S15 002_b.sql:2:33 1 row is lost when `t` is rebuilt: rows that violate a constraint disappear without an error, because of `ON CONFLICT`
    S15 002_b.sql:2:26 6 rows are lost when `t` is rebuilt, because of `JOIN`
    S15 002_b.sql:2:45 1 row is lost when `t` is rebuilt, because of `GROUP BY`
    S15 002_b.sql:2:45 1 row is lost when `t` is rebuilt, because of `DISTINCT`
    ");
}

#[test]
fn columns_that_are_gone() {
    let renamed = "(id INTEGER PRIMARY KEY, a TEXT, c TEXT)";
    assert_snapshot!(each([
        changed(PLAIN, renamed, "INSERT INTO t_new (id, a, c) SELECT id, a, b FROM t"),
        changed(PLAIN, renamed, "INSERT INTO t_new SELECT * FROM t"),
        changed(PLAIN, renamed, "INSERT INTO t_new (id, a, c) SELECT id, a, trim(b) FROM t"),
        changed(PLAIN, renamed, "INSERT INTO t_new (id, a, c) SELECT id, a, 'x' FROM t"),
        changed(PLAIN, "(id INTEGER PRIMARY KEY, a TEXT)", "INSERT INTO t_new SELECT id, a FROM t"),
        changed(PLAIN, "(id INTEGER PRIMARY KEY, a TEXT)", "INSERT INTO p (code) SELECT b FROM t;\nINSERT INTO t_new SELECT id, a FROM t"),
    ]), @"
    S16 002_b.sql:1:14 the column `b` of `t` is gone when the table is rebuilt
    S16 002_b.sql:1:14 the column `b` of `t` is gone when the table is rebuilt
    S41 002_b.sql:1:14 the column `b` of `t` is gone when the table is rebuilt
    ");
}

#[test]
fn definitions_that_lose_something() {
    let cascading = "(id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE DEFAULT 'x', \
                     b INTEGER REFERENCES p (id) ON DELETE CASCADE)";
    let deferred = "(id INTEGER PRIMARY KEY, a TEXT, \
                    b INTEGER REFERENCES p ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED)";
    let plain = "(id INTEGER PRIMARY KEY, a TEXT, b INTEGER, \
                 CONSTRAINT f FOREIGN KEY (b) REFERENCES p (id))";
    let index = "CREATE INDEX t_b ON t (b);";
    let checked = "(id INTEGER PRIMARY KEY, a TEXT CHECK (length(a) < 10), b TEXT CHECK (b <> ''))";
    let less = "(id INTEGER PRIMARY KEY, a TEXT, b TEXT, CONSTRAINT c CHECK (b != ''))";
    let not_null = "(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT)";
    let marked = "(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT)";
    let unique = "(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT)";
    assert_snapshot!(each([
        rebuilt((cascading, index), (plain, COPY, index)),
        rebuilt((deferred, index), (plain, COPY, index)),
        rebuilt((plain, index), (PLAIN, COPY, index)),
        changed(checked, less, COPY),
        changed(not_null, less, COPY),
        changed(marked, marked, COPY),
        changed(marked, PLAIN, COPY),
        changed(unique, "(id INTEGER PRIMARY KEY, a TEXT, b TEXT, UNIQUE (a, b))", COPY),
        changed(PLAIN, "AS SELECT * FROM t", "SELECT 1 WHERE 0"),
        changed("(id TEXT PRIMARY KEY, a TEXT, b TEXT) WITHOUT ROWID", "(id TEXT, a TEXT, b TEXT)", COPY),
        changed("(id INTEGER PRIMARY KEY, a TEXT, b TEXT) STRICT", PLAIN, COPY),
    ]), @"
    `a` loses its `DEFAULT`; `a` loses its `COLLATE NOCASE`; the foreign key of `b` loses its `ON DELETE CASCADE`
    the foreign key of `b` loses its `ON UPDATE SET NULL`; the foreign key of `b` is no longer deferred
    the foreign key of `b` to `p` is gone
    `CHECK (length ( a ) < 10)` is gone
    S37 002_b.sql:2:1 this fails on a table that has rows: CHECK constraint failed: c
    S14 002_b.sql:3:12 `t` loses something when it is rebuilt: `a` loses its `NOT NULL`
    the highest id that was ever given is forgotten: ids of deleted rows are given to new ones
    `id` is no longer `AUTOINCREMENT`
    `UNIQUE` on `a` is gone
    `PRIMARY KEY` on `id` is gone
    it is no longer `WITHOUT ROWID`; `PRIMARY KEY` on `id` is gone
    it is no longer `STRICT`
    ");
}

#[test]
fn indexes_and_triggers_under_the_same_name() {
    let index = |before: &str, after: &str| {
        let (before, after) = (format!("CREATE {before};"), format!("CREATE {after};"));
        rebuilt((PLAIN, &before), (PLAIN, COPY, &after))
    };
    assert_snapshot!(each([
        index("UNIQUE INDEX i ON t (a)", "INDEX i ON t (a)"),
        index("UNIQUE INDEX i ON t (a)", "UNIQUE INDEX i ON t (a) WHERE b IS NOT NULL"),
        index("UNIQUE INDEX i ON t (a)", "UNIQUE INDEX i ON t (a, b)"),
        index("UNIQUE INDEX i ON t (a COLLATE NOCASE)", "UNIQUE INDEX i ON t (a)"),
        index("UNIQUE INDEX i ON t (lower(a))", "UNIQUE INDEX i ON t (a)"),
        index("INDEX i ON t (a, b)", "INDEX i ON t (a)"),
        index("INDEX i ON t (a DESC)", "INDEX i ON t (a)"),
        index("INDEX i ON t (a)", "INDEX j ON t (b)"),
        index(
            "TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO p (code) VALUES (new.a); END",
            "TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        ),
    ]), @"
    the index `i` is no longer unique
    the index `i` allows more than before
    the index `i` allows more than before
    the index `i` allows more than before
    the index `i` allows more than before
    the index `i` is on something else
    the index `i` is on something else
    the index `i` is gone
    the trigger `r` does something else
    ");
}

/// Each of these is on purpose, or no loss.
#[test]
fn what_is_kept_or_replaced() {
    let index = |before: &str, after: &str| {
        let (before, after) = (format!("CREATE {before};"), format!("CREATE {after};"));
        rebuilt((PLAIN, &before), (PLAIN, COPY, &after))
    };
    let reference = "(id INTEGER PRIMARY KEY, a TEXT, b INTEGER REFERENCES p ON DELETE CASCADE)";
    let another = "(id INTEGER PRIMARY KEY, a TEXT, b INTEGER, \
                   FOREIGN KEY (b) REFERENCES p (id) ON DELETE SET NULL)";
    let marked = "(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT)";
    let on_b = "CREATE INDEX t_b ON t (b);";
    let unique = "(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT)";
    let good = [
        index("UNIQUE INDEX i ON t (a DESC)", "UNIQUE INDEX i ON t (a)"),
        index(
            "UNIQUE INDEX i ON t (a) WHERE b IS NOT NULL",
            "unique index if not exists i on T (\"a\") where b is not null",
        ),
        index("INDEX i ON t (a)", "INDEX j ON t (a, b)"),
        index(
            "TRIGGER r AFTER INSERT ON t BEGIN SELECT new.a; END",
            "TRIGGER IF NOT EXISTS r after insert on t begin select NEW.a; end",
        ),
        rebuilt(
            (PLAIN, "CREATE INDEX t_b ON t (b);"),
            (PLAIN, &format!("DROP INDEX t_b; {COPY}"), ""),
        ),
        rebuilt((reference, on_b), (another, COPY, on_b)),
        changed(
            unique,
            "(id INTEGER PRIMARY KEY, a TEXT, b TEXT, tenant INTEGER DEFAULT 1, UNIQUE (tenant, a))",
            COPY,
        ),
        changed(
            "(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT)",
            PLAIN,
            COPY,
        ),
        changed(
            "(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x', b TEXT)",
            "(id INTEGER PRIMARY KEY, a TEXT DEFAULT 'y', b TEXT)",
            COPY,
        ),
        changed(
            "(id INTEGER PRIMARY KEY, a TEXT CHECK (a <> ''), b TEXT)",
            "(id INTEGER PRIMARY KEY, a TEXT CHECK (a <> 'q' OR b IS NULL), b TEXT)",
            COPY,
        ),
        changed(
            "(id INTEGER, a TEXT, b TEXT, PRIMARY KEY (id))",
            "(id INTEGER, a TEXT, b TEXT, PRIMARY KEY (id, a))",
            COPY,
        ),
        changed(
            PLAIN,
            "(id INTEGER PRIMARY KEY, a INTEGER, b TEXT)",
            "INSERT INTO t_new SELECT id, CAST(a AS INTEGER), b FROM t",
        ),
        changed(
            PLAIN,
            PLAIN,
            &format!("{COPY} UNION ALL SELECT 77777, 'x', 'y'"),
        ),
        changed(
            PLAIN,
            PLAIN,
            "INSERT INTO t_new SELECT id, lower(a), coalesce(b, '') FROM t",
        ),
        changed(
            PLAIN,
            PLAIN,
            "INSERT INTO t_new SELECT id, coalesce(a, b), coalesce(b, a) FROM t",
        ),
        changed(
            "(a TEXT, b TEXT)",
            "(a TEXT, b TEXT)",
            "INSERT INTO t_new SELECT a, b FROM t",
        ),
        changed(
            marked,
            marked,
            &format!(
                "{COPY}; UPDATE sqlite_sequence SET seq = \
            (SELECT seq FROM sqlite_sequence WHERE name = 't') WHERE name = 't_new'"
            ),
        ),
        told(
            "",
            "== 001_a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
== 002_b.sql
CREATE TEMP TABLE kept AS SELECT * FROM t;
DROP TABLE t;
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT);
INSERT INTO t (id, a, b) SELECT id, a, b FROM kept;
DROP TABLE kept;
",
        ),
    ];
    for (at, found) in good.iter().enumerate() {
        assert_eq!(found, "", "{at}");
    }
}

/// Renamed away, parked in a temporary table, and two tables in one script.
#[test]
fn however_it_is_rebuilt() {
    assert_snapshot!(told("", r#"== 001_a.sql
CREATE TABLE "The t" (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE TABLE u (id INTEGER PRIMARY KEY, a TEXT, b TEXT UNIQUE);
== 002_b.sql
ALTER TABLE "The t" RENAME TO T_old;
CREATE TABLE "The t" (id INTEGER PRIMARY KEY, b TEXT, a TEXT);
INSERT INTO "The t" SELECT * FROM T_old;
DROP TABLE T_old;
CREATE TEMP TABLE kept AS SELECT * FROM u;
DROP TABLE u;
CREATE TABLE u (id INTEGER PRIMARY KEY, b TEXT, a TEXT);
INSERT INTO u SELECT * FROM kept;
DROP TABLE kept;
"#), @"
    S39 002_b.sql:3:35 the rows of `The t` have other values after it is rebuilt
        `b` has the values of `a`
        `a` has the values of `b`
    S14 002_b.sql:6:12 `u` loses something when it is rebuilt
        `UNIQUE` on `b` is gone
    S39 002_b.sql:8:13 the rows of `u` have other values after it is rebuilt
        `b` has the values of `a`
        `a` has the values of `b`
    ");
}

/// The statements of the help do what they promise.
#[test]
fn the_highest_id_is_carried_over() {
    let files = [
        (
            "001_a.sql",
            "CREATE TABLE \"It's\" (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);\n",
        ),
        (
            "002_b.sql",
            "CREATE TABLE New (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);
INSERT INTO New SELECT * FROM \"It's\";
DROP TABLE \"It's\";
ALTER TABLE New RENAME TO \"It's\";
",
        ),
    ];
    let said = found(&files);
    let statements = said.split('`').find(|it| it.starts_with("DELETE")).unwrap();
    let text = files[1].1.replace("DROP", &format!("{statements}\nDROP"));
    assert_eq!(found(&[files[0], ("002_b.sql", &text)]), "");
    assert_snapshot!(statements, @"DELETE FROM sqlite_sequence WHERE name = 'New'; INSERT INTO sqlite_sequence (name, seq) SELECT 'New', seq FROM sqlite_sequence WHERE name = 'It''s';");
}
