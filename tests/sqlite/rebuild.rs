//! Building a table anew, as <https://sqlite.org/lang_altertable.html#otheralter>
//! recommends, and in the order that it warns of.

use crate::database::{Database, dump, number, text};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;

const PARENT: &str = "\
CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE child(id INTEGER PRIMARY KEY, parent REFERENCES parent(id) ON DELETE CASCADE);
CREATE TABLE grandchild(child REFERENCES child(id) ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO parent VALUES (1, 'a'), (2, 'b');
INSERT INTO child VALUES (10, 1), (11, 2), (12, 2);
INSERT INTO grandchild VALUES (10), (12);
";

const REBUILD: &str = "\
CREATE TABLE new_parent(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO new_parent SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
";

/// The wrong order: everything that mentions `parent` follows it away.
const WRONG: &str = "\
ALTER TABLE parent RENAME TO old_parent;
CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO parent SELECT id, name FROM old_parent;
DROP TABLE old_parent;
";

/// Runs a rebuild after the parent and some more; the outcome as text.
fn check(more: &str, rebuild: &str) -> (Connection, String, Database) {
    let database = Database::new(false);
    let mut conn = database.open();
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    let first = format!("{PARENT}{more}");
    let first = ("001_parent.sql", first.as_str());
    migrator(&[first]).up(&mut conn).unwrap();
    let before = dump(&conn);
    let outcome = match migrator(&[first, ("002_rebuild.sql", rebuild)]).up(&mut conn) {
        Ok(report) => {
            assert_eq!(report.applied().len(), 1);
            "applied".to_owned()
        }
        Err(error) => {
            assert_eq!(dump(&conn), before);
            chain(&error)
        }
    };
    assert_eq!(number(&conn, "PRAGMA foreign_keys"), 1);
    assert_eq!(number(&conn, "PRAGMA legacy_alter_table"), 0);
    (conn, outcome, database)
}

/// docs/internals/sqlite.md, "Foreign keys and table rebuilds".
#[test]
fn no_child_is_lost() {
    let (conn, outcome, _file) = check("", REBUILD);
    assert_eq!(outcome, "applied");
    assert_eq!(number(&conn, "SELECT count(*) FROM child"), 3);
    assert_eq!(number(&conn, "SELECT count(*) FROM grandchild"), 2);
    // The references work again: the cascade happens when it is wanted.
    conn.execute("DELETE FROM parent WHERE id = 2", []).unwrap();
    assert_eq!(number(&conn, "SELECT count(*) FROM child"), 1);
    assert_eq!(number(&conn, "SELECT count(*) FROM grandchild"), 1);
}

const MENTIONS: &str = "\
CREATE VIEW names AS SELECT name FROM parent;
CREATE TABLE log(line);
CREATE TRIGGER logged AFTER INSERT ON log BEGIN UPDATE parent SET name = new.line; END;
";

/// Views and triggers mention the rebuilt table: SQLite refuses the last step
/// unless they are dropped first or `legacy_alter_table` is on.
#[test]
fn views_and_triggers_need_care() {
    let (_, outcome, _) = check(MENTIONS, REBUILD);
    insta::assert_snapshot!(outcome, @"migration `002_rebuild` failed at 002_rebuild.sql:4:1 and was rolled back: error in view names: no such table: main.parent: Error code 1");

    let legacy = format!("PRAGMA legacy_alter_table = ON;\n{REBUILD}");
    let dropped = format!("DROP VIEW names;\nDROP TRIGGER logged;\n{REBUILD}{MENTIONS}")
        .replace("CREATE TABLE log(line);", "");
    for rebuild in [legacy, dropped] {
        let (conn, outcome, _file) = check(MENTIONS, &rebuild);
        assert_eq!(outcome, "applied");
        assert_eq!(number(&conn, "SELECT count(*) FROM child"), 3);
        conn.execute("INSERT INTO log VALUES ('new')", []).unwrap();
        assert_eq!(text(&conn, "SELECT max(name) FROM names"), "new");
    }
}

/// If the child is empty, `foreign_key_check` and `integrity_check` find nothing.
#[test]
fn the_wrong_order_is_found() {
    let empty = format!("{MENTIONS}DELETE FROM grandchild; DELETE FROM child;");
    let (_, outcome, _) = check(&empty, WRONG);
    insta::assert_snapshot!(outcome.replace("; ", "\n"), @"
        migration `002_rebuild` was rolled back, because it leaves a broken schema: table `child` refers to the table `old_parent`, which does not exist
        trigger `logged` of `log`: no such table: main.old_parent
        view `names`: no such table: main.old_parent
        ");
    let two =
        format!("{empty}CREATE TRIGGER \"second one\" BEFORE DELETE ON log BEGIN SELECT 1; END;");
    let (_, outcome, _) = check(&two, WRONG);
    insta::assert_snapshot!(outcome.replace("; ", "\n"), @"
        migration `002_rebuild` was rolled back, because it leaves a broken schema: table `child` refers to the table `old_parent`, which does not exist
        one of the triggers `logged`, `second one` of `log`: no such table: main.old_parent
        view `names`: no such table: main.old_parent
        ");
}

/// Of a view that is broken, not even the columns can be asked for.
#[test]
fn a_broken_view_with_a_trigger_is_found() {
    let view = "CREATE TABLE gone(x); CREATE VIEW v AS SELECT x FROM gone;\n\
        CREATE TRIGGER t INSTEAD OF UPDATE ON v BEGIN SELECT 1; END;";
    let (mut conn, outcome, _file) = check(view, "DROP TABLE gone");
    insta::assert_snapshot!(outcome.replace("; ", "\n"), @"migration `002_rebuild` was rolled back, because it leaves a broken schema: view `v`: no such table: main.gone");
    // One from before does not block.
    conn.execute_batch("DROP TABLE gone").unwrap();
    let first = format!("{PARENT}{view}");
    let files = [
        ("001_parent.sql", &*first),
        ("002_b.sql", "CREATE TABLE b(y)"),
    ];
    migrator(&files).up(&mut conn).unwrap();
    // Nor does one of which this connection lacks a function.
    conn.execute_batch(
        "CREATE VIEW lacking AS SELECT missing(id) AS x FROM parent;
         CREATE TRIGGER u INSTEAD OF UPDATE ON lacking BEGIN SELECT 1; END;",
    )
    .unwrap();
    let third = ("003_c.sql", "CREATE TABLE c(y)");
    migrator(&[files[0], files[1], third])
        .up(&mut conn)
        .unwrap();
}

#[test]
fn a_trigger_that_was_broken_before_does_not_count() {
    let broken = "CREATE TABLE log(line);\n\
        CREATE TABLE gone(line);\n\
        CREATE TRIGGER logged AFTER INSERT ON log BEGIN INSERT INTO gone VALUES (1); END;";
    let database = Database::new(false);
    let mut conn = database.open();
    let first = ("001_log.sql", broken);
    migrator(&[first]).up(&mut conn).unwrap();
    conn.execute_batch("DROP TABLE gone; CREATE VIEW v AS SELECT * FROM gone")
        .unwrap();
    let second = ("002_b.sql", "CREATE TABLE b(y)");
    migrator(&[first, second]).up(&mut conn).unwrap();
    // A second trigger on the same table does not make it new.
    let third = (
        "003_c.sql",
        "CREATE TRIGGER fine AFTER INSERT ON log BEGIN SELECT 1; END",
    );
    migrator(&[first, second, third]).up(&mut conn).unwrap();
}
