//! Rules about what fails on PostgreSQL, and about what is lost.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(in crate::lint::table) const ADD_NOT_NULL_TO_ROWS: Rule = Rule {
    code: Code::AddNotNullToRows,
    name: "add-not-null-to-rows",
    level: Level::Error,
    title: "A column that is NOT NULL and has no default",
    needs_replay: false,
    why: "Such a column can be added to an empty table, and not where there are rows: the \
          tests pass, and the service does not start. Nothing is found on a table that the \
          same script creates or empties, and where the type may be a domain with a \
          default.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users ADD COLUMN email text NOT NULL;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';\n",
        ),
    ],
};

pub(in crate::lint::table) const DROPS_DATA: Rule = Rule {
    code: Code::DropsData,
    name: "drops-data",
    level: Level::Error,
    title: "A table or column is dropped with its data",
    needs_replay: false,
    why: "What `DROP TABLE`, `DROP COLUMN`, `DROP SCHEMA … CASCADE` and `TRUNCATE` delete \
          is in no down: only a backup brings it back. Nothing is found in a down, and of \
          what the same script has created or gives the name of to another table.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        ("002_drop.sql", "ALTER TABLE users DROP COLUMN email;\n"),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_drop.sql",
            "CREATE TABLE emails AS SELECT id, email FROM users;\n\
             -- migrate: allow drops-data \"copied to emails\"\n\
             ALTER TABLE users DROP COLUMN email;\n",
        ),
    ],
};

pub(in crate::lint::table) const RENAME_BREAKS_READERS: Rule = Rule {
    code: Code::RenameBreaksReaders,
    name: "rename-breaks-readers",
    level: Level::Warning,
    title: "A name is taken away from those who use it",
    needs_replay: false,
    why: "While a new version starts, the old one still runs, and fails on a name that is \
          there no more. A view with the old name, or a column beside the old one, leaves \
          time. Nothing is found where the same script gives the old name to a view or \
          table.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        ("002_people.sql", "ALTER TABLE users RENAME TO people;\n"),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        (
            "002_people.sql",
            "ALTER TABLE users RENAME TO people;\n\
             CREATE VIEW users AS SELECT * FROM people;\n",
        ),
    ],
};

pub(in crate::lint::table) const CHANGES_ALL_ROWS: Rule = Rule {
    code: Code::ChangesAllRows,
    name: "changes-all-rows",
    level: Level::Warning,
    title: "A change of every row",
    needs_replay: false,
    why: "An `UPDATE` or `DELETE` without `WHERE` is often one that was forgotten. If \
          every row is meant, each of them stays locked until the migration is committed, \
          and the table grows by as many; where it is large, change a part of it at a \
          time. Nothing is found in a down, and on a table that the same script has \
          created.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, is_active boolean);\n",
        ),
        ("002_inactive.sql", "UPDATE users SET is_active = false;\n"),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, is_active boolean);\n",
        ),
        (
            "002_inactive.sql",
            "UPDATE users SET is_active = false WHERE is_active IS NULL;\n",
        ),
    ],
};

pub(in crate::lint::table) const ENUM_VALUE_USED: Rule = Rule {
    code: Code::EnumValueUsed,
    name: "enum-value-used",
    level: Level::Error,
    title: "A value of an enum is used before it can be",
    needs_replay: false,
    why: "PostgreSQL refuses a value that `ALTER TYPE … ADD VALUE` has added for as long \
          as that transaction has not ended (\"unsafe use of new value\"), unless it has \
          also created the type. It is found where the value is cast to the type, or \
          stands in a statement with a column that has it.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TYPE mood AS ENUM ('sad', 'happy');\n\
             CREATE TABLE users(id bigint PRIMARY KEY, mood mood);\n",
        ),
        (
            "002_mood.sql",
            "ALTER TYPE mood ADD VALUE 'calm';\n\
             UPDATE users SET mood = 'calm' WHERE mood IS NULL;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TYPE mood AS ENUM ('sad', 'happy');\n\
             CREATE TABLE users(id bigint PRIMARY KEY, mood mood);\n",
        ),
        ("002_mood.sql", "ALTER TYPE mood ADD VALUE 'calm';\n"),
        (
            "003_calm.sql",
            "UPDATE users SET mood = 'calm' WHERE mood IS NULL;\n",
        ),
    ],
};

pub(in crate::lint::table) const TYPE_WITH_TRAPS: Rule = Rule {
    code: Code::TypeWithTraps,
    name: "type-with-traps",
    level: Level::Warning,
    title: "A type that seldom does what is meant",
    needs_replay: false,
    why: "`timestamp` has no time zone, so that the same value is another moment for each \
          session; `char(n)` fills its values with spaces; `json` is kept as text and \
          cannot be compared. `timestamptz`, `text` and `jsonb` take no more room.",
    bad: &[(
        "001_visits.sql",
        "CREATE TABLE visits(id bigint PRIMARY KEY, at timestamp);\n",
    )],
    good: &[(
        "001_visits.sql",
        "CREATE TABLE visits(id bigint PRIMARY KEY, at timestamptz);\n",
    )],
};
