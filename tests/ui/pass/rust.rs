//! Migrations in Rust: in a module, with any error, and with a down in either
//! language.
#![deny(warnings)]

use migrate_runtime::Down;
use migrate_runtime::rusqlite::Connection;

mod store {
    const NAMES: [&str; 2] = ["Ada", "Grace"];

    migrate_runtime::embed_migrations! {
        pub(crate) enum Schema in "./rust", min_sqlite = "3.37", watch = false
    }
}

use store::Schema;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut db = Connection::open_in_memory()?;
    let migrator = Schema::migrator();
    assert_eq!(migrator.up(&mut db)?.applied().len(), 4);
    let ages: i64 = db.query_row("SELECT sum(age) FROM users", [], |row| row.get(0))?;
    assert_eq!(ages, 14);

    let refused = migrator.down(&mut db, Down::To(Schema::V001Users));
    assert!(refused.unwrap_err().is_irreversible());
    let text = Schema::V002Fill.get();
    assert!(text.up.is_rust() && text.down.is_some_and(|down| down.is_rust()));
    assert!(Schema::V003AnyError.get().down.is_some_and(|down| !down.is_rust()));

    let mut db = Connection::open_in_memory()?;
    Schema::migrator().to(Schema::V003AnyError).up(&mut db)?;
    let report = migrator.down(&mut db, Down::To(Schema::V001Users))?;
    assert_eq!(report.undone().len(), 2);
    let users: i64 = db.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
    assert_eq!(users, 0);
    Ok(())
}
