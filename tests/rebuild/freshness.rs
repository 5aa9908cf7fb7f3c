//! The generated test.

use crate::package::{Output, Package, REBUILD, RUNTIME, output, program};
use std::path::PathBuf;
use std::process::Command;

const CALLS: &str = r#"
use migrate_runtime as rt;

rt::embed_migrations!("migrations", watch = false);

#[allow(dead_code)]
mod orders {
    migrate_runtime::embed_migrations! { pub enum OrdersSchema in "orders", watch = false }
}

// The test harness looks for no test here; nor may there be a warning.
#[allow(dead_code)]
fn in_a_body() {
    migrate_runtime::embed_migrations! { enum Local in "orders", watch = false }
}
"#;

#[test]
fn every_registry_has_one_test_and_it_names_what_is_stale() {
    let package = Package::new("freshness", RUNTIME);
    package.write("src/main.rs", &program(CALLS));
    package.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
    package.write("migrations/more/002_b.sql", "CREATE TABLE b(x);\n");
    package.write("orders/001_c.sql", "CREATE TABLE c(x);\n");

    let test = package.cargo(&["test"]).ok().without_warnings("freshness");
    let test = test
        .has("test __migration_tests::embedded_migrations_are_fresh ... ok")
        .has("test orders::__orders_schema_tests::embedded_migrations_are_fresh ... ok");
    assert_eq!(test.count("embedded_migrations_are_fresh ... ok"), 2);

    let binary = test_binary(&package);
    let test = || output(&mut Command::new(&binary));
    assert_passes(test());

    // Line ends are no part of a migration.
    package.write_old("migrations/001_a.sql", "CREATE TABLE a(x);\r\n");
    assert_passes(test());
    package.write("migrations/README.md", "Ignored.\n");
    assert_passes(test());

    package.write_old("migrations/more/003_d.sql", "CREATE TABLE d(x);\n");
    assert_stale(test(), &["built before `more/003_d.sql` existed"]);
    // Cargo sees no reason to build anything: the test alone knows.
    assert_stale(
        package.cargo(&["test"]),
        &["built before `more/003_d.sql` existed"],
    );

    package.write_old("migrations/001_a.sql", "CREATE TABLE a(x, y);\n");
    package.remove("migrations/more/003_d.sql");
    assert_stale(test(), &["built before `001_a.sql` was edited"]);
    assert_stale(
        package.cargo(&["test"]),
        &["built before `001_a.sql` was edited"],
    );

    package.rename("migrations/more/002_b.sql", "migrations/more/002_e.sql");
    assert_stale(
        test(),
        &[
            "built before `more/002_e.sql` existed",
            "built when `more/002_b.sql` still existed",
            "built before `001_a.sql` was edited",
        ],
    );
    package.rename("migrations", "elsewhere");
    test()
        .failed()
        .has("the migrations directory `migrations` is gone");

    package.rename("elsewhere", "migrations");
    package.rename("migrations/more/002_e.sql", "migrations/more/002_b.sql");
    package.write("migrations/001_a.sql", "CREATE TABLE a(x, y);\n");
    package.cargo(&["test"]).ok();
}

#[test]
fn a_debug_binary_names_what_is_stale_and_may_move() {
    let package = Package::usual("moved");
    package.build().ok();
    let (a, b) = ("001_a: CREATE TABLE a(x);", "002_b: CREATE TABLE b(x);");

    package.rename("migrations/002_b.sql", "migrations/002_c.sql");
    let stale = format!(
        "stale true: this binary does not match `migrations`: built before `002_c.sql` existed, \
         built when `002_b.sql` still existed; {REBUILD}"
    );
    assert_eq!(package.run(), [a, b, &stale]);

    package.rename("migrations", "elsewhere");
    assert_eq!(package.run(), [a, b, "applied 2"]);
}

#[track_caller]
fn assert_passes(test: Output) {
    test.ok().has("4 passed; 0 failed");
}

/// Asserts that one of the generated tests failed, with exactly this.
#[track_caller]
fn assert_stale(test: Output, differences: &[&str]) {
    let message = format!(
        "the embedded migrations of `migrations` are stale: {}; {REBUILD}",
        differences.join(", ")
    );
    test.failed()
        .has("test __migration_tests::embedded_migrations_are_fresh ... FAILED")
        .has(&message)
        .has("3 passed; 1 failed");
}

/// The executable that Cargo made of the tests, to run it without Cargo.
fn test_binary(package: &Package) -> PathBuf {
    let built = package.cargo(&["test", "--no-run"]).ok();
    let line = built.lines().find(|line| line.contains("Executable"));
    let path = line.and_then(|line| line.split_once('(')).unwrap().1;
    package.path(path.trim_end_matches(')'))
}
