//! What the macro generates, used in every way.

use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Migrator, Registry, Version, embed_migrations};
use std::collections::{BTreeSet, HashSet};

embed_migrations!("./downs", watch = false);

const REGISTRY: &Registry = Migration::REGISTRY;
const LATEST: Migration = Migration::LATEST;
const COUNT: usize = Migration::ALL.len();
const NUMBER: u64 = Migration::V002Orders as u64;
const VERSION: Version = Migration::V003Prices.version();
static BY_NUMBER: [Migration; COUNT] = [
    Migration::V001Users,
    Migration::V002Orders,
    Migration::V003Prices,
    Migration::V004Stock,
];

/// No arm for anything else: a migration that is added must be thought of here.
const fn table(migration: Migration) -> &'static str {
    match migration {
        Migration::V001Users => "users",
        Migration::V002Orders => "orders",
        Migration::V003Prices => "prices",
        Migration::V004Stock => "stock",
    }
}

fn migrator() -> Migrator<Migration> {
    Migration::migrator()
        .release("service 1.2.3")
        .git_commit("abcdef")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(NUMBER, 2);
    assert_eq!(VERSION, Version::new(3));
    assert_eq!(Version::from(LATEST), Version::new(4));
    assert_eq!(Migration::ALL, BY_NUMBER);
    assert!(Migration::V001Users < LATEST);
    assert_eq!(format!("{LATEST:?}"), "V004Stock");
    assert_eq!(BY_NUMBER.into_iter().collect::<HashSet<_>>().len(), COUNT);
    assert_eq!(BY_NUMBER.iter().collect::<BTreeSet<_>>().len(), COUNT);
    assert_eq!(REGISTRY.latest().label, LATEST.get().label);
    for &migration in Migration::ALL {
        assert_eq!(migration.get().version, migration.version());
        assert_eq!(migration.get().name, table(migration));
    }

    let mut db = Connection::open_in_memory()?;
    let report = migrator().to(Migration::V002Orders).up(&mut db)?;
    assert_eq!(report.applied().len(), 2);
    assert_eq!(migrator().plan(&db)?.pending().len(), 2);
    assert_eq!(migrator().up(&mut db)?.applied().len(), 2);
    assert_eq!(migrator().status(&db)?.pending(), 0);
    let release: String = db.query_row("SELECT DISTINCT release FROM _migrations", [], |row| {
        row.get(0)
    })?;
    assert_eq!(release, "service 1.2.3");
    Ok(())
}
