//! A run inside of a transaction that the caller holds.

use crate::database::{Database, MODES, dump, number, rows, text};
use crate::down::{A, B, THREE, assert_state, version};
use migrate_runtime::{Error, Migrator, Registry, Report, Script, Version};
use migrate_tests::{chain, kinds, migrator};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// A database in memory, without foreign keys, with a table of the caller.
fn memory() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; CREATE TABLE own(x)")
        .unwrap();
    conn
}

fn begin(conn: &mut Connection) -> Transaction<'_> {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    tx.execute("INSERT INTO own VALUES ('before')", []).unwrap();
    tx
}

/// Calls `up_in`, which must fail and leave the caller's transaction as it was:
/// open, with the caller's own rows, and good for more.
#[track_caller]
fn refused(migrator: &Migrator<Version>, conn: &mut Connection) -> Error {
    let tx = begin(conn);
    let before = dump(&tx);
    let error = migrator.up_in(&tx).unwrap_err();
    assert!(!tx.is_autocommit(), "{}", chain(&error));
    assert_eq!(dump(&tx), before, "{}", chain(&error));
    assert!(error.report().is_empty());
    tx.execute("INSERT INTO own VALUES ('after')", []).unwrap();
    tx.commit().unwrap();
    let own = text(conn, "SELECT group_concat(x) FROM own");
    assert!(own.ends_with("before,after"), "{own}");
    error
}

#[track_caller]
fn refused_script(script: &str) -> Error {
    refused(&migrator(&[A, ("002_b.sql", script)]), &mut memory())
}

#[test]
fn it_commits_with_the_callers_transaction() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        conn.execute_batch("PRAGMA foreign_keys = OFF; CREATE TABLE own(x)")
            .unwrap();
        let migrator = migrator(&THREE);
        let tx = begin(&mut conn);
        let report = migrator.up_in(&tx).unwrap();
        assert_eq!(report.applied().len(), 3);
        // Others see nothing of it yet.
        let tables = "SELECT count(*) FROM sqlite_schema";
        if wal {
            assert_eq!(number(&database.open(), tables), 1);
        }
        assert_state(&tx, "a b c own", "1 2 3");
        tx.execute("INSERT INTO c VALUES ('of the caller')", [])
            .unwrap();
        tx.commit().unwrap();
        let other = database.open();
        assert_state(&other, "a b c own", "1 2 3");
        assert_eq!(number(&other, "SELECT count(*) FROM c"), 1);
        assert!(migrator.up(&mut conn).unwrap().is_empty());
    }
}

#[test]
fn it_is_rolled_back_with_the_callers_transaction() {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        conn.execute_batch("PRAGMA foreign_keys = OFF; CREATE TABLE own(x)")
            .unwrap();
        migrator(&[A]).up(&mut conn).unwrap();
        let before = dump(&conn);
        let tx = begin(&mut conn);
        assert_eq!(migrator(&THREE).up_in(&tx).unwrap().applied().len(), 2);
        drop(tx);
        assert_eq!(dump(&conn), before);
        assert_eq!(migrator(&THREE).up(&mut conn).unwrap().applied().len(), 2);
    }
}

#[test]
fn a_target_is_kept() {
    let mut conn = memory();
    let tx = begin(&mut conn);
    let report = migrator(&THREE).to(version(2)).up_in(&tx).unwrap();
    assert_eq!(report.applied().len(), 2);
    assert_state(&tx, "a b own", "1 2");
    assert_eq!(migrator(&THREE).up_in(&tx).unwrap().applied().len(), 1);
    assert!(migrator(&THREE).up_in(&tx).unwrap().is_empty());
}

#[test]
fn a_failing_migration_takes_those_before_it_along() {
    let error = refused_script("CREATE TABLE b(x);\nINSERT INTO a VALUES (1);\nSELECT nope;\n");
    insta::assert_snapshot!(chain(&error), @"migration `002_b` failed at 002_b.sql:3:8 and was rolled back; all migrations of this run share one transaction, so none took effect: no such column: nope: Error code 1");
    let error = refused_script("CREATE VIEW v AS SELECT * FROM nowhere");
    insta::assert_snapshot!(chain(&error), @"migration `002_b` was rolled back, because it leaves a broken schema: view `v`: no such table: main.nowhere; all migrations of this run share one transaction, so none took effect");
    let error = refused_script("CREATE TABLE c(a REFERENCES a(x)); INSERT INTO c VALUES (5)");
    insta::assert_snapshot!(chain(&error), @r#"migration `002_b` was rolled back, because it leaves a broken schema: table `c`: foreign key mismatch - "c" referencing "a"; all migrations of this run share one transaction, so none took effect"#);
}

/// Drift is found there as anywhere.
#[test]
fn disagreements_are_refused() {
    let mut conn = memory();
    migrator(&[A, B]).up(&mut conn).unwrap();
    assert!(refused(&migrator(&[A]), &mut conn).is_ahead());
    let changed = migrator(&[("001_a.sql", "CREATE TABLE a(y)"), B]);
    assert_eq!(kinds(&refused(&changed, &mut conn)), "modified");
}

#[test]
fn another_tools_history_is_refused() {
    let mut conn = memory();
    conn.execute_batch(
        "CREATE TABLE __diesel_schema_migrations(version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
         INSERT INTO __diesel_schema_migrations(version) VALUES ('1')",
    )
    .unwrap();
    assert!(refused(&migrator(&[A]), &mut conn).is_foreign_history());
    let tx = begin(&mut conn);
    migrator(&[A]).allow_foreign_history().up_in(&tx).unwrap();
}

#[test]
fn what_cannot_run_inside_is_refused() {
    static RUST: Registry = Registry::new(&[migrate_runtime::Migration::new(
        Version::new(1),
        "001_rust",
        migrate_runtime::Checksum::from_hex([b'0'; 64]),
        Script::rust("src/rust.rs"),
    )]);
    let rust = Migrator::<Version>::new(&RUST)
        .with_up(version(1), |tx| tx.execute_batch("CREATE TABLE never(x)"));
    insta::assert_snapshot!(chain(&refused(&rust, &mut memory())), @"migration `001_rust` is written in Rust, so it cannot run in the caller's transaction; nothing was applied, call `up` on the connection instead");
    let error = refused_script("-- migrate: no-transaction\nVACUUM;\n");
    insta::assert_snapshot!(chain(&error), @"migration `002_b` runs without a transaction, so it cannot run in the caller's transaction; nothing was applied, call `up` on the connection instead");
    let folder = tempfile::tempdir().unwrap();
    let backup = migrator(&THREE).backup_to(folder.path());
    insta::assert_snapshot!(chain(&refused(&backup, &mut memory())), @"a backup cannot be made in the caller's transaction; nothing was applied, make it before the transaction, or call `up` on the connection instead");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    let mut conn = memory();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    insta::assert_snapshot!(chain(&refused(&migrator(&THREE), &mut conn)), @"foreign keys are on in this transaction, so dropping a table would delete rows of other tables; nothing was applied, run `PRAGMA foreign_keys = OFF` before the transaction begins");
}

/// Without a journal, nothing could be taken back.
#[test]
fn a_connection_without_a_journal_is_refused() {
    let database = Database::new(false);
    let mut conn = database.open();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; CREATE TABLE own(x)")
        .unwrap();
    insta::assert_snapshot!(chain(&refused(&migrator(&THREE), &mut conn)), @"the journal of the connection is off, so a failed migration could not be rolled back; nothing was applied, set another `journal_mode` first");
}

#[test]
fn nothing_pending_needs_nothing() {
    let mut conn = memory();
    migrator(&THREE).up(&mut conn).unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn.pragma_update(None, "query_only", true).unwrap();
    let tx = conn.unchecked_transaction().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let report = migrator(&THREE).backup_to(folder.path()).up_in(&tx);
    assert!(report.unwrap().is_empty());
    // The slow path too: with a target it is another comparison.
    let report = migrator(&[A, B])
        .ahead(migrate_runtime::Ahead::Allow)
        .up_in(&tx);
    assert!(report.unwrap().is_empty());
}

/// Installing an authorizer needs the connection for itself, so that here the
/// words of a statement are judged.
#[test]
fn transaction_control_is_refused_by_its_words() {
    for statement in [
        "COMMIT",
        "commit",
        "CoMmIt TRANSACTION",
        "END",
        "end transaction",
        "ROLLBACK",
        "ROLLBACK TO migrate_run",
        "rollback transaction to savepoint migrate_run",
        "SAVEPOINT s",
        "RELEASE migrate_run",
        "release savepoint migrate_run",
        "BEGIN",
        "BEGIN IMMEDIATE",
        "ATTACH ':memory:' AS m",
        "attach database ':memory:' as m",
        "DETACH m",
        "/* a */ -- b\n /* c */ COMMIT",
        "--COMMIT\nCOMMIT",
        "\u{feff}COMMIT",
        "EXPLAIN COMMIT",
        "EXPLAIN QUERY PLAN ROLLBACK",
        "explain /* x */ query plan /* y */ Release migrate_run",
        "\t\u{c}\r\nCOMMIT",
    ] {
        let script = format!("CREATE TABLE b(x);\n{statement};\nCREATE TABLE after(x);\n");
        let message = chain(&refused_script(&script));
        assert!(
            message.contains("was refused at 002_b.sql:"),
            "{statement}: {message}"
        );
        assert!(
            [
                "transaction control would end",
                "savepoints are not available",
                "cannot attach or detach",
            ]
            .iter()
            .any(|reason| message.contains(reason)),
            "{message}"
        );
    }
}

#[test]
fn refused_pragmas_are_refused_by_their_words() {
    for pragma in [
        "PRAGMA journal_mode = OFF",
        "pragma Journal_Mode(off)",
        "PRAGMA main.journal_mode = OFF",
        "PRAGMA main . /* x */ journal_mode /* y */ = OFF",
        "PRAGMA \"journal_mode\" = OFF",
        "PRAGMA [journal_mode] = OFF",
        "PRAGMA `journal_mode` = OFF",
        "PRAGMA 'journal_mode' = OFF",
        "PRAGMA \"main\".\"journal_mode\" = OFF",
        "EXPLAIN PRAGMA journal_mode = OFF",
        "EXPLAIN QUERY PLAN PRAGMA journal_mode = OFF",
    ] {
        let script = format!("CREATE TABLE b(x);\n{pragma};\n");
        let message = chain(&refused_script(&script));
        assert!(
            message.contains("`PRAGMA journal_mode`"),
            "{pragma}: {message}"
        );
    }
    for pragma in [
        "PRAGMA foreign_keys = ON",
        "PRAGMA writable_schema = 1",
        "PRAGMA wal_checkpoint",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA busy_timeout = 5",
        "PRAGMA case_sensitive_like = 1",
    ] {
        let message = chain(&refused_script(pragma));
        assert!(message.contains("was refused at"), "{pragma}: {message}");
    }
    // What only asks, or is put back, may run.
    let allowed = "PRAGMA foreign_keys; PRAGMA table_info(a); PRAGMA user_version = 7";
    let mut conn = memory();
    let tx = begin(&mut conn);
    migrator(&[A, ("002_b.sql", allowed)]).up_in(&tx).unwrap();
    tx.commit().unwrap();
    assert_eq!(number(&conn, "PRAGMA user_version"), 7);
}

/// No authorizer keeps it from a script, so that it is compared.
#[test]
fn the_history_belongs_to_the_runner_there_too() {
    for script in [
        "DELETE FROM _migrations",
        "UPDATE _migrations SET note = 'x'",
        "WITH w AS (SELECT 1) DELETE FROM _migrations WHERE version IN w",
        "DROP TABLE _migrations",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; \
         INSERT INTO a VALUES (7)",
        "INSERT INTO _migrations SELECT 9, name, checksum, state, applied_at, 0, NULL, NULL, \
         NULL, NULL, NULL, NULL FROM _migrations",
        "CREATE TRIGGER t AFTER INSERT ON _migrations BEGIN DELETE FROM a; END",
        "CREATE INDEX i ON _migrations(name)",
        "ALTER TABLE _migrations ADD COLUMN x TEXT",
    ] {
        let error = refused_script(script);
        let message = chain(&error);
        assert!(
            message.contains("history table `_migrations`"),
            "{script}: {message}"
        );
    }
}

/// SQLite ends the whole transaction by itself there; no savepoint helps.
#[test]
fn a_script_that_rolls_back_by_itself_is_told_as_such() {
    let mut seen = Vec::new();
    for script in [
        "CREATE UNIQUE INDEX i ON a(x); INSERT INTO a VALUES (1);\nINSERT OR ROLLBACK INTO a VALUES (1);\n",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT RAISE(ROLLBACK, 'no'); END;\n\
         INSERT INTO a VALUES (1);\n",
    ] {
        let mut conn = memory();
        let tx = begin(&mut conn);
        let error = migrator(&[A, ("002_b.sql", script)])
            .up_in(&tx)
            .unwrap_err();
        assert!(tx.is_autocommit());
        seen.push(chain(&error));
        assert!(tx.commit().is_err());
        assert_eq!(number(&conn, "SELECT count(*) FROM own"), 0);
        assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 1);
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    migration `002_b` failed at 002_b.sql:2:1 and was rolled back; SQLite ended the caller's transaction and rolled back everything in it: UNIQUE constraint failed: a.x: Error code 2067
    migration `002_b` failed at 002_b.sql:2:1 and was rolled back; SQLite ended the caller's transaction and rolled back everything in it: no: Error code 1811
    ");
}

#[test]
fn the_settings_are_put_back() {
    let good = "PRAGMA cache_size = 7; PRAGMA recursive_triggers = ON; \
                PRAGMA ignore_check_constraints = ON; PRAGMA defer_foreign_keys = ON";
    let bad = format!("{good}; SELECT nope");
    for (script, ok) in [(good, true), (bad.as_str(), false)] {
        for strings in [false, true] {
            let mut conn = memory();
            for config in [
                DbConfig::SQLITE_DBCONFIG_DQS_DDL,
                DbConfig::SQLITE_DBCONFIG_DQS_DML,
            ] {
                conn.set_db_config(config, strings).unwrap();
            }
            let before = settings(&conn);
            let tx = begin(&mut conn);
            let result: Result<Report, Error> = migrator(&[A, ("002_b.sql", script)]).up_in(&tx);
            assert_eq!(result.is_ok(), ok);
            assert_eq!(settings(&tx), before);
            tx.commit().unwrap();
            assert_eq!(settings(&conn), before);
        }
    }
    // And while it runs, a misspelt column is no text.
    let error = refused_script("CREATE TABLE b(x); INSERT INTO b SELECT \"nmae\" FROM (SELECT 1)");
    assert!(chain(&error).contains("no such column: ") && chain(&error).contains("nmae"));
}

fn settings(conn: &Connection) -> Vec<String> {
    let mut settings: Vec<String> = [
        "cache_size",
        "recursive_triggers",
        "ignore_check_constraints",
        "defer_foreign_keys",
        "foreign_keys",
        "synchronous",
        "journal_mode",
        "busy_timeout",
    ]
    .iter()
    .map(|name| format!("{name} {:?}", rows(conn, &format!("PRAGMA {name}"))))
    .collect();
    for config in [
        DbConfig::SQLITE_DBCONFIG_DQS_DDL,
        DbConfig::SQLITE_DBCONFIG_DQS_DML,
    ] {
        settings.push(format!("{:?}", conn.db_config(config).unwrap()));
    }
    settings
}

/// It can be called in a savepoint, too, which is a transaction for rusqlite.
#[test]
fn an_own_savepoint_of_the_same_name_is_left_alone() {
    let mut conn = memory();
    let tx = begin(&mut conn);
    tx.execute_batch("SAVEPOINT migrate_run; INSERT INTO own VALUES ('inner')")
        .unwrap();
    let bad = migrator(&[A, ("002_b.sql", "SELECT nope")]);
    bad.up_in(&tx).unwrap_err();
    assert_eq!(number(&tx, "SELECT count(*) FROM own"), 2);
    migrator(&THREE).up_in(&tx).unwrap();
    tx.execute_batch("ROLLBACK TO migrate_run; RELEASE migrate_run")
        .unwrap();
    tx.commit().unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM own"), 1);
    assert_eq!(number(&conn, "SELECT count(*) FROM sqlite_schema"), 1);
}
