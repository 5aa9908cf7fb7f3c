//! Rows that a careful tester would write: each kind finds one kind of mistake, and says nothing of
//! a migration that handles such rows.

use crate::found;
use std::fmt::Write as _;

/// Migrations that fail on some rows: what exists before, the change, and what the server says.
const UNSAFE: [(&str, &str, &str); 16] = [
    // Texts that are equal.
    (
        "CREATE TABLE a (id bigint PRIMARY KEY, email text NOT NULL);",
        "CREATE UNIQUE INDEX a_email ON a (email);",
        "could not create unique index",
    ),
    // Numbers that are equal, in a table without a key.
    (
        "CREATE TABLE a (n int NOT NULL, at timestamptz NOT NULL);",
        "ALTER TABLE a ADD CONSTRAINT once UNIQUE (n, at);",
        "could not create unique index",
    ),
    // Texts that differ by case alone, although they are unique.
    (
        "CREATE TABLE a (email text PRIMARY KEY);",
        "CREATE UNIQUE INDEX a_email ON a (lower(email));",
        "could not create unique index",
    ),
    // Half of a key that two rows share.
    (
        "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));",
        "ALTER TABLE a DROP CONSTRAINT a_pkey, ADD PRIMARY KEY (x);",
        "could not create unique index",
    ),
    // Several children of one parent.
    (
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE a (id int PRIMARY KEY, p int NOT NULL REFERENCES p);",
        "ALTER TABLE a ADD CONSTRAINT one_for_each UNIQUE (p);",
        "could not create unique index",
    ),
    // A long text and an empty one.
    (
        "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL);",
        "ALTER TABLE a ALTER COLUMN name TYPE varchar(100);",
        "value too long",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL);",
        "ALTER TABLE a ADD CHECK (name <> '');",
        "is violated by some row",
    ),
    // Large and negative numbers.
    (
        "CREATE TABLE a (id int PRIMARY KEY, n bigint NOT NULL);",
        "ALTER TABLE a ALTER COLUMN n TYPE int;",
        "integer out of range",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, amount numeric NOT NULL);",
        "ALTER TABLE a ADD CHECK (amount >= 0);",
        "is violated by some row",
    ),
    // Values that only the old check allows, the last of many.
    (
        "CREATE TABLE a (id int PRIMARY KEY, state text NOT NULL CHECK (state IN ('a', 'b', 'c', 'd', 'e')));",
        "ALTER TABLE a DROP CONSTRAINT a_state_check, ADD CHECK (state IN ('a', 'b', 'c', 'd'));",
        "is violated by some row",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL CHECK (n BETWEEN 0 AND 1000));",
        "ALTER TABLE a DROP CONSTRAINT a_n_check, ADD CHECK (n BETWEEN 0 AND 500);",
        "is violated by some row",
    ),
    // A label of an enum that the conversion forgets.
    (
        "CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e', 'f'); CREATE TABLE a (id int PRIMARY KEY, mood mood NOT NULL);",
        "ALTER TABLE a ALTER COLUMN mood TYPE int USING CASE mood WHEN 'a' THEN 1 WHEN 'b' THEN 2 WHEN 'c' THEN 3 WHEN 'd' THEN 4 WHEN 'e' THEN 5 END;",
        "contains null values",
    ),
    // A domain that no longer allows a value.
    (
        "CREATE DOMAIN amount AS bigint; CREATE TABLE a (id int PRIMARY KEY, n amount NOT NULL);",
        "ALTER DOMAIN amount ADD CHECK (VALUE > 0);",
        "contains values that violate the new constraint",
    ),
    // The same value in two tables.
    (
        "CREATE TABLE a (id int PRIMARY KEY, code text NOT NULL); CREATE TABLE b (id int PRIMARY KEY, code text NOT NULL);",
        "ALTER TABLE b ADD UNIQUE (code);",
        "could not create unique index",
    ),
    // Two rows at the same time.
    (
        "CREATE TABLE a (id int PRIMARY KEY, day date NOT NULL);",
        "ALTER TABLE a ADD EXCLUDE (day WITH =);",
        "could not create exclusion constraint",
    ),
    // A check that others satisfy stays in the way of one column alone.
    (
        "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL CHECK (n > 0), name text NOT NULL);",
        "ALTER TABLE a ADD CHECK (length(name) > 0);",
        "is violated by some row",
    ),
];

/// Migrations that handle the rows, or need not.
const SAFE: [(&str, &str); 9] = [
    (
        "CREATE TABLE a (id bigint PRIMARY KEY, email text NOT NULL);",
        "DELETE FROM a WHERE EXISTS (SELECT 1 FROM a AS other WHERE other.email = a.email AND other.id < a.id);\n\
         CREATE UNIQUE INDEX a_email ON a (email);",
    ),
    (
        "CREATE TABLE a (email text PRIMARY KEY);",
        "DELETE FROM a WHERE EXISTS (SELECT 1 FROM a AS other WHERE lower(other.email) = lower(a.email) AND other.email < a.email);\n\
         CREATE UNIQUE INDEX a_email ON a (lower(email));",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, name text);",
        "UPDATE a SET name = '' WHERE name IS NULL;\nALTER TABLE a ALTER COLUMN name SET NOT NULL;",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL);",
        "ALTER TABLE a ALTER COLUMN name TYPE varchar(100) USING left(name, 100);",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, amount bigint NOT NULL);",
        "ALTER TABLE a ADD CONSTRAINT positive CHECK (amount >= 0) NOT VALID;\n\
         UPDATE a SET amount = 0 WHERE amount < 0;\nALTER TABLE a VALIDATE CONSTRAINT positive;",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, cents int NOT NULL);",
        "UPDATE a SET cents = cents * 100;\nALTER TABLE a ALTER COLUMN cents TYPE bigint;",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL UNIQUE, at timestamptz NOT NULL DEFAULT now());",
        "CREATE UNIQUE INDEX a_id_at ON a (id, at);\nALTER TABLE a ADD COLUMN size int NOT NULL DEFAULT 0;",
    ),
    (
        "CREATE TABLE a (id int PRIMARY KEY, name text NOT NULL);",
        "ALTER TABLE a ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', name)) STORED;\n\
         CREATE INDEX a_search ON a USING gin (search);\nCREATE INDEX a_name ON a (name);",
    ),
    (
        "CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd');\nCREATE TABLE a (id int PRIMARY KEY, mood mood NOT NULL);",
        "ALTER TABLE a ALTER COLUMN mood TYPE text USING mood::text;",
    ),
];

#[test]
fn careful_rows_find_what_fails_on_them() {
    let mut wrong = String::new();
    for (before, change, message) in UNSAFE {
        let Some(text) = found(&[("001_a.sql", before), ("002_b.sql", change)]) else {
            return;
        };
        if !(text.contains("S37") && text.contains(message)) {
            writeln!(wrong, "{before}\n{change}\n{text}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn careful_rows_say_nothing_of_a_migration_that_handles_them() {
    let mut wrong = String::new();
    for (before, change) in SAFE {
        let Some(text) = found(&[("001_a.sql", before), ("002_b.sql", change)]) else {
            return;
        };
        if text.contains("S37") || text.contains("S40") || text.contains("P50") {
            writeln!(wrong, "{before}\n{change}\n{text}\n").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
