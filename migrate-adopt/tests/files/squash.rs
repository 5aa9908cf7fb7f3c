//! One migration for all that programs have made.

use super::shown;
use insta::assert_snapshot;
use migrate_adopt::Tool;
use migrate_adopt::files::{Squash, squash, write};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Migrator, Numbering, Version};
use migrate_tools::read_directory;

/// What the schema consists of, except for the histories.
fn schema(db: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL
        AND tbl_name NOT IN ('_migrations', 'seaql_migrations') AND name NOT LIKE 'sqlite%' ORDER BY name";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn makes_the_same_schema() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE \"seaql_migrations\" ( \"version\" varchar NOT NULL PRIMARY KEY, \"applied_at\" integer NOT NULL );
         CREATE INDEX by_time ON seaql_migrations(applied_at);
         CREATE TABLE _migrations(version INTEGER PRIMARY KEY);
         CREATE TABLE \"order\"(id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT DEFAULT 'a;b', role TEXT REFERENCES roles);
         CREATE TABLE roles(name TEXT PRIMARY KEY) WITHOUT ROWID;
         INSERT INTO roles VALUES ('admin'), ('guest');
         CREATE VIEW names AS SELECT name FROM roles -- all of them
         ;
         CREATE TRIGGER t AFTER INSERT ON \"order\" BEGIN UPDATE \"order\" SET note = 'x' WHERE id = new.id; END;
         CREATE INDEX by_note ON \"order\"(note);
         CREATE VIRTUAL TABLE words USING fts5(text);
         INSERT INTO words VALUES ('x');
         CREATE TABLE rebuilt(id INTEGER PRIMARY KEY);
         DROP TABLE rebuilt;
         CREATE TABLE late(id INTEGER PRIMARY KEY);
         ALTER TABLE late ADD COLUMN name TEXT;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) INSERT INTO late(id) SELECT i FROM n;
         ANALYZE;",
    )
    .unwrap();
    let ids = [
        "m20240101_000001_a".to_owned(),
        "m20240102_000001_b".to_owned(),
    ];
    let mut options = Squash::new(Tool::SeaOrm, &ids);
    options.name = "From Sea".to_owned();
    let conversion = squash(&db, &options).unwrap();
    assert_snapshot!(shown(&conversion), @r#"
    new: 001_from_sea.sql
    note: rows are not carried over; if migrations wrote those of `roles` (2 rows), `words` (1 row), add the same `INSERT` after the schema, because a new database will not have them

    === 001_from_sea.sql
    -- migrate: adopted sea-orm "m20240101_000001_a"
    -- migrate: adopted sea-orm "m20240102_000001_b"
    -- migrate: irreversible "it is the complete schema that sea-orm created"

    CREATE TABLE "order"(id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT DEFAULT 'a;b', role TEXT REFERENCES roles);

    CREATE TABLE roles(name TEXT PRIMARY KEY) WITHOUT ROWID;

    CREATE VIRTUAL TABLE words USING fts5(text);

    CREATE TABLE late(id INTEGER PRIMARY KEY, name TEXT);

    CREATE INDEX by_note ON "order"(note);

    CREATE VIEW names AS SELECT name FROM roles -- all of them
    ;

    CREATE TRIGGER t AFTER INSERT ON "order" BEGIN UPDATE "order" SET note = 'x' WHERE id = new.id; END;
    "#);
    let folder = tempfile::tempdir().unwrap();
    write(&conversion, folder.path()).unwrap();
    assert_eq!(write(&conversion, folder.path()).unwrap(), [""; 0]);
    let registry = read_directory(folder.path(), Numbering::DEFAULT).unwrap();
    let mut new = Connection::open(folder.path().join("app.db")).unwrap();
    Migrator::<Version>::new(registry).up(&mut new).unwrap();
    assert_eq!(schema(&new), schema(&db));
    assert_eq!(schema(&db).len(), 12);
}

#[test]
fn what_cannot_be_squashed() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE seaql_migrations(version TEXT)")
        .unwrap();
    let error = squash(&db, &Squash::new(Tool::SeaOrm, &[])).unwrap_err();
    assert!(error.is_nothing());
    assert_snapshot!(error, @"the database has no tables to squash; name the database that the old migrations were applied to");
    db.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        .unwrap();
    let conversion = squash(&db, &Squash::new(Tool::RusqliteMigration, &[])).unwrap();
    assert_snapshot!(conversion.notes.join("\n"), @"it contains no version of rusqlite_migration: no history can be matched with it");
}
