//! The advisory locks of other tools, which keep them from migrating meanwhile.

use super::place::Found;
use super::read::rows;
use crate::Tool;
use crate::error::{Error, Kind};
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_postgres::Transaction;

/// The interval between attempts to acquire a lock.
const PAUSE: Duration = Duration::from_millis(100);

/// Acquires the lock of a tool until the end of the transaction. The tools use
/// session-level locks, which conflict with it.
///
/// The open transaction blocks nothing meanwhile: it has written nothing, and it
/// holds no snapshot between statements.
pub(super) async fn take(
    tx: &Transaction<'_>,
    tool: Tool,
    table: &Found,
    patience: Duration,
) -> Result<(), Error> {
    let started = Instant::now();
    let keys = match tool {
        Tool::Sqlx | Tool::GolangMigrate => {
            let database = ask(tx, "SELECT pg_catalog.current_database()").await?;
            keys(tool, &database, table)
        }
        _ => keys(tool, "", table),
    };
    for key in keys {
        let sql = format!("SELECT pg_catalog.pg_try_advisory_xact_lock({key})");
        while ask(tx, &sql).await? != "t" {
            if started.elapsed() >= patience {
                return Err(Kind::Locked { tool, patience }.into());
            }
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

async fn ask(tx: &Transaction<'_>, sql: &str) -> Result<String, Error> {
    let rows = rows(tx, "pg_locks", sql).await?;
    let text = rows.first().and_then(|row| row.get(0));
    Ok(text.unwrap_or_default().to_owned())
}

/// The keys of a tool's lock, computed as in its source code.
fn keys(tool: Tool, database: &str, table: &Found) -> Vec<i64> {
    match tool {
        Tool::Sqlx => vec![0x3d32_ad9e * i64::from(crc32fast::hash(database.as_bytes()))],
        // If given a URL, it uses the path, slash included, as the name.
        Tool::GolangMigrate => [database.to_owned(), format!("/{database}")]
            .iter()
            .map(|database| {
                let names = [table.schema.as_str(), &table.name, database].join("\0");
                let hash = crc32fast::hash(names.as_bytes());
                i64::from(hash.wrapping_mul(1_486_364_155))
            })
            .collect(),
        // Only if configured; the number is the CRC-64 of its name.
        Tool::Goose => vec![5_887_940_537_704_921_958],
        Tool::Flyway => vec![0x466c_7977_6179 + i64::from(java_hash(&table.sql()))],
        _ => Vec::new(),
    }
}

/// Java's `String.hashCode`.
fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Found {
        Found {
            schema: "public".to_owned(),
            name: name.to_owned(),
            columns: Vec::new(),
            types: Vec::new(),
        }
    }

    /// Known values: the CRC-32 of `123456789`, and hashes of Java.
    #[test]
    fn keys_are_those_of_the_tools() {
        let sqlx = keys(Tool::Sqlx, "123456789", &table("_sqlx_migrations"));
        assert_eq!(sqlx, [0x3d32_ad9e * 0xcbf4_3926]);
        assert_eq!(java_hash("hello"), 99_162_322);
        assert_eq!(java_hash("polygenelubricants"), i32::MIN);
        assert_eq!(keys(Tool::Flyway, "", &table("h")).len(), 1);
        let golang = keys(Tool::GolangMigrate, "app", &table("schema_migrations"));
        assert_eq!(golang.len(), 2);
        assert_ne!(golang[0], golang[1]);
        assert!(keys(Tool::Diesel, "app", &table("x")).is_empty());
    }
}
