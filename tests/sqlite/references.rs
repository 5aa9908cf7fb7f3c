//! 11. References that a migration breaks, and those that were broken before.

use crate::database::{Database, dump};
use migrate_runtime::Down;
use migrate_tests::{chain, migrator};
use rusqlite::Connection;

const TABLES: &str = "\
CREATE TABLE parent(id INTEGER PRIMARY KEY);
CREATE TABLE child(parent REFERENCES parent(id), note);
CREATE TABLE keyed(k TEXT PRIMARY KEY, parent REFERENCES parent(id)) WITHOUT ROWID;
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (1, 'fine');
";

/// Applies the tables, lets the application do something with foreign keys
/// off, and then runs a script: the outcome as text.
fn check(before: &str, script: &str) -> String {
    let database = Database::new(false);
    let mut conn = database.open();
    let first = ("001_tables.sql", TABLES);
    migrator(&[first]).up(&mut conn).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn.execute_batch(before).unwrap();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let content = dump(&conn);
    match migrator(&[first, ("002_script.sql", script)]).up(&mut conn) {
        Ok(_) => "applied".to_owned(),
        Err(error) => {
            assert_eq!(dump(&conn), content);
            assert_eq!(error.location(), None);
            chain(&error)
        }
    }
}

#[test]
fn each_broken_reference_is_listed() {
    insta::assert_snapshot!(
        check("", "INSERT INTO child VALUES (7, 'x'), (1, 'y'), (8, 'z');\nINSERT INTO keyed VALUES ('k', 9);"),
        @"migration `002_script` was rolled back, because it breaks references: row 2 of `child` refers to no row of `parent`; row 4 of `child` refers to no row of `parent`; a row of `keyed` refers to no row of `parent`"
    );
    insta::assert_snapshot!(check("", "DELETE FROM parent"), @"migration `002_script` was rolled back, because it breaks references: row 1 of `child` refers to no row of `parent`");
}

#[test]
fn a_long_list_is_cut() {
    let many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n LIMIT 1000) \
                INSERT INTO child SELECT i, 'x' FROM n";
    let shown = check("", many);
    assert!(shown.ends_with("; and 990 more"), "{shown}");
    // The rows come in the order in which people count.
    let first = shown.find("row 2 of").unwrap();
    let later = shown.find("row 10 of").unwrap();
    assert!(first < later, "{shown}");
}

const ORPHANS: &str = "INSERT INTO child VALUES (70, 'old'), (71, 'old'); \
                       INSERT INTO keyed VALUES ('old', 70);";

#[test]
fn those_from_before_do_not_block() {
    for script in [
        "CREATE TABLE b(y)",
        "UPDATE child SET note = 'touched'; UPDATE keyed SET k = 'touched'",
        "DELETE FROM child WHERE parent = 70",
        "ALTER TABLE child ADD COLUMN more",
        "ALTER TABLE child RENAME COLUMN parent TO owner",
        "INSERT INTO child VALUES (1, 'new')",
        "ALTER TABLE child RENAME TO kid; ALTER TABLE keyed RENAME TO locked",
        "ALTER TABLE parent RENAME TO mother",
        // The second copy begins where the first table did.
        "CREATE TABLE copy(k TEXT PRIMARY KEY, parent REFERENCES PARENT(id)) WITHOUT ROWID; \
         INSERT INTO copy SELECT * FROM keyed; DROP TABLE keyed; \
         ALTER TABLE copy RENAME TO keyed; \
         CREATE TABLE copy(parent REFERENCES parent(id), note); \
         INSERT INTO copy SELECT * FROM child ORDER BY parent DESC; \
         DROP TABLE child; ALTER TABLE copy RENAME TO child",
        // The rows get new rowids.
        "CREATE TABLE copy(parent REFERENCES parent(id), note); \
         INSERT INTO copy SELECT * FROM child ORDER BY parent DESC; \
         DROP TABLE child; ALTER TABLE copy RENAME TO child",
    ] {
        assert_eq!(check(ORPHANS, script), "applied", "{script}");
    }
}

#[test]
fn a_new_one_beside_old_ones_is_found() {
    insta::assert_snapshot!(
        check(ORPHANS, "INSERT INTO child VALUES (72, 'new')"),
        @"migration `002_script` was rolled back, because it breaks references: row 4 of `child` refers to no row of `parent`"
    );
    insta::assert_snapshot!(
        check(ORPHANS, "INSERT INTO keyed VALUES ('new', 72)"),
        @"migration `002_script` was rolled back, because it breaks references: a row of `keyed` refers to no row of `parent`"
    );
}

/// Foreign keys are off, so that nothing cascades; and what the migration has
/// fixed pays for nothing.
#[test]
fn a_new_one_in_the_place_of_old_ones_is_found() {
    let fix = "DELETE FROM child WHERE parent NOT IN (SELECT id FROM parent);";
    insta::assert_snapshot!(
        check(ORPHANS, &format!("{fix} DELETE FROM parent WHERE id = 1")),
        @"migration `002_script` was rolled back, because it breaks references: row 1 of `child` refers to no row of `parent`"
    );
    insta::assert_snapshot!(
        check(ORPHANS, "DELETE FROM child WHERE parent = 70; UPDATE child SET parent = 99 WHERE parent = 1"),
        @"migration `002_script` was rolled back, because it breaks references: row 1 of `child` refers to no row of `parent`"
    );
}

const ACTIONS: &str = "\
CREATE TABLE up(id INTEGER PRIMARY KEY, code TEXT UNIQUE, note);
INSERT INTO up VALUES (1, 'a', '');
CREATE TABLE gone(up REFERENCES Up ON DELETE CASCADE); INSERT INTO gone VALUES (1);
CREATE TABLE kept(code REFERENCES up(code) ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO kept VALUES ('a');
CREATE TABLE strict(up REFERENCES up ON DELETE RESTRICT);
";

/// The message says why: with foreign keys on, the statement would have worked.
#[test]
fn an_action_without_effect_is_explained() {
    insta::assert_snapshot!(check(ACTIONS, "DELETE FROM up"), @"migration `002_script` was rolled back, because it breaks references: row 1 of `gone` refers to no row of `Up`; row 1 of `kept` refers to no row of `up`; nothing cascades in a migration, because foreign keys are off while it runs: `ON DELETE CASCADE` of `gone` and `ON DELETE SET NULL` of `kept` had no effect; delete or update these rows as well, in the same migration, before the rows they refer to");
    insta::assert_snapshot!(check(ACTIONS, "DELETE FROM gone; DELETE FROM up"), @"migration `002_script` was rolled back, because it breaks references: row 1 of `kept` refers to no row of `up`; nothing cascades in a migration, because foreign keys are off while it runs: `ON DELETE SET NULL` of `kept` had no effect; delete or update these rows as well, in the same migration, before the rows they refer to");
    insta::assert_snapshot!(check(ACTIONS, "UPDATE up SET code = 'b'"), @"migration `002_script` was rolled back, because it breaks references: row 1 of `kept` refers to no row of `up`; nothing cascades in a migration, because foreign keys are off while it runs: `ON UPDATE CASCADE` of `kept` had no effect; delete or update these rows as well, in the same migration, before the rows they refer to");
    // The parent is as it was, or the action is not the one that was needed.
    for script in [
        "INSERT INTO gone VALUES (2)",
        "UPDATE up SET note = 'x'; UPDATE gone SET up = 2",
        "INSERT INTO strict VALUES (1); DELETE FROM gone; DELETE FROM kept; DELETE FROM up",
    ] {
        let shown = check(ACTIONS, script);
        let is_explained = shown.contains("cascades");
        assert!(
            shown.contains("refers to no row") && !is_explained,
            "{shown}"
        );
    }
    let both = "DELETE FROM gone; UPDATE kept SET code = NULL; DELETE FROM up";
    assert_eq!(check(ACTIONS, both), "applied");
}

#[test]
fn so_is_one_of_a_down_or_without_a_transaction() {
    let first = ("001_actions.sql", ACTIONS);
    let down = "UPDATE up SET note = 'x';\n-- migrate:down\nDELETE FROM up;";
    let migrator_of = |script| migrator(&[first, ("002_script.sql", script)]);
    let database = Database::new(false);
    let mut conn = database.open();
    migrator_of(down).up(&mut conn).unwrap();
    let error = migrator_of(down)
        .down(&mut conn, Down::Steps(1))
        .unwrap_err();
    insta::assert_snapshot!(chain(&error), @"the down of migration `002_script` was rolled back, because it breaks references: row 1 of `gone` refers to no row of `Up`; row 1 of `kept` refers to no row of `up`; nothing cascades in a migration, because foreign keys are off while it runs: `ON DELETE CASCADE` of `gone` and `ON DELETE SET NULL` of `kept` had no effect; delete or update these rows as well, in the same migration, before the rows they refer to");
    let database = Database::new(false);
    let mut conn = database.open();
    let script = "-- migrate:no-transaction\nDELETE FROM up;";
    let error = migrator_of(script).up(&mut conn).unwrap_err();
    insta::assert_snapshot!(chain(&error), @"migration `002_script` breaks references: row 1 of `gone` refers to no row of `Up`; row 1 of `kept` refers to no row of `up`; nothing cascades in a migration, because foreign keys are off while it runs: `ON DELETE CASCADE` of `gone` and `ON DELETE SET NULL` of `kept` had no effect; delete or update these rows as well, in the same migration, before the rows they refer to; it runs without a transaction, so its 1 statements stay in effect: fix the cause, then use `repair` to resume it, or to mark it as applied or as not applied");
}

/// One that another connection writes right after a commit is none of the next
/// migration's.
#[cfg(feature = "wal-hook")]
#[test]
fn one_of_a_sibling_is_not_new() {
    let database = Database::new(true);
    let mut conn = database.open();
    let first = ("001_tables.sql", TABLES);
    migrator(&[first]).up(&mut conn).unwrap();
    let sibling = database.open();
    sibling.pragma_update(None, "foreign_keys", false).unwrap();
    let mut commits = 0;
    conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, _| {
        commits += 1;
        if commits == 1 {
            sibling.execute("INSERT INTO child VALUES (70, 'x')", [])?;
        }
        Ok(())
    }))
    .unwrap();
    let second = ("002_b.sql", "CREATE TABLE b(y)");
    let third = ("003_c.sql", "CREATE TABLE c(y)");
    let report = migrator(&[first, second, third]).up(&mut conn).unwrap();
    assert_eq!(report.applied().len(), 2);
    let orphans = "SELECT count(*) FROM child WHERE parent = 70";
    assert_eq!(crate::database::number(&conn, orphans), 1);
}

/// A foreign key to columns that are not unique: SQLite cannot check it, and
/// stops the check of all other tables there.
const MISMATCH: &str = "CREATE TABLE loose(n); CREATE TABLE odd(n REFERENCES loose(n));";

#[test]
fn a_mismatch_from_before_does_not_block() {
    let before = format!("{MISMATCH}{ORPHANS}");
    assert_eq!(check(&before, "CREATE TABLE b(y)"), "applied");
    assert_eq!(check(&before, "INSERT INTO odd VALUES (1)"), "applied");
    insta::assert_snapshot!(check(&before, "INSERT INTO child VALUES (72, 'new')"), @"migration `002_script` was rolled back, because it breaks references: row 4 of `child` refers to no row of `parent`");
}

#[test]
fn a_new_mismatch_is_found() {
    insta::assert_snapshot!(check("", MISMATCH), @r#"migration `002_script` was rolled back, because it leaves a broken schema: table `odd`: foreign key mismatch - "odd" referencing "loose""#);
}

#[test]
fn a_parent_may_come_in_the_same_migration_only() {
    let tables = "CREATE TABLE early(p REFERENCES late(id)); \
                  CREATE TABLE late(id INTEGER PRIMARY KEY);";
    assert_eq!(check("", tables), "applied");
    insta::assert_snapshot!(check("", "CREATE TABLE early(p REFERENCES late(id))"), @"migration `002_script` was rolled back, because it leaves a broken schema: table `early` refers to the table `late`, which does not exist");
}

/// ICU and many applications replace `lower` by one that knows all letters.
#[test]
fn a_function_of_the_application_finds_no_problem() {
    let mut conn = Connection::open_in_memory().unwrap();
    let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("lower", 1, flags, |context| {
        Ok(context.get::<String>(0)?.to_lowercase())
    })
    .unwrap();
    let script = "CREATE TABLE ÄRGER(id INTEGER PRIMARY KEY); \
                  CREATE TABLE child(parent REFERENCES ÄRGEr(id))";
    let first = ("001_tables.sql", script);
    assert_eq!(migrator(&[first]).up(&mut conn).unwrap().applied().len(), 1);
}

/// The connection of a test or a tool may lack what the application registers.
#[test]
fn a_missing_function_is_no_broken_view() {
    let database = Database::new(false);
    let first = ("001_tables.sql", TABLES);
    {
        let mut conn = database.open();
        register(&conn);
        migrator(&[first]).up(&mut conn).unwrap();
        conn.execute_batch(
            "CREATE VIEW doubled AS SELECT twice(id) FROM parent;
             CREATE TABLE kept(n, m AS (twice(n)), CHECK (twice(n) > 0));
             CREATE TRIGGER t AFTER INSERT ON parent BEGIN SELECT twice(new.id); END;",
        )
        .unwrap();
    }
    let script = "CREATE TABLE b(y);
        CREATE VIEW again AS SELECT twice(id) FROM parent;
        CREATE TRIGGER u AFTER INSERT ON kept BEGIN SELECT 1; END;
        CREATE VIEW deep AS SELECT * FROM doubled;";
    let mut conn = database.open();
    let second = ("002_script.sql", script);
    migrator(&[first, second]).up(&mut conn).unwrap();
    register(&conn);
    let third = ("003_used.sql", "INSERT INTO parent VALUES (twice(4))");
    migrator(&[first, second, third]).up(&mut conn).unwrap();
    assert_eq!(
        crate::database::number(&conn, "SELECT count(*) FROM deep"),
        2
    );
}

fn register(conn: &Connection) {
    use rusqlite::functions::FunctionFlags;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("twice", 1, flags, |context| Ok(context.get::<i64>(0)? * 2))
        .unwrap();
}
