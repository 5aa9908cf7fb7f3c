use migrate_tests::{chain, migrator};
use rusqlite::Connection;

#[test]
fn scratch() {
    let mut db = Connection::open_in_memory().unwrap();
    let m = migrator(&[
        (
            "001_a.sql",
            "CREATE TABLE a(x INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);",
        ),
        ("002_b.sql", "CREATE TABLE b(y REFERENCES a(x));\n"),
    ]);
    println!("{}", m.plan(&db).unwrap());
    println!("{}", m.up(&mut db).unwrap());
    println!("{}", m.up(&mut db).unwrap());
    println!("{}", m.status(&db).unwrap());
    for bad in [
        "SELECT 1;\n  CREAT TABLE x;",
        "INSERT INTO b VALUES (7);",
        "COMMIT;",
        "CREATE VIEW v AS SELECT * FROM nope;",
        "PRAGMA journal_mode=OFF",
        "DELETE FROM _migrations",
        "INSERT OR ROLLBACK INTO a VALUES (1)",
        "SELECT \"typo\" FROM a",
        "SELECT ?1",
        "VACUUM",
        "END; BEGIN",
        "CREATE VIRTUAL TABLE f USING fts5(x); INSERT INTO f VALUES ('a'); DROP TABLE a",
    ] {
        let m = migrator(&[
            (
                "001_a.sql",
                "CREATE TABLE a(x INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);",
            ),
            ("002_b.sql", "CREATE TABLE b(y REFERENCES a(x));\n"),
            ("003_c.sql", bad),
        ]);
        println!(
            "{bad:?}\n   => {}",
            m.up(&mut db).map_or_else(|e| chain(&e), |r| r.to_string())
        );
        assert!(db.is_autocommit());
    }
}
