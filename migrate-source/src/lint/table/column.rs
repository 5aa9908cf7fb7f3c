//! Columns that cannot be added to a table with rows.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const ADD_NOT_NULL: Rule = Rule {
    code: Code::AddNotNull,
    name: "add-not-null-no-default",
    level: Level::Error,
    title: "A column that is NOT NULL and has no default",
    needs_replay: true,
    why: "SQLite adds such a column to an empty table, and refuses it where the table has rows: \
          the tests pass, and the users' databases cannot be opened. Give the column a default, \
          or build the table anew.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users ADD COLUMN email TEXT NOT NULL;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';\n",
        ),
    ],
};

pub(super) const ADD_NONCONSTANT_DEFAULT: Rule = Rule {
    code: Code::AddNonconstantDefault,
    name: "add-nonconstant-default",
    level: Level::Error,
    title: "A new column with a default that is no constant",
    needs_replay: true,
    why: "`CURRENT_TIMESTAMP` and expressions in parentheses are allowed as the default of a \
          new column only while the table is empty. Add the column without it and fill it, or \
          build the table anew.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_created_at.sql",
            "ALTER TABLE users ADD COLUMN created_at TEXT DEFAULT CURRENT_TIMESTAMP;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_created_at.sql",
            "ALTER TABLE users ADD COLUMN created_at TEXT;\n\
             UPDATE users SET created_at = '2026-01-31T12:00:00Z';\n",
        ),
    ],
};

pub(super) const ADD_REFERENCES_DEFAULT: Rule = Rule {
    code: Code::AddReferencesDefault,
    name: "add-references-default",
    level: Level::Error,
    title: "A new foreign key with a default",
    needs_replay: true,
    why: "Where foreign keys are on, as they may be in a transaction of the caller (`up_in`), \
          SQLite refuses such a column if the table has rows. Where they are off, every row \
          that is there refers to the default from then on, and the check before the commit \
          fails wherever that row does not exist. Add the column without a default, and fill \
          it.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE teams(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_team.sql",
            "ALTER TABLE users ADD COLUMN team_id INTEGER DEFAULT 1 REFERENCES teams(id);\n\
             CREATE INDEX users_team ON users(team_id);\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE teams(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_team.sql",
            "ALTER TABLE users ADD COLUMN team_id INTEGER REFERENCES teams(id);\n\
             CREATE INDEX users_team ON users(team_id);\n",
        ),
    ],
};

pub(super) const ADD_STORED_GENERATED: Rule = Rule {
    code: Code::AddStoredGenerated,
    name: "add-stored-generated",
    level: Level::Error,
    title: "A stored generated column is added",
    needs_replay: true,
    why: "The rows would have to be written anew, which `ALTER TABLE` does not do: it refuses a \
          `STORED` column unless the table is empty. A `VIRTUAL` one can be added, and can have \
          an index; or build the table anew.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_key.sql",
            "ALTER TABLE users ADD COLUMN name_key TEXT AS (lower(name)) STORED;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_key.sql",
            "ALTER TABLE users ADD COLUMN name_key TEXT AS (lower(name)) VIRTUAL;\n",
        ),
    ],
};

pub(super) const ADD_CHECK_VIOLATED: Rule = Rule {
    code: Code::AddCheckViolated,
    name: "add-check-violated-by-default",
    level: Level::Error,
    title: "A new column whose default violates its check",
    needs_replay: true,
    why: "Each row that is there gets the default. If that does not satisfy the check, the \
          statement fails on every table with rows, and passes on an empty one.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_seats.sql",
            "ALTER TABLE users ADD COLUMN seats INTEGER NOT NULL DEFAULT 0 CHECK (seats > 0);\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_seats.sql",
            "ALTER TABLE users ADD COLUMN seats INTEGER NOT NULL DEFAULT 1 CHECK (seats > 0);\n",
        ),
    ],
};
