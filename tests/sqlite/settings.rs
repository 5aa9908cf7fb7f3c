//! 13. The settings of the connection, before and after a run.

use crate::database::{BASE, Database, memory, number, up_second};
use migrate_runtime::{Error, Report};
use migrate_sqlite::compat;
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const PRAGMAS: [&str; 16] = [
    "foreign_keys",
    "synchronous",
    "busy_timeout",
    "legacy_alter_table",
    "recursive_triggers",
    "ignore_check_constraints",
    "writable_schema",
    "query_only",
    "locking_mode",
    "journal_mode",
    "cache_size",
    "trusted_schema",
    "defer_foreign_keys",
    "temp_store",
    "max_page_count",
    "cell_size_check",
];

/// Every setting that can be read, and whether an authorizer is in the way.
pub(crate) fn settings(conn: &Connection) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = PRAGMAS
        .iter()
        .map(|pragma| ((*pragma).to_owned(), value(conn, pragma)))
        .collect();
    for config in [
        DbConfig::SQLITE_DBCONFIG_DQS_DDL,
        DbConfig::SQLITE_DBCONFIG_DQS_DML,
        DbConfig::SQLITE_DBCONFIG_DEFENSIVE,
    ] {
        let is_on = conn.db_config(config).unwrap();
        settings.push((format!("{config:?}"), is_on.to_string()));
    }
    let guarded = conn.execute_batch("ATTACH ':memory:' AS other; DETACH other");
    settings.push(("guarded".to_owned(), format!("{guarded:?}")));
    settings
}

fn value(conn: &Connection, pragma: &str) -> String {
    let mut statement = conn.prepare(&format!("PRAGMA main.{pragma}")).unwrap();
    let mut rows = statement.query([]).unwrap();
    match rows.next().unwrap() {
        Some(row) => format!("{:?}", row.get_ref(0).unwrap()),
        None => "nothing".to_owned(),
    }
}

/// Scripts that end in each possible way.
const SCRIPTS: [&str; 7] = [
    "CREATE TABLE b(y)",
    "CREATE TABLE b(y); INSERT INTO nowhere VALUES (1)",
    "CREATE TABLE b(y); COMMIT",
    "INSERT OR ROLLBACK INTO a VALUES (1)",
    "CREATE TABLE b(y REFERENCES a(x)); INSERT INTO b VALUES (7)",
    "PRAGMA legacy_alter_table = ON; PRAGMA recursive_triggers = ON; PRAGMA cache_size = 3; \
     PRAGMA ignore_check_constraints = ON; PRAGMA trusted_schema = OFF; \
     PRAGMA defer_foreign_keys = ON; CREATE TABLE b(y)",
    "PRAGMA legacy_alter_table = ON; PRAGMA recursive_triggers = OFF; PRAGMA cache_size = 3; \
     PRAGMA ignore_check_constraints = OFF; PRAGMA trusted_schema = ON; SELECT nothing",
];

#[test]
fn all_are_as_before() {
    for start in [
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF",
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 0",
        "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 1234; PRAGMA cache_size = 77",
        "PRAGMA synchronous = EXTRA; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF",
        "PRAGMA legacy_alter_table = ON; PRAGMA ignore_check_constraints = ON; \
         PRAGMA writable_schema = ON; PRAGMA defer_foreign_keys = ON",
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE",
    ] {
        for script in SCRIPTS {
            for is_quoting in [false, true] {
                let database = Database::new(false);
                let mut conn = database.open();
                migrator(&[BASE]).up(&mut conn).unwrap();
                for part in start.split(';') {
                    let _ = conn.query_row(part, [], |_| Ok(()));
                }
                conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, is_quoting)
                    .unwrap();
                let before = settings(&conn);
                let _ = up_second(&mut conn, script);
                assert_eq!(settings(&conn), before, "{start}\n{script}");
            }
        }
    }
}

/// What is told as applied must survive a loss of power, whatever the
/// application does with its own data.
#[test]
fn each_commit_is_synced() {
    for level in 0..=3 {
        let database = Database::new(false);
        let mut conn = database.open();
        conn.pragma_update(None, "synchronous", level).unwrap();
        let script = "CREATE TABLE seen AS SELECT synchronous FROM pragma_synchronous";
        migrator(&[("001_a.sql", script)]).up(&mut conn).unwrap();
        assert_eq!(number(&conn, "SELECT synchronous FROM seen"), 3);
        assert_eq!(number(&conn, "PRAGMA synchronous"), level);
    }
}

#[test]
fn a_target_that_was_reached_changes_nothing_either() {
    let mut conn = memory();
    let before = settings(&conn);
    migrator(&[BASE]).up(&mut conn).unwrap();
    migrator(&[BASE]).plan(&conn).unwrap();
    migrator(&[BASE]).status(&conn).unwrap();
    assert_eq!(settings(&conn), before);
}

/// Each pragma that this SQLite knows is either refused in a migration or does
/// not outlive it.
#[test]
fn no_pragma_of_a_migration_stays() {
    let names: Vec<String> = memory()
        .prepare("SELECT name FROM pragma_pragma_list ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    // These are values of the database, and are meant to stay; the last one lists
    // what was used.
    let exempt = [
        "user_version",
        "application_id",
        "default_cache_size",
        "module_list",
    ];
    let names = names.iter().filter(|name| !exempt.contains(&name.as_str()));
    let mut leaks = Vec::new();
    for name in names {
        for setting in ["0", "1", "2", "123456"] {
            let database = Database::new(false);
            let mut conn = database.open();
            migrator(&[BASE]).up(&mut conn).unwrap();
            let before = value(&conn, name);
            let _ = up_second(&mut conn, &format!("PRAGMA {name} = {setting}"));
            let after = value(&conn, name);
            if before != after {
                leaks.push(format!("{name} = {setting}: {before} became {after}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    for pragma in [
        // This one cannot be read.
        "PRAGMA case_sensitive_like = ON",
        // These take a path, and are those of the whole process.
        "PRAGMA temp_store_directory = '/'",
        "PRAGMA data_store_directory = '/'",
    ] {
        let error = up_second(&mut memory(), pragma).expect_err(pragma);
        assert!(chain(&error).contains("stay"), "{}", chain(&error));
    }
}

/// What a migration finds does not depend on whether the one before it ran in
/// the same process.
#[test]
fn a_pragma_ends_with_its_migration() {
    let checked = "CREATE TABLE c(x CHECK (x > 0));";
    for pragma in [
        "ignore_check_constraints = ON",
        "legacy_alter_table = ON",
        "recursive_triggers = ON",
        "trusted_schema = OFF",
        "reverse_unordered_selects = ON",
        "cache_size = 3",
        "count_changes = ON",
    ] {
        let mut conn = memory();
        let second = format!("PRAGMA {pragma}; {checked}");
        let name = pragma.split(' ').next().unwrap();
        let before = value(&conn, name);
        let third = format!("CREATE TABLE found AS SELECT * FROM pragma_{name}");
        let files = [BASE, ("002_b.sql", &*second), ("003_c.sql", &*third)];
        migrator(&files).up(&mut conn).unwrap();
        let found = conn.query_row("SELECT * FROM found", [], |row| {
            Ok(format!("{:?}", row.get_ref(0)?))
        });
        assert_eq!(found.unwrap(), before, "{pragma}");
    }
    let second = format!("PRAGMA ignore_check_constraints = ON; {checked}");
    let files = [
        BASE,
        ("002_b.sql", &*second),
        ("003_c.sql", "INSERT INTO c VALUES (-1)"),
    ];
    let error = migrator(&files).up(&mut memory()).unwrap_err();
    assert_eq!(error.location().unwrap().path, "003_c.sql");
}

/// It guards what the application does, and not what a migration may.
#[test]
fn an_authorizer_of_the_application_is_not_asked() {
    let mut conn = memory();
    conn.execute_batch(
        "CREATE TABLE audit(x); CREATE TRIGGER t AFTER INSERT ON audit BEGIN SELECT 1; END",
    )
    .unwrap();
    let authorizer = |context: AuthContext<'_>| match context.action {
        AuthAction::Delete {
            table_name: "audit",
        }
        | AuthAction::Transaction { .. } => Authorization::Deny,
        _ => Authorization::Allow,
    };
    compat::set_authorizer(&mut conn, Some(authorizer)).unwrap();
    up_second(&mut conn, "DELETE FROM audit").unwrap();
}

#[test]
fn counted_changes_are_no_error() {
    let mut conn = memory();
    conn.pragma_update(None, "count_changes", true).unwrap();
    let before = settings(&conn);
    up_second(&mut conn, "INSERT INTO a VALUES (7); DELETE FROM a").unwrap();
    assert_eq!(settings(&conn), before);
}

/// rusqlite catches what its callbacks throw, so that a panic of the
/// application ends a statement, and not the run.
#[test]
fn a_panic_in_a_function_is_an_error() {
    let mut conn = memory();
    conn.create_scalar_function("boom", 0, FunctionFlags::SQLITE_UTF8, |_| {
        quietly_panic();
        Ok(1)
    })
    .unwrap();
    let before = settings(&conn);
    let error = up_second(&mut conn, "CREATE TABLE b(y);\nSELECT boom();").unwrap_err();
    assert_eq!(settings(&conn), before);
    assert!(conn.is_autocommit());
    assert_eq!(error.location().unwrap().line, 2, "{}", chain(&error));
}

#[test]
fn a_panic_in_a_hook_is_an_error() {
    let mut conn = memory();
    compat::set_progress_handler(
        &mut conn,
        1,
        Some(|| {
            quietly_panic();
            false
        }),
    )
    .unwrap();
    let result = up_second(&mut conn, "CREATE TABLE b(y)");
    compat::remove_progress_handler(&mut conn).unwrap();
    assert!(conn.is_autocommit());
    assert_eq!(crate::database::number(&conn, "PRAGMA foreign_keys"), 1);
    assert!(outcome(&result).starts_with("Ok"), "{}", outcome(&result));
}

fn outcome(result: &Result<Report, Error>) -> String {
    match result {
        Ok(report) => format!("Ok {report}"),
        Err(error) => chain(error),
    }
}

/// Panics as an application might, without the noise of the hook.
fn quietly_panic() {
    std::panic::resume_unwind(Box::new("from a callback"));
}

/// rusqlite panics for a busy timeout above 24 days.
#[test]
fn no_deadline_is_too_long() {
    let mut conn = memory();
    conn.busy_timeout(Duration::from_secs(1)).unwrap();
    let before = settings(&conn);
    migrator(&[BASE, ("002_second.sql", "CREATE TABLE b(y)")])
        .lock_timeout(Duration::MAX)
        .up(&mut conn)
        .unwrap();
    assert_eq!(settings(&conn), before);
}

/// An application that gives up: everything that runs from then on is
/// interrupted, or only one thing is.
#[test]
fn an_interrupt_puts_the_connection_back() {
    for steps in [1, 2, 5, 100] {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut conn = memory();
        let before = settings(&conn);
        let give_up = is_over.clone();
        conn.create_scalar_function("give_up", 0, FunctionFlags::SQLITE_UTF8, move |_| {
            give_up.store(true, Ordering::Relaxed);
            Ok(1)
        })
        .unwrap();
        let handler = is_over.clone();
        compat::set_progress_handler(
            &mut conn,
            steps,
            Some(move || handler.load(Ordering::Relaxed)),
        )
        .unwrap();
        let script = "PRAGMA recursive_triggers = ON; CREATE TABLE b(y); SELECT give_up(); \
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
        let error = up_second(&mut conn, script).unwrap_err();
        assert!(chain(&error).contains("interrupted"), "{}", chain(&error));
        assert!(conn.is_autocommit(), "{steps}");
        is_over.store(false, Ordering::Relaxed);
        assert_eq!(settings(&conn), before, "{steps}");
        up_second(&mut conn, "CREATE TABLE b(y)").unwrap();
    }
    for at in (0..3000).step_by(7) {
        let mut conn = memory();
        let step = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&step);
        let handler = move || counted.fetch_add(1, Ordering::Relaxed) + 1 == at;
        compat::set_progress_handler(&mut conn, 1, Some(handler)).unwrap();
        let result = up_second(&mut conn, "CREATE TABLE b(y)");
        // One interrupt is no reason to take the handler off.
        let asked = step.swap(at, Ordering::Relaxed);
        number(&conn, "SELECT count(*) FROM a");
        let asked_again = step.load(Ordering::Relaxed);
        assert!(asked_again > at, "{at}, {asked}: {}", outcome(&result));
        compat::remove_progress_handler(&mut conn).unwrap();
        assert!(conn.is_autocommit(), "{at}: {}", outcome(&result));
        let is_on = conn.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY);
        assert!(is_on.unwrap(), "{at}: {}", outcome(&result));
    }
}

#[test]
fn a_busy_handler_of_the_application_stays() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn handler(_: i32) -> bool {
        CALLS.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(1));
        true
    }
    let database = Database::new(false);
    let mut conn = database.open();
    conn.busy_handler(Some(handler)).unwrap();
    let while_held = |act: &mut dyn FnMut()| {
        let holder = database.open();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            holder.execute_batch("COMMIT").unwrap();
        });
        CALLS.store(0, Ordering::Relaxed);
        act();
        thread.join().unwrap();
        CALLS.load(Ordering::Relaxed)
    };
    let in_run = while_held(&mut || drop(migrator(&[BASE]).up(&mut conn).unwrap()));
    let after = while_held(&mut || conn.execute_batch("BEGIN IMMEDIATE; COMMIT").unwrap());
    assert!(in_run > 0 && after > 0, "{in_run} {after}");
}
