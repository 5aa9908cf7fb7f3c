//! Migrations in Rust for PostgreSQL: `async`, with any error, and with a down
//! in either language.
#![deny(warnings)]

use migrate_runtime::{Migrator, Postgres};

mod store {
    const NAMES: [&str; 2] = ["Ada", "Grace"];

    migrate_runtime::embed_migrations! {
        pub(crate) enum Schema in "./postgres_rust", engine = "postgres", watch = false
    }
}

use store::Schema;

fn main() {
    let migrator: Migrator<Schema, Postgres> = Schema::migrator();
    let _ = migrator.to(Schema::V002Fill);
    let [_, fill, any] = Schema::REGISTRY.migrations() else {
        panic!("three migrations");
    };
    assert!(fill.up.is_rust() && fill.down.is_some_and(|down| down.is_rust()));
    assert!(any.up.is_rust() && any.down.is_some_and(|down| !down.is_rust()));
}
