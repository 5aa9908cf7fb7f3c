//! Down and up again, for every migration of a set with all that SQLite has.

use crate::database::{Database, MODES, dump, rows};
use crate::down::{refused, version};
use migrate_runtime::{Down, Migrator, Transactions, Version, embed_migrations, testing};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;
use rusqlite::types::Value;

embed_migrations!("../migrations", watch = false);

/// Rebuilds, triggers, full-text search, views, generated columns, partial and
/// expression indexes, data that moves.
const RICH: [(&str, &str); 7] = [
    (
        "001_authors.sql",
        "CREATE TABLE authors(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);\n\
         INSERT INTO authors(name) VALUES ('Ada'), ('Grace');\n\
         -- migrate:down\nDROP TABLE authors;\n",
    ),
    (
        "002_books.sql",
        "CREATE TABLE books(id INTEGER PRIMARY KEY, title TEXT NOT NULL, \
         author INTEGER NOT NULL REFERENCES authors ON DELETE CASCADE);\n\
         CREATE INDEX books_author ON books(author);\n\
         INSERT INTO books(title, author) VALUES ('Notes', 1), ('Manual', 2);\n\
         -- migrate:down\nDROP TABLE books;\n",
    ),
    (
        "003_search.sql",
        "CREATE VIRTUAL TABLE found USING fts5(title, content='books', content_rowid='id');\n\
         INSERT INTO found(found) VALUES ('rebuild');\n\
         CREATE TRIGGER books_in AFTER INSERT ON books BEGIN\n  \
           INSERT INTO found(rowid, title) VALUES (new.id, new.title);\nEND;\n\
         CREATE TRIGGER books_out AFTER DELETE ON books BEGIN\n  \
           INSERT INTO found(found, rowid, title) VALUES ('delete', old.id, old.title);\nEND;\n\
         -- migrate:down\nDROP TRIGGER books_out;\nDROP TRIGGER books_in;\nDROP TABLE found;\n",
    ),
    (
        "004_rebuild.sql",
        "CREATE TABLE new_authors(id INTEGER PRIMARY KEY AUTOINCREMENT, \
         name TEXT NOT NULL UNIQUE CHECK (name <> ''));\n\
         INSERT INTO new_authors SELECT id, name FROM authors;\n\
         DELETE FROM sqlite_sequence WHERE name = 'new_authors';\n\
         INSERT INTO sqlite_sequence (name, seq) \
         SELECT 'new_authors', seq FROM sqlite_sequence WHERE name = 'authors';\n\
         DROP TABLE authors;\n\
         ALTER TABLE new_authors RENAME TO authors;\n\
         -- migrate:down\n\
         CREATE TABLE old_authors(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);\n\
         INSERT INTO old_authors SELECT id, name FROM authors;\nDROP TABLE authors;\n\
         ALTER TABLE old_authors RENAME TO authors;\n",
    ),
    (
        "005_columns.sql",
        "ALTER TABLE books ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;\n\
         ALTER TABLE books ADD COLUMN shout TEXT AS (upper(title));\n\
         ALTER TABLE books RENAME COLUMN author TO writer;\n\
         -- migrate:down\n\
         ALTER TABLE books RENAME COLUMN writer TO author;\n\
         ALTER TABLE books DROP COLUMN shout;\nALTER TABLE books DROP COLUMN pages;\n",
    ),
    (
        "006_views.sql",
        "CREATE VIEW shelf AS SELECT b.id, a.name FROM books b JOIN authors a ON a.id = b.writer;\n\
         CREATE TRIGGER shelf_out INSTEAD OF DELETE ON shelf BEGIN\n  \
           DELETE FROM books WHERE id = old.id;\nEND;\n\
         CREATE INDEX long_books ON books(pages) WHERE pages > 500;\n\
         CREATE INDEX loud ON books(lower(title));\n\
         -- migrate:down\nDROP INDEX loud;\nDROP INDEX long_books;\nDROP VIEW shelf;\n",
    ),
    (
        "007_move.sql",
        "CREATE TABLE ledger(author INTEGER PRIMARY KEY, books INTEGER) WITHOUT ROWID;\n\
         INSERT INTO ledger SELECT writer, count(*) FROM books GROUP BY writer;\n\
         DELETE FROM books WHERE writer = 2;\n\
         -- migrate:down\n\
         INSERT INTO books(title, writer) SELECT 'Manual', author FROM ledger WHERE author = 2;\n\
         DROP TABLE ledger;\n",
    ),
];

/// All but the history and the numbers that SQLite itself counts: both go on.
/// `ALTER TABLE … RENAME` writes quotes around a name.
fn content(conn: &Connection) -> String {
    let mut text = String::new();
    let schema = "SELECT type, name, tbl_name, replace(sql, '\"', '') FROM sqlite_schema \
                  WHERE name NOT IN ('_migrations', 'sqlite_sequence') ORDER BY type, name";
    for object in rows(conn, schema) {
        text += &format!("{object:?}\n");
        let [Value::Text(kind), Value::Text(name), ..] = object.as_slice() else {
            continue;
        };
        // The tables of a full-text index are its own concern.
        if kind == "table" && !name.starts_with("found_") && !name.contains("_fts") {
            for row in rows(conn, &format!("SELECT * FROM \"{name}\"")) {
                text += &format!("  {row:?}\n");
            }
        }
    }
    text
}

/// Up, down, up again, one migration after the other, and then all the way.
fn round_trips<M: Into<Version> + Copy>(migrator: &Migrator<M>, all: &[M]) {
    for wal in MODES {
        let database = Database::new(wal);
        let mut conn = database.open();
        let mut before = vec![content(&conn)];
        for (n, migration) in all.iter().enumerate() {
            let to = migrator.clone().to(*migration);
            to.up(&mut conn).unwrap();
            let after = content(&conn);
            assert_ne!(before.last(), Some(&after));
            let undone = migrator.down(&mut conn, Down::Only(*migration)).unwrap();
            assert_eq!(undone.undone().len(), 1);
            assert_eq!(Some(&content(&conn)), before.last(), "down of {}", n + 1);
            to.up(&mut conn).unwrap();
            assert_eq!(content(&conn), after, "up of {}", n + 1);
            migrator.redo(&mut conn).unwrap();
            assert_eq!(content(&conn), after, "redo of {}", n + 1);
            before.push(after);
        }
        // All in one go, by steps, and each from where the last one stopped.
        migrator.reset(&mut conn).unwrap();
        assert_eq!(content(&conn), before[0]);
        migrator.up(&mut conn).unwrap();
        assert_eq!(Some(&content(&conn)), before.last());
        let together = migrator.clone().transactions(Transactions::All);
        together.down(&mut conn, Down::All).unwrap();
        assert_eq!(content(&conn), before[0]);
        together.up(&mut conn).unwrap();
        for expected in before.iter().rev() {
            assert_eq!(content(&database.open()), *expected);
            migrator.down(&mut conn, Down::Steps(1)).unwrap();
        }
        let integrity = rows(&conn, "PRAGMA integrity_check");
        assert_eq!(integrity, [[Value::Text("ok".to_owned())]]);
    }
}

// A down must restore the schema: docs/internals/sqlite.md, "The steps of a run".

#[test]
fn the_demo_set_goes_down_and_up() {
    round_trips(&Migration::migrator(), Migration::ALL);
}

#[test]
fn a_rich_set_goes_down_and_up() {
    let all: Vec<Version> = (1..=7).map(version).collect();
    round_trips(&migrator(&RICH), &all);
    testing::check(&migrator(&RICH));
}

/// At each place in the set: the row stays, and so does everything else.
#[test]
fn a_down_that_fails_leaves_the_row_in_every_place() {
    for broken in 0..RICH.len() {
        let text = format!("{}SELECT nope;\n", RICH[broken].1);
        let mut files = RICH;
        files[broken].1 = &text;
        let mut conn = Connection::open_in_memory().unwrap();
        let migrator = migrator(&files);
        let target = version(u32::try_from(broken + 1).unwrap());
        migrator.clone().to(target).up(&mut conn).unwrap();
        let error = refused(&migrator, &mut conn, Down::Steps(1));
        assert!(
            chain(&error).contains("no such column: nope"),
            "{}",
            chain(&error)
        );
        // With others above it, those are undone and it is not.
        migrator.up(&mut conn).unwrap();
        let error = migrator.down(&mut conn, Down::All).unwrap_err();
        assert_eq!(error.report().undone().len(), RICH.len() - broken - 1);
        let left = rows(&conn, "SELECT max(version), count(*) FROM _migrations");
        let expected = i64::try_from(broken + 1).unwrap();
        assert_eq!(left, [[Value::Integer(expected), Value::Integer(expected)]]);
        assert!(dump(&conn).contains("_migrations"));
    }
}
