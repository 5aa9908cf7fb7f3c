//! Rules about what a script defines.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const NEW_UNIQUE: Rule = Rule {
    code: Code::NewUnique,
    name: "new-unique-on-old-columns",
    level: Level::Warning,
    title: "A unique index on columns that have data",
    needs_replay: false,
    why: "The statement fails in each database that holds duplicates, and nobody can tell from \
          here whether one does. Remove or merge them in the statements before it. Nothing is found where these \
          change or delete rows of the table, where the script itself created the table or one \
          of the columns, and where it drops an index of the same name that was as strict.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n",
        ),
        (
            "002_unique.sql",
            "CREATE UNIQUE INDEX users_email ON users(email);\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT);\n",
        ),
        (
            "002_unique.sql",
            "DELETE FROM users\n\
             \x20 WHERE id NOT IN (SELECT min(id) FROM users GROUP BY email);\n\
             -- migrate: allow new-unique-on-old-columns \"the duplicates are gone\"\n\
             CREATE UNIQUE INDEX users_email ON users(email);\n",
        ),
    ],
};

pub(super) const UNKNOWN_TYPE: Rule = Rule {
    code: Code::UnknownType,
    name: "unknown-type-name",
    level: Level::Warning,
    title: "A type that SQLite does not know",
    needs_replay: false,
    why: "Outside of `STRICT` tables SQLite accepts any word as a type, and takes what it does \
          not know for `NUMERIC`: the text `007` becomes the number 7. `STRING` is such a word. \
          Known is what SQLite recognizes by a part of the name (`INT`, `CHAR`, `CLOB`, `TEXT`, \
          `BLOB`, `REAL`, `FLOA`, `DOUB`), and what is customary for numbers and dates, as \
          `DECIMAL(10, 2)`, `BOOLEAN` and `DATETIME`. A `STRICT` table refuses the others.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name STRING);\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
    )],
};

pub(super) const INT_PRIMARY_KEY: Rule = Rule {
    code: Code::IntPrimaryKey,
    name: "int-primary-key",
    level: Level::Warning,
    title: "A primary key that is not the rowid",
    needs_replay: false,
    why: "Only `INTEGER PRIMARY KEY`, to the letter, is the rowid. `INT`, `BIGINT` or \
          `INTEGER(10)` make an ordinary column with an index of its own: it is not numbered by \
          itself, and outside of `STRICT` tables it may be NULL, also in several rows. Tables \
          `WITHOUT ROWID` are left alone.",
    bad: &[(
        "001_users.sql",
        "CREATE TABLE users(id INT PRIMARY KEY, name TEXT);\n",
    )],
    good: &[(
        "001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
    )],
};
