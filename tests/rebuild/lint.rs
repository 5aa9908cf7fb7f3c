//! Rules that can be allowed: errors of the build, and warnings of the compiler.

use crate::package::{Package, build_script, usual_program};

/// One finding of each level, in a package that is watched.
fn package() -> Package {
    let package = Package::usual("lint");
    package.write("build.rs", &build_script("migrations"));
    package.write(
        "migrations/001_a.sql",
        "CREATE TABLE a(x INT PRIMARY KEY);\n",
    );
    package.write(
        "migrations/002_b.sql",
        "CREATE TABLE b(x);\n\nDELETE FROM a;\n",
    );
    package
}

#[test]
fn a_warning_is_one_of_the_compiler_and_can_be_allowed() {
    let package = package();
    let build = package.build().ok();
    build
        .has("warning: use of deprecated constant `_::S20`: S20: `x` is a primary key, but not the")
        .has("--> migrations/001_a.sql:1:18\n")
        .has("1 | CREATE TABLE a(x INT PRIMARY KEY);\n")
        .has("                  ^^^\n")
        .has("= help: write `INTEGER`\n")
        .has("  or allow it: `-- migrate: allow int-primary-key \"why\"`")
        .has("warning: use of deprecated constant `_::S27`: S27: this deletes every row of `a`")
        .has("--> migrations/002_b.sql:3:1\n")
        .has("`lint` (bin \"lint\") generated 2 warnings");

    let denied = format!("#![deny(deprecated)]\n{}", usual_program());
    package.write("src/main.rs", &denied);
    package
        .build()
        .failed()
        .has("error: use of deprecated constant `_::S20`: S20: `x` is a primary key, but not the");

    package.write(
        "migrations/001_a.sql",
        "CREATE TABLE a(x INTEGER PRIMARY KEY);\n",
    );
    let allowed =
        "CREATE TABLE b(x);\n\n-- migrate: allow unbounded-dml \"all of them\"\nDELETE FROM a;\n";
    package.write("migrations/002_b.sql", allowed);
    package.build().ok().without_warnings("lint");
    assert_eq!(package.run().last().unwrap(), "applied 2");

    package.write("migrations/003_c.sql", "DROP TABLE a;\n");
    package
        .build()
        .failed()
        .has("error: S16: dropping `a` deletes all its rows")
        .has("--> migrations/003_c.sql:1:1\n");
}
