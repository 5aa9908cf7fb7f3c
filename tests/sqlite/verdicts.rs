//! What a migration may do: the replay (`check`) and a run (`up`) give the same
//! verdict on each action, in the same words.

use crate::database::{BASE, Database};
use migrate_prove::{Options, Subject, prove};
use migrate_runtime::{Error, Numbering, Sqlite};
use migrate_tests::{migrator, registry};
use migrate_tools::check_directory;
use rusqlite::{Connection, TransactionBehavior};
use std::fmt::Write;

/// The verdict of a run on the script as the migration after [`BASE`].
fn up(script: &str) -> String {
    let database = Database::new(false);
    let mut conn = database.open();
    migrator(&[BASE]).up(&mut conn).unwrap();
    up_on(&mut conn, script)
}

fn up_on(conn: &mut Connection, script: &str) -> String {
    let result = migrator(&[BASE, ("002_second.sql", script)]).up(conn);
    result.map_or_else(|error| verdict(&error), |_| "accepted".to_owned())
}

/// What an error says after the place, without the state of the database.
fn verdict(error: &Error) -> String {
    let text = error.to_string();
    let (_, after) = text.split_once(".sql:").expect(&text);
    let (_, verdict) = after.split_once(": ").expect(&text);
    let verdict = verdict
        .split("; it runs without a transaction")
        .next()
        .and_then(|it| it.split("; all migrations of this run share").next());
    verdict.expect(&text).to_owned()
}

/// The verdict of the replay. Findings about the effect of a script that runs
/// are not part of it.
fn check(script: &str) -> String {
    let registry = registry(&[BASE, ("002_second.sql", script)]);
    let subjects: Vec<Subject<'_>> = registry.migrations().iter().map(Subject::from).collect();
    let proof = prove(&subjects, &Options::default()).unwrap();
    let mut verdicts = proof.findings.iter().filter_map(|finding| {
        let refused = finding.message.strip_prefix("the runner refuses this: ");
        let failed = finding.message.strip_prefix("SQLite refuses this: ");
        let refused = refused.map(|reason| format!("{reason}; {}", finding.help));
        refused.or_else(|| failed.map(str::to_owned))
    });
    verdicts
        .next_back()
        .unwrap_or_else(|| "accepted".to_owned())
}

/// The actions with each verdict: those in a transaction, and those without one
/// where that makes a difference.
fn verdicts(scripts: &[&str]) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    let mut differences = String::new();
    for script in scripts {
        let alone = format!("-- migrate: no-transaction\n{script}");
        let both = [*script, &alone].map(|script| {
            let (up, check) = (up(script), check(script));
            if up != check {
                let _ = writeln!(differences, "{script}\n  up:    {up}\n  check: {check}");
            }
            up
        });
        let [verdict, alone] = &both;
        let verdict = if alone == verdict {
            verdict.clone()
        } else {
            format!("{verdict}\nno transaction: {alone}")
        };
        match groups.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, scripts)) => scripts.push(script),
            None => groups.push((verdict, vec![script])),
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
    let shown = groups
        .iter()
        .map(|(verdict, scripts)| format!("{verdict}\n    {}", scripts.join("\n    ")));
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn transactions_and_databases() {
    insta::assert_snapshot!(verdicts(&[
        "BEGIN",
        "CoMmIt",
        "EXPLAIN ROLLBACK",
        "SAVEPOINT s",
        "RELEASE s",
        "ROLLBACK TO s",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "INSERT OR ROLLBACK INTO a VALUES (1)",
    ]), @"
    transaction control would end the migration's transaction; remove it, the runner begins and commits
    no transaction: transaction control in a migration without a transaction; remove it, each statement is recorded when it has ended
        BEGIN
        CoMmIt
        EXPLAIN ROLLBACK
    savepoints are not available in a migration; remove it
        SAVEPOINT s
        RELEASE s
        ROLLBACK TO s
    a migration cannot attach or detach another database; do it where the application opens the database
        ATTACH ':memory:' AS other
        DETACH main
    UNIQUE constraint failed: a.x
        INSERT OR ROLLBACK INTO a VALUES (1)
    ");
}

#[test]
fn pragmas() {
    insta::assert_snapshot!(verdicts(&[
        "PRAGMA foreign_keys",
        "PRAGMA Foreign_Keys = ON",
        "PRAGMA main.journal_mode = OFF",
        "PRAGMA journal_mode",
        "PRAGMA wal_checkpoint",
        "PRAGMA busy_timeout = 1",
        "PRAGMA writable_schema = ON",
        "PRAGMA cache_size = 10",
        "PRAGMA user_version = 7",
        "SELECT * FROM pragma_table_info('_migrations')",
    ]), @"
    accepted
        PRAGMA foreign_keys
        PRAGMA journal_mode
        PRAGMA cache_size = 10
        PRAGMA user_version = 7
        SELECT * FROM pragma_table_info('_migrations')
    `PRAGMA foreign_keys`: it does nothing in a transaction; remove it: the runner turns foreign keys off for the run, and checks before each commit that no reference was broken
    no transaction: `PRAGMA foreign_keys`: the runner sets it for the run; remove it: the runner turns foreign keys off for the run, and checks before each commit that no reference was broken
        PRAGMA Foreign_Keys = ON
    `PRAGMA journal_mode`: a failing migration could no longer be rolled back; move it into a migration of its own with `-- migrate: no-transaction` on its first line
    no transaction: `PRAGMA journal_mode`: without a journal on disk, a crash could corrupt the database; set `wal`, `delete`, `truncate` or `persist`
        PRAGMA main.journal_mode = OFF
    `PRAGMA wal_checkpoint`: it cannot run in a transaction, and this migration does; move it into a migration of its own with `-- migrate: no-transaction` on its first line
    no transaction: accepted
        PRAGMA wal_checkpoint
    `PRAGMA busy_timeout`: it would stay in effect on the connection after the migration; remove it, and set it where the application opens the database
        PRAGMA busy_timeout = 1
    `PRAGMA writable_schema`: it can damage the database; remove it, and change the schema with `ALTER TABLE`, or by rebuilding the table
        PRAGMA writable_schema = ON
    ");
}

#[test]
fn statements_that_no_run_can_complete() {
    insta::assert_snapshot!(verdicts(&[
        "SELECT ?1",
        "SELECT :name, 'a';",
        "SELECT load_extension('x')",
        "SELECT json('[') FROM a WHERE x = 2",
    ]), @"
    a bind parameter has no value here; write the value itself
        SELECT ?1
        SELECT :name, 'a';
    not authorized
        SELECT load_extension('x')
    malformed JSON
        SELECT json('[') FROM a WHERE x = 2
    ");
}

#[test]
fn the_rows_of_the_history() {
    insta::assert_snapshot!(verdicts(&[
        "SELECT version FROM _migrations",
        "CREATE VIEW v AS SELECT version FROM _Migrations",
        "INSERT INTO main.[_migrations](version) VALUES (9)",
        "REPLACE INTO _migrations(version) VALUES (1)",
        "UPDATE _MIGRATIONS SET name = 'x'",
        "DELETE FROM _migrations",
        "DELETE FROM \"_Migrations\" RETURNING version",
        "INSERT INTO a VALUES (7) RETURNING x",
        "WITH w AS (SELECT 1) DELETE FROM _migrations WHERE version IN w",
    ]), @r#"
    accepted
        SELECT version FROM _migrations
        CREATE VIEW v AS SELECT version FROM _Migrations
        INSERT INTO a VALUES (7) RETURNING x
    the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
        INSERT INTO main.[_migrations](version) VALUES (9)
        REPLACE INTO _migrations(version) VALUES (1)
        UPDATE _MIGRATIONS SET name = 'x'
        DELETE FROM _migrations
        DELETE FROM "_Migrations" RETURNING version
        WITH w AS (SELECT 1) DELETE FROM _migrations WHERE version IN w
    "#);
}

#[test]
fn the_table_of_the_history() {
    insta::assert_snapshot!(verdicts(&[
        "CREATE TABLE IF NOT EXISTS _migrations(x)",
        "CREATE TEMP TABLE _migrations(x)",
        "CREATE TEMP TABLE _migrations(x); INSERT INTO _migrations VALUES (1)",
        "CREATE TEMP TABLE _migrations(x); DROP TABLE _migrations",
        "CREATE TEMP VIEW _migrations AS SELECT 1 AS version",
        "CREATE VIEW _migrations AS SELECT 1 AS version",
        "CREATE VIRTUAL TABLE _migrations USING fts5(x)",
        "CREATE VIRTUAL TABLE IF NOT EXISTS _migrations USING fts5(x)",
        "ALTER TABLE a RENAME TO _Migrations",
        "ALTER TABLE _migrations RENAME TO mine",
        "ALTER TABLE _Migrations ADD COLUMN more",
        "ALTER TABLE _migrations DROP COLUMN note",
        "ALTER TABLE _migrations RENAME COLUMN note TO remark",
        "DROP TABLE _MIGRATIONS",
        "DROP VIEW IF EXISTS _migrations",
        "ANALYZE",
        "ANALYZE _migrations",
        "REINDEX",
        "REINDEX _migrations",
    ]), @"
    the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
        CREATE TABLE IF NOT EXISTS _migrations(x)
        CREATE TEMP TABLE _migrations(x); INSERT INTO _migrations VALUES (1)
        CREATE TEMP TABLE _migrations(x); DROP TABLE _migrations
        CREATE VIEW _migrations AS SELECT 1 AS version
        ALTER TABLE _migrations RENAME TO mine
        ALTER TABLE _Migrations ADD COLUMN more
        ALTER TABLE _migrations DROP COLUMN note
        ALTER TABLE _migrations RENAME COLUMN note TO remark
        DROP TABLE _MIGRATIONS
        DROP VIEW IF EXISTS _migrations
    accepted
        CREATE TEMP TABLE _migrations(x)
        CREATE TEMP VIEW _migrations AS SELECT 1 AS version
        CREATE VIRTUAL TABLE IF NOT EXISTS _migrations USING fts5(x)
        ANALYZE
        ANALYZE _migrations
        REINDEX
        REINDEX _migrations
    table _migrations already exists
        CREATE VIRTUAL TABLE _migrations USING fts5(x)
    there is already another table or index with this name: _Migrations
        ALTER TABLE a RENAME TO _Migrations
    ");
}

#[test]
fn indexes_of_the_history() {
    insta::assert_snapshot!(verdicts(&[
        "CREATE INDEX i ON _migrations(name)",
        "CREATE UNIQUE INDEX IF NOT EXISTS i ON _Migrations(name)",
        "CREATE INDEX _migrations ON a(x)",
        "CREATE TEMP TABLE t(x); CREATE INDEX temp._migrations ON t(x)",
        "DROP INDEX IF EXISTS _migrations",
    ]), @"
    the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
        CREATE INDEX i ON _migrations(name)
        CREATE UNIQUE INDEX IF NOT EXISTS i ON _Migrations(name)
    there is already a table named _migrations
        CREATE INDEX _migrations ON a(x)
    accepted
        CREATE TEMP TABLE t(x); CREATE INDEX temp._migrations ON t(x)
        DROP INDEX IF EXISTS _migrations
    ");
}

#[test]
fn triggers_of_the_history() {
    insta::assert_snapshot!(verdicts(&[
        "CREATE TRIGGER t AFTER INSERT ON _migrations BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER t AFTER INSERT ON main._migrations BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER t AFTER UPDATE OF state ON main._MIGRATIONS BEGIN SELECT 1; END",
    ]), @"
    the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
        CREATE TRIGGER t AFTER INSERT ON _migrations BEGIN SELECT 1; END
        CREATE TEMP TRIGGER t AFTER INSERT ON main._migrations BEGIN SELECT 1; END
        CREATE TEMP TRIGGER t AFTER UPDATE OF state ON main._MIGRATIONS BEGIN SELECT 1; END
    ");
}

/// SQLite compiles the statements of a trigger together with the statement that
/// fires it.
#[test]
fn statements_in_triggers_of_other_tables() {
    insta::assert_snapshot!(verdicts(&[
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; \
         INSERT INTO a VALUES (7)",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE _Migrations SET name = 'x'; END; \
         INSERT INTO a SELECT 7 WHERE 0",
        "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; \
         INSERT INTO a VALUES (7)",
        "CREATE VIEW v AS SELECT * FROM _migrations; \
         CREATE TRIGGER t INSTEAD OF DELETE ON v BEGIN DELETE FROM _migrations; END; \
         DELETE FROM v",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT count(*) FROM _migrations; END; \
         INSERT INTO a VALUES (7)",
        // One that nothing fires in the migration is not compiled there.
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END",
    ]), @"
    the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
        CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; INSERT INTO a VALUES (7)
        CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE _Migrations SET name = 'x'; END; INSERT INTO a SELECT 7 WHERE 0
        CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END; INSERT INTO a VALUES (7)
        CREATE VIEW v AS SELECT * FROM _migrations; CREATE TRIGGER t INSTEAD OF DELETE ON v BEGIN DELETE FROM _migrations; END; DELETE FROM v
    accepted
        CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT count(*) FROM _migrations; END; INSERT INTO a VALUES (7)
        CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM _migrations; END
    ");
}

/// The replay begins with an empty database, in which nobody has made one.
#[test]
fn a_trigger_that_the_application_has_made() {
    let mut shown = String::new();
    for script in [
        "DROP TRIGGER Audit",
        "DROP TRIGGER temp.audit",
        "DROP INDEX by_name",
    ] {
        let database = Database::new(false);
        let mut conn = database.open();
        migrator(&[BASE]).up(&mut conn).unwrap();
        conn.execute_batch(
            "CREATE TRIGGER audit AFTER INSERT ON _migrations BEGIN SELECT 1; END;
             CREATE TEMP TRIGGER audit AFTER INSERT ON main._migrations BEGIN SELECT 1; END;
             CREATE INDEX by_name ON _migrations(name)",
        )
        .unwrap();
        if script == "DROP TRIGGER Audit" {
            conn.execute_batch("DROP TRIGGER temp.audit").unwrap();
        }
        let (up, check) = (up_on(&mut conn, script), check(script));
        let _ = writeln!(shown, "{script}\n  up: {up}\n  check: {check}");
    }
    insta::assert_snapshot!(shown, @"
    DROP TRIGGER Audit
      up: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
      check: no such trigger: Audit
    DROP TRIGGER temp.audit
      up: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
      check: no such trigger: temp.audit
    DROP INDEX by_name
      up: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
      check: no such index: by_name
    ");
}

/// In a transaction of the caller there is no authorizer, and the words are the
/// same.
#[test]
fn in_the_callers_transaction() {
    for script in [
        "SAVEPOINT s",
        "ROLLBACK TO s",
        "ATTACH ':memory:' AS other",
        "PRAGMA foreign_keys = ON",
        "SELECT ?1",
        "UPDATE _Migrations SET name = 'x'",
        "CREATE TEMP TRIGGER t AFTER INSERT ON main._migrations BEGIN SELECT 1; END",
    ] {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        migrator(&[BASE]).up(&mut conn).unwrap();
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        let migrator = migrator(&[BASE, ("002_second.sql", script)]);
        let error = migrator.up_in(&tx).unwrap_err();
        assert_eq!(verdict(&error), up(script), "{script}");
    }
}

/// What a script allows itself is allowed to the rules, and not to the runner.
#[test]
fn with_an_allow_directive() {
    let folder = tempfile::tempdir().unwrap();
    let script = "-- migrate: allow S24 \"the audit needs it\"\n\
                  CREATE TEMP TRIGGER t AFTER INSERT ON main._migrations BEGIN SELECT 1; END;\n";
    for (name, text) in [BASE, ("002_second.sql", script)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let check = check_directory::<Sqlite>(folder.path(), Numbering::DEFAULT);
    let shown = check.to_string().replace('\\', "/").replace(
        &folder.path().display().to_string().replace('\\', "/"),
        "FOLDER",
    );
    insta::assert_snapshot!(format!("{shown}\n\nup: {}", up(script)), @"
    error: M037: the runner refuses this: the history table `_migrations` belongs to the runner
     --> FOLDER/002_second.sql:2:1
      |
    2 | CREATE TEMP TRIGGER t AFTER INSERT ON main._migrations BEGIN SELECT 1; END;
      | ^^^^^^
      = help: remove it, `baseline` and `repair` change the history

    2 migrations, 1 tried on rows, 0 downs; not tried: 002_second (it fails)

    up: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history
    ");
}
