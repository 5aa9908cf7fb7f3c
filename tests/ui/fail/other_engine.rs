use migrate_runtime::embed_migrations;
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::tokio_postgres::Client;

embed_migrations! { enum OnSqlite in "./good", watch = false }
embed_migrations! { enum OnPostgres in "./postgres_good", engine = "postgres", watch = false }

async fn run(db: &mut Connection, client: &mut Client) {
    let _ = OnSqlite::migrator().up(client);
    let _ = OnPostgres::migrator().up(db).await;
    let _ = OnPostgres::migrator().to(OnSqlite::LATEST);
    let _ = OnPostgres::migrator().min_sqlite(3, 35, 0);
}

fn main() {
    let _ = run;
}
