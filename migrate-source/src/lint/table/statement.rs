//! Rules about what a script must not do, or not without a reason.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const OR_ROLLBACK: Rule = Rule {
    code: Code::OrRollback,
    name: "or-rollback",
    level: Level::Error,
    title: "A conflict clause that ends the transaction",
    needs_replay: false,
    why: "`OR ROLLBACK`, `ON CONFLICT ROLLBACK` and `RAISE(ROLLBACK, …)` end the transaction \
          when a conflict occurs: not the statement alone, but the whole migration, and after \
          it the statements would commit one by one. The runner notices and refuses to go on, \
          but only where there is a conflict, on the machine of a user.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE);\n",
        ),
        (
            "002_admin.sql",
            "INSERT OR ROLLBACK INTO users(email) VALUES ('admin@example.com');\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE);\n",
        ),
        (
            "002_admin.sql",
            "INSERT OR IGNORE INTO users(email) VALUES ('admin@example.com');\n",
        ),
    ],
};

pub(super) const DESTRUCTIVE_DROP: Rule = Rule {
    code: Code::DestructiveDrop,
    name: "destructive-drop",
    level: Level::Error,
    title: "A table or column is dropped with its data",
    needs_replay: false,
    why: "`DROP TABLE` and `ALTER TABLE … DROP COLUMN` delete data in every database that gets \
          the migration, and no down brings it back. Where that is meant, say why. Nothing is \
          found in a down, for what the same script has created, and for a table that is built \
          anew: dropped while a new one gets its name, or renamed, copied and dropped. Views, \
          indexes and triggers hold no data, and neither does a full-text index that is created \
          again. `DROP TABLE IF EXISTS` of a table that no migration has made finds nothing \
          either.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        ("002_drop.sql", "DROP TABLE users;\n"),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_drop.sql",
            "-- migrate: allow destructive-drop \"users live in the directory service now\"\n\
             DROP TABLE users;\n",
        ),
    ],
};

pub(super) const FORBIDDEN_STATEMENT: Rule = Rule {
    code: Code::ForbiddenStatement,
    name: "forbidden-statement",
    level: Level::Error,
    title: "A statement that no migration should hold",
    needs_replay: false,
    why: "Calls of `load_extension`, and changes of tables that are not the application's: \
          `sqlite_schema`, the statistics in `sqlite_stat1` and its like, and `_migrations`, \
          the history of the runner. The counters in `sqlite_sequence` may be set.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "002_statistics.sql",
            "ANALYZE;\n\
             UPDATE sqlite_stat1 SET stat = '1000' WHERE tbl = 'users';\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        ("002_statistics.sql", "ANALYZE;\n"),
    ],
};

pub(super) const RETURNS_ROWS: Rule = Rule {
    code: Code::ReturnsRows,
    name: "returns-rows",
    level: Level::Error,
    title: "A statement that returns rows",
    needs_replay: false,
    why: "Nobody reads the rows of `SELECT`, `VALUES`, `EXPLAIN` or `RETURNING` in a migration: \
          the statement was left behind, or was meant to write what it only reads. One that is \
          run for what a function of the application does is to be allowed. Pragmas are judged \
          by [M021](../diagnostics.md).",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_admin.sql",
            "INSERT INTO users(name) VALUES ('admin') RETURNING id;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_admin.sql",
            "INSERT INTO users(name) VALUES ('admin');\n",
        ),
    ],
};
