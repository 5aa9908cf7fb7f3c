//! What a replay runs on: functions, migrations in Rust, budgets and the disk.

use crate::set::{USERS, directory, split, told, told_with};
use insta::assert_snapshot;
use migrate_model::Version;
use migrate_model::history::Direction;
use migrate_prove::{Options, Subject, prove};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Transaction};

/// S28: only where the schema needs it, and told once.
#[test]
fn functions_of_the_application() {
    let functions = [("fold".to_owned(), 1), ("regexp".to_owned(), 2)];
    let mut options = Options::default();
    options.functions = &functions;
    assert_snapshot!(told_with(USERS, r#"== 002_a.sql
UPDATE users SET name = fold(name);
CREATE INDEX users_fold ON users (fold(name));
CREATE TABLE words (word TEXT CHECK (word REGEXP '^a'));
CREATE VIEW folded AS SELECT fold(name) AS name FROM users;
CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE users SET name = fold(name) WHERE id = new.id; END;
== 003_b.sql
ALTER TABLE words RENAME TO all_words;
ALTER TABLE all_words ADD COLUMN x TEXT;
== 004_c.sql
CREATE TABLE small (x TEXT AS (lower(y)), y TEXT);
-- migrate: allow S28 "no other program reads it"
CREATE INDEX small_y ON small (fold(y));
"#, &options), @"
    S28 002_a.sql:2:35 the index `users_fold` calls `fold`, which only the application has: without it nothing of this can be written, not even to fix it
    S28 002_a.sql:3:43 the table `words` calls `regexp`, which only the application has: without it nothing of this can be written, not even to fix it
    S28 002_a.sql:4:30 the view `folded` calls `fold`, which only the application has: without it nothing of this can be read, not even to fix it
    S28 002_a.sql:5:70 the trigger `t` calls `fold`, which only the application has: without it nothing of this can be written, not even to fix it
    ");
}

/// `setup` may switch foreign keys on, and define what it likes.
#[test]
fn the_connections_of_the_application() {
    let setup = |conn: &Connection| {
        conn.execute_batch("PRAGMA foreign_keys = ON; CREATE TEMP TABLE kept (a)")?;
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        conn.create_scalar_function("fold", 1, flags, |context| context.get::<String>(0))
    };
    let mut options = Options::default();
    options.setup = Some(&setup);
    let text = r"== 002_a.sql
CREATE TABLE posts (user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX posts_user ON posts (user_id);
== 003_b.sql
INSERT INTO temp.kept (a) VALUES (fold('x'));
CREATE TABLE users_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
INSERT INTO users_new SELECT id, name, mail FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
-- migrate:down
INSERT INTO temp.kept (a) VALUES ('y');
";
    assert_eq!(told_with(USERS, text, &options), "");
}

const RUST: &str = "== 001_a.sql
CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT NOT NULL);
CREATE VIEW bs AS SELECT b FROM a;
== 002_r.rs
pub fn up() {}
== 003_c.sql
UPDATE a SET c = 1;
";

#[test]
fn migrations_in_rust() {
    assert_snapshot!(told("", RUST), @"note: the replay ends before `002_r`, which is in Rust; the generated test replays the rest");
    let run = |sql: &'static str| {
        move |_: Version, direction: Direction, tx: &Transaction<'_>| {
            let sql = match direction {
                Direction::Up => sql,
                Direction::Down => "ALTER TABLE a DROP COLUMN c",
            };
            tx.execute_batch(sql).map_err(|error| error.to_string())
        }
    };
    let told_by = |sql: &'static str| {
        let call = run(sql);
        let mut options = Options::default();
        options.rust = Some(&call);
        told_with("", RUST, &options)
    };
    // What it deletes is its own affair, and so is the rebuild of a table.
    assert_snapshot!(told_by("DELETE FROM a; ALTER TABLE a ADD COLUMN c INTEGER"), @"");
    assert_snapshot!(told_by("ALTER TABLE a ADD COLUMN c INTEGER; CREATE TABLE d (e)"), @"
    S33 002_r.rs this down does not restore the schema from before its up
        the table `d` is left over
    ");
    assert_snapshot!(told_by("ALTER TABLE a ADD COLUMN c INTEGER NOT NULL"), @"S37 002_r.rs this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL");
    assert_snapshot!(told_by("DROP TABLE a; CREATE TABLE a (id INTEGER PRIMARY KEY, c INTEGER)"), @"
    S12 002_r.rs view `bs`: no such column: b
    M037 002_r.rs the down fails: error in view bs: no such column: b
    ");
    assert_snapshot!(told_by("nonsense"), @r#"
    M037 002_r.rs this migration fails: near "nonsense": syntax error in nonsense at offset 0
    note: the replay ends at `002_r`, which fails
    "#);
    assert_snapshot!(told_by("ALTER TABLE a ADD COLUMN c INTEGER; PRAGMA ignore_check_constraints = ON"), @"");
    assert_snapshot!(told_by("COMMIT"), @"
    M037 002_r.rs the runner refuses this: transaction control would end the migration's transaction
    note: the replay ends at `002_r`, which fails
    ");
}

/// M040: each migration has a budget of its own.
#[test]
fn what_never_ends() {
    let mut options = Options::default();
    options.max_steps = Some(300_000);
    let endless = "WITH RECURSIVE c (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c)";
    assert_snapshot!(told_with(USERS, &format!(r"== 002_a.sql
CREATE TABLE n (n INTEGER);
{endless} INSERT INTO n SELECT n FROM c;
"), &options), @"M040 002_a.sql:2:1 the replay of this statement takes too long");
    assert_snapshot!(told_with(USERS, &format!(r"== 002_a.sql
CREATE TABLE n (n INTEGER);
-- migrate:down
DROP TABLE n;
{endless} DELETE FROM roles WHERE id IN (SELECT -n FROM c);
"), &options), @"M040 002_a.sql:4:1 the replay of this statement takes too long");
    // Only where there are rows.
    assert_snapshot!(told_with(USERS, &format!(r"== 002_a.sql
UPDATE users SET name = (SELECT group_concat(n) FROM ({endless} SELECT n FROM c WHERE n < 0)) WHERE id > 100;
"), &options), @"M040 002_a.sql:1:1 the replay of this statement takes too long");
    let mut many = String::new();
    for number in 2..60 {
        many.push_str(&format!(
            "== {number:03}_a.sql\nUPDATE roles SET name = (WITH RECURSIVE c (n) AS \
             (VALUES (1) UNION ALL SELECT n + 1 FROM c LIMIT 3000) SELECT max(n) FROM c);\n"
        ));
    }
    assert_eq!(told_with(USERS, &many, &options), "");
    // A trigger that a row of ours would fire.
    assert_snapshot!(told_with(USERS, &format!(r"== 002_a.sql
CREATE TABLE n (n INTEGER);
CREATE TRIGGER t AFTER INSERT ON users BEGIN
    INSERT INTO n SELECT n FROM ({endless} SELECT n FROM c);
END;
== 003_b.sql
ALTER TABLE users ADD COLUMN x TEXT;
"), &options), @"S40 003_b.sql:1:13 this could not be tried on rows of `users`: none was found that satisfies its constraints");
}

/// Settings and temporary tables of one migration do not reach the next.
#[test]
fn what_stays_on_a_connection() {
    let text = "== 001_a.sql
CREATE TABLE a (b INTEGER CHECK (b > 0));
PRAGMA ignore_check_constraints = ON;
PRAGMA legacy_alter_table = ON;
== 002_b.sql
INSERT INTO a VALUES (-1);
";
    assert_snapshot!(told("", text), @"M037 002_b.sql:1:1 SQLite refuses this: CHECK constraint failed: b > 0");
    let text = "== 001_a.sql
CREATE TABLE a (b INTEGER);
== 002_b.sql
CREATE TEMP TABLE c (d TEXT);
-- migrate:down
DELETE FROM a WHERE b < 0;
== 003_c.sql
CREATE TEMP TABLE c (d TEXT);
";
    assert_snapshot!(told("", text), @"");
}

/// The history is there, empty, and of no account.
#[test]
fn the_history_can_be_read() {
    let text = "== 001_a.sql
CREATE TABLE a (b INTEGER);
INSERT INTO a SELECT version FROM _migrations WHERE state = 'applied';
CREATE TABLE c AS SELECT count(*) AS tables FROM sqlite_schema;
-- migrate:down
DROP TABLE c;
DROP TABLE a;
";
    assert_eq!(told("", text), "");
    assert_snapshot!(told("", "== 001_a.sql\nDROP TABLE _migrations;\n"), @"M037 001_a.sql:1:1 the runner refuses this: the history table `_migrations` belongs to the runner");
    assert_snapshot!(told("", "== 001_a.sql\nCREATE TRIGGER t AFTER INSERT ON _migrations BEGIN SELECT 1; END;\n"), @"M037 001_a.sql:1:1 the runner refuses this: the history table `_migrations` belongs to the runner");
}

/// Of a released migration only the effect counts.
#[test]
fn frozen_migrations_are_not_tried() {
    let text = format!("{USERS}== 002_a.sql\nALTER TABLE users ADD age INTEGER NOT NULL;\n");
    let files = split(&text);
    let directory = directory(&files);
    let mut subjects: Vec<Subject<'_>> = directory.migrations.iter().map(Subject::from).collect();
    let codes = |subjects: &[Subject<'_>]| {
        let proof = prove(subjects, &Options::default()).unwrap();
        let codes = proof.findings.iter().map(|finding| finding.code.as_str());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(codes(&subjects), ["S05"]);
    subjects[1].is_frozen = true;
    assert!(codes(&subjects).is_empty());
    // Not even a frozen one may fail on a fresh database.
    subjects[0].up.statements.pop();
    subjects[0].up.statements.remove(0);
    assert_eq!(codes(&subjects), ["M037"]);
}

/// Scripts of no statement, of one byte and of many bytes in a character.
#[test]
fn scripts_of_odd_sizes() {
    for text in [
        "== 001_a.sql\n-- migrate: empty \"x\"\n",
        "== 001_a.sql\n-- migrate: empty \"ä\"\n-- migrate:down\n-- migrate: empty \"ö\"\n",
        "== 001_a.sql\n;\n",
        "== 001_a.sql\nä\n",
        "== 001_a.sql\n\"ä\"\n",
        "== 001_a.sql\n(\n",
        "== 001_a.sql\nCREATE TABLE\n",
        "== 001_a.sql\nCREATE TABLE \"ü\n",
        "== 001_a.sql\nCREATE TABLE a (\"\" TEXT, '' TEXT, [] TEXT, [ TEXT)\n",
        "== 001_a.sql\nCREATE TABLE a (b);\n😀 SELECT 'ü\n",
        "== 001_a.sql\nALTER TABLE ADD\n",
        "== 001_a.sql\nALTER\n",
        "== 001_a.sql\nDROP TABLE '\n",
    ] {
        let _ = told("", text);
    }
}

/// SQLite gives the places of dropped objects to new ones, and those of the
/// tables that a full-text index makes for itself too.
#[test]
fn what_takes_the_place_of_a_dropped_index_is_known() {
    assert_snapshot!(told(USERS, r"== 002_fts.sql
CREATE VIRTUAL TABLE words USING fts5(body);
CREATE TRIGGER users_words AFTER INSERT ON users BEGIN
  INSERT INTO words(rowid, body) VALUES (new.id, new.name);
END;
== 003_plain.sql
DROP TRIGGER users_words;
DROP TABLE words;
CREATE INDEX users_name ON users(name);
CREATE INDEX users_lower ON users(lower(name));
CREATE INDEX roles_name ON roles(name);
== 004_none.sql
DROP INDEX users_name;
DROP INDEX users_lower;
DROP INDEX roles_name;
"), @"");
}
