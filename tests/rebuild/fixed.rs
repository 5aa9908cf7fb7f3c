//! Directories that do not pass, and what happens when they are fixed.

use crate::package::{Package, build_script};
use std::fs;

#[test]
fn a_defect_fails_the_build_until_it_is_repaired() {
    let package = Package::usual("defective");
    package.write("build.rs", &build_script("migrations"));
    package.build().ok();

    package.write("migrations/004_d.sql", "CREATE TABLE d(x);\n");
    let missing = ": version 003 is missing";
    // The same twice: a failure is not remembered as a success.
    for _ in 0..2 {
        package
            .build()
            .failed()
            .has(missing)
            .has("--> migrations/004_d.sql")
            .has("due to 1 previous error");
    }
    package.cargo(&["check"]).failed().has(missing);
    package.cargo(&["test"]).failed().has(missing);

    package.write_old("migrations/003_c.sql", "CREATE TABLE c(x);\n");
    package.cargo(&["check"]).ok().without_warnings("defective");
    package.rebuild();
    let lines = package.run();
    assert_eq!(lines[2], "003_c: CREATE TABLE c(x);");
    assert_eq!(lines[3], "004_d: CREATE TABLE d(x);");
    assert_eq!(lines[4], "applied 4");

    package.rename("migrations", "migration");
    package
        .build()
        .failed()
        .has("there is no such directory; did you mean `migration`?");
    package.rename("migration", "migrations");
    package.build().ok();
    assert_eq!(package.run(), lines);
}

#[test]
fn a_file_that_is_put_back_as_it_was_is_built_again() {
    let package = Package::usual("restored");
    package.build().ok();
    let (file, copy) = ("migrations/002_b.sql", "b.sql");
    let lines = package.run();

    // Kept aside, so that it comes back with its old time.
    package.rename(file, copy);
    package.write(file, "CREATE TABLE b(\n  x TEXT NOT NUL\n);\n");
    package
        .build()
        .failed()
        .has("syntax error near `NUL`")
        .has("--> migrations/002_b.sql:2:14")
        .has("due to 1 previous error");
    fs::remove_file(package.path(file)).unwrap();
    package.rename(copy, file);
    package.build().ok();
    assert_eq!(package.run(), lines);
    package.assert_fresh();

    // Two problems, one after the other: what was fixed is not forgotten.
    package.write(file, "BEGIN;\nCREATE TABLE b(x);\nCOMMIT;\n");
    package.build().failed().has("migrations/002_b.sql:1:1");
    package.write_old(file, "CREATE TABLE c(x);\n");
    package.rebuild();
    assert_eq!(package.run()[1], "002_b: CREATE TABLE c(x);");
}
