use migrate_runtime::embed_migrations;
use migrate_runtime::rusqlite::Connection;

embed_migrations! { enum OnSqlite in "./good", watch = false }
embed_migrations! { enum OnPostgres in "./postgres_good", engine = "postgres", watch = false }

fn main() {
    let mut db = Connection::open_in_memory().unwrap();
    OnSqlite::migrator().up(&mut db).unwrap();
    OnPostgres::migrator().up(&mut db).unwrap();
    let _ = OnPostgres::migrator().to(OnSqlite::LATEST);
    let _ = OnSqlite::migrator().min_sqlite(3, 35, 0);
    let _ = OnPostgres::migrator().min_sqlite(3, 35, 0);
}
