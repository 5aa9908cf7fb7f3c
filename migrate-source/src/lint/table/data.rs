//! Rules about data that a script writes.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const NONDETERMINISTIC_DATA: Rule = Rule {
    code: Code::NondeterministicData,
    name: "nondeterministic-data",
    level: Level::Warning,
    title: "Data that differs from machine to machine",
    needs_replay: false,
    why: "`random()`, `datetime('now')`, `CURRENT_TIMESTAMP` and their like give another value \
          in each database and at each run, so that no two are the same, and no test has seen \
          what a user gets. They are looked for in what `INSERT` and `UPDATE` write; a default, \
          a trigger or a view may use them. Of the `INSERT` statements of a directory the first \
          megabyte is read to the end.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, created_at TEXT);\n",
        ),
        (
            "002_admin.sql",
            "INSERT INTO users(name, created_at) VALUES ('admin', datetime('now'));\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, created_at TEXT);\n",
        ),
        (
            "002_admin.sql",
            "INSERT INTO users(name, created_at) VALUES ('admin', '2026-01-31T12:00:00Z');\n",
        ),
    ],
};

pub(super) const UNBOUNDED_CHANGE: Rule = Rule {
    code: Code::UnboundedChange,
    name: "unbounded-dml",
    level: Level::Warning,
    title: "A change of every row",
    needs_replay: false,
    why: "An `UPDATE` or `DELETE` without `WHERE` is often one that was forgotten. Nothing is \
          found in a down, on a table that the same script has created, for an `UPDATE` that \
          fills columns which it has added, and for a full-text index that it fills anew. If every row is meant, say so.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, is_active INTEGER);\n",
        ),
        ("002_inactive.sql", "UPDATE users SET is_active = 0;\n"),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, is_active INTEGER);\n",
        ),
        (
            "002_inactive.sql",
            "UPDATE users SET is_active = 0 WHERE email IS NULL;\n",
        ),
    ],
};
