//! Migrations for PostgreSQL: cut as the server does, and of a type of their own.
#![deny(warnings)]

use migrate_model::Registry;
use migrate_runtime::{Migrator, Postgres, embed_migrations};

embed_migrations! {
    /// The schema of the orders database.
    pub(crate) enum Schema in "./postgres", engine = "postgres", watch = false
}

embed_migrations!("./first", engine = "sqlite", first = 10, watch = false);

fn main() {
    let registry: &'static Registry<Postgres> = Schema::REGISTRY;
    let _: Migrator<Schema, Postgres> = Schema::migrator().to(Schema::V001Users);
    let _: Migrator<Migration> = Migration::migrator();

    let [users, index] = registry.migrations() else {
        panic!("{registry:?}");
    };
    let statements: Vec<&str> = users.up.statements().map(|it| users.up.text(it)).collect();
    assert_eq!(statements.len(), 4, "{statements:?}");
    assert!(statements[1].ends_with("END\n$body$;"));
    assert!(statements[2].ends_with("0 END;\nEND;"));
    assert!(users.up.in_transaction() && users.down.is_some());
    assert!(!index.up.in_transaction());
    assert!(!index.down.as_ref().is_some_and(|down| down.in_transaction()));
    assert_eq!(Schema::LATEST.get().label, "002_index");
}
