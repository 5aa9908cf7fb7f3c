//! Taking over the history of another tool.

use crate::database::{A, B, Database, THREE, done, refused, version};
use migrate_runtime::Adopted;
use migrate_tests::kinds;

const OLD: &str = "CREATE TABLE a(x bigint); CREATE TABLE b(x bigint); \
                   CREATE TABLE old(version bigint)";

fn adopted(number: u64) -> Adopted {
    Adopted::new(version(number), format!("old {number}"))
}

fn rows_say_what_the_other_tool_knew<D: Database>(mut db: D) {
    db.execute(OLD);
    let mut first = adopted(1);
    first.applied_at = Some("2024-01-31T23:59:59.5Z".to_owned());
    first.execution_ms = 7;
    let mut second = adopted(2);
    second.note = Some("no time".to_owned());
    let migrator = D::migrator(&THREE).release("app 1.0");
    let recorded = db.adopt(&migrator, "", Ok(vec![first, second])).unwrap();
    assert_eq!(recorded.labels(), ["001_a", "002_b"]);
    insta::assert_snapshot!(recorded, @"
    recorded 001_a as applied
    recorded 002_b as applied
    ");
    insta::assert_snapshot!(
        db.rows(
            "SELECT version, name, state, execution_ms, origin, note, release, down_sql \
             FROM _migrations ORDER BY version",
        ),
        @"
    1|a|applied|7|old 1|||DROP TABLE a;

    2|b|applied|0|old 2|no time||DELETE FROM a WHERE x = 2;
    DROP TABLE b;
    "
    );
    let time = db.rows("SELECT applied_at FROM _migrations WHERE version = 1");
    assert_eq!(time, "2024-01-31T23:59:59.5Z");
    assert!(db.verify(&migrator).unwrap().drift().is_empty());
    // And from here on it goes.
    assert_eq!(done(&db.up(&migrator).unwrap()), "003_c");
}

fn what_is_not_the_beginning_of_the_registry<D: Database>(mut db: D) {
    db.execute(OLD);
    let timed = |time: &str| {
        let mut second = adopted(2);
        second.applied_at = Some(time.to_owned());
        vec![adopted(1), second]
    };
    let migrator = D::migrator(&THREE);
    let mut messages = Vec::new();
    for found in [
        vec![],
        vec![adopted(2)],
        vec![adopted(1), adopted(3)],
        vec![adopted(1), adopted(3), adopted(2)],
        vec![adopted(1), adopted(1)],
        vec![adopted(1), adopted(2), adopted(3), adopted(3)],
        vec![adopted(1), adopted(7)],
        timed("yesterday"),
        timed("2024-01-01 12:00:00"),
    ] {
        let error = refused(&mut db, |db| db.adopt(&migrator, "", Ok(found)));
        messages.push(error.message());
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    the other tool has applied nothing, so there is nothing to adopt; nothing was written, run `up`
    `old 2` cannot be adopted as migration `002_b`, but `001_a` comes first and the other tool has not applied it; nothing was written, apply it with that tool, or move its file to the end
    `old 3` cannot be adopted as migration `003_c`, but `002_b` comes first and the other tool has not applied it; nothing was written, apply it with that tool, or move its file to the end
    `old 3` cannot be adopted as migration `003_c`, but `002_b` comes first and the other tool has not applied it; nothing was written, apply it with that tool, or move its file to the end
    `old 1` cannot be adopted as migration `001_a`: it is already adopted; nothing was written, list each migration once, in order
    `old 3` cannot be adopted as migration `003_c`: it is already adopted; nothing was written, list each migration once, in order
    `old 7` cannot be adopted as migration 007: this binary does not contain it; nothing was written, add its file, or adopt it as another migration
    `old 2` was applied at `yesterday`, which is not a time in UTC such as `2024-01-01T12:00:00Z`; nothing was written, correct it
    `old 2` was applied at `2024-01-01 12:00:00`, which is not a time in UTC such as `2024-01-01T12:00:00Z`; nothing was written, correct it
    ");
}

fn an_error_of_the_reader_is_the_source<D: Database>(mut db: D) {
    db.execute(OLD);
    let migrator = D::migrator(&THREE);
    let error = refused(&mut db, |db| {
        db.adopt(&migrator, "INSERT INTO old VALUES (1)", Err("no such tool"))
    });
    insta::assert_snapshot!(migrate_tests::chain(&error), @"the history of the other tool was not adopted: no such tool");
    let error = refused(&mut db, |db| {
        db.adopt(&migrator, "SELECT 1 FROM older", Ok(vec![adopted(1)]))
    });
    if D::is_sqlite() {
        insta::assert_snapshot!(migrate_tests::chain(&error), @"the history of the other tool was not adopted: no such table: older: Error code 1");
    } else {
        insta::assert_snapshot!(migrate_tests::chain(&error), @r#"the history of the other tool was not adopted: db error: ERROR: relation "older" does not exist"#);
    }
    assert_eq!(
        db.adopt(&migrator, "", Ok(vec![adopted(1)]))
            .unwrap()
            .labels(),
        ["001_a"]
    );
}

fn a_database_with_a_history<D: Database>(mut db: D) {
    db.up(&D::migrator(&[A])).unwrap();
    let migrator = D::migrator(&THREE);
    let one = || Ok(vec![adopted(1)]);
    insta::assert_snapshot!(refused(&mut db, |db| db.adopt(&migrator, "", one())), @"an adoption is for a database without a history, but this one has 1 migration, up to `001_a`; nothing was changed");
    // One whose rows are gone counts for nothing.
    db.execute("DELETE FROM _migrations");
    db.adopt(&migrator, "", one()).unwrap();
}

/// The reader may move a table in our place out of the way; whatever else it
/// writes to it, it stays a table that is not ours.
fn a_table_in_the_place_of_ours<D: Database>(mut db: D) {
    db.execute(OLD);
    db.execute("CREATE TABLE _migrations(id bigint, name text, applied_at text)");
    let migrator = D::migrator(&[A, B]);
    let both = || Ok(vec![adopted(1), adopted(2)]);
    let error = refused(&mut db, |db| db.adopt(&migrator, "", both()));
    assert_eq!(kinds(&error), "foreign history");
    insta::assert_snapshot!(error.message(), @"the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)");
    let rename = "ALTER TABLE _migrations RENAME TO theirs";
    db.adopt(&migrator, rename, both()).unwrap();
    assert!(db.up(&migrator).unwrap().is_empty());
    assert!(db.tables().contains(&"theirs".to_owned()));
}

on_both![
    rows_say_what_the_other_tool_knew,
    what_is_not_the_beginning_of_the_registry,
    an_error_of_the_reader_is_the_source,
    a_database_with_a_history,
    a_table_in_the_place_of_ours,
];
