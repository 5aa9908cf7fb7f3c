//! The test that `test_migrations!` writes.

use crate::package::{Output, Package, RUNTIME, TESTING};

/// Each set is a module of its own with the test in it.
fn program(sets: &[&str]) -> String {
    let modules = sets.iter().map(|set| {
        format!(
            "mod {set} {{\n    migrate_runtime::embed_migrations!(\"{set}\", watch = false);\n    \
             migrate_runtime::test_migrations!(Migration);\n}}\n"
        )
    });
    format!("#![allow(dead_code)]\n{}", modules.collect::<String>())
}

const TABLE: &str = "CREATE TABLE a(x INTEGER PRIMARY KEY, y TEXT);\n";

/// What a test said, up to where it stands in the source.
#[track_caller]
fn failure(output: Output, set: &str) -> (Output, String) {
    let output = output.has(&format!("test {set}::migrations_are_sound ... FAILED"));
    let head = format!("---- {set}::migrations_are_sound stdout ----");
    let section: Vec<&str> = output
        .lines()
        .skip_while(|line| *line != head)
        .skip(1)
        .take_while(|line| !line.starts_with("---- "))
        .collect();
    // A function that panics says so first.
    let last = section
        .iter()
        .rposition(|line| line.contains("panicked at"));
    let text: Vec<&str> = section[last.unwrap() + 1..]
        .iter()
        .take_while(|line| !["stack backtrace:", "failures:"].contains(line))
        .take_while(|line| !line.starts_with("note: run with"))
        .copied()
        .collect();
    let text = text.join("\n");
    (output, text.trim().to_owned())
}

#[test]
fn the_generated_test_tells_what_is_unsound() {
    let sets = [
        "good",
        "left",
        "index",
        "column",
        "failing",
        "once",
        "unrecorded",
        "rusty",
    ];
    let package = Package::new("sound", &format!("{RUNTIME}\n{TESTING}"));
    package.write("src/lib.rs", &program(&sets));
    let write = |set: &str, name: &str, text: &str| package.write(&format!("{set}/{name}"), text);
    for set in sets {
        write(set, "001_a.sql", TABLE);
        write(set, "001_a.down.sql", "DROP TABLE a;\n");
    }
    write(
        "good",
        "002_b.sql",
        "ALTER TABLE a ADD COLUMN z; CREATE VIEW v AS SELECT z FROM a;\n",
    );
    write(
        "good",
        "002_b.down.sql",
        "DROP VIEW v; ALTER TABLE a DROP COLUMN z;\n",
    );
    write(
        "good",
        "003_c.sql",
        "-- migrate: irreversible \"why not\"\nUPDATE a SET y = '' WHERE y IS NULL;\n",
    );

    write(
        "left",
        "002_b.sql",
        "CREATE TABLE b(x); CREATE TABLE c(x);\n",
    );
    write("left", "002_b.down.sql", "DROP TABLE b;\n");
    write("index", "002_b.sql", "CREATE INDEX by_y ON a(y);\n");
    write("index", "002_b.down.sql", "DROP INDEX by_y;\n");
    write(
        "index",
        "003_c.sql",
        "DROP INDEX by_y; CREATE INDEX by_x_y ON a(x, y);\n",
    );
    write("index", "003_c.down.sql", "DROP INDEX by_x_y;\n");
    write(
        "column",
        "002_b.sql",
        "ALTER TABLE a RENAME COLUMN y TO z;\n",
    );
    write(
        "column",
        "002_b.down.sql",
        "ALTER TABLE a RENAME COLUMN z TO why;\n",
    );
    write("failing", "002_b.sql", "CREATE TABLE b(x);\n");
    write(
        "failing",
        "002_b.down.sql",
        "DROP TABLE b;\nDROP TABLE bb;\n",
    );
    write("once", "002_b.sql", "CREATE TABLE b(x);\n");
    write(
        "once",
        "002_b.down.sql",
        "ALTER TABLE b RENAME TO c;\nCREATE TABLE b(y);\n",
    );
    write(
        "unrecorded",
        "002_b.sql",
        "INSERT INTO nowhere VALUES (1);\n",
    );
    write(
        "rusty",
        "002_b.rs",
        "use migrate_runtime::rusqlite::{Result, Transaction};\n\
         pub fn up(tx: &Transaction<'_>) -> Result<()> { tx.execute_batch(\"CREATE TABLE b(x)\") }\n\
         pub fn down(_: &Transaction<'_>) -> Result<()> { panic!(\"not today\") }\n",
    );

    let test = package.cargo(&["test"]).failed();
    let test = test
        .has("test good::migrations_are_sound ... ok")
        .without_warnings("sound");
    let mut shown = String::new();
    let mut output = test;
    for set in &sets[1..] {
        let text;
        (output, text) = failure(output, set);
        shown += &format!("{set}: {text}\n");
    }
    insta::assert_snapshot!(shown, @r#"
    left: the migrations are not sound

    error: S33: this down does not restore the schema from before its up
     --> left/002_b.down.sql:1:1
      |
    1 | DROP TABLE b;
      | ^^^^
      = note: the table `c` is left over
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    index: the migrations are not sound

    error: S33: this down does not restore the schema from before its up
     --> index/003_c.down.sql:1:1
      |
    1 | DROP INDEX by_x_y;
      | ^^^^
      = note: the index `by_y` is gone
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    column: the migrations are not sound

    error: S33: this down does not restore the schema from before its up
     --> column/002_b.down.sql:1:13
      |
    1 | ALTER TABLE a RENAME COLUMN z TO why;
      |             ^
      = note: the table `a` was `CREATE TABLE a(x INTEGER PRIMARY KEY, y TEXT)`, and is `CREATE TABLE a(x INTEGER PRIMARY KEY, why TEXT)`
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    failing: the migrations are not sound

    error: M038: the down fails: no such table: bb
     --> failing/002_b.down.sql:2:12
      |
    2 | DROP TABLE bb;
      |            ^^
      = help: correct the down; it runs on what the up leaves, and on tables that have rows
    once: the migrations are not sound

    error: S33: this down does not restore the schema from before its up
     --> once/002_b.down.sql:2:14
      |
    2 | CREATE TABLE b(y);
      |              ^
      = note: the table `b` is left over
      = note: the table `c` is left over
      = help: make it undo everything that the up does
              or allow it: `-- migrate: allow down-does-not-restore "why"`
    unrecorded: the migrations are not sound

    error: M037: SQLite refuses this: no such table: nowhere
     --> unrecorded/002_b.sql:1:13
      |
    1 | INSERT INTO nowhere VALUES (1);
      |             ^^^^^^^
      = help: correct the statement; it or an earlier migration must create what it needs
    rusty: the migrations are not sound

    error: M038: the down fails: it panicked: not today
     --> rusty/002_b.rs
      = help: correct the down; it runs on what the up leaves, and on tables that have rows
    "#);

    // Edited after the build: another kind of test knows that too, but this
    // one must not call sound what nobody embeds.
    package.write("src/lib.rs", &program(&["good"]));
    package.cargo(&["test"]).ok();
    package.write_old("good/002_b.down.sql", "DROP VIEW v;\n");
    let (_, stale) = failure(package.cargo(&["test"]).failed(), "good");
    insta::assert_snapshot!(stale, @"the embedded migrations of `good` are stale: built before `002_b.down.sql` was edited; rebuild the crate; if Cargo finds nothing to do, touch one of its source files, because Cargo notices a new migration only if a build script watches the directory");
}

/// Without the feature `testing` in the tests of a package.
#[test]
fn the_proof_is_off_by_default() {
    let package = Package::new("unproved", RUNTIME);
    package.write(
        "src/lib.rs",
        "migrate_runtime::embed_migrations!(\"migrations\", watch = false);\n\
         migrate_runtime::test_migrations!(Migration);\n",
    );
    package.write("migrations/001_a.sql", TABLE);
    let line = "SKIPPED: the migrations are not proved; to turn the proof on, run \
                `cargo add --dev migrate-runtime --features testing`";
    let output = package
        .cargo(&["test", "--lib"])
        .ok()
        .without_warnings("unproved")
        .has("embedded_migrations_are_sound ... ok")
        .has("embedded_migrations_are_fresh ... ok");
    assert_eq!(
        output.count(line),
        2,
        "the generated test, and the written one"
    );
}
