//! A pool of connections by deadpool.
use deadpool_sqlite::{Config, Runtime};
use migrate_runtime::embed_migrations;
use std::error::Error;

embed_migrations!("migrations", watch = false);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = Config::new("app.db").create_pool(Runtime::Tokio1)?;
    let conn = pool.get().await?;
    let report = conn.interact(|conn| Migration::migrator().wal().up(conn)).await;
    println!("applied {}", report.map_err(|error| error.to_string())??.applied().len());
    let count = conn.interact(|conn| {
        conn.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))
    });
    println!("{} user", count.await.map_err(|error| error.to_string())??);
    Ok(())
}
