//! A database for a test, copied from the image that the first call made,
//! against a replay of all migrations; both in memory, and both with a first
//! query, because a copy leaves the reading of the schema to that.

use migrate_runtime::testing;
use rusqlite::Connection;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("migrations   replay, us   copy, us   replay / copy");
    for count in [10, 100] {
        measure(count)?;
    }
    Ok(())
}

fn measure(count: usize) -> Result<(), Box<dyn Error>> {
    let files = (1..=count)
        .map(|n| {
            let text = format!(
                "CREATE TABLE table_{n}(id INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT);\n\
                 CREATE INDEX by_name_{n} ON table_{n}(name);\n\
                 INSERT INTO table_{n}(name) VALUES ('one'), ('two');\n"
            );
            (format!("{n:04}_table_{n}.sql"), text)
        })
        .collect();
    let migrator = migrate_benches::migrator(&files);
    testing::database(&migrator)?;

    let replay = || {
        let replayed = Connection::open_in_memory().map(|mut conn| {
            let applied = migrator.up(&mut conn);
            assert!(applied.is_ok_and(|report| report.applied().len() == count));
            use_it(&conn)
        });
        assert!(replayed.is_ok_and(|rows| rows == Ok(2)));
    };
    let copy = || {
        let copied = testing::database(&migrator).map(|conn| use_it(&conn));
        assert!(copied.is_ok_and(|rows| rows == Ok(2)));
    };
    let (replay, copy, ratio) = migrate_benches::compare(replay, copy);
    println!(
        "{count:>10}  {:>11.1}  {:>9.1}  {ratio:>14.1}",
        replay.as_secs_f64() * 1e6,
        copy.as_secs_f64() * 1e6,
    );
    Ok(())
}

fn use_it(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM table_1", [], |row| row.get(0))
}
