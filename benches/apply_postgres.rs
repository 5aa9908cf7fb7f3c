//! Applying migrations of one table each to an empty PostgreSQL database, against
//! `BEGIN`, the script, a prepared `INSERT` into a history and `COMMIT`, a round
//! trip each.

use migrate_benches::{alternate, ms, once, sets};
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::tokio_postgres::{self, Client};
use migrate_runtime::{Migrator, Postgres, Registry, Version};
use migrate_servers::Server;
use std::cell::RefCell;
use std::error::Error;

const CLEAR: &str = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
const TABLE: &str = "CREATE TABLE history(version bigint PRIMARY KEY, name text NOT NULL, \
                     checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";
const INSERT: &str = "INSERT INTO history(version, name, checksum) VALUES ($1, $2, $3)";

fn main() -> Result<(), Box<dyn Error>> {
    let Some(server) = Server::shared() else {
        return Ok(());
    };
    println!("migrations    up, ms   by hand, ms   ratio");
    for count in [10, 100] {
        measure(server, count)?;
    }
    Ok(())
}

fn measure(server: &Server, count: usize) -> Result<(), Box<dyn Error>> {
    let registry: &'static Registry<Postgres> = migrate_benches::registry(&sets::tables(count));
    let migrator = Migrator::<Version, Postgres>::new(registry);
    let database = server.database();
    let db = RefCell::new(Blocking::connect(&Connector::parse(database.url())?)?);
    let clear = || {
        let cleared = db
            .borrow_mut()
            .run(async |client| client.batch_execute(CLEAR).await);
        assert!(cleared.is_ok());
    };
    let up = || {
        clear();
        once(|| {
            let report = db
                .borrow_mut()
                .run(async |client| migrator.up(client).await);
            assert!(report.is_ok_and(|report| report.applied().len() == count));
        })
    };
    let by_hand = || {
        clear();
        once(|| {
            let applied = db
                .borrow_mut()
                .run(async |client| apply(client, registry).await);
            assert!(applied.is_ok());
        })
    };
    let compared = alternate(7, up, by_hand);
    println!(
        "{count:>10}  {:>8.1}  {:>12.1}  {:>6.2}",
        ms(compared.a),
        ms(compared.b),
        compared.ratio,
    );
    Ok(())
}

async fn apply(
    client: &Client,
    registry: &Registry<Postgres>,
) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(TABLE).await?;
    let insert = client.prepare(INSERT).await?;
    for migration in registry.migrations() {
        let version = migration.version.get().cast_signed();
        let checksum = migration.checksum.hex();
        client.batch_execute("BEGIN").await?;
        client.batch_execute(migration.up.sql()).await?;
        client
            .execute(&insert, &[&version, &migration.name, &checksum])
            .await?;
        client.batch_execute("COMMIT").await?;
    }
    Ok(())
}
