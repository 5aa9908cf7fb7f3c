//! A connection on a thread of its own, by tokio-rusqlite.
use migrate_runtime::embed_migrations;
use std::error::Error;
use tokio_rusqlite::Connection;

embed_migrations!("migrations", watch = false);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let conn = Connection::open("app.db").await?;
    let report = conn.call(|conn| Migration::migrator().wal().up(conn)).await?;
    println!("applied {}", report.applied().len());
    let count = conn.call(|conn| {
        conn.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))
    });
    println!("{} user", count.await?);
    Ok(())
}
