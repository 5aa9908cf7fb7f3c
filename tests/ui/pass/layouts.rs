//! One module for each way to lay a directory out: all of them apply, and their
//! downs undo them.

use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Registry, Version, embed_migrations};

embed_migrations! { enum Separators in "./separators", watch = false }
embed_migrations! { enum Pairs in "./pairs", watch = false }
embed_migrations! { enum Downs in "./downs", watch = false }
embed_migrations! { enum Section in "./section", watch = false }
embed_migrations! { enum Folders in "./folders", watch = false }
embed_migrations! { enum Categories in "./categories", watch = false }
embed_migrations! { enum Ignored in "./ignored", watch = false }
embed_migrations! { enum FourDigits in "./four_digits", watch = false }
embed_migrations! { enum First in "./first", first = 10, watch = false }
embed_migrations! {
    enum Timestamps in "./timestamps", numbering = "timestamp", engine = "sqlite", watch = false
}

fn main() {
    check(
        Separators::REGISTRY,
        &["001_add_users", "002_add-orders", "003_mixed_separators-2"],
        "",
    );
    let _ = (
        Separators::V001AddUsers,
        Separators::V002AddOrders,
        Separators::V003MixedSeparators2,
    );
    check(Pairs::REGISTRY, &["001_users", "002_orders"], "001");
    check(
        Downs::REGISTRY,
        &["001_users", "002_orders", "003_prices", "004_stock"],
        "001 002 003 004",
    );
    check(Section::REGISTRY, &["001_users"], "001");
    assert_eq!(Section::V001Users.get().up.sql().lines().count(), 1);
    check(Folders::REGISTRY, &["001_users", "002_orders"], "001");
    check(
        Categories::REGISTRY,
        &["001_users", "002_orders", "003_prices", "004_fill"],
        "003 004",
    );
    check(Ignored::REGISTRY, &["001_users"], "");
    // Of what is left out, the lock file alone is read.
    assert!(Ignored::V001Users.get().is_frozen && !FourDigits::LATEST.get().is_frozen);
    check(FourDigits::REGISTRY, &["0001_users", "0002_orders"], "");
    assert_eq!(FourDigits::V0002Orders as u64, 2);
    check(First::REGISTRY, &["010_users", "011_orders"], "");
    assert_eq!(First::LATEST as u64, 11);
    check(
        Timestamps::REGISTRY,
        &[
            "20260131120000_users",
            "20260131120001_orders",
            "20270101000000_prices",
        ],
        "",
    );
    assert_eq!(Timestamps::V20270101000000Prices as u64, 20270101000000);
}

/// Applies a registry, then undoes what has a down.
fn check(registry: &'static Registry, labels: &[&str], with_down: &str) {
    let mut db = Connection::open_in_memory().unwrap();
    let migrator = migrate_runtime::Migrator::<Version>::new(registry);
    let report = migrator.up(&mut db).unwrap();
    let applied: Vec<&str> = report
        .applied()
        .iter()
        .map(|applied| applied.label)
        .collect();
    assert_eq!(applied, labels);
    assert!(migrator.up(&mut db).unwrap().is_empty());

    let mut undone = Vec::new();
    for migration in registry.migrations().iter().rev() {
        if let Some(down) = &migration.down {
            db.execute_batch(down.sql()).unwrap();
            undone.insert(0, migration.version.to_string());
        }
    }
    assert_eq!(undone.join(" "), with_down);
    let tables: i64 = db
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let data_only = labels
        .iter()
        .filter(|label| label.ends_with("_fill"))
        .count();
    // The history is a table too.
    let undone = undone.len() - data_only;
    assert_eq!(
        usize::try_from(tables),
        Ok(1 + labels.len() - data_only - undone)
    );
}
