//! What a way down would do, told without doing it.

use crate::database::dump;
use crate::down::{A, B, THREE, applied, refused, version};
use migrate_runtime::{Down, DownScript, Migrator, Transactions, Version};
use migrate_tests::migrator;
use rusqlite::Connection;

#[track_caller]
fn planned(migrator: &Migrator<Version>, conn: &Connection, down: Down<Version>) -> String {
    let before = dump(conn);
    let plan = migrator.plan_down(conn, down).unwrap();
    assert_eq!(plan.is_empty(), plan.undos().is_empty());
    assert_eq!(dump(conn), before);
    plan.to_string()
}

#[test]
fn it_is_what_down_undoes() {
    for down in [
        Down::Steps(0),
        Down::Steps(2),
        Down::To(version(1)),
        Down::Only(version(3)),
        Down::All,
    ] {
        let (mut conn, migrator) = applied(&THREE);
        let plan = migrator.plan_down(&conn, down).unwrap();
        let planned: Vec<&str> = plan.undos().iter().map(|undo| &*undo.label).collect();
        let report = migrator.down(&mut conn, down).unwrap();
        let undone: Vec<&str> = report
            .undone()
            .iter()
            .map(|undone| &*undone.label)
            .collect();
        assert_eq!(planned, undone, "{down:?}");
    }
}

#[test]
fn it_is_told_line_by_line() {
    let (conn, migrator) = applied(&THREE);
    insta::assert_snapshot!(planned(&migrator, &conn, Down::To(version(1))), @"
    would undo 003_c
    would undo 002_b
    ");
    insta::assert_snapshot!(planned(&migrator, &conn, Down::Steps(0)), @"there is nothing to undo");
    let nothing = Connection::open_in_memory().unwrap();
    insta::assert_snapshot!(planned(&migrator, &nothing, Down::All), @"there is nothing to undo");
}

/// The script that would run can be shown, the stored one as well.
#[test]
fn it_has_the_scripts() {
    let (conn, known) = applied(&[A, B]);
    let plan = known.plan_down(&conn, Down::Steps(1)).unwrap();
    let Some(DownScript::Embedded(script)) = plan.undos()[0].script() else {
        panic!("{plan:?}");
    };
    assert!(script.sql().contains("DROP TABLE b"), "{}", script.sql());
    let plan = migrator(&[A]).plan_down(&conn, Down::Steps(1)).unwrap();
    let Some(DownScript::Stored(sql)) = plan.undos()[0].script() else {
        panic!("{plan:?}");
    };
    assert!(sql.contains("DROP TABLE b"), "{sql}");
}

#[test]
fn it_is_refused_as_down_is() {
    let outside = (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\n-- migrate: no-transaction\nVACUUM;\n",
    );
    let without = ("002_b.sql", "CREATE TABLE b(x)");
    let second = [A, B];
    for (files, down, transactions) in [
        ([A, without], Down::All, Transactions::Each),
        ([A, outside], Down::All, Transactions::All),
        (second, Down::Only(version(1)), Transactions::Each),
        (second, Down::Only(version(7)), Transactions::Each),
    ] {
        let (mut conn, migrator) = applied(&files);
        let migrator = migrator.transactions(transactions);
        let error = refused(&migrator, &mut conn, down);
        let planned = migrator.plan_down(&conn, down).unwrap_err();
        assert_eq!(planned.to_string(), error.to_string());
    }
    // One that has been started and has not ended.
    let (mut conn, migrator) = applied(&[A, B]);
    let progress =
        "up 0 of 1 sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let start = "UPDATE _migrations SET state = 'started', progress = ?1 WHERE version = 2";
    conn.execute(start, [progress]).unwrap();
    let error = refused(&migrator, &mut conn, Down::All);
    assert!(error.is_dirty());
    let planned = migrator.plan_down(&conn, Down::All).unwrap_err();
    assert_eq!(planned.to_string(), error.to_string());
}

/// A typed migrator and a plain one are the same but for the type of targets.
#[test]
fn an_untyped_migrator_has_the_same_settings() {
    #[derive(Clone, Copy)]
    struct Only;
    impl From<Only> for Version {
        fn from(_: Only) -> Version {
            version(1)
        }
    }
    let typed = Migrator::<Only>::new(migrate_tests::registry(&THREE))
        .history_table("ours")
        .to(Only);
    let mut conn = Connection::open_in_memory().unwrap();
    let plain: Migrator<Version> = typed.untyped();
    assert_eq!(plain.up(&mut conn).unwrap().applied()[0].label, "001_a");
    assert!(plain.up(&mut conn).unwrap().is_empty());
    assert_eq!(
        crate::database::number(&conn, "SELECT count(*) FROM ours"),
        1
    );
    let all = plain.to(version(3)).up(&mut conn).unwrap();
    assert_eq!(all.applied().len(), 2);
}
