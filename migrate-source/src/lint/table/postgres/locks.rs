//! Rules about what keeps others from a table of PostgreSQL.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(in crate::lint::table) const BLOCKING_INDEX: Rule = Rule {
    code: Code::BlockingIndex,
    name: "blocking-index",
    level: Level::Warning,
    title: "Writers wait for an index",
    needs_replay: false,
    why: "PostgreSQL lets nobody write to a table while an index of it is built, and waits \
          for all who use it before one is dropped, a table is indexed anew or a partition \
          is detached; whoever comes meanwhile waits behind it. `CONCURRENTLY` does it \
          without, outside of a transaction. Nothing is found on a table that the same \
          script creates, and on one with partitions, where it cannot be done \
          concurrently. On a small table it does not matter: then say so.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_email.sql",
            "CREATE INDEX users_email ON users(email);\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_email.sql",
            "-- migrate: no-transaction\n\
             CREATE INDEX CONCURRENTLY users_email ON users(email);\n",
        ),
    ],
};

pub(in crate::lint::table) const UNFINISHED_INDEX: Rule = Rule {
    code: Code::UnfinishedIndex,
    name: "unfinished-index",
    level: Level::Error,
    title: "An invalid index is taken for a good one",
    needs_replay: false,
    why: "When `CREATE INDEX CONCURRENTLY` fails or is cut off, the index stays behind, \
          invalid: it costs time on every write and no query uses it. With `IF NOT EXISTS` \
          the next try finds the name in use and does nothing, so that the migration \
          counts as applied. Drop what may be there first.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_email.sql",
            "-- migrate: no-transaction\n\
             CREATE INDEX CONCURRENTLY IF NOT EXISTS users_email ON users(email);\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_email.sql",
            "-- migrate: no-transaction\n\
             DROP INDEX CONCURRENTLY IF EXISTS users_email;\n\
             CREATE INDEX CONCURRENTLY users_email ON users(email);\n",
        ),
    ],
};

pub(in crate::lint::table) const CONSTRAINT_CHECKS_ROWS: Rule = Rule {
    code: Code::ConstraintChecksRows,
    name: "constraint-checks-rows",
    level: Level::Warning,
    title: "A constraint is checked on all rows under a lock",
    needs_replay: false,
    why: "A foreign key or check is tried on every row that is there, while nobody can \
          write to the table (for a check, nor read it). With `NOT VALID` it holds for new \
          rows at once and the old ones are not looked at; `VALIDATE CONSTRAINT` does that \
          later, beside readers and writers.",
    bad: &[
        (
            "001_orders.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n\
             CREATE TABLE orders(id bigint PRIMARY KEY, user_id bigint);\n",
        ),
        (
            "002_user.sql",
            "ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users;\n",
        ),
    ],
    good: &[
        (
            "001_orders.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n\
             CREATE TABLE orders(id bigint PRIMARY KEY, user_id bigint);\n",
        ),
        (
            "002_user.sql",
            "ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users NOT VALID;\n",
        ),
        (
            "003_validate.sql",
            "ALTER TABLE orders VALIDATE CONSTRAINT orders_user;\n",
        ),
    ],
};

pub(in crate::lint::table) const VALIDATED_AT_ONCE: Rule = Rule {
    code: Code::ValidatedAtOnce,
    name: "validated-at-once",
    level: Level::Warning,
    title: "A constraint is validated in the transaction that adds it",
    needs_replay: false,
    why: "`NOT VALID` is meant to keep the lock of `ADD CONSTRAINT` short. Locks are held \
          until the transaction ends, so that nothing is won if the rows are checked in \
          the same one.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, age integer);\n",
        ),
        (
            "002_age.sql",
            "ALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID;\n\
             ALTER TABLE users VALIDATE CONSTRAINT users_age;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, age integer);\n",
        ),
        (
            "002_age.sql",
            "ALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0) NOT VALID;\n",
        ),
        (
            "003_validate.sql",
            "ALTER TABLE users VALIDATE CONSTRAINT users_age;\n",
        ),
    ],
};

pub(in crate::lint::table) const SET_NOT_NULL: Rule = Rule {
    code: Code::SetNotNull,
    name: "set-not-null-scans",
    level: Level::Warning,
    title: "All rows are searched for a NULL under a lock",
    needs_replay: false,
    why: "`SET NOT NULL` reads the whole table while nobody can use it, unless a check \
          that was validated tells already that there is no NULL. Since PostgreSQL 12 that \
          is enough, and the check can be dropped afterwards.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY, email text);\n",
        ),
        (
            "002_check.sql",
            "ALTER TABLE users ADD CONSTRAINT users_email CHECK (email IS NOT NULL) NOT VALID;\n",
        ),
        (
            "003_validate.sql",
            "ALTER TABLE users VALIDATE CONSTRAINT users_email;\n",
        ),
        (
            "004_email.sql",
            "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\n\
             ALTER TABLE users DROP CONSTRAINT users_email;\n",
        ),
    ],
};

pub(in crate::lint::table) const ADD_REWRITES_TABLE: Rule = Rule {
    code: Code::AddRewritesTable,
    name: "add-rewrites-table",
    level: Level::Warning,
    title: "A table is written anew for a new column",
    needs_replay: false,
    why: "A default that is the same for all rows costs nothing. One that is another for \
          each row, as those of `gen_random_uuid()` and `serial`, is written into every \
          row while nobody can use the table, and so is a column that is generated or an \
          identity.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        (
            "002_token.sql",
            "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint PRIMARY KEY);\n",
        ),
        (
            "002_token.sql",
            "ALTER TABLE users ADD COLUMN token uuid;\n\
             ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();\n",
        ),
    ],
};

pub(in crate::lint::table) const TYPE_CHANGE_REWRITES: Rule = Rule {
    code: Code::TypeChangeRewrites,
    name: "type-change-rewrites",
    level: Level::Warning,
    title: "A table is written anew for another type",
    needs_replay: false,
    why: "Unless the values are stored in the same way, as those of a longer `varchar` \
          are, PostgreSQL writes the table and its indexes anew while nobody can use it. \
          What type a column has is known from the migrations before.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id integer PRIMARY KEY, name varchar(20));\n",
        ),
        (
            "002_id.sql",
            "ALTER TABLE users ALTER COLUMN id TYPE bigint;\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id integer PRIMARY KEY, name varchar(20));\n",
        ),
        (
            "002_name.sql",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(40);\n\
             ALTER TABLE users ALTER COLUMN name TYPE text;\n",
        ),
    ],
};

pub(in crate::lint::table) const CONSTRAINT_BUILDS_INDEX: Rule = Rule {
    code: Code::ConstraintBuildsIndex,
    name: "constraint-builds-index",
    level: Level::Warning,
    title: "An index is built under the lock of its constraint",
    needs_replay: false,
    why: "A primary key or `UNIQUE` needs an index, and while that is built nobody can use \
          the table. An index that was built concurrently can be made one, at once.",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint, email text);\n",
        ),
        (
            "002_email.sql",
            "ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id bigint, email text);\n",
        ),
        (
            "002_index.sql",
            "-- migrate: no-transaction\n\
             CREATE UNIQUE INDEX CONCURRENTLY users_email ON users(email);\n",
        ),
        (
            "003_email.sql",
            "ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;\n",
        ),
    ],
};

pub(in crate::lint::table) const EXCLUSION_CONSTRAINT: Rule = Rule {
    code: Code::ExclusionConstraint,
    name: "exclusion-constraint",
    level: Level::Warning,
    title: "An exclusion constraint on a table in use",
    needs_replay: false,
    why: "Its index is built while nobody can use the table, and there is no way to build \
          it before.",
    bad: &[
        (
            "001_rooms.sql",
            "CREATE TABLE bookings(id bigint PRIMARY KEY, during tstzrange);\n",
        ),
        (
            "002_once.sql",
            "ALTER TABLE bookings ADD EXCLUDE USING gist (during WITH &&);\n",
        ),
    ],
    good: &[(
        "001_rooms.sql",
        "CREATE TABLE bookings(id bigint PRIMARY KEY, during tstzrange,\n\
               EXCLUDE USING gist (during WITH &&));\n",
    )],
};
