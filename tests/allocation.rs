//! A registry costs nothing at start-up: it is constant data, and neither it
//! nor a migrator is parsed, hashed or allocated for.

use allocation_counter::measure;
use migrate_runtime::{Ahead, Checksum, Migration, Migrator, Registry, Script, Version};
use std::hint::black_box;
use std::time::Duration;

migrate_runtime::embed_migrations! {
    /// The demo set.
    enum Demo in "../migrations", watch = false
}

static REGISTRY: Registry = Registry::new(&[
    Migration::new(
        Version::new(1),
        "001_users",
        Checksum::from_hex([b'0'; 64]),
        Script::single(
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY)",
        ),
    )
    .with_down(Script::single("001_users.down.sql", "DROP TABLE users")),
    Migration::new(
        Version::new(2),
        "002_names",
        Checksum::from_hex([b'1'; 64]),
        Script::packed(
            "002_names.sql",
            "SELECT 1; SELECT 2",
            1,
            &[
                0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 10, 0, 0, 0, 18, 0, 0, 0, 1, 0, 0, 0,
            ],
        ),
    ),
]);

/// How often `work` asks for memory, on this thread.
fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    measure(|| drop(black_box(work()))).count_total
}

/// Without this, a counter that counts nothing would pass all the others.
#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Box::new(black_box(1))), 1);
    assert!(allocations(|| format!("{}", black_box(1))) > 0);
}

#[test]
fn a_registry_is_constant() {
    assert_eq!(allocations(|| black_box(&REGISTRY).migrations().len()), 0);
    let walk = || {
        for migration in black_box(&REGISTRY).migrations() {
            black_box(migration.checksum.hex());
            black_box(migration.checksum.matches(b"sha256:0"));
            for script in [Some(migration.up), migration.down].into_iter().flatten() {
                for statement in script.statements() {
                    black_box(script.text(statement));
                    black_box(script.location(statement.start as usize));
                }
            }
        }
        black_box(REGISTRY.get(Version::new(2)));
        black_box(REGISTRY.latest());
    };
    assert_eq!(allocations(walk), 0);
}

#[test]
fn an_embedded_registry_is_constant() {
    let name_everything = || {
        black_box((
            Demo::REGISTRY,
            Demo::ALL,
            Demo::LATEST.get(),
            Demo::LATEST.version(),
        ));
        black_box(Demo::migrator().to(Demo::V001InitialSchema));
    };
    assert_eq!(allocations(name_everything), 0);
}

#[test]
fn a_migrator_is_a_description() {
    let build = || {
        Migrator::<Version>::new(black_box(&REGISTRY))
            .to(Version::new(1))
            .ahead(Ahead::Allow)
            .lock_timeout(Duration::from_secs(5))
            .wal()
            .release("shop 1.2.3")
            .git_commit("abc123")
    };
    assert_eq!(allocations(build), 0);
    let migrator = build();
    assert_eq!(allocations(|| migrator.clone()), 0);
}
