//! The clients of pools, which are passed as they are.

use crate::set::{Set, migrator};
use crate::{block, value};
use bb8_postgres::PostgresConnectionManager;
use deadpool_postgres::{Manager, Pool};
use migrate_runtime::Down;
use migrate_runtime::tokio_postgres::{Config, NoTls};
use std::time::Duration;

const A: (&str, &str) = (
    "001_a.sql",
    "CREATE TABLE a(x int);\n-- migrate:down\nDROP TABLE a;\n",
);
const BAD: (&str, &str) = ("002_b.sql", "SET search_path = nowhere;\nSELECT nope;\n");

fn config(set: &Set) -> Config {
    set.database.url().parse().unwrap()
}

#[test]
fn deadpool() {
    let Some(set) = Set::new() else { return };
    block(async {
        let manager = Manager::new(config(&set), NoTls);
        // One connection, so that what a run left on it would be seen.
        let pool = Pool::builder(manager).max_size(1).build().unwrap();
        let one = migrator(&[A]);
        let mut client = pool.get().await.unwrap();
        assert_eq!(one.up(&mut client).await.unwrap().applied().len(), 1);
        drop(client);
        let mut client = pool.get().await.unwrap();
        assert!(one.up(&mut client).await.unwrap().is_empty());
        assert_eq!(one.status(&client).await.unwrap().applied(), 1);
        migrator(&[A, BAD]).up(&mut client).await.unwrap_err();
        drop(client);
        // The next one to have it finds no lock, no setting, no transaction.
        let mut client = pool.get().await.unwrap();
        let path = "SELECT current_setting('search_path')";
        assert_eq!(value(&client, path).await, "\"$user\", public");
        let locks = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' \
                     AND pid = pg_backend_pid()";
        assert_eq!(value(&client, locks).await, "0");
        one.down(&mut client, Down::All).await.unwrap();
    });
    assert_eq!(set.database.psql("SELECT * FROM _migrations"), "");
}

/// Several tasks of one process, each with a client of the pool.
#[test]
fn bb8() {
    let Some(set) = Set::new() else { return };
    block(async {
        let manager = PostgresConnectionManager::new(config(&set), NoTls);
        let pool = bb8::Pool::builder()
            .max_size(4)
            .connection_timeout(Duration::from_secs(30))
            .build(manager)
            .await
            .unwrap();
        let starters: Vec<_> = (0..4)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let mut client = pool.get().await.unwrap();
                    migrator(&[A])
                        .up(&mut client)
                        .await
                        .unwrap()
                        .applied()
                        .len()
                })
            })
            .collect();
        let mut applied = 0;
        for starter in starters {
            applied += starter.await.unwrap();
        }
        assert_eq!(applied, 1);
        let client = pool.get().await.unwrap();
        assert_eq!(migrator(&[A]).status(&client).await.unwrap().applied(), 1);
    });
    assert_eq!(set.database.psql("SELECT version FROM _migrations"), "1");
}
