//! Migrations without a transaction that are refused, or that something stops.

use crate::database::{BASE, Database, MODES, dump, rows, text};
use crate::no_transaction::{SECOND, assert_released, failed, outside, up};
use migrate_runtime::{BoxError, ErrorKind, Observer, Repair, Step};
use migrate_tests::{chain, migrator};

struct Veto(bool);

impl Observer for Veto {
    fn before(&self, step: &Step<'_>) -> Result<(), BoxError> {
        if self.0 && step.version == SECOND {
            Err("not today".into())
        } else {
            Ok(())
        }
    }

    fn after(&self, step: &Step<'_>) -> Result<(), BoxError> {
        if !self.0 && step.version == SECOND {
            Err("not like that".into())
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_veto_before_leaves_nothing_and_one_after_leaves_all() {
    let script = "CREATE TABLE b(y);\nVACUUM;";
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let before = dump(&conn);
        let error = outside(script)
            .observer(Veto(true))
            .up(&mut conn)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Vetoed);
        insta::allow_duplicates! { insta::assert_snapshot!(chain(&error), @"the observer refused migration `002_second` before it ran: not today"); }
        assert_eq!(dump(&conn), before);
        assert_released(&database, &conn);

        let error = outside(script)
            .observer(Veto(false))
            .up(&mut conn)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Vetoed);
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"the observer refused migration `002_second` after it ran; it runs without a transaction, so its 2 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied: not like that");
            insta::assert_snapshot!(outside(script).up(&mut conn).unwrap_err(), @"the up of migration `002_second` was started outside a transaction and has not finished: 2 of 2 statements finished; check what it left behind, then use `repair` to resume it or to record its outcome");
        }
        assert_released(&database, &conn);
        outside(script)
            .repair(&mut conn, SECOND, Repair::Resume)
            .unwrap();
        assert!(outside(script).up(&mut conn).unwrap().applied().is_empty());
    }
}

#[test]
fn broken_references_at_the_end_leave_it_started() {
    let database = Database::new(false);
    let script = "CREATE TABLE b(y REFERENCES a(x));\nINSERT INTO b VALUES (7);";
    let (mut conn, error) = failed(&database, script);
    insta::assert_snapshot!(chain(&error), @"migration `002_second` breaks references: row 1 of `b` refers to no row of `a`; it runs without a transaction, so its 2 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
    let migrator = outside(script);
    insta::assert_snapshot!(migrator.up(&mut conn).unwrap_err(), @"the up of migration `002_second` was started outside a transaction and has not finished: 2 of 2 statements finished; check what it left behind, then use `repair` to resume it or to record its outcome");
    // What is broken does not become right by being there already.
    let error = migrator
        .repair(&mut conn, SECOND, Repair::Resume)
        .unwrap_err();
    assert!(chain(&error).contains("breaks references"));
    conn.execute("UPDATE b SET y = 1", []).unwrap();
    migrator.repair(&mut conn, SECOND, Repair::Resume).unwrap();
    assert!(migrator.up(&mut conn).unwrap().applied().is_empty());
}

#[test]
fn what_would_end_or_harm_a_transaction_is_refused() {
    let mut messages = String::new();
    for statement in [
        "BEGIN",
        "/* */ COMMIT",
        "SAVEPOINT s",
        "ATTACH ':memory:' AS other",
        "PRAGMA journal_mode = OFF",
        "PRAGMA journal_mode(memory)",
        "PRAGMA locking_mode = NORMAL",
        "DELETE FROM _migrations",
        "SELECT ?1",
    ] {
        for wal in MODES {
            let database = Database::new(wal);
            let mut conn = database.open();
            migrator(&[BASE]).up(&mut conn).unwrap();
            let before = dump(&conn);
            let error = up(&mut conn, statement).unwrap_err();
            assert_eq!(dump(&conn), before, "{statement}");
            assert_released(&database, &conn);
            let script = format!("CREATE TABLE b(y);\n{statement};\nDROP TABLE b;");
            let later = up(&mut conn, &script).unwrap_err();
            assert_eq!(rows(&conn, "SELECT * FROM b").len(), 0);
            assert_released(&database, &conn);
            if wal {
                messages += &format!("{}\n  {}\n", chain(&error), chain(&later));
            }
        }
    }
    insta::assert_snapshot!(messages, @"
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: transaction control in a migration without a transaction; remove it, each statement is recorded when it has ended
      migration `002_second` was refused at 002_second.sql:3:1: transaction control in a migration without a transaction; remove it, each statement is recorded when it has ended; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:7 and rolled back: transaction control in a migration without a transaction; remove it, each statement is recorded when it has ended
      migration `002_second` was refused at 002_second.sql:3:7: transaction control in a migration without a transaction; remove it, each statement is recorded when it has ended; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: savepoints are not available in a migration; remove it
      migration `002_second` was refused at 002_second.sql:3:1: savepoints are not available in a migration; remove it; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: a migration cannot attach or detach another database; do it where the application opens the database
      migration `002_second` was refused at 002_second.sql:3:1: a migration cannot attach or detach another database; do it where the application opens the database; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: `PRAGMA journal_mode`: without a journal on disk, a crash could corrupt the database; set `wal`, `delete`, `truncate` or `persist`
      migration `002_second` was refused at 002_second.sql:3:1: `PRAGMA journal_mode`: without a journal on disk, a crash could corrupt the database; set `wal`, `delete`, `truncate` or `persist`; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: `PRAGMA journal_mode`: without a journal on disk, a crash could corrupt the database; set `wal`, `delete`, `truncate` or `persist`
      migration `002_second` was refused at 002_second.sql:3:1: `PRAGMA journal_mode`: without a journal on disk, a crash could corrupt the database; set `wal`, `delete`, `truncate` or `persist`; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: `PRAGMA locking_mode`: it would stay in effect on the connection after the migration; remove it, and set it where the application opens the database
      migration `002_second` was refused at 002_second.sql:3:1: `PRAGMA locking_mode`: it would stay in effect on the connection after the migration; remove it, and set it where the application opens the database; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
      migration `002_second` was refused at 002_second.sql:3:1: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    migration `002_second` was refused at 002_second.sql:2:1 and rolled back: a bind parameter has no value here; write the value itself
      migration `002_second` was refused at 002_second.sql:3:1: a bind parameter has no value here; write the value itself; it runs without a transaction, so 1 of its 3 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied
    ");
}

#[test]
fn a_lock_in_the_way_leaves_nothing_or_says_what_stays() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let before = dump(&conn);
        // An open connection stands in the way of a switch out of WAL, and a
        // reader in the way of every commit with a rollback journal.
        let reader = database.open();
        let mut statement = reader.prepare("SELECT * FROM a").unwrap();
        let mut reading = statement.query([]).unwrap();
        reading.next().unwrap();
        let script = if wal {
            "PRAGMA journal_mode = DELETE"
        } else {
            "VACUUM"
        };
        let error = up(&mut conn, script).unwrap_err();
        assert!(error.is_locked(), "{}", chain(&error));
        if wal {
            let script = "CREATE TABLE b(y);\nPRAGMA journal_mode = DELETE;";
            assert_eq!(dump(&conn), before);
            let error = up(&mut conn, script).unwrap_err();
            let message = chain(&error).replace(&*database.path().to_string_lossy(), "app.db");
            insta::assert_snapshot!(message.split_once(" s for").unwrap().1, @" the other connections of `app.db`, and another connection is still in the way; it runs without a transaction, so 1 of its 2 statements stays in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied: database is locked: Error code 5");
            drop(reading);
            drop(statement);
            drop(reader);
            outside(script)
                .repair(&mut conn, SECOND, Repair::Resume)
                .unwrap();
            assert_eq!(text(&conn, "PRAGMA journal_mode"), "delete");
        } else {
            drop(reading);
            drop(statement);
            assert_eq!(dump(&conn), before);
        }
        assert_released(&database, &conn);
    }
}

/// Something else has the name of the file that says who is at work.
#[test]
fn a_claim_that_cannot_be_made_stops_it() {
    let database = Database::new(true);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    let before = dump(&conn);
    let claim = database.path().with_extension("db-migrating");
    std::fs::create_dir(&claim).unwrap();
    let message = chain(&up(&mut conn, "VACUUM").unwrap_err());
    let folder = database.path().parent().unwrap().display().to_string();
    let message = message.replace(&folder, "…").replace('\\', "/");
    // Windows has no such error of its own.
    let message = message.replace(": is a directory", ": Is a directory (os error 21)");
    insta::assert_snapshot!(message, @"the file `…/app.db-migrating`, which shows other processes that a migration without a transaction is running, cannot be used; nothing was applied, remove what is there, or make its folder writable: Is a directory (os error 21)");
    assert_eq!(dump(&conn), before);
    std::fs::remove_dir(&claim).unwrap();
    up(&mut conn, "VACUUM").unwrap();
}
