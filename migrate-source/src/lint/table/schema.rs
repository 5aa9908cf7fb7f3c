//! Rules that need a replay, about what the schema holds.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const DANGLING_VIEW_OR_TRIGGER: Rule = Rule {
    code: Code::DanglingViewOrTrigger,
    name: "dangling-view-or-trigger",
    level: Level::Error,
    title: "A view or trigger that cannot be used",
    needs_replay: true,
    why: "SQLite accepts views and triggers that name tables or columns which do not exist. \
          They fail when they are used, and until they are gone every `ALTER TABLE … RENAME` \
          and `DROP COLUMN` fails too, also of other tables.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n\
             CREATE VIEW user_names AS SELECT nmae FROM users;\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n\
             CREATE VIEW user_names AS SELECT name FROM users;\n",
    )],
};

pub(super) const FOREIGN_KEY_TARGET: Rule = Rule {
    code: Code::ForeignKeyTarget,
    name: "fk-target-invalid",
    level: Level::Error,
    title: "A foreign key without a valid target",
    needs_replay: true,
    why: "SQLite accepts a foreign key to a table that does not exist, or to columns that are \
          neither the primary key nor unique. The first write to the table fails.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 email TEXT REFERENCES users(email)\n\
             );\n\
             CREATE INDEX orders_email ON orders(email);\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 email TEXT REFERENCES users(email)\n\
             );\n\
             CREATE INDEX orders_email ON orders(email);\n",
    )],
};

pub(super) const DOUBLE_QUOTED_STRING: Rule = Rule {
    code: Code::DoubleQuotedString,
    name: "double-quoted-string",
    level: Level::Error,
    title: "Double quotes around what is no name",
    needs_replay: true,
    why: "Double quotes stand around names. For what is no name, older settings of SQLite take \
          the text itself, so that a misspelt column is written into the data as text. The \
          runner switches that off, and the statement fails: put texts in single quotes.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_names.sql",
            "UPDATE users SET name = \"unknown\" WHERE name IS NULL;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_names.sql",
            "UPDATE users SET name = 'unknown' WHERE name IS NULL;\n",
        ),
    ],
};

pub(super) const FOREIGN_KEY_WITHOUT_INDEX: Rule = Rule {
    code: Code::ForeignKeyWithoutIndex,
    name: "fk-without-index",
    level: Level::Warning,
    title: "A foreign key without an index",
    needs_replay: true,
    why: "When a row of the other table is deleted or gets another key, SQLite looks for the \
          rows that refer to it. Without an index that begins with the columns of the foreign \
          key it reads the whole table, for each row.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 user_id INTEGER NOT NULL REFERENCES users(id)\n\
             );\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE orders(\n\
             \x20 id INTEGER PRIMARY KEY,\n\
             \x20 user_id INTEGER NOT NULL REFERENCES users(id)\n\
             );\n\
             CREATE INDEX orders_user ON orders(user_id);\n",
    )],
};

pub(super) const APPLICATION_FUNCTION: Rule = Rule {
    code: Code::ApplicationFunction,
    name: "app-defined-function-in-schema",
    level: Level::Warning,
    title: "A function of the application in the schema",
    needs_replay: true,
    why: "An index, check, generated column, view or trigger with a function that the \
          application defines can be used by that application alone: the `sqlite3` shell, a \
          backup tool or the next program cannot read or write the table. If the function ever \
          changes, an index on it is silently wrong.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n\
             CREATE INDEX users_slug ON users(slugify(name));\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n\
             CREATE INDEX users_name ON users(lower(name));\n",
    )],
};

pub(super) const DOWN_DOES_NOT_RESTORE: Rule = Rule {
    code: Code::DownDoesNotRestore,
    name: "down-does-not-restore",
    level: Level::Error,
    title: "A down that is missing, or does not undo its up",
    needs_replay: true,
    why: "After an up and its down the schema must be what it was before; otherwise the next up \
          fails, or the way back ends half-way. With `downs = \"required\"` in the call, a \
          migration without a down is an error too, unless it says `-- migrate: irreversible \
          \"why\"` or does nothing. The missing down is seen in the text; whether a down undoes \
          its up, in the replay.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE orders(id INTEGER PRIMARY KEY);\n\
             -- migrate:down\n\
             DROP TABLE orders;\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY);\n\
             CREATE TABLE orders(id INTEGER PRIMARY KEY);\n\
             -- migrate:down\n\
             DROP TABLE orders;\n\
             DROP TABLE users;\n",
    )],
};
