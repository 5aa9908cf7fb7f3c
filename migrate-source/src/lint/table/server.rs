//! What a replay on a PostgreSQL server finds.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const FAILS_WITH_ROWS: Rule = Rule {
    code: Code::FailsWithRows,
    name: "fails-with-rows",
    level: Level::Error,
    title: "A statement that fails on any rows",
    needs_replay: true,
    why: "The statement passes on empty tables, as in a test or a new installation, and fails on \
          every database whose tables have rows, whatever these are. Say what the rows get that \
          are there: by a default, or in a statement before.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY);\n",
        ),
        (
            "002_name.sql",
            "DO $$ BEGIN\n  ALTER TABLE users ADD COLUMN name text NOT NULL;\nEND $$;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY);\n",
        ),
        (
            "002_name.sql",
            "ALTER TABLE users ADD COLUMN name text NOT NULL DEFAULT '';\n",
        ),
    ],
};

pub(super) const LOSES_ROWS: Rule = Rule {
    code: Code::LosesRows,
    name: "loses-rows",
    level: Level::Error,
    title: "Rows that are lost, though no statement deletes them",
    needs_replay: true,
    why: "A table has fewer rows after the migration, and none of its statements deletes from it: \
          a foreign key with `ON DELETE CASCADE` or a trigger did, or the table was built anew \
          without them. Nobody who reads the migration sees that, and nothing brings them back.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n\
             CREATE TABLE posts (\n\
             \x20 id bigint PRIMARY KEY,\n\
             \x20 user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE\n\
             );\n",
        ),
        (
            "002_nameless.sql",
            "DELETE FROM users WHERE name IS NULL;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n\
             CREATE TABLE posts (\n\
             \x20 id bigint PRIMARY KEY,\n\
             \x20 user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE\n\
             );\n",
        ),
        (
            "002_nameless.sql",
            "DELETE FROM posts WHERE user_id IN (SELECT id FROM users WHERE name IS NULL);\n\
             DELETE FROM users WHERE name IS NULL;\n",
        ),
    ],
};

pub(super) const INVALID_INDEX: Rule = Rule {
    code: Code::InvalidIndex,
    name: "invalid-index",
    level: Level::Warning,
    title: "An index that no query uses",
    needs_replay: true,
    why: "At the end of all migrations the index is INVALID: it costs every change of its table, \
          and no query uses it. One on a partitioned table that was made with `ON ONLY` stays so \
          until an index of each partition is attached to it.",
    bad: &[(
        "001_visits.sql",
        "CREATE TABLE visits (id bigint, day date) PARTITION BY RANGE (day);\n\
             CREATE TABLE visits_2026 PARTITION OF visits\n\
             \x20 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n\
             CREATE INDEX visits_day ON ONLY visits (day);\n",
    )],
    good: &[(
        "001_visits.sql",
        "CREATE TABLE visits (id bigint, day date) PARTITION BY RANGE (day);\n\
             CREATE TABLE visits_2026 PARTITION OF visits\n\
             \x20 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n\
             CREATE INDEX visits_day ON ONLY visits (day);\n\
             CREATE INDEX visits_2026_day ON visits_2026 (day);\n\
             ALTER INDEX visits_day ATTACH PARTITION visits_2026_day;\n",
    )],
};
