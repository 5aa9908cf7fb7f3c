//! Migrations for PostgreSQL in a package of their own, without a server.

use crate::package::{Package, build_script};

const PROGRAM: &str = "\
migrate_runtime::embed_migrations!(\"migrations\", engine = \"postgres\");

fn main() {
    for migration in Migration::ALL {
        let migration = migration.get();
        println!(\"{}: {}\", migration.label, migration.up.statements().len());
    }
    let _ = (Migration::REGISTRY, Migration::LATEST.version(), Migration::migrator());
}
";

fn package(name: &'static str, features: &str) -> Package {
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrate-runtime");
    let dependency = format!(
        "migrate-runtime = {{ path = '{runtime}', default-features = false, features = {features} }}"
    );
    let package = Package::new(name, &dependency);
    package.write("build.rs", &build_script("migrations"));
    package.write("src/main.rs", PROGRAM);
    package.write("migrations/001_a.sql", "DO $$ it's; $$;\nSELECT 1;\n");
    package
}

#[test]
fn the_feature_that_is_missing_is_the_one_error() {
    let package = package("postgres-missing", "['bundled', 'sqlite']");
    package
        .cargo(&["check"])
        .failed()
        .has("`engine = \"postgres\"` needs the feature `postgres` of the runtime crate")
        .has("due to 1 previous error");
}

#[test]
fn the_test_that_needs_no_server_comes_along() {
    let package = package("postgres-there", "['bundled', 'sqlite', 'postgres']");
    let test = package.cargo(&["test"]).ok();
    assert_eq!(test.count("embedded_migrations_are_fresh ... ok"), 1);
    // Without the feature `testing` it says that nothing is proved.
    assert_eq!(test.count("embedded_migrations_are_sound"), 1);
    package.build().ok();
    assert_eq!(package.run(), ["001_a: 2"]);

    package.write("migrations/002_b.sql", "SELECT 'a\\';\nSELECT E'b\\'';\n");
    package.rebuild();
    assert_eq!(package.run(), ["001_a: 2", "002_b: 2"]);

    package.write("migrations/002_b.sql", "VACUUM;\n");
    package
        .cargo(&["check"])
        .failed()
        .has("--> migrations/002_b.sql:1:1")
        .has("due to 1 previous error");
}
