#![deny(warnings, missing_docs, unreachable_pub)]
//! Code that uses the registry of a bad directory: the compiler has nothing to
//! add to what the macro says.

use migrate_runtime::{Version, embed_migrations};
use std::collections::HashSet;

embed_migrations! {
    /// Documented.
    pub(crate) enum Schema in "./only_ours"
}

const LATEST: Schema = Schema::LATEST;
static ALL: &[Schema] = Schema::ALL;

fn describe(migration: Schema) -> &'static str {
    match migration {
        Schema::V001Users => "users",
        Schema::V002Orders => "orders",
        Schema::V003Broken => "broken",
        Schema::V004Latin => "latin",
        Schema::V006Prices => "prices",
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    let report = Schema::migrator().to(Schema::V002Orders).up(&mut db)?;
    println!("{report} {:?}", Schema::migrator().status(&db)?);
    let seen: HashSet<Schema> = ALL.iter().copied().collect();
    assert!(seen.contains(&LATEST) && Schema::V001Users < Schema::V006Prices);
    let version: Version = Schema::V004Latin.into();
    assert_eq!(version, Schema::V004Latin.version());
    assert_eq!(Schema::V001Users as u64, 1);
    println!(
        "{} {:?}",
        Schema::LATEST.get().label,
        Schema::REGISTRY.latest()
    );
    println!("{}", describe(Schema::V001Users));
    Ok(())
}
