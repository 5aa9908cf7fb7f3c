//! A service with axum, and a pool of connections by r2d2.
use axum::{Router, extract::State, routing::get};
use migrate_runtime::embed_migrations;
use r2d2_sqlite::SqliteConnectionManager;
use std::error::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

embed_migrations!("migrations", watch = false);

type Pool = r2d2::Pool<SqliteConnectionManager>;

async fn users(State(pool): State<Pool>) -> String {
    let count = tokio::task::spawn_blocking(move || {
        let conn = pool.get().unwrap();
        conn.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))
    });
    format!("{} user", count.await.unwrap().unwrap())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = Pool::new(SqliteConnectionManager::file("app.db"))?;
    println!("applied {}", Migration::migrator().wal().up(&mut *pool.get()?)?.applied().len());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let mut client = tokio::net::TcpStream::connect(listener.local_addr()?).await?;
    let app = Router::new().route("/", get(users)).with_state(pool);
    tokio::spawn(async move { axum::serve(listener, app).await });
    client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    println!("{}", answer.lines().last().unwrap_or_default());
    Ok(())
}
