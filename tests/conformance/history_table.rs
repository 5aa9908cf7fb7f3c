//! The history under other names, and several in one database.

use crate::database::{A, B, Database, THREE, assert_state, done, refused, version};
use migrate_runtime::Down;
use migrate_tests::kinds;

const NAMES: [&str; 10] = [
    "history of \"orders\"",
    "it's",
    "Orders_Migrations",
    "two words",
    "select",
    "sch\u{f6}ne Tabelle",
    "a]b[c`d",
    "x; DROP TABLE a; --",
    "%_?1 $1 {}",
    "\u{1f418} \\ .",
];

fn it_can_have_any_name<D: Database>(mut db: D) {
    for name in NAMES {
        let named = D::history_table(D::migrator(&THREE), name);
        assert_eq!(done(&db.up(&named).unwrap()), "001_a 002_b 003_c", "{name}");
        assert!(db.up(&named).unwrap().is_empty(), "{name}");
        assert!(db.tables().iter().any(|table| table == name), "{name}");
        assert_eq!(db.status(&named).unwrap().applied(), 3);
        assert!(db.verify(&named).unwrap().is_clean(), "{name}");
        db.redo(&named).unwrap();
        db.down(&named, Down::To(version(1))).unwrap();
        // And the one of that name is asked alone.
        assert_eq!(db.status(&D::migrator(&THREE)).unwrap().applied(), 0);
        db.reset(&named).unwrap();
    }
}

fn two_in_one_database<D: Database>(mut db: D) {
    let more = (
        "002_more.sql",
        "ALTER TABLE users ADD y bigint;\n-- migrate:down\nALTER TABLE users DROP y;\n",
    );
    let users = (
        "001_users.sql",
        "CREATE TABLE users(x bigint);\n-- migrate:down\nDROP TABLE users;\n",
    );
    let orders = (
        "001_orders.sql",
        "CREATE TABLE orders(x bigint);\n-- migrate:down\nDROP TABLE orders;\n",
    );
    let users = D::migrator(&[users, more]);
    let orders = D::history_table(D::migrator(&[orders]), "orders_migrations");
    db.up(&users.clone().to(version(1))).unwrap();
    db.up(&orders).unwrap();
    db.up(&users).unwrap();
    assert!(db.up(&users).unwrap().is_empty() && db.up(&orders).unwrap().is_empty());
    assert!(db.verify(&users).unwrap().is_clean() && db.verify(&orders).unwrap().is_clean());
    assert_state(&mut db, "orders orders_migrations users: 1 2");
    db.reset(&orders).unwrap();
    assert_state(&mut db, "orders_migrations users: 1 2");
    assert_eq!(db.rows("SELECT count(*) FROM orders_migrations"), "0");
    db.up(&orders).unwrap();
    db.reset(&users).unwrap();
    assert_state(&mut db, "orders orders_migrations: ");
    assert_eq!(db.status(&orders).unwrap().applied(), 1);
}

/// A name that something else has already.
fn a_name_that_is_taken<D: Database>(mut db: D) {
    db.execute(
        "CREATE TABLE people(name text, age bigint); CREATE VIEW v AS SELECT 1 AS version; \
         CREATE INDEX i ON people(name)",
    );
    let mut messages = Vec::new();
    for name in ["people", "v", "i"] {
        let migrator = D::history_table(D::migrator(&THREE), name);
        let error = refused(&mut db, |db| db.up(&migrator));
        let status = refused(&mut db, |db| db.status(&migrator));
        assert_eq!(status.to_string(), error.message());
        // On PostgreSQL the schema stands before it.
        let message = error.message().replace("`public.", "`");
        messages.push(format!("{name}, {}: {message}", kinds(&error)));
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    people, foreign history: the table `people` was created by another tool (its columns are `name`, `age`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`
    v, damaged history: the history table `v` is damaged: it is a view, not a table; nothing was applied, restore the table from a backup
    i, damaged history: the history table `i` is damaged: it is an index, not a table; nothing was applied, restore the table from a backup
    ");
}

/// The shapes of the seeds 000, 003 and 004, and those of known tools.
fn it_belongs_to_another_tool<D: Database>(_: D) {
    let mut messages = Vec::new();
    for (table, columns) in [
        ("_migrations", "id bigint, name text, applied_at timestamp"),
        (
            "_migrations",
            "id bigint, version varchar(10), name varchar(255), checksum varchar(32), \
             applied_at timestamp, execution_time_ms bigint, git_commit varchar(40)",
        ),
        (
            "_sqlx_migrations",
            "version bigint, description text, installed_on timestamp, success boolean, \
             checksum text, execution_time bigint",
        ),
        (
            "refinery_schema_history",
            "version bigint, name text, applied_on text, checksum text",
        ),
        (
            "__diesel_schema_migrations",
            "version varchar(50), run_on timestamp",
        ),
    ] {
        let Some(mut db) = D::new() else { return };
        db.execute(&format!("CREATE TABLE {table}({columns})"));
        // Without a row it says nothing, unless it stands in our place.
        if table != "_migrations" {
            assert_eq!(done(&db.up(&D::migrator(&[A])).unwrap()), "001_a");
            db.reset(&D::migrator(&[A])).unwrap();
            let first = columns.split_whitespace().next().unwrap();
            db.execute(&format!("INSERT INTO {table}({first}) VALUES (1)"));
        }
        let migrator = D::migrator(&[A, B]);
        let error = refused(&mut db, |db| db.up(&migrator));
        assert_eq!(kinds(&error), "foreign history");
        messages.push(error.message());
        if table != "_migrations" {
            let beside = migrator.allow_foreign_history();
            assert_eq!(done(&db.up(&beside).unwrap()), "001_a 002_b");
        }
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)
    the table `_migrations` was created by a runner with numbered rows and short checksums (its columns are `id`, `version`, `name`, `checksum`, `applied_at`, `execution_time_ms`, `git_commit`); nothing was written: adopt it with `migrate adopt --from numbered --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)
    the database has a foreign history, created by sqlx: table `_sqlx_migrations` with 1 row; nothing was written: adopt it with `migrate adopt --from sqlx`, or call `allow_foreign_history` (on the command line `--allow-foreign-history`) if both tools are meant to use this database
    the database has a foreign history, created by refinery: table `refinery_schema_history` with 1 row; nothing was written: adopt it with `migrate adopt --from refinery`, or call `allow_foreign_history` (on the command line `--allow-foreign-history`) if both tools are meant to use this database
    the database has a foreign history, created by diesel: table `__diesel_schema_migrations` with 1 row; nothing was written: adopt it with `migrate adopt --from diesel`, or call `allow_foreign_history` (on the command line `--allow-foreign-history`) if both tools are meant to use this database
    ");
}

/// A column of the history table is missing.
fn a_column_is_gone<D: Database>(_: D) {
    let mut messages = Vec::new();
    for column in ["checksum", "state", "name"] {
        let Some(mut db) = D::new() else { return };
        let migrator = D::migrator(&[A, B]);
        db.up(&migrator).unwrap();
        db.execute(&format!("ALTER TABLE _migrations DROP COLUMN {column}"));
        for migrator in [&migrator, &D::migrator(&THREE)] {
            let error = refused(&mut db, |db| db.up(migrator));
            assert_eq!(kinds(&error), "damaged history");
            for other in [
                refused(&mut db, |db| db.plan(migrator)),
                refused(&mut db, |db| db.status(migrator)),
            ] {
                assert_eq!(other.to_string(), error.message());
            }
            messages.push(error.message().replace("`public.", "`"));
        }
    }
    messages.dedup();
    insta::assert_snapshot!(messages.join("\n"), @"
    the history table `_migrations` is damaged: the column `checksum` is missing; nothing was applied, restore the table from a backup
    the history table `_migrations` is damaged: the column `state` is missing; nothing was applied, restore the table from a backup
    the history table `_migrations` is damaged: the column `name` is missing; nothing was applied, restore the table from a backup
    ");
}

on_both![
    it_can_have_any_name,
    two_in_one_database,
    a_name_that_is_taken,
    it_belongs_to_another_tool,
    a_column_is_gone,
];
