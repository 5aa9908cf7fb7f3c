//! 23. A history table that is not as this crate writes it.

use crate::database::{Database, dump};
use migrate_runtime::ErrorKind;
use migrate_tests::{chain, migrator};

const A: (&str, &str) = ("001_a.sql", "CREATE TABLE a(x)");
const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(x)");
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(x)");

const COLUMNS: &str = "version, name, checksum, state, applied_at, execution_ms, release, \
                       git_commit, down_sql, origin, progress, note";

/// Damages the history, and runs: with nothing pending, where the short cut
/// must not be fooled, and with something pending. No panic, not a byte
/// written.
fn check(by_hand: &str) -> String {
    let outcome = refused(by_hand, &[A, B, C]);
    assert_eq!(refused(by_hand, &[A, B]), outcome, "{by_hand}");
    outcome
}

/// As [`check`], for damage that does no harm while nothing is pending, and
/// that a start with nothing to do does not look for.
fn check_pending(by_hand: &str) -> String {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[A, B]).up(&mut conn).unwrap();
    conn.execute_batch(by_hand).unwrap();
    let bytes = database.files();
    assert!(migrator(&[A, B]).up(&mut conn).unwrap().is_empty());
    assert_eq!(database.files(), bytes, "{by_hand}");
    refused(by_hand, &[A, B, C])
}

fn refused(by_hand: &str, files: &[(&str, &str)]) -> String {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[A, B]).up(&mut conn).unwrap();
    conn.execute_batch(by_hand).unwrap();
    let (content, bytes) = (dump(&conn), database.files());
    let error = migrator(files).up(&mut conn).expect_err(by_hand);
    let kind = match (
        error.kind() == ErrorKind::DamagedHistory,
        error.is_foreign_history(),
    ) {
        (true, false) => "damaged",
        (false, true) => "foreign",
        _ => "other",
    };
    for other in [
        migrator(files).plan(&conn).map(drop).unwrap_err(),
        migrator(files).status(&conn).map(drop).unwrap_err(),
    ] {
        assert_eq!(other.to_string(), error.to_string(), "{by_hand}");
    }
    assert!(conn.is_autocommit());
    assert_eq!(dump(&conn), content, "{by_hand}");
    assert_eq!(database.files(), bytes, "{by_hand}");
    format!("{kind}: {}", chain(&error))
        .replace("the history table `_migrations` is damaged: ", "")
        .replace("; nothing was applied, restore the table from a backup", "")
}

/// Builds the table anew with other columns, and the old rows in it.
fn rebuilt(columns: &str) -> String {
    format!(
        "ALTER TABLE _migrations RENAME TO old;
         CREATE TABLE _migrations({columns});
         INSERT INTO _migrations({COLUMNS}) SELECT {COLUMNS} FROM old;
         DROP TABLE old;"
    )
}

const LAX: &str = "version INTEGER PRIMARY KEY, name, checksum, state, applied_at, \
                   execution_ms, release, git_commit, down_sql, origin, progress, note";

#[test]
fn a_column_is_gone() {
    for column in COLUMNS.split(", ") {
        let outcome = if column == "version" {
            let others = COLUMNS.replace("version, ", "");
            check(&format!(
                "CREATE TABLE new AS SELECT {others} FROM _migrations; \
                 DROP TABLE _migrations; ALTER TABLE new RENAME TO _migrations"
            ))
        } else {
            let by_hand = format!("ALTER TABLE _migrations DROP COLUMN {column}");
            match column {
                "name" | "checksum" | "state" => check(&by_hand),
                _ => check_pending(&by_hand),
            }
        };
        assert_eq!(
            outcome,
            format!("damaged: the column `{column}` is missing")
        );
    }
}

#[test]
fn a_value_is_not_one_of_ours() {
    for (assignment, expected) in [
        ("checksum = NULL", "the checksum of version 002 is NULL"),
        (
            "checksum = x'00ff'",
            "the checksum of version 002 is a blob",
        ),
        ("name = x'61'", "the name of version 002 is a blob"),
        ("name = 2.5", "the name of version 002 is 2.5"),
        ("name = NULL", "the name of version 002 is NULL"),
        (
            "state = 'half done'",
            "the state of version 002 is `half done`",
        ),
        ("state = 'APPLIED'", "the state of version 002 is `APPLIED`"),
        ("state = NULL", "the state of version 002 is NULL"),
        ("version = 0", "0 is not a version"),
        ("version = -2", "-2 is not a version"),
        (
            "version = -9223372036854775808",
            "-9223372036854775808 is not a version",
        ),
    ] {
        let outcome = check(&format!(
            "{} UPDATE _migrations SET {assignment} WHERE version = 2",
            rebuilt(LAX)
        ));
        assert_eq!(outcome, format!("damaged: {expected}"));
    }
}

#[test]
fn a_remark_is_not_one_of_ours() {
    for (assignment, expected) in [
        ("applied_at = 7", "the time of version 002 is 7"),
        (
            "execution_ms = 'long'",
            "the duration of version 002 is `long`",
        ),
        ("execution_ms = -1", "the duration of version 002 is -1"),
        ("release = 1.5", "the release of version 002 is 1.5"),
        ("git_commit = x'00'", "the commit of version 002 is a blob"),
        ("origin = 3", "the origin of version 002 is 3"),
        ("note = 3", "the note of version 002 is 3"),
        ("progress = 3", "the progress of version 002 is 3"),
        ("progress = 'up'", "the progress of version 002 is `up`"),
    ] {
        let outcome = check_pending(&format!(
            "{} UPDATE _migrations SET {assignment} WHERE version = 2",
            rebuilt(LAX)
        ));
        assert_eq!(outcome, format!("damaged: {expected}"));
    }
}

#[test]
fn the_key_is_another() {
    let lax = |version: &str| LAX.replace("version INTEGER PRIMARY KEY", version);
    for columns in [
        lax("version INTEGER"),
        lax("version INTEGER UNIQUE NOT NULL"),
        lax("rowid INTEGER PRIMARY KEY, version INTEGER"),
        lax("version INTEGER, rowid AS (version)"),
    ] {
        let outcome = check(&rebuilt(&columns));
        assert_eq!(outcome, "damaged: `version` is not its primary key");
    }
    let both = format!("{}, PRIMARY KEY (version, name)", lax("version INTEGER"));
    let outcome = check_pending(&rebuilt(&both));
    assert_eq!(outcome, "damaged: `version` is not its primary key");
    let outcome = check(&format!(
        "{} INSERT INTO _migrations SELECT * FROM _migrations WHERE version = 2",
        rebuilt(&lax("version INTEGER"))
    ));
    assert_eq!(outcome, "damaged: `version` is not its primary key");
}

/// Of the twelve columns, a third may be gone from a table that is ours.
#[test]
fn many_columns_are_gone() {
    let without = |columns: &[&str]| {
        let drops = columns
            .iter()
            .map(|column| format!("ALTER TABLE _migrations DROP COLUMN {column};"));
        check_pending(&drops.collect::<String>())
    };
    insta::assert_snapshot!(without(&["note", "progress", "origin", "down_sql"]), @"damaged: the columns `down_sql`, `origin`, `progress`, `note` are missing");
    insta::assert_snapshot!(without(&["note", "progress", "origin", "down_sql", "git_commit"]), @"foreign: the table `_migrations` was created by another tool (its columns are `version`, `name`, `checksum`, `state`, `applied_at`, `execution_ms`, `release`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`");
}

/// A key of SQLite's own numbers beside it orders the rows by those.
#[test]
fn the_key_has_other_numbers_beside_it() {
    let columns = LAX.replace("INTEGER PRIMARY KEY", "INT PRIMARY KEY");
    let shifted = format!(
        "{} UPDATE _migrations SET rowid = rowid + 10",
        rebuilt(&columns)
    );
    insta::assert_snapshot!(check_pending(&shifted), @"damaged: `version` is not an `INTEGER PRIMARY KEY`");
}

#[test]
fn the_version_is_a_text() {
    let columns = LAX.replace("INTEGER PRIMARY KEY", "TEXT PRIMARY KEY");
    insta::assert_snapshot!(check(&rebuilt(&columns)), @"damaged: `1` is not a version");
}

#[test]
fn the_table_has_no_rowid() {
    let sql = rebuilt(LAX).replace("note);", "note) WITHOUT ROWID;");
    assert!(sql.contains("WITHOUT ROWID"));
    insta::assert_snapshot!(check(&sql), @"damaged: it is a table without a rowid");
}

#[test]
fn it_is_a_view() {
    let view = |columns: &str| {
        format!(
            "ALTER TABLE _migrations RENAME TO old; \
             CREATE VIEW _migrations AS SELECT {columns} FROM old"
        )
    };
    let plain = check(&view(COLUMNS));
    // With this one, the statement of the short cut would find all it wants.
    let disguised = check(&view(&format!("version AS rowid, {COLUMNS}")));
    assert_eq!(plain, disguised);
    insta::assert_snapshot!(plain, @"damaged: it is a view, not a table");
}

#[test]
fn it_is_an_index() {
    let sql = "DROP TABLE _migrations; CREATE INDEX _migrations ON a(x)";
    insta::assert_snapshot!(check(sql), @"damaged: it is an index, not a table");
}

#[test]
fn it_is_a_virtual_table() {
    let sql =
        format!("DROP TABLE _migrations; CREATE VIRTUAL TABLE _migrations USING fts5({COLUMNS});");
    insta::assert_snapshot!(check(&sql), @"damaged: `version` is not its primary key");
}

/// A trigger has a name space of its own.
#[test]
fn a_trigger_of_that_name_does_not_matter() {
    for before in [true, false] {
        let database = Database::new(false);
        let mut conn = database.open();
        conn.execute_batch("CREATE TABLE t(x)").unwrap();
        let trigger = "CREATE TRIGGER _migrations AFTER INSERT ON t BEGIN SELECT 1; END";
        if before {
            conn.execute_batch(trigger).unwrap();
        }
        migrator(&[A, B]).up(&mut conn).unwrap();
        if !before {
            conn.execute_batch(trigger).unwrap();
        }
        assert_eq!(
            migrator(&[A, B, C]).up(&mut conn).unwrap().applied().len(),
            1
        );
        assert_eq!(migrator(&[A, B, C]).status(&conn).unwrap().applied(), 3);
    }
}

/// The shapes of the seeds 000 and 004.
#[test]
fn it_belongs_to_another_tool() {
    insta::assert_snapshot!(
        check("DROP TABLE _migrations; CREATE TABLE _migrations(id INTEGER PRIMARY KEY, \
               name TEXT NOT NULL UNIQUE, applied_at TEXT DEFAULT CURRENT_TIMESTAMP); \
               INSERT INTO _migrations(name) VALUES ('001_initial_schema')"),
        @"foreign: the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)"
    );
    insta::assert_snapshot!(
        check("DROP TABLE _migrations; CREATE TABLE _Migrations(id INTEGER PRIMARY KEY, \
               version VARCHAR(10) UNIQUE, name VARCHAR(255), checksum VARCHAR(32), \
               applied_at TIMESTAMP, execution_time_ms INTEGER, git_commit VARCHAR(40)); \
               INSERT INTO _Migrations(version, name) VALUES ('001', 'init')"),
        @"foreign: the table `_migrations` was created by a runner with numbered rows and short checksums (its columns are `id`, `version`, `name`, `checksum`, `applied_at`, `execution_time_ms`, `git_commit`); nothing was written: adopt it with `migrate adopt --from numbered --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)"
    );
}
