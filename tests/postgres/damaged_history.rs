//! 23. A history table that is not as this crate writes it.

use crate::set::{Set, migrator};
use migrate_runtime::{Drift, ErrorKind};
use migrate_tests::chain;

const A: (&str, &str) = ("001_a.sql", "CREATE TABLE a(x int)");
const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x int)");
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(x int)");

const COLUMNS: &str = "version, name, checksum, state, applied_at, execution_ms, release, \
                       git_commit, down_sql, origin, progress, note";

/// Damages the history, and runs: with nothing pending, where the short cut
/// must not be fooled, and with something pending. No panic, nothing written.
fn check(by_hand: &str) -> String {
    let outcome = refused(by_hand, &[A, B, C]);
    assert_eq!(refused(by_hand, &[A, B]), outcome, "{by_hand}");
    outcome
}

/// As [`check`], for damage that does no harm while nothing is pending, and
/// that a start with nothing to do does not look for.
fn check_pending(by_hand: &str) -> String {
    let Some(mut set) = Set::new() else {
        return String::new();
    };
    set.up(&migrator(&[A, B])).unwrap();
    set.database.psql(by_hand);
    let before = set.dump();
    assert!(set.up(&migrator(&[A, B])).unwrap().is_empty(), "{by_hand}");
    assert_eq!(set.dump(), before);
    refused(by_hand, &[A, B, C])
}

fn refused(by_hand: &str, files: &[(&str, &str)]) -> String {
    let Some(mut set) = Set::new() else {
        return String::new();
    };
    set.up(&migrator(&[A, B])).unwrap();
    set.database.psql(by_hand);
    let before = set.dump();
    let migrator = migrator(files);
    let Err(error) = set.up(&migrator) else {
        unreachable!("applied in spite of: {by_hand}")
    };
    let kind = match (
        error.kind() == ErrorKind::DamagedHistory,
        error.is_foreign_history(),
    ) {
        (true, false) => "damaged",
        (false, true) => "foreign",
        _ if error.is_ahead() => "ahead",
        _ if matches!(error.drift(), [Drift::Gap { .. }, ..]) => "gap",
        _ if error.kind() == ErrorKind::Drift => "drift",
        _ => "other",
    };
    let message = error.to_string();
    set.db.run(async |client| {
        let planned = migrator.plan(client).await.map(drop);
        assert_eq!(planned.unwrap_err().to_string(), message, "{by_hand}");
        match migrator.status(client).await {
            Err(other) => assert_eq!(other.to_string(), message, "{by_hand}"),
            Ok(status) => assert_eq!(status.drift(), error.drift(), "{by_hand}"),
        }
    });
    assert!(error.report().is_empty());
    assert_eq!(set.dump(), before, "{by_hand}");
    format!("{kind}: {}", chain(&error))
        .replace("the history table `public._migrations` is damaged: ", "")
        .replace("; nothing was applied, restore the table from a backup", "")
}

/// The checks of all these damages, each on a line.
fn all(damages: &[&str], check: fn(&str) -> String) -> Option<String> {
    migrate_servers::Server::shared()?;
    let lines = damages.iter().map(|by_hand| check(by_hand));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_column_is_gone() {
    if migrate_servers::Server::shared().is_none() {
        return;
    }
    for column in COLUMNS.split(", ") {
        let by_hand = format!("ALTER TABLE _migrations DROP COLUMN {column}");
        let outcome = match column {
            "version" | "name" | "checksum" | "state" => check(&by_hand),
            _ => check_pending(&by_hand),
        };
        assert_eq!(
            outcome,
            format!("damaged: the column `{column}` is missing")
        );
    }
    let drop = |columns: &str| {
        let columns = columns
            .split(' ')
            .map(|name| format!("DROP COLUMN {name}"))
            .collect::<Vec<_>>()
            .join(", ");
        check_pending(&format!("ALTER TABLE _migrations {columns}"))
    };
    insta::assert_snapshot!(drop("note progress origin down_sql"), @"damaged: the columns `down_sql`, `origin`, `progress`, `note` are missing");
    insta::assert_snapshot!(drop("note progress origin down_sql git_commit"), @"foreign: the table `_migrations` was created by another tool (its columns are `version`, `name`, `checksum`, `state`, `applied_at`, `execution_ms`, `release`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`");
}

#[test]
fn a_value_is_not_one_of_ours() {
    let lax = |column: &str, assignment: &str| {
        format!(
            "ALTER TABLE _migrations ALTER {column} DROP NOT NULL; \
             UPDATE _migrations SET {column} = {assignment} WHERE version = 2"
        )
    };
    let damages = [
        lax("checksum", "NULL"),
        lax("name", "NULL"),
        lax("state", "NULL"),
        lax("state", "'half done'"),
        lax("state", "'APPLIED'"),
        "UPDATE _migrations SET version = 0 WHERE version = 2".to_owned(),
        "UPDATE _migrations SET version = -2 WHERE version = 2".to_owned(),
        "UPDATE _migrations SET version = -9223372036854775808 WHERE version = 2".to_owned(),
    ];
    let damages: Vec<&str> = damages.iter().map(String::as_str).collect();
    let Some(shown) = all(&damages, check) else {
        return;
    };
    insta::assert_snapshot!(shown, @"
    damaged: the checksum of version 002 is NULL
    damaged: the name of version 002 is NULL
    damaged: the state of version 002 is NULL
    damaged: the state of version 002 is `half done`
    damaged: the state of version 002 is `APPLIED`
    damaged: 0 is not a version
    damaged: -2 is not a version
    damaged: -9223372036854775808 is not a version
    ");
    // What is wrong with the whole depends on what is pending.
    let huge = "UPDATE _migrations SET version = 9223372036854775807 WHERE version = 2";
    insta::assert_snapshot!(refused(huge, &[A, B]), @"
    drift: the database is ahead of this binary: migration `9223372036854775807_b` is applied but not contained in it; start a newer release, or restore its file
    migration `002_b` is not applied, but the later version 9223372036854775807 is; give it a number above 9223372036854775807
    ");
    let gap = "DELETE FROM _migrations WHERE version = 1";
    insta::assert_snapshot!(check(gap), @"gap: migration `001_a` is not applied, but the later version 002 is; give it a number above 002");
    let remarks = [
        lax("applied_at", "NULL"),
        lax("execution_ms", "NULL"),
        lax("execution_ms", "-1"),
        lax("progress", "'up'"),
    ];
    let remarks: Vec<&str> = remarks.iter().map(String::as_str).collect();
    insta::assert_snapshot!(all(&remarks, check_pending).unwrap(), @"
    damaged: the time of version 002 is NULL
    damaged: the duration of version 002 is NULL
    damaged: the duration of version 002 is -1
    damaged: the progress of version 002 is `up`
    ");
}

#[test]
fn a_column_has_another_type() {
    let Some(shown) = all(
        &[
            "ALTER TABLE _migrations ALTER version TYPE text",
            "ALTER TABLE _migrations ALTER version TYPE numeric",
            "ALTER TABLE _migrations ALTER execution_ms TYPE text",
            "ALTER TABLE _migrations ALTER applied_at TYPE timestamptz USING applied_at::timestamptz",
        ],
        check_pending,
    ) else {
        return;
    };
    insta::assert_snapshot!(shown, @"
    damaged: `version` is `text`, not `bigint`
    damaged: `version` is `numeric`, not `bigint`
    damaged: `execution_ms` is `text`, not `bigint`
    damaged: `applied_at` is `timestamp with time zone`, not `text`
    ");
    let bytes = "ALTER TABLE _migrations ALTER checksum TYPE bytea USING checksum::bytea";
    insta::assert_snapshot!(check(bytes), @"damaged: `checksum` is `bytea`, not `text`");
}

#[test]
fn the_key_is_another() {
    let drop = "ALTER TABLE _migrations DROP CONSTRAINT _migrations_pkey";
    let Some(shown) = all(
        &[
            drop,
            &format!("{drop}; ALTER TABLE _migrations ADD PRIMARY KEY (name)"),
            &format!("{drop}; ALTER TABLE _migrations ADD PRIMARY KEY (version, name)"),
            &format!("{drop}; CREATE UNIQUE INDEX ON _migrations(version)"),
        ],
        check_pending,
    ) else {
        return;
    };
    insta::assert_snapshot!(shown, @"
    damaged: `version` is not its primary key
    damaged: `version` is not its primary key
    damaged: `version` is not its primary key
    damaged: `version` is not its primary key
    ");
    let twice = "INSERT INTO _migrations SELECT * FROM _migrations WHERE version = 2";
    // One that inherits from it gives it its rows.
    let inherited = "CREATE TABLE more() INHERITS (_migrations); \
                     INSERT INTO more SELECT * FROM ONLY _migrations WHERE version = 2";
    let shown = all(&[&format!("{drop}; {twice}"), inherited], check);
    insta::assert_snapshot!(shown.unwrap(), @"
    damaged: `version` is not its primary key
    damaged: version 002 is in it twice
    ");
}

#[test]
fn something_else_is_in_its_place() {
    let rename = "ALTER TABLE _migrations RENAME TO old";
    let Some(shown) = all(
        &[
            &format!("{rename}; CREATE VIEW _migrations AS SELECT * FROM old"),
            &format!(
                "{rename}; CREATE FOREIGN DATA WRAPPER w; \
                 CREATE SERVER s FOREIGN DATA WRAPPER w; \
                 CREATE FOREIGN TABLE _migrations(version bigint) SERVER s"
            ),
            &format!("{rename}; CREATE SEQUENCE _migrations"),
            &format!("{rename}; CREATE INDEX _migrations ON a(x)"),
            &format!("{rename}; CREATE TYPE _migrations AS (version bigint)"),
        ],
        check,
    ) else {
        return;
    };
    insta::assert_snapshot!(shown, @"
    damaged: it is a view, not a table
    damaged: it is a foreign table, not a table
    damaged: it is a sequence, not a table
    damaged: it is an index, not a table
    damaged: it is a type, not a table
    ");
    // This one shows the same rows, and nothing can be written to it.
    let materialized =
        format!("{rename}; CREATE MATERIALIZED VIEW _migrations AS SELECT * FROM old");
    insta::assert_snapshot!(check_pending(&materialized), @"damaged: it is a materialized view, not a table");
    let Some(shown) = all(
        &[
            &format!("{rename}; CREATE TABLE _migrations(id serial, name text, run_on timestamp)"),
            &format!(
                "{rename}; CREATE TABLE _migrations(id int, name text, applied_at timestamp); \
                 INSERT INTO _migrations VALUES (1, '001_a', now())"
            ),
        ],
        check,
    ) else {
        return;
    };
    insta::assert_snapshot!(shown, @"
    foreign: the table `_migrations` was created by another tool (its columns are `id`, `name`, `run_on`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`
    foreign: the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)
    ");
}

/// A role that may not see all rows must not take the history for a shorter one.
#[test]
fn rows_are_hidden_from_a_role() {
    let Some(mut set) = Set::new() else { return };
    set.up(&migrator(&[A, B])).unwrap();
    let role = format!("hidden_{}", set.database.name());
    set.database.psql(&format!(
        "CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role}; \
         GRANT ALL ON _migrations TO {role}; \
         ALTER TABLE _migrations ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY shown ON _migrations USING (version <> 2)"
    ));
    let before = set.dump();
    let error = set.db.run(async |client| {
        client
            .batch_execute(&format!("SET ROLE {role}"))
            .await
            .unwrap();
        migrator(&[A, B]).up(client).await.unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::DamagedHistory);
    insta::assert_snapshot!(error, @"the history table `public._migrations` is damaged: row-level security hides some of its rows from this role; nothing was applied, restore the table from a backup");
    assert_eq!(set.dump(), before);
    set.database
        .psql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
