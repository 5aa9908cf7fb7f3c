//! The runtime migrates the file, and sqlx opens its pool on it.
use migrate_runtime::{embed_migrations, rusqlite::Connection};
use sqlx::sqlite::SqlitePool;
use std::error::Error;

embed_migrations!("migrations", watch = false);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut conn = Connection::open("app.db")?;
    println!("applied {}", Migration::migrator().wal().up(&mut conn)?.applied().len());
    drop(conn);
    let pool = SqlitePool::connect("sqlite:app.db").await?;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&pool).await?;
    println!("{count} user");
    Ok(())
}
