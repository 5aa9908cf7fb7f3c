//! Tables that are built anew, and the rows in them.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const REBUILD_CASCADES: Rule = Rule {
    code: Code::RebuildCascades,
    name: "rebuild-cascades",
    level: Level::Error,
    title: "Rows of other tables are lost",
    needs_replay: true,
    why: "A statement on one table deletes rows of another one that it does not name: by a \
          trigger, or by a foreign key with `ON DELETE CASCADE`. A check of the references \
          finds nothing, because what is gone refers to nothing. The runner switches foreign \
          keys off during a migration, so that `DROP TABLE` does not cascade; triggers it \
          cannot switch off, and in a transaction of the caller (`up_in`) foreign keys may be \
          on. It is found by counting the rows of all tables in the replay.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 user_id INTEGER NOT NULL REFERENCES users(id)\n\
             );\n\
             CREATE INDEX orders_user ON orders(user_id);\n\
             CREATE TRIGGER users_delete AFTER DELETE ON users BEGIN\n\
             \x20 DELETE FROM orders WHERE user_id = old.id;\n\
             END;\n",
        ),
        (
            "002_clean.sql",
            "DELETE FROM users WHERE email NOT LIKE '%@%';\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 user_id INTEGER NOT NULL REFERENCES users(id)\n\
             );\n\
             CREATE INDEX orders_user ON orders(user_id);\n\
             CREATE TRIGGER users_delete AFTER DELETE ON users BEGIN\n\
             \x20 DELETE FROM orders WHERE user_id = old.id;\n\
             END;\n",
        ),
        (
            "002_clean.sql",
            "UPDATE users SET email = NULL WHERE email NOT LIKE '%@%';\n",
        ),
    ],
};

pub(super) const RENAME_THEN_RECREATE: Rule = Rule {
    code: Code::RenameThenRecreate,
    name: "rename-then-recreate",
    level: Level::Error,
    title: "A foreign key that follows a renamed table",
    needs_replay: true,
    why: "When a table is renamed, the foreign keys of other tables follow it. Who renames the \
          old table first, builds the new one under the old name and drops the old one, leaves \
          foreign keys to a table that is gone: the next write to their tables fails. Build the \
          new table under another name, drop the old one, and rename the new one last.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 user_id INTEGER NOT NULL REFERENCES users(id)\n\
             );\n\
             CREATE INDEX orders_user ON orders(user_id);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users RENAME TO users_old;\n\
             CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n\
             INSERT INTO users(id) SELECT id FROM users_old;\n\
             DROP TABLE users_old;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 user_id INTEGER NOT NULL REFERENCES users(id)\n\
             );\n\
             CREATE INDEX orders_user ON orders(user_id);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT);\n\
             INSERT INTO users_new(id) SELECT id FROM users;\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n",
        ),
    ],
};

pub(super) const REBUILD_LOSES_OBJECTS: Rule = Rule {
    code: Code::RebuildLosesObjects,
    name: "rebuild-loses-objects",
    level: Level::Error,
    title: "A table loses something when it is built anew",
    needs_replay: true,
    why: "Indexes and triggers go with the old table, and what the new definition forgets is \
          gone as well: a check, a foreign key, a generated column, `STRICT`, `WITHOUT ROWID`, \
          `AUTOINCREMENT`. Nothing fails; it is missed much later. Create again what is still \
          needed.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n\
             CREATE INDEX users_email ON users(email);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
             INSERT INTO users_new(id, email)\n\
             \x20 SELECT id, coalesce(email, '') FROM users;\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n\
             CREATE INDEX users_email ON users(email);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
             INSERT INTO users_new(id, email)\n\
             \x20 SELECT id, coalesce(email, '') FROM users;\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n\
             CREATE INDEX users_email ON users(email);\n",
        ),
    ],
};

pub(super) const REBUILD_LOSES_ROWS: Rule = Rule {
    code: Code::RebuildLosesRows,
    name: "rebuild-loses-rows",
    level: Level::Error,
    title: "A table loses rows when it is built anew",
    needs_replay: true,
    why: "What the `SELECT` leaves out, by a filter or a join, is gone with the old table.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
             INSERT INTO users_new(id, email)\n\
             \x20 SELECT id, email FROM users WHERE email LIKE '%@%';\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
             INSERT INTO users_new(id, email)\n\
             \x20 SELECT id, coalesce(email, '') FROM users;\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n",
        ),
    ],
};

pub(super) const FAILS_ON_ROWS: Rule = Rule {
    code: Code::FailsOnRows,
    name: "fails-on-rows",
    level: Level::Warning,
    title: "A statement that fails on rows the table may hold",
    needs_replay: true,
    why: "The statement passes on empty tables, and fails on rows that the schema allows: a \
          NULL, a duplicate, a value that a check refuses. Whether a database holds such rows \
          cannot be known here. Mend the rows first, or say what becomes of them.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
             INSERT INTO users_new(id, email)\n\
             \x20 SELECT id, email FROM users;\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n",
        ),
        (
            "002_email.sql",
            "CREATE TABLE users_new(id INTEGER PRIMARY KEY, email TEXT NOT NULL);\n\
             INSERT INTO users_new(id, email)\n\
             \x20 SELECT id, coalesce(email, '') FROM users;\n\
             DROP TABLE users;\n\
             ALTER TABLE users_new RENAME TO users;\n",
        ),
    ],
};
