//! What people read: errors, reports, plans, status lists.

use crate::database::{BASE, Database, has_hint_for_quotes, memory, refused_second, up_second};
use migrate_runtime::{Error, Row, StatusEntry, Version};
use migrate_sqlite::compat;
use migrate_tests::{chain, migrator};
use std::time::Duration;

const B: (&str, &str) = ("002_b.sql", "CREATE TABLE b(y)");
const C: (&str, &str) = ("003_c.sql", "CREATE TABLE c(y)");

/// Numbers that differ from run to run, as `#`.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end_matches([' ', '\n', ')', ';']);
        let is_number = bare.contains(['.', ':', '-'])
            && bare
                .chars()
                .all(|c| c.is_ascii_digit() || ".:-".contains(c));
        if is_number {
            out += &word.replace(bare, "#");
        } else {
            out += word;
        }
    }
    out
}

fn refused(script: &str) -> String {
    chain(&refused_second(&mut memory(), script))
}

#[test]
fn failures_of_a_statement() {
    insta::assert_snapshot!(refused("SELECT 1;\nCREAT TABLE b(y);"), @r#"migration `002_second` failed at 002_second.sql:2:1 and was rolled back: near "CREAT": syntax error: Error code 1"#);
    insta::assert_snapshot!(refused("INSERT INTO a VALUES (1)"), @"migration `002_second` failed at 002_second.sql:1:1 and was rolled back: UNIQUE constraint failed: a.x: Error code 1555");
    if has_hint_for_quotes() {
        insta::assert_snapshot!(refused("SELECT \"typo\" FROM a"), @r#"migration `002_second` failed at 002_second.sql:1:8 and was rolled back: no such column: "typo" - should this be a string literal in single-quotes?: Error code 1"#);
    }
    insta::assert_snapshot!(refused("VACUUM"), @"migration `002_second` failed at 002_second.sql:1:1 and was rolled back: cannot VACUUM from within a transaction: Error code 1");
}

#[test]
fn refusals() {
    insta::assert_snapshot!(refused("SELECT ?1"), @"migration `002_second` was refused at 002_second.sql:1:1 and rolled back: a bind parameter has no value here; write the value itself");
    insta::assert_snapshot!(refused("SAVEPOINT s"), @"migration `002_second` was refused at 002_second.sql:1:1 and rolled back: savepoints are not available in a migration; remove it");
    insta::assert_snapshot!(refused("ATTACH ':memory:' AS m"), @"migration `002_second` was refused at 002_second.sql:1:1 and rolled back: a migration cannot attach or detach another database; do it where the application opens the database");
    insta::assert_snapshot!(refused("PRAGMA foreign_keys = OFF"), @"migration `002_second` was refused at 002_second.sql:1:1 and rolled back: `PRAGMA foreign_keys`: it does nothing in a transaction; remove it: the runner turns foreign keys off for the run, and checks before each commit that no reference was broken");
    insta::assert_snapshot!(refused("PRAGMA Busy_Timeout = 1"), @"migration `002_second` was refused at 002_second.sql:1:1 and rolled back: `PRAGMA busy_timeout`: it would stay in effect on the connection after the migration; remove it, and set it where the application opens the database");
    insta::assert_snapshot!(refused("DELETE FROM _migrations"), @"migration `002_second` was refused at 002_second.sql:1:1 and rolled back: the history table `_migrations` belongs to the runner; remove it, `baseline` and `repair` change the history");
}

/// A text of many megabytes must not end in a log.
#[test]
fn an_error_is_short() {
    let script = format!(
        "SELEC 1;\n{}",
        "SELECT 'a long seed file';\n".repeat(10_000)
    );
    let error = refused_second(&mut memory(), &script);
    assert!(chain(&error).len() < 200, "{}", chain(&error));
    assert!(format!("{error:?}").len() < 600, "{error:?}");
}

/// `main` and `unwrap` print the debug form.
#[test]
fn the_debug_form_has_the_message() {
    let error = refused_second(&mut memory(), "SAVEPOINT s");
    let debug = format!("{error:?}");
    assert!(debug.contains(&error.to_string()), "{debug}");
}

#[test]
fn the_error_is_one_pointer() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

/// A service passes it between threads, and into `anyhow` and its like.
#[test]
fn the_error_may_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Error>();
    crosses::<migrate_runtime::Migrator>();
}

#[test]
fn a_connection_in_use() {
    let mut conn = memory();
    conn.execute_batch("BEGIN").unwrap();
    insta::assert_snapshot!(up_second(&mut conn, B.1).unwrap_err(), @"the connection is inside of a transaction; end it first: every migration has a transaction of its own");
    conn.execute_batch("COMMIT").unwrap();
    let mut statement = conn.prepare_cached("SELECT x FROM a").unwrap();
    let mut rows = statement.query([]).unwrap();
    rows.next().unwrap();
    std::mem::forget(rows);
    std::mem::forget(statement);
    insta::assert_snapshot!(up_second(&mut conn, B.1).unwrap_err(), @"the connection has a statement that is still running; end it first: every migration has a transaction of its own");
}

#[test]
fn a_read_only_database() {
    let mut conn = memory();
    conn.pragma_update(None, "query_only", true).unwrap();
    insta::assert_snapshot!(up_second(&mut conn, B.1).unwrap_err(), @"the database is read-only, and 1 migration is pending; open it for writing");
    let error = migrator(&[BASE, B, C]).up(&mut conn).unwrap_err();
    insta::assert_snapshot!(error, @"the database is read-only, and 2 migrations are pending; open it for writing");
}

#[test]
fn a_lock_not_had() {
    let database = Database::new(false);
    let mut conn = database.open();
    let path = database.path();
    let shown = |error: &Error| {
        let shown = without_times(&chain(error));
        shown.replace(path.to_str().unwrap(), "PATH")
    };
    let migrator = migrator(&[BASE]).lock_timeout(Duration::from_millis(20));
    let holder = database.open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    insta::assert_snapshot!(shown(&migrator.up(&mut conn).unwrap_err()), @"waited # s for the write lock of `PATH`, and another connection is still in the way; nothing was applied: database is locked: Error code 5");
    holder.execute_batch("COMMIT; BEGIN EXCLUSIVE").unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    insta::assert_snapshot!(shown(&migrator.up(&mut conn).unwrap_err()), @"waited # s for a read of `PATH`, and another connection is still in the way; nothing was applied: database is locked: Error code 5");
    insta::assert_snapshot!(shown(&migrator.status(&conn).unwrap_err()), @"waited # s for a read of `PATH`, and another connection is still in the way; nothing was applied: database is locked: Error code 5");
    insta::assert_snapshot!(shown(&migrator.clone().wal().up(&mut conn).unwrap_err()), @"waited # s for the switch to write-ahead logging of `PATH`, and another connection is still in the way; nothing was applied: database is locked: Error code 5");
    holder
        .execute_batch(
            "CREATE TABLE t(x); INSERT INTO t VALUES (1); COMMIT; BEGIN; SELECT * FROM t",
        )
        .unwrap();
    insta::assert_snapshot!(shown(&migrator.up(&mut conn).unwrap_err()), @"waited # s for the readers of `PATH`, and another connection is still in the way; nothing was applied: database is locked: Error code 5");
}

#[test]
fn a_memory_that_is_shared() {
    use rusqlite::{Connection, OpenFlags};
    let open = || {
        let name = "file:message?mode=memory&cache=shared";
        Connection::open_with_flags(name, OpenFlags::default()).unwrap()
    };
    let holder = open();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let migrator = migrator(&[BASE]).lock_timeout(Duration::from_millis(20));
    let error = migrator.up(&mut open()).unwrap_err();
    insta::assert_snapshot!(without_times(&chain(&error)), @"waited # s for the write lock of the in-memory database, and another connection is still in the way; nothing was applied: database table is locked: Error code 262");
}

/// The application's own hook can turn a commit into a rollback.
#[test]
fn a_commit_that_is_vetoed() {
    let database = Database::new(false);
    let mut conns = [
        database.open(),
        rusqlite::Connection::open_in_memory().unwrap(),
    ];
    let shown = conns.each_mut().map(|conn| {
        compat::set_commit_hook(conn, Some(|| true)).unwrap();
        let error = migrator(&[BASE]).up(conn).unwrap_err();
        assert!(conn.is_autocommit());
        compat::remove_commit_hook(conn).unwrap();
        assert_eq!(migrator(&[BASE]).up(conn).unwrap().applied().len(), 1);
        chain(&error)
    });
    assert_eq!(shown[0], shown[1]);
    insta::assert_snapshot!(shown[0], @"the commit of migration `001_base` failed, and it was rolled back: constraint failed: Error code 531");
}

/// Where the file cannot be read again, nobody knows.
// On Windows nobody can remove a file that SQLite has open.
#[cfg(unix)]
#[test]
fn a_commit_with_an_open_end() {
    let database = Database::new(false);
    let mut conn = database.open();
    let path = database.path();
    let hook = move || std::fs::remove_file(&path).is_ok();
    compat::set_commit_hook(&mut conn, Some(hook)).unwrap();
    let error = migrator(&[BASE]).up(&mut conn).unwrap_err();
    insta::assert_snapshot!(error, @"the commit of migration `001_base` failed: constraint failed, and it is not known whether it took effect; the next run reads the history and finds out");
}

#[test]
fn a_stale_binary() {
    use migrate_runtime::__private::Source;
    use migrate_runtime::Checksum;
    let folder = tempfile::tempdir().unwrap();
    for name in ["001_base.sql", "002_new.sql", "README.md"] {
        std::fs::write(folder.path().join(name), "SELECT 1").unwrap();
    }
    let path = folder.path().to_str().unwrap().to_owned().leak();
    let files = ["001_base.sql", "003_gone.sql"]
        .map(|file| (file, Checksum::of("SELECT 1")))
        .to_vec()
        .leak();
    let source: &'static Source = Box::leak(Box::new(Source::new(path, "migrations", files)));
    let mut conn = memory();
    // Every call says so, until the binary is built again.
    for _ in 0..2 {
        let error = migrator(&[BASE]).source(source).up(&mut conn).unwrap_err();
        assert!(error.is_stale());
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"this binary does not match `migrations`: built before `002_new.sql` existed, built when `003_gone.sql` still existed; rebuild the crate; if Cargo finds nothing to do, touch one of its source files, because Cargo notices a new migration only if a build script watches the directory");
        }
    }
}

#[test]
fn reports_and_plans() {
    let mut conn = memory();
    let migrator = migrator(&[BASE, B, C]);
    insta::assert_snapshot!(migrator.plan(&conn).unwrap(), @"
        would apply 002_b
        would apply 003_c
        ");
    let report = migrator.up(&mut conn).unwrap();
    insta::assert_snapshot!(without_times(&report.to_string()), @"
        applied 002_b in # ms
        applied 003_c in # ms
        ");
    insta::assert_snapshot!(migrator.plan(&conn).unwrap(), @"nothing is pending");
    insta::assert_snapshot!(migrator.up(&mut conn).unwrap(), @"nothing is pending");
}

/// A program that shows them itself can name the types.
#[test]
fn the_row_of_a_status_entry() {
    fn release(row: &Row) -> Option<&str> {
        row.release.as_deref()
    }
    let mut conn = rusqlite::Connection::open_in_memory().unwrap();
    let migrator = migrator(&[BASE]).release("app 1.2");
    migrator.up(&mut conn).unwrap();
    let status = migrator.status(&conn).unwrap();
    let row = |entry: &StatusEntry| entry.row.clone();
    let rows: Vec<Row> = status.entries().iter().filter_map(row).collect();
    assert_eq!(
        rows.iter().map(release).collect::<Vec<_>>(),
        [Some("app 1.2")]
    );
}

#[test]
fn status_lists() {
    let migrator = migrator(&[BASE, B, C]);
    let mut conn = rusqlite::Connection::open_in_memory().unwrap();
    let shown =
        |conn: &rusqlite::Connection| without_times(&migrator.status(conn).unwrap().to_string());
    insta::assert_snapshot!(shown(&conn), @"
        [ ] 001_base
        [ ] 002_b
        [ ] 003_c

        Total: 3 | Applied: 0 | Pending: 3
        ");
    migrator.clone().to(Version::new(2)).up(&mut conn).unwrap();
    insta::assert_snapshot!(shown(&conn), @"
        [x] 001_base (applied: # #)
        [x] 002_b (applied: # #)
        [ ] 003_c

        Total: 3 | Applied: 2 | Pending: 1
        ");
    conn.execute_batch(
        "UPDATE _migrations SET checksum = 'sha256:0' WHERE version = 1;
         UPDATE _migrations SET state = 'started', applied_at = 'today' WHERE version = 2;
         INSERT INTO _migrations VALUES (12, 'later', 'c', 'applied', '2026-01-31T12:00:00Z', 5, \
         NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    .unwrap();
    insta::assert_snapshot!(shown(&conn), @"
    [!] 001_base (applied: # #; changed since)
    [~] 002_b (started, not finished)
    [ ] 003_c
    [?] 012_later (applied: # #; unknown to this binary)

    Total: 4 | Applied: 2 | Pending: 1
    drift: migration `001_base` was changed after it was applied: the history has `sha256:0`, this binary `sha256:10a465d48514ad1930fbfda88b34c4f9bcc7ccf347ff7fd7d4a06741863c05cd`; restore `001_base.sql` and make the change in a new migration, or accept a harmless change with `repair`
    drift: the up of migration `002_b` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome
    drift: the database is ahead of this binary: migration `012_later` is applied but not contained in it; start a newer release, or restore its file
    drift: migration `003_c` is not applied, but the later version 012 is; give it a number above 012
    ");
}
