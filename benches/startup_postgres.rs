//! Start-up on PostgreSQL with nothing pending, against what a careful program
//! written by hand would do on the same kind of connection: one SELECT of
//! version, checksum and state of all rows, each compared with what is expected;
//! as a prepared statement and as a simple query. And a script of many small
//! statements, against its whole text in one message.

use migrate_benches::{alternate, ms, once, sets, us};
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::tokio_postgres::{Client, SimpleQueryMessage, Statement};
use migrate_runtime::{Migrator, Postgres, Version};
use migrate_servers::Server;
use std::cell::RefCell;
use std::error::Error;
use std::hint::black_box;

const DROP: &str = "DROP TABLE IF EXISTS items, _migrations";
const SELECT: &str = "SELECT version, checksum, state FROM _migrations ORDER BY version";

fn main() -> Result<(), Box<dyn Error>> {
    let Some(server) = Server::shared() else {
        return Ok(());
    };
    println!("migrations    up, us   prepared, us   ratio   simple, us   ratio");
    for count in [10, 100, 1000] {
        nothing_pending(server, count)?;
    }
    println!("\nstatements    up, ms   one message, ms   ratio");
    for count in [100, 10_000] {
        one_script(server, count)?;
    }
    Ok(())
}

fn nothing_pending(server: &Server, count: usize) -> Result<(), Box<dyn Error>> {
    let registry = migrate_benches::registry(&sets::tables(count));
    let migrator = Migrator::<Version, Postgres>::new(registry);
    let database = server.database();
    let connector = Connector::parse(database.url())?;
    let mut db = Blocking::connect(&connector)?;
    db.run(async |client| migrator.up(client).await)?;
    let expected: Vec<(i64, String)> = registry
        .migrations()
        .iter()
        .map(|migration| {
            let version = migration.version.get().cast_signed();
            (version, migration.checksum.to_string())
        })
        .collect();

    let mut up = || {
        let report = db.run(async |client| migrator.up(client).await);
        assert!(report.is_ok_and(|report| report.is_empty()));
    };
    let mut second = Blocking::connect(&connector)?;
    let select = second.run(async |client| client.prepare(SELECT).await)?;
    let prepared = || {
        let is_same = second.run(async |client| same(client, &select, &expected).await);
        assert!(black_box(is_same.is_ok_and(|same| same)));
    };
    let by_statement = migrate_benches::compare(&mut up, prepared);
    let mut third = Blocking::connect(&connector)?;
    let simple = || {
        let is_same = third.run(async |client| same_text(client, &expected).await);
        assert!(black_box(is_same.is_ok_and(|same| same)));
    };
    let by_text = migrate_benches::compare(&mut up, simple);
    println!(
        "{count:>10}  {:>8.1}  {:>13.1}  {:>6.2}  {:>11.1}  {:>6.2}",
        us(by_statement.a),
        us(by_statement.b),
        by_statement.ratio,
        us(by_text.b),
        by_text.ratio,
    );
    Ok(())
}

async fn same(
    client: &Client,
    select: &Statement,
    expected: &[(i64, String)],
) -> Result<bool, migrate_runtime::tokio_postgres::Error> {
    let rows = client.query(select, &[]).await?;
    Ok(rows.len() == expected.len()
        && rows.iter().zip(expected).all(|(row, (version, checksum))| {
            row.get::<_, i64>(0) == *version
                && row.get::<_, &str>(1) == checksum
                && row.get::<_, &str>(2) == "applied"
        }))
}

async fn same_text(
    client: &Client,
    expected: &[(i64, String)],
) -> Result<bool, migrate_runtime::tokio_postgres::Error> {
    let mut expected = expected.iter();
    for message in client.simple_query(SELECT).await? {
        let SimpleQueryMessage::Row(row) = message else {
            continue;
        };
        let is_same = expected.next().is_some_and(|(version, checksum)| {
            row.get(0).and_then(|text| text.parse().ok()) == Some(*version)
                && row.get(1) == Some(checksum)
                && row.get(2) == Some("applied")
        });
        if !is_same {
            return Ok(false);
        }
    }
    Ok(expected.next().is_none())
}

fn one_script(server: &Server, count: usize) -> Result<(), Box<dyn Error>> {
    let mut text = String::from("CREATE TABLE IF NOT EXISTS items(id int, name text);\n");
    for n in 0..count {
        text += &format!("INSERT INTO items VALUES ({n}, 'the name of item {n}');\n");
    }
    let registry = migrate_benches::registry(&vec![("001_items.sql".to_owned(), text.clone())]);
    let migrator = Migrator::<Version, Postgres>::new(registry);
    let database = server.database();
    let db = Blocking::connect(&Connector::parse(database.url())?)?;
    // Both use it.
    let db = RefCell::new(db);
    let up = || {
        let mut db = db.borrow_mut();
        let dropped = db.run(async |client| client.batch_execute(DROP).await);
        assert!(dropped.is_ok());
        once(|| {
            let report = db.run(async |client| migrator.up(client).await);
            assert!(report.is_ok_and(|report| report.applied().len() == 1));
        })
    };
    let whole = || {
        let text = format!("BEGIN; {text} COMMIT;");
        let mut db = db.borrow_mut();
        once(|| {
            let done = db.run(async |client| client.batch_execute(&text).await);
            assert!(done.is_ok());
        })
    };
    let compared = alternate(7, up, whole);
    println!(
        "{count:>10}  {:>8.1}  {:>16.1}  {:>6.2}",
        ms(compared.a),
        ms(compared.b),
        compared.ratio
    );
    Ok(())
}
