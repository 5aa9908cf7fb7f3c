//! A database for a test, against a replay of all migrations, and against the
//! physical limit: opening a copy of the finished file, with the time of copying
//! and without. All with a first query, because opening leaves the reading of the
//! schema to that.

use migrate_benches::{Files, compare, us};
use migrate_runtime::testing;
use rusqlite::Connection;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!(
        "migrations       us: ours   replay   copy, open   open   ratio: replay   copy, open   open"
    );
    for count in [10, 100] {
        measure(count)?;
    }
    Ok(())
}

fn measure(count: usize) -> Result<(), Box<dyn Error>> {
    let migrator = migrate_benches::migrator(&files(count));
    testing::database(&migrator)?;
    let folder = tempfile::tempdir()?;
    let (finished, copied) = (folder.path().join("finished"), folder.path().join("copied"));
    migrator.up(&mut Connection::open(&finished)?)?;

    let replay = || {
        let replayed = Connection::open_in_memory().map(|mut conn| {
            let applied = migrator.up(&mut conn);
            assert!(applied.is_ok_and(|report| report.applied().len() == count));
            use_it(&conn)
        });
        assert!(replayed.is_ok_and(|rows| rows == Ok(2)));
    };
    let ours = || {
        let copied = testing::database(&migrator).map(|conn| use_it(&conn));
        assert!(copied.is_ok_and(|rows| rows == Ok(2)));
    };
    let copy = || {
        let opened = std::fs::copy(&finished, &copied).map(|_| open(&copied));
        assert!(opened.is_ok_and(|rows| rows == Ok(2)));
    };
    let replay = compare(&ours, replay);
    let copy = compare(&ours, copy);
    let open = compare(&ours, || assert_eq!(open(&finished), Ok(2)));
    println!(
        "{count:>10}  {:>13.1}  {:>7.0}  {:>11.1}  {:>5.1}  {:>14.3}  {:>11.2}  {:>5.2}",
        us(open.a),
        us(replay.b),
        us(copy.b),
        us(open.b),
        replay.ratio,
        copy.ratio,
        open.ratio,
    );
    Ok(())
}

fn open(path: &Path) -> rusqlite::Result<i64> {
    use_it(&Connection::open(path)?)
}

fn files(count: usize) -> Files {
    (1..=count)
        .map(|n| {
            let text = format!(
                "CREATE TABLE table_{n}(id INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT);\n\
                 CREATE INDEX by_name_{n} ON table_{n}(name);\n\
                 INSERT INTO table_{n}(name) VALUES ('one'), ('two');\n"
            );
            (format!("{n:05}_table_{n}.sql"), text)
        })
        .collect()
}

fn use_it(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM table_1", [], |row| row.get(0))
}
