//! The replay with rows, downs and second ups, against a plain one: every up,
//! then every down, with the whole schema read after each. In processor time.
//!
//! In a user's build the macro is not optimized, nor is its SQLite. To measure
//! that, use `cargo bench -p migrate-benches --bench prove --profile dev`.
//!
//! Of each 10 ms the scripts take 4, the copy 1.5, comparisons 1.5, checks for broken
//! objects 1, and rows and the rest 2.

use migrate_benches::{alternate, ms, once_on_processor};
use migrate_model::Registry;
use migrate_prove::{Options, Subject, prove};
use rusqlite::Connection;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // As Cargo's profiles have it by default.
    let is_optimized = !cfg!(debug_assertions);
    println!(
        "{}",
        if is_optimized {
            "optimized"
        } else {
            "as in a user's build"
        }
    );
    println!("migrations   plain, ms   proof, ms   ratio");
    for count in [10, 100, 1000] {
        let registry = registry(count);
        let subjects: Vec<Subject<'_>> = registry.migrations().iter().map(Subject::from).collect();
        let proof = prove(&subjects, &Options::default())?;
        assert!(proof.notes.is_empty(), "{:?}", proof.notes);
        let errors: Vec<_> = proof
            .findings
            .iter()
            .map(migrate_source::render::render)
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        // The first run of each has filled the caches.
        let rounds = if count < 1000 { 5 } else { 1 };
        let plain = || once_on_processor(|| plain_replay(registry));
        let proof = || {
            once_on_processor(|| {
                assert!(prove(&subjects, &Options::default()).is_ok());
            })
        };
        let compared = alternate(rounds, proof, plain);
        println!(
            "{count:>10}  {:>10.1}  {:>10.1}  {:>5.2}",
            ms(compared.b),
            ms(compared.a),
            compared.ratio,
        );
    }
    Ok(())
}

fn plain_replay(registry: &Registry) {
    let replayed = Connection::open_in_memory().and_then(|conn| {
        let mut bytes = 0;
        for migration in registry.migrations() {
            conn.execute_batch(migration.up.sql())?;
            bytes += snapshot(&conn)?;
        }
        for migration in registry.migrations().iter().rev() {
            conn.execute_batch(migration.down.map_or("", |down| down.sql()))?;
            bytes += snapshot(&conn)?;
        }
        Ok(bytes)
    });
    assert!(replayed.is_ok_and(|bytes| bytes > 0));
}

fn snapshot(conn: &Connection) -> rusqlite::Result<usize> {
    let schema: Vec<String> = conn
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(schema.iter().map(String::len).sum())
}

/// Tables that refer to the one before, with what a schema has, and every tenth
/// migration a column of an older table.
fn registry(count: usize) -> &'static Registry {
    let files = (1..=count)
        .map(|n| {
            let parent = n.saturating_sub(1).max(1);
            let mut up = format!(
                "CREATE TABLE table_{n}(\n  id INTEGER PRIMARY KEY,\n  name TEXT NOT NULL,\n  \
                 parent INTEGER REFERENCES table_{parent}(id),\n  \
                 amount INTEGER NOT NULL DEFAULT 1 CHECK (amount > 0),\n  \
                 shown TEXT AS (upper(name)) VIRTUAL\n) STRICT;\n\
                 CREATE INDEX by_parent_{n} ON table_{n}(parent);\n\
                 CREATE INDEX by_name_{n} ON table_{n}(lower(name)) WHERE amount > 1;\n\
                 CREATE TRIGGER after_{n} AFTER UPDATE OF name ON table_{n} BEGIN\n  \
                 UPDATE table_{n} SET amount = amount + 1 WHERE id = new.id;\nEND;\n\
                 INSERT INTO table_{n}(name) VALUES ('one');\n"
            );
            let mut down = format!("DROP TABLE table_{n};\n");
            if n % 10 == 0 {
                up.push_str(&format!(
                    "ALTER TABLE table_{parent} ADD COLUMN note TEXT;\n"
                ));
                down.insert_str(
                    0,
                    &format!("ALTER TABLE table_{parent} DROP COLUMN note;\n"),
                );
            }
            (
                format!("{n:05}_table_{n}.sql"),
                format!("{up}-- migrate:down\n{down}"),
            )
        })
        .collect();
    migrate_benches::registry(&files)
}
