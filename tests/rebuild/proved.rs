//! The feature `prove`: the replay inside of the compiler.

use crate::package::{Output, Package, build_script};

const RUNTIME: &str = concat!(
    "migrate-runtime = { path = '",
    env!("CARGO_MANIFEST_DIR"),
    "/../migrate-runtime', features = ['prove'] }"
);

fn package(name: &'static str) -> Package {
    let package = Package::new(name, RUNTIME);
    package.write("build.rs", &build_script("migrations"));
    package.write("src/lib.rs", &program(""));
    package
}

fn program(arguments: &str) -> String {
    format!("migrate_runtime::embed_migrations!(\"migrations\"{arguments});\n")
}

/// The errors of a build, without the words of Cargo around them.
fn errors(output: &Output) -> String {
    let lines: Vec<&str> = output
        .lines()
        .skip_while(|line| !line.starts_with("error"))
        .take_while(|line| !line.starts_with("error: could not compile"))
        .map(str::trim_end)
        .collect();
    lines.join("\n").trim().to_owned()
}

#[test]
fn a_build_fails_where_a_filled_database_would() {
    let package = package("proved");
    package.write(
        "migrations/001_users.sql",
        "CREATE TABLE users(id INTEGER PRIMARY KEY);\n-- migrate:down\nDROP TABLE users;\n",
    );
    package.write(
        "migrations/002_names.sql",
        "-- Everybody has one.\nALTER TABLE users\n  ADD COLUMN name TEXT NOT NULL;\n\
         -- migrate:down\nALTER TABLE users DROP COLUMN name;\n",
    );
    package.write(
        "migrations/003_orders.sql",
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, \"at\" TEXT);\n\
         CREATE INDEX orders_by_time ON orders(\"at\");\n\
         -- migrate:down\nDROP INDEX orders_by_time;\n",
    );
    insta::assert_snapshot!(errors(&package.build().failed()), @r#"
    error: S05: this fails on a table that has rows: Cannot add a NOT NULL column with default value NULL
            --> migrations/002_names.sql:3:14
             |
           3 |   ADD COLUMN name TEXT NOT NULL;
             |              ^^^^
             = help: give it a default; or rebuild the table and set the value of its rows
                     or allow it: `-- migrate: allow add-not-null-no-default "why"`
     --> src/lib.rs:1:36
      |
    1 | migrate_runtime::embed_migrations!("migrations");
      |                                    ^^^^^^^^^^^^

    error: S33: this down does not restore the schema from before its up
            --> migrations/003_orders.sql:4:1
             |
           4 | DROP INDEX orders_by_time;
             | ^^^^
             = note: the table `orders` is left over
             = help: make it undo everything that the up does
                     or allow it: `-- migrate: allow down-does-not-restore "why"`
     --> src/lib.rs:1:36
      |
    1 | migrate_runtime::embed_migrations!("migrations");
      |                                    ^^^^^^^^^^^^
    "#);

    package.write(
        "src/lib.rs",
        &program(", prove = false \"all tables are empty\""),
    );
    package.build().ok().without_warnings("proved");
    // What is proved by the compiler is proved again when a file changes.
    package.write("src/lib.rs", &program(""));
    package.build().failed();
    package.write(
        "migrations/002_names.sql",
        "ALTER TABLE users ADD COLUMN name TEXT;\n",
    );
    package.write(
        "migrations/003_orders.sql",
        "CREATE TABLE orders(id INTEGER PRIMARY KEY);\n",
    );
    package.build().ok().without_warnings("proved");
}

/// Without what keeps them from it, each of these writes a file.
#[test]
fn a_build_writes_no_file_but_its_own() {
    let package = package("unwritten");
    let file = |name: &str| package.path(name);
    for (name, sql) in [
        (
            "attached.db",
            "ATTACH '{}' AS other;\nCREATE TABLE other.a(x);\n",
        ),
        ("copied.db", "VACUUM INTO '{}';\n"),
        (
            "explained.db",
            "-- Hidden.\n; VACUUM /* */ main INTO '{}';\n",
        ),
    ] {
        let path = file(name);
        let sql = sql.replace("{}", path.to_str().unwrap());
        let script = format!("-- migrate: no-transaction\n{sql}");
        package.write("migrations/001_a.sql", &script);
        let output = package.build();
        assert!(!path.exists(), "{sql}");
        if name == "attached.db" {
            output
                .failed()
                .has("a migration cannot attach or detach another database");
        }
    }
}
