//! How much a proof tried, and what it says if that is not all.

use crate::set::{USERS, proof, split, told};
use insta::assert_snapshot;
use migrate_prove::Options;

fn coverage(text: &str) -> String {
    proof(&split(text), &Options::default())
        .coverage
        .to_string()
}

/// S40, once for the table that is the reason.
#[test]
fn tables_without_a_row_that_fits() {
    const ACCOUNTS: &str = "== 001_a.sql
CREATE TABLE accounts (number INTEGER PRIMARY KEY CHECK (number % 9973 = 17 AND number > 1000), a TEXT);
CREATE TABLE owners (id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts (number));
CREATE INDEX owners_account ON owners (account);
CREATE TABLE phones (owner INTEGER NOT NULL REFERENCES owners (id), phone TEXT);
CREATE INDEX phones_owner ON phones (owner);
CREATE TABLE others (id INTEGER PRIMARY KEY, account INTEGER REFERENCES accounts (number));
CREATE INDEX others_account ON others (account);
";
    assert_snapshot!(told(ACCOUNTS, r#"== 002_b.sql
ALTER TABLE accounts ADD COLUMN b TEXT;
ALTER TABLE owners ADD COLUMN b TEXT;
ALTER TABLE phones ADD COLUMN b TEXT;
ALTER TABLE others ADD COLUMN b TEXT NOT NULL;
== 003_c.sql
-- migrate: allow not-tried-on-rows "tried on a copy"
ALTER TABLE accounts ADD COLUMN c TEXT;
== 004_d.sql
ALTER TABLE phones ADD COLUMN d TEXT;
== 005_e.sql
ALTER TABLE others ADD COLUMN e TEXT;
"#), @"
    S05 002_b.sql:4:31 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S40 002_b.sql:1:13 this could not be tried on rows of `accounts`: none was found that satisfies its constraints
    note: `accounts` stays empty in the replay: no row was found that satisfies its constraints
    ");
    let more = "== 002_b.sql\nALTER TABLE accounts ADD COLUMN b TEXT;\n== 003_c.sql\nDROP INDEX phones_owner;\n-- migrate:down\nCREATE INDEX phones_owner ON phones (owner);\n";
    assert_snapshot!(coverage(&format!("{ACCOUNTS}{more}")), @"3 migrations, 2 tried on rows, 1 down; not tried: 002_b (`accounts` stays empty)");
}

/// Rows are found for constraints of all kinds.
#[test]
fn tables_with_a_row_that_is_hard_to_find() {
    assert_snapshot!(told(USERS, r"CREATE TABLE friends (a INTEGER NOT NULL REFERENCES users (id), b INTEGER NOT NULL REFERENCES users (id), CHECK (a <> b));
CREATE INDEX friends_a ON friends (a);
CREATE INDEX friends_b ON friends (b);
CREATE TABLE pairs (a INTEGER NOT NULL REFERENCES users (id), b INTEGER NOT NULL REFERENCES users (id), PRIMARY KEY (a, b), CHECK (a < b)) WITHOUT ROWID;
CREATE TABLE guarded (note TEXT NOT NULL, amount INTEGER NOT NULL, kind TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES users (id));
CREATE INDEX guarded_user ON guarded (user_id);
CREATE TRIGGER guarded_in BEFORE INSERT ON guarded BEGIN
  SELECT RAISE(ABORT, 'bad kind') WHERE new.kind NOT IN ('in', 'out');
  SELECT RAISE(ABORT, 'bad amount') WHERE new.amount < 1 OR new.amount > 9;
END;
CREATE TABLE spans (starts INTEGER NOT NULL, ends INTEGER NOT NULL, CHECK (ends - starts BETWEEN 1 AND 7));
CREATE TABLE exact (a TEXT, b TEXT, CHECK ((a IS NULL) <> (b IS NULL)));
CREATE TABLE codes (code TEXT PRIMARY KEY CHECK (code GLOB '[A-Z][A-Z][0-9]'), body TEXT CHECK (json_valid(body)), parent TEXT REFERENCES codes (code));
CREATE INDEX codes_parent ON codes (parent);
CREATE TABLE tree (id INTEGER PRIMARY KEY, up INTEGER NOT NULL REFERENCES tree (id), CHECK (up <= id));
CREATE INDEX tree_up ON tree (up);
CREATE TRIGGER tree_in BEFORE INSERT ON tree WHEN (SELECT count(*) FROM tree WHERE up = new.up) > 1 BEGIN SELECT RAISE(ABORT, 'full'); END;
== 002_b.sql
ALTER TABLE friends ADD COLUMN x TEXT NOT NULL;
ALTER TABLE pairs ADD COLUMN x TEXT NOT NULL;
ALTER TABLE guarded ADD COLUMN x TEXT NOT NULL;
ALTER TABLE spans ADD COLUMN x TEXT NOT NULL;
ALTER TABLE exact ADD COLUMN x TEXT NOT NULL;
ALTER TABLE codes ADD COLUMN x TEXT NOT NULL;
ALTER TABLE tree ADD COLUMN x TEXT NOT NULL;
"), @"
    S22 001_users.sql:7:63 the foreign key of `pairs` on `b` has no index: each delete in `users` reads the whole table
    S05 002_b.sql:1:32 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:2:30 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:3:32 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:4:30 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:5:30 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:6:30 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    S05 002_b.sql:7:29 this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
    ");
}

/// A statement that refuses every generated row may accept real ones.
#[test]
fn what_is_only_a_guess() {
    assert_snapshot!(told(USERS, r"== 002_b.sql
CREATE TABLE sizes (user_id INTEGER, size INTEGER);
INSERT INTO sizes SELECT id, json_array_length(name) FROM users;
== 003_c.sql
CREATE TABLE parsed (user_id INTEGER, size INTEGER);
INSERT INTO parsed SELECT u.id, json_array_length(substr(u.name, 1)) FROM users AS u;
== 004_d.sql
INSERT INTO roles (name) SELECT name FROM users WHERE json_extract(substr(mail, 2), '$.a') = 1;
ALTER TABLE users ADD COLUMN age INTEGER NOT NULL;
"), @"S40 004_d.sql:1:1 this could not be tried on tables that have rows: malformed JSON");
}

#[test]
fn the_count_of_what_was_tried() {
    assert_snapshot!(coverage(&format!("{USERS}== 002_b.rs\npub fn up() {{}}\n== 003_c.sql\nSELECT 1;\n")), @"3 migrations, 1 tried on rows, 0 downs; not tried: 002_b (in Rust), 003_c (the replay ends before it)");
    assert_snapshot!(coverage(&format!("{USERS}== 002_b.sql\nUPDATE users SET name = slug(name);\n== 003_c.sql\nSELECT 1;\n")), @"3 migrations, 1 tried on rows, 0 downs; not tried: 002_b (needs the function `slug`), 003_c (the replay ends before it)");
    assert_snapshot!(coverage(&format!("{USERS}== 002_b.sql\nUPDATE users SET nam = name;\n")), @"2 migrations, 1 tried on rows, 0 downs; not tried: 002_b (it fails)");
    assert_snapshot!(coverage(&format!("{USERS}== 002_b.sql\nALTER TABLE users ADD COLUMN a TEXT NOT NULL;\n")), @"2 migrations, 2 tried on rows, 0 downs");
}
