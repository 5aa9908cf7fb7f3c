//! Writing the history by hand, and looking for every difference.

use crate::database::{BASE, Database, MODES, dump, number, rows, text};
use migrate_runtime::{Error, Migrator, Repair, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use rusqlite::types::Value;

const ONE: Version = Version::new(1);
const TWO: Version = Version::new(2);
const THREE: Version = Version::new(3);
const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(y)");
const B_EDITED: (&str, &str) = ("002_b.sql", "CREATE TABLE b(y) -- why");
const B_RENAMED: (&str, &str) = ("002_bees.sql", "CREATE TABLE b(y)");
const B_REPLACED: (&str, &str) = ("002_other.sql", "CREATE TABLE other(y)");

fn applied() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    migrator(&[BASE, B]).up(&mut conn).unwrap();
    conn
}

fn restamp(conn: &mut Connection, files: &[(&str, &str)], reason: &str) -> Result<String, Error> {
    let repaired = migrator(files).repair(conn, TWO, Repair::Restamp(reason))?;
    assert!(migrator(files).up(conn).unwrap().applied().is_empty());
    Ok(repaired.to_string())
}

/// The lines of the note of the second migration, without their times.
fn notes(conn: &Connection) -> String {
    let note = text(conn, "SELECT note FROM _migrations WHERE version = 2");
    let lines = note.lines().map(|line| {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.ends_with('Z') && time.contains('T'), "{line}");
        rest
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_restamp_says_what_was_and_why() {
    let mut conn = applied();
    insta::assert_snapshot!(restamp(&mut conn, &[BASE, B_EDITED], "a comment").unwrap(), @"restamped 002_b: sha256:620140859a40653c71b695cb3830a69e326adb34133dad3606504a250b29ae93 became sha256:3a53d18d8cdb013db7ad33603ee121fa5f6b514ae41b4451a1591c34ffbeee2c");
    insta::assert_snapshot!(restamp(&mut conn, &[BASE, B], "it's back").unwrap(), @"restamped 002_b: sha256:3a53d18d8cdb013db7ad33603ee121fa5f6b514ae41b4451a1591c34ffbeee2c became sha256:620140859a40653c71b695cb3830a69e326adb34133dad3606504a250b29ae93");
    insta::assert_snapshot!(restamp(&mut conn, &[BASE, B_RENAMED], "a better name").unwrap(), @"restamped 002_bees");
    insta::assert_snapshot!(notes(&conn), @"
    restamped sha256:620140859a40653c71b695cb3830a69e326adb34133dad3606504a250b29ae93 as sha256:3a53d18d8cdb013db7ad33603ee121fa5f6b514ae41b4451a1591c34ffbeee2c: a comment
    restamped sha256:3a53d18d8cdb013db7ad33603ee121fa5f6b514ae41b4451a1591c34ffbeee2c as sha256:620140859a40653c71b695cb3830a69e326adb34133dad3606504a250b29ae93: it's back
    renamed from b: a better name
    ");
    let others = "SELECT count(*) FROM _migrations WHERE version = 1 AND note IS NULL";
    assert_eq!(number(&conn, others), 1);
}

/// The row gets the down as well, so that a later way back is that of the text.
#[test]
fn a_restamp_takes_the_down_along() {
    let mut conn = applied();
    let edited = (
        "002_b.sql",
        "CREATE TABLE b(y); -- why\n-- migrate:down\nDROP TABLE b;\n",
    );
    restamp(&mut conn, &[BASE, edited], "a down").unwrap();
    let down = text(&conn, "SELECT down_sql FROM _migrations WHERE version = 2");
    assert_eq!(down.trim(), "DROP TABLE b;");
}

#[test]
fn no_other_row_is_restamped() {
    let mut messages = String::new();
    let mut refuse =
        |conn: &mut Connection, files: &[(&str, &str)], version, repair: Repair<'_>| {
            let before = dump(conn);
            let error = migrator(files).repair(conn, version, repair).unwrap_err();
            assert_eq!(dump(conn), before);
            assert!(conn.is_autocommit());
            messages += &format!("{}\n", chain(&error));
        };
    let why = Repair::Restamp("why");
    let mut conn = applied();
    refuse(&mut conn, &[BASE, B_REPLACED], TWO, why);
    refuse(&mut conn, &[BASE, B], TWO, why);
    refuse(&mut conn, &[BASE], TWO, why);
    refuse(&mut conn, &[BASE, B], THREE, why);
    refuse(&mut conn, &[BASE, B, ("003_c.sql", "SELECT 1")], THREE, why);
    refuse(&mut conn, &[BASE, B_EDITED], TWO, Repair::Restamp(" \n"));
    refuse(&mut conn, &[BASE, B_EDITED], TWO, Repair::MarkApplied(""));
    refuse(
        &mut conn,
        &[BASE, B_EDITED],
        TWO,
        Repair::MarkApplied("why"),
    );
    refuse(&mut conn, &[BASE, B_EDITED], TWO, Repair::MarkPending);
    refuse(&mut conn, &[BASE, B_EDITED], TWO, Repair::Resume);
    conn.execute(
        "UPDATE _migrations SET state = 'started' WHERE version = 2",
        [],
    )
    .unwrap();
    refuse(&mut conn, &[BASE, B_EDITED], TWO, why);
    let mut empty = Connection::open_in_memory().unwrap();
    refuse(&mut empty, &[BASE], ONE, why);
    insta::assert_snapshot!(messages, @"
    the version of migration `002_other` was applied as `b`; nothing was changed, a restamp is for a migration that is still the same
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this binary does not contain migration `002_b`; nothing was changed, use the program that does
    migration `003` is not in the history, so there is nothing to repair
    migration `003_c` is not in the history, so there is nothing to repair
    a repair needs a reason, which is kept in the history
    a repair needs a reason, which is kept in the history
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    this repair does not apply to migration `002_b` as it is; nothing was changed: a restamp is for a migration that was changed or renamed after it was applied, the other repairs are for one that was started and has not finished
    migration `001_base` is not in the history, so there is nothing to repair
    ");
}

fn baselined() -> Migrator<Version> {
    migrator(&[BASE, B, ("003_c.sql", "INSERT INTO b VALUES (1)")]).release("app 1.0")
}

#[test]
fn a_baseline_records_and_runs_nothing() {
    for has_table in [false, true] {
        let mut conn = Connection::open_in_memory().unwrap();
        if has_table {
            migrator(&[BASE]).up(&mut conn).unwrap();
            conn.execute_batch("DELETE FROM _migrations; DROP TABLE a;")
                .unwrap();
        }
        conn.execute_batch("CREATE TABLE a(x INTEGER PRIMARY KEY); CREATE TABLE b(y)")
            .unwrap();
        let baseline = baselined().baseline(&mut conn, TWO).unwrap();
        assert_eq!(baseline.labels(), ["001_base", "002_b"]);
        insta::allow_duplicates! { insta::assert_snapshot!(baseline, @"
        recorded 001_base as applied
        recorded 002_b as applied
        "); }
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 0);
        let sql = "SELECT version, state, origin, release, execution_ms FROM _migrations";
        let row = |version| {
            let text = |text: &str| Value::Text(text.to_owned());
            let (state, origin) = (text("applied"), text("baseline"));
            vec![
                Value::Integer(version),
                state,
                origin,
                text("app 1.0"),
                Value::Integer(0),
            ]
        };
        assert_eq!(rows(&conn, sql), [row(1), row(2)]);
        assert_eq!(baselined().up(&mut conn).unwrap().applied().len(), 1);
        assert_eq!(number(&conn, "SELECT count(*) FROM b"), 1);
        assert!(baselined().verify(&conn).unwrap().is_clean());
    }
}

#[test]
fn a_baseline_is_for_a_database_without_a_history() {
    let mut conn = Connection::open_in_memory().unwrap();
    let unknown = baselined()
        .baseline(&mut conn, Version::new(7))
        .unwrap_err();
    insta::assert_snapshot!(unknown, @"this binary contains no migration 007, so it cannot be the baseline; nothing was changed");
    assert_eq!(dump(&conn), dump(&Connection::open_in_memory().unwrap()));
    migrator(&[BASE, B]).up(&mut conn).unwrap();
    let before = dump(&conn);
    let error = baselined().baseline(&mut conn, THREE).unwrap_err();
    insta::assert_snapshot!(error, @"a baseline is for a database without a history, but this one has 2 migrations, up to `002_b`; nothing was changed");
    assert_eq!(dump(&conn), before);
    conn.execute("DELETE FROM _migrations WHERE version = 2", [])
        .unwrap();
    let error = baselined().baseline(&mut conn, THREE).unwrap_err();
    insta::assert_snapshot!(error, @"a baseline is for a database without a history, but this one has 1 migration, up to `001_base`; nothing was changed");
}

const C: (&str, &str) = (
    "003_c.sql",
    "CREATE TABLE c(z)\n-- migrate:down\nDROP TABLE c",
);
const C_OTHER_DOWN: (&str, &str) = (
    "003_c.sql",
    "CREATE TABLE c(z)\n-- migrate:down\nDROP TABLE main.c",
);

#[test]
fn a_verification_finds_nothing_where_nothing_is() {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[BASE, B, C]).up(&mut conn).unwrap();
    let clean = migrator(&[BASE, B, C]).verify(&conn).unwrap();
    assert!(clean.is_clean());
    insta::assert_snapshot!(clean, @"database and migrations agree");
    let empty = migrator(&[BASE]).verify(&Connection::open_in_memory().unwrap());
    insta::assert_snapshot!(empty.unwrap(), @"migration `001_base` is pending");
}

#[test]
fn a_verification_finds_all_at_once_and_writes_nothing() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let before: [(&str, &str); 9] = [
            BASE,
            B,
            C,
            ("004_d.sql", "CREATE TABLE d(p REFERENCES a(x))"),
            ("005_e.sql", "CREATE VIEW v AS SELECT * FROM d"),
            ("006_f.sql", "SELECT 6"),
            ("007_g.sql", "SELECT 7"),
            ("008_h.sql", "SELECT 8"),
            ("009_i.sql", "SELECT 9"),
        ];
        migrator(&before).up(&mut conn).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = OFF; INSERT INTO d VALUES (77); \
             CREATE VIEW w AS SELECT * FROM nowhere; \
             DELETE FROM _migrations WHERE version = 6; \
             UPDATE _migrations SET state = 'started', progress = NULL WHERE version = 7; \
             INSERT INTO _migrations SELECT 20, 'new', checksum, state, applied_at, execution_ms, \
             release, git_commit, down_sql, origin, progress, note FROM _migrations \
             WHERE version = 9;",
        )
        .unwrap();
        let now = [
            BASE,
            ("002_b.sql", "CREATE TABLE b(y, more)"),
            C_OTHER_DOWN,
            ("004_dee.sql", "CREATE TABLE d(p REFERENCES a(x))"),
            ("005_other.sql", "CREATE VIEW other AS SELECT 1"),
            ("006_f.sql", "SELECT 6"),
            ("007_g.sql", "SELECT 7"),
            ("008_h.sql", "SELECT 8"),
            ("009_i.sql", "SELECT 9"),
            ("010_j.sql", "SELECT 10"),
        ];
        let files = database.files();
        let changes = conn.total_changes();
        let found = migrator(&now).verify(&conn).unwrap();
        assert!(!found.is_clean());
        let text = found.to_string().replace("sha256:", "\nsha256:");
        insta::allow_duplicates! {
            // The library of some versions of rusqlite is warned of: `library`.
            let lines = text.lines().filter(|line| !line.starts_with("warning: SQLite"));
            let short: Vec<_> = lines.map(|line| match line.strip_prefix("sha256:") {
                Some(rest) => format!("sha256:…{}", &rest[64..]),
                None => line.to_owned(),
            }).collect();
            insta::assert_snapshot!(short.join("\n"), @"
            migration `002_b` was changed after it was applied: the history has `
            sha256:…`, this binary `
            sha256:…`; restore `002_b.sql` and make the change in a new migration, or accept a harmless change with `repair`
            migration `004_dee` was applied under the name `d`; give the file its old name back
            the version of migration `005_other` was applied as `e`: files were inserted, removed or renumbered; give the applied migrations their old numbers back, and the new ones higher numbers
            the up of migration `007_g` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome
            the database is ahead of this binary: migration `020_new` is applied but not contained in it; start a newer release, or restore its file
            migration `006_f` is not applied, but the later version 020 is; give it a number above 020
            migration `010_j` is not applied, but the later version 020 is; give it a number above 020
            migration `006_f` is pending
            migration `010_j` is pending
            the down of migration `003_c` has changed since it was applied
            view `w`: no such table: main.nowhere
            row 1 of `d` refers to no row of `a`
            ");
        }
        assert_eq!(found.drift().len(), 7);
        let pending: Vec<_> = found
            .pending()
            .iter()
            .map(|migration| migration.label)
            .collect();
        assert_eq!(pending, ["006_f", "010_j"]);
        assert_eq!(found.changed_downs().len(), 1);
        assert_eq!(found.broken().len(), 2);
        assert_eq!(conn.total_changes(), changes);
        assert!(conn.is_autocommit());
        assert!(database.files() == files, "something was written");
    }
}

/// There, no migration is pending.
#[test]
fn a_read_only_database_is_not_repaired() {
    let database = Database::new(false);
    let migrator = migrator(&[BASE]);
    migrator.up(&mut database.open()).unwrap();
    let mut conn = database.open();
    conn.pragma_update(None, "query_only", true).unwrap();
    let version = Version::new(1);
    let repaired = migrator.repair(&mut conn, version, Repair::Restamp("why"));
    let baselined = migrator.baseline(&mut conn, version).map(drop);
    for result in [repaired.map(drop), baselined] {
        let error = result.unwrap_err();
        assert!(error.is_read_only());
        insta::allow_duplicates! {
            insta::assert_snapshot!(chain(&error), @"the database is read-only, so the history cannot be written; open it for writing");
        }
    }
}
