//! Which down runs: the embedded one where registry and history agree, that of
//! the history otherwise.

use crate::database::{Database, dump, number, text};
use crate::down::{A, B, C, THREE, applied, assert_state, refused, version};
use migrate_runtime::{Down, Repair, Transactions};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;

/// Applied by one binary, undone by another that has something else in the
/// place of the second migration, or nothing.
fn undone_by_another(second: Option<(&str, &str)>) -> Connection {
    let left = (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nCREATE TABLE left_by_the_first(x);\n",
    );
    let (mut conn, _) = applied(&[A, left]);
    let other: Vec<(&str, &str)> = [A].into_iter().chain(second).collect();
    let report = migrator(&other).down(&mut conn, Down::To(version(1)));
    assert_eq!(report.unwrap().undone()[0].label, "002_b");
    conn
}

#[test]
fn what_is_unknown_is_undone_by_its_own_down() {
    let conn = undone_by_another(None);
    assert_state(&conn, "a left_by_the_first", "1");
}

/// The down in the registry undoes another text than the one that was applied.
#[test]
fn what_was_changed_is_undone_by_its_own_down() {
    let changed = (
        "002_b.sql",
        "CREATE TABLE b(x, y);\n-- migrate:down\nDROP TABLE b;\nCREATE TABLE wrong(x);\n",
    );
    assert_state(
        &undone_by_another(Some(changed)),
        "a left_by_the_first",
        "1",
    );
    let replaced = ("002_other.sql", changed.1);
    assert_state(
        &undone_by_another(Some(replaced)),
        "a left_by_the_first",
        "1",
    );
    let renamed = (
        "002_other.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nCREATE TABLE wrong(x);\n",
    );
    assert_state(
        &undone_by_another(Some(renamed)),
        "a left_by_the_first",
        "1",
    );
    let without = ("002_b.sql", "CREATE TABLE b(x, y);\n");
    assert_state(
        &undone_by_another(Some(without)),
        "a left_by_the_first",
        "1",
    );
}

/// A down may be fixed after its up was applied; it is not part of the
/// checksum.
#[test]
fn where_both_agree_the_embedded_down_runs() {
    let mended = (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nCREATE TABLE mended(x);\n",
    );
    assert_state(&undone_by_another(Some(mended)), "a mended", "1");
    // And one that was given a down afterwards has one.
    let (mut conn, _) = applied(&[A, ("002_b.sql", "CREATE TABLE b(x);\n")]);
    assert_eq!(number(&conn, "SELECT count(down_sql) FROM _migrations"), 1);
    migrator(&[A, mended])
        .down(&mut conn, Down::Steps(1))
        .unwrap();
    assert_state(&conn, "a mended", "1");
}

/// The other way round: a down that was taken away is still in the history.
#[test]
fn a_down_that_was_removed_is_still_in_the_history() {
    let conn = undone_by_another(Some(("002_b.sql", "CREATE TABLE b(x);\n")));
    assert_state(&conn, "a left_by_the_first", "1");
}

#[test]
fn an_error_in_a_stored_down_says_where_it_is() {
    let bad = (
        "002_b.sql",
        "CREATE TABLE b(x);\n-- migrate:down\nDROP TABLE b;\nDROP  TABLE nowhere;\nSELECT nope;\n",
    );
    let (mut conn, _) = applied(&[A, bad]);
    assert_eq!(
        text(&conn, "SELECT down_sql FROM _migrations WHERE version = 2"),
        "DROP TABLE b;\nDROP  TABLE nowhere;\nSELECT nope;\n"
    );
    let error = refused(&migrator(&[A]), &mut conn, Down::To(version(1)));
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` failed at the down of `002_b` in `_migrations`:2:1 and was rolled back: no such table: nowhere: Error code 1");
    conn.execute_batch(
        "UPDATE _migrations SET down_sql = 'SELECT 1;\n    SELECT nope' WHERE version = 2",
    )
    .unwrap();
    let error = refused(&migrator(&[A]), &mut conn, Down::To(version(1)));
    insta::assert_snapshot!(error.location().unwrap(), @"the down of `002_b` in `_migrations`:2:12");
}

/// What stands in the history may have been written by anybody.
#[test]
fn a_stored_down_runs_under_the_authorizer() {
    let (mut conn, _) = applied(&[A, B]);
    for down in [
        "COMMIT",
        "PRAGMA journal_mode = OFF",
        "DELETE FROM _migrations",
    ] {
        conn.execute(
            "UPDATE _migrations SET down_sql = 'DROP TABLE b; ' || ?1 WHERE version = 2",
            [down],
        )
        .unwrap();
        let error = refused(&migrator(&[A]), &mut conn, Down::To(version(1)));
        assert!(
            error.to_string().contains("was refused at"),
            "{}",
            chain(&error)
        );
    }
    // Or be no SQL at all.
    for down in [
        "",
        "-- nothing\n",
        "SELECT 'open",
        "DROP TABLE b; \u{0}SELECT 1",
        "SELECT ?1",
    ] {
        conn.execute(
            "UPDATE _migrations SET down_sql = ?1 WHERE version = 2",
            [down],
        )
        .unwrap();
        let before = dump(&conn);
        match migrator(&[A]).down(&mut conn, Down::To(version(1))) {
            // It undoes nothing, and says so by being empty.
            Ok(_) => {
                assert!(down.is_empty() || down.starts_with("--"), "{down:?}");
                assert_state(&conn, "a b", "1");
                let row = "INSERT INTO _migrations SELECT 2, 'b', checksum, state, applied_at, \
                           0, release, git_commit, '', origin, progress, note FROM _migrations";
                conn.execute_batch(row).unwrap();
            }
            Err(_) => assert_eq!(dump(&conn), before, "{down:?}"),
        }
    }
}

/// A stored down keeps its `no-transaction`.
#[test]
fn a_stored_down_may_run_without_a_transaction() {
    let files = [
        A,
        ("002_b.sql", "CREATE TABLE b(x);\n"),
        (
            "002_b.down.sql",
            "-- migrate: no-transaction\nDROP TABLE b;\nVACUUM;\n",
        ),
    ];
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&files).up(&mut conn).unwrap();
    let old = migrator(&[A]);
    let all = old.clone().transactions(Transactions::All);
    let error = refused(&all, &mut conn, Down::To(version(1)));
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` runs without a transaction, so it cannot share one with others; nothing was undone, use one transaction for each");
    old.down(&mut conn, Down::To(version(1))).unwrap();
    assert_state(&conn, "a", "1");
}

#[test]
fn all_downs_in_one_transaction() {
    let bad = (
        "001_a.sql",
        "CREATE TABLE a(x);\n-- migrate:down\nDROP TABLE nowhere;\n",
    );
    let (mut conn, each) = applied(&[bad, B, C]);
    let all = each.transactions(Transactions::All);
    let error = refused(&all, &mut conn, Down::All);
    insta::assert_snapshot!(chain(&error), @"the down of migration `001_a` failed at 001_a.sql:3:1 and was rolled back; all migrations of this run share one transaction, so none took effect: no such table: nowhere: Error code 1");
    let report = all.down(&mut conn, Down::To(version(1))).unwrap();
    assert_eq!(report.undone().len(), 2);
    assert_state(&conn, "a", "1");
    // Under the lock as before it: what cannot share a transaction.
    let outside = [
        A,
        ("002_b.sql", "CREATE TABLE b(x);\n"),
        (
            "002_b.down.sql",
            "-- migrate: no-transaction\nDROP TABLE b;\n",
        ),
        (
            "003_c.sql",
            "CREATE TABLE c(x);\n-- migrate:down\nDROP TABLE c;\n",
        ),
    ];
    let (mut conn, each) = applied(&outside);
    let all = each.transactions(Transactions::All);
    let error = refused(&all, &mut conn, Down::All);
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_b` runs without a transaction, so it cannot share one with others; nothing was undone, use one transaction for each");
    assert_eq!(
        all.down(&mut conn, Down::Steps(1)).unwrap().undone().len(),
        1
    );
}

/// Its text was never run here, but it is the one that the registry has.
#[test]
fn a_baseline_can_be_undone() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE a(x); CREATE TABLE b(x)")
        .unwrap();
    let migrator = migrator(&THREE);
    migrator.baseline(&mut conn, version(2)).unwrap();
    migrator.up(&mut conn).unwrap();
    migrator.down(&mut conn, Down::To(version(1))).unwrap();
    assert_state(&conn, "a", "1");
    assert_eq!(text(&conn, "SELECT origin FROM _migrations"), "baseline");
    // By one that does not know it, too: the row holds the down.
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE a(x); CREATE TABLE b(x)")
        .unwrap();
    migrator.baseline(&mut conn, version(2)).unwrap();
    let old = migrate_tests::migrator(&[A]);
    old.down(&mut conn, Down::To(version(1))).unwrap();
    assert_state(&conn, "a", "1");
}

/// What a binary with another text began to undo by the down of the row, it
/// goes on with by that, and not by its own.
#[test]
fn a_stored_down_that_stopped_is_resumed_as_such() {
    let with_down = |up: &str, down: &str| {
        let text = format!("{up};\n-- migrate:down\n-- migrate: no-transaction\n{down}\n");
        migrator(&[("001_a.sql", &text)])
    };
    for own in ["SELECT 1;", "DROP TABLE a;\nCREATE TABLE wrong(x);"] {
        let mut conn = Connection::open_in_memory().unwrap();
        with_down("CREATE TABLE a(x)", "DROP TABLE a;\nDROP TABLE gone;")
            .up(&mut conn)
            .unwrap();
        let edited = with_down("CREATE TABLE a(x, y)", own);
        let error = edited.down(&mut conn, Down::All).unwrap_err();
        assert!(
            chain(&error).contains("no such table: gone"),
            "{}",
            chain(&error)
        );
        conn.execute_batch("CREATE TABLE gone(x)").unwrap();
        edited
            .repair(&mut conn, version(1), Repair::Resume)
            .unwrap();
        assert_state(&conn, "", "");
    }
}
