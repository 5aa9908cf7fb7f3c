//! With the build script and without it.

use crate::package::{Package, REBUILD, build_script, program, usual_program};

#[test]
fn with_the_build_script_every_change_is_seen() {
    let package = Package::usual("watched");
    package.write("build.rs", &build_script("migrations"));
    package.build().ok().without_warnings("watched");
    let (a, mut b) = ("001_a: CREATE TABLE a(x);", "002_b: CREATE TABLE b(x);");
    assert_eq!(package.run(), [a, b, "applied 2"]);

    package.write("README.md", "Nothing that concerns the database.\n");
    package.assert_fresh();

    package.write("migrations/002_b.sql", "CREATE TABLE b(x, y);\n");
    package.rebuild();
    b = "002_b: CREATE TABLE b(x, y);";
    assert_eq!(package.run(), [a, b, "applied 2"]);
    package.assert_fresh();

    package.write("migrations/003_c.sql", "CREATE TABLE c(x);\n");
    package.rebuild();
    let c = "003_c: CREATE TABLE c(x);";
    assert_eq!(package.run(), [a, b, c, "applied 3"]);

    package.write_old("migrations/004_d.sql", "CREATE TABLE d(x);\n");
    package.rebuild();
    let d = "004_d: CREATE TABLE d(x);";
    assert_eq!(package.run(), [a, b, c, d, "applied 4"]);

    package.write("migrations/more/005_e.sql", "CREATE TABLE e(x);\n");
    package.rebuild();
    let e = "005_e: CREATE TABLE e(x);";
    assert_eq!(package.run(), [a, b, c, d, e, "applied 5"]);

    // Nothing but the time of the nested folder tells about this one.
    package.write_old("migrations/more/006_f.sql", "CREATE TABLE f(x);\n");
    package.rebuild();
    let f = "006_f: CREATE TABLE f(x);";
    assert_eq!(package.run(), [a, b, c, d, e, f, "applied 6"]);

    package.rename("migrations/more/006_f.sql", "migrations/more/006_g.sql");
    package.rebuild();
    let f = "006_g: CREATE TABLE f(x);";
    assert_eq!(package.run(), [a, b, c, d, e, f, "applied 6"]);

    // The file that is put in place is older than the one it replaces.
    package.write_old("aside.sql", "CREATE TABLE g(x);\n");
    package.rename("aside.sql", "migrations/more/006_g.sql");
    package.rebuild();
    let f = "006_g: CREATE TABLE g(x);";
    assert_eq!(package.run(), [a, b, c, d, e, f, "applied 6"]);

    package.remove("migrations/more/006_g.sql");
    package.rebuild();
    assert_eq!(package.run(), [a, b, c, d, e, "applied 5"]);
    package.assert_fresh();
}

#[test]
fn without_the_build_script_an_added_file_is_not_seen_but_reported() {
    let package = Package::usual("unwatched");
    package.write("migrations/001_a.down.sql", "DROP TABLE a;\n");
    package
        .build()
        .ok()
        .has("nothing watches `migrations`: a file added to it may go unnoticed")
        .has("= help: create `build.rs`");
    let (a, b) = ("001_a: CREATE TABLE a(x, y);", "002_c: CREATE TABLE b(x);");

    package.write("migrations/001_a.sql", "CREATE TABLE a(x, y);\n");
    package.rebuild();
    package.write("migrations/001_a.down.sql", "DROP TABLE IF EXISTS a;\n");
    package.rebuild();
    package.rename("migrations/002_b.sql", "migrations/002_c.sql");
    package.rebuild();
    assert_eq!(package.run(), [a, b, "applied 2"]);
    package.cargo(&["test"]).ok();

    package.write("migrations/003_d.sql", "CREATE TABLE d(x);\n");
    package.assert_fresh();
    let stale = format!(
        "stale true: this binary does not match `migrations`: built before `003_d.sql` existed; \
         {REBUILD}"
    );
    assert_eq!(package.run(), [a, b, &stale]);
    package.cargo(&["test"]).failed().has(&format!(
        "the embedded migrations of `migrations` are stale: built before `003_d.sql` existed; \
         {REBUILD}"
    ));

    package.write("src/main.rs", &usual_program());
    package.rebuild();
    let c = "003_d: CREATE TABLE d(x);";
    assert_eq!(package.run(), [a, b, c, "applied 3"]);
    package.cargo(&["test"]).ok();

    package.remove("migrations/003_d.sql");
    package.rebuild();
    assert_eq!(package.run(), [a, b, "applied 2"]);
}

#[test]
fn the_warning_can_be_silenced_required_and_heeded() {
    let package = Package::usual("advised");
    let write = |arguments: &str| {
        let call = format!(
            "use migrate_runtime as rt;\nrt::embed_migrations!(\"migrations\"{arguments});"
        );
        package.write("src/main.rs", &program(&call));
    };
    let advice = "nothing watches `migrations`: a file added to it may go unnoticed until \
                  something else is rebuilt";

    write(", watch = false");
    package.cargo(&["check"]).ok().without_warnings("advised");

    write(", watch = \"required\"");
    package
        .cargo(&["check"])
        .failed()
        .has(&format!("error: {advice}"))
        .has("due to 1 previous error");

    write("");
    package
        .cargo(&["check"])
        .ok()
        .has(&format!(
            "warning: use of deprecated constant `_::UNWATCHED`: {advice}"
        ))
        .has("println!(\"cargo::rerun-if-changed=migrations\");")
        .has("println!(\"cargo::rustc-env=MIGRATIONS_WATCHED=migrations\");")
        .has("= help: or say `watch = false` in the call");

    package.write("build.rs", &build_script("other"));
    package
        .cargo(&["check"])
        .ok()
        .has("= help: `build.rs` watches `other` only; make its lines say")
        .has("println!(\"cargo::rustc-env=MIGRATIONS_WATCHED=other;migrations\");");

    // The source does not change: the macro must be run again all the same.
    package.write("build.rs", &build_script("migrations"));
    package.cargo(&["check"]).ok().without_warnings("advised");
    write(", watch = \"required\"");
    package.cargo(&["check"]).ok().without_warnings("advised");
}
