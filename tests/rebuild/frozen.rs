//! A frozen file that was edited: what the compiler shows of it.

use crate::git::{commit, init, is_missing};
use crate::package::Package;
use migrate_runtime::{Numbering, lock};
use std::fs;

const UP: &str = "CREATE TABLE c(\n  id INTEGER PRIMARY KEY,\n  name TEXT\n);\n";

fn released(name: &'static str) -> Package {
    let package = Package::usual(name);
    package.write(
        "migrations/003_c.sql",
        &format!("{UP}\n-- migrate:down\nDROP TABLE c;\n"),
    );
    let _ = lock::freeze(package.path("migrations"), Numbering::DEFAULT, None).unwrap();
    package
}

#[test]
fn git_knows_what_was_changed() {
    if is_missing() {
        return;
    }
    let package = released("frozen");
    init(&package);
    package.build().ok();

    let edited = format!(
        "{}\n-- migrate:down\nDROP TABLE IF EXISTS c;\n",
        UP.replace("TEXT", "BLOB")
    );
    package.write("migrations/003_c.sql", &edited);
    // The same when the edit is committed, and git has to look further back.
    for is_committed in [false, true] {
        if is_committed {
            commit(&package, "an edit");
        }
        package
            .build()
            .failed()
            .has("M031: the up of `003_c` was changed, but the migration is frozen")
            .has("--> migrations/003_c.sql:3:1")
            .has("-   name TEXT\n")
            .has("+   name BLOB\n")
            .has("M031: the down of `003_c` was changed, but the migration is frozen")
            .has("--> migrations/003_c.sql:7:1")
            .has("- DROP TABLE c;\n")
            .has("+ DROP TABLE IF EXISTS c;\n")
            .has("belongs into a new migration")
            .has("due to 2 previous errors");
    }
}

#[test]
fn without_git_there_are_checksums() {
    let package = released("frozen-alone");
    // No commit has this folder, whatever repository is around it.
    package.write("migrations/001_a.sql", "CREATE TABLE a(x, y);\n");
    let text = fs::read_to_string(package.path("migrations/migrations.lock")).unwrap();
    let first = text.lines().nth(1).unwrap().split(' ').nth(1).unwrap();
    package
        .build()
        .failed()
        .has("M031: the up of `001_a` was changed, but the migration is frozen")
        .has("--> migrations/001_a.sql\n")
        .has(&format!("= note: it was frozen as {first}\n"))
        .has("= note: now it is        sha256:")
        .has("due to 1 previous error");
}

#[test]
fn the_lock_file_is_tracked() {
    let package = released("frozen-tracked");
    package.build().ok();
    package.assert_fresh();
    let path = "migrations/migrations.lock";
    let text = fs::read_to_string(package.path(path)).unwrap();
    package.write(path, &text.replace("003_c", "003_d"));
    package
        .build()
        .failed()
        .has("M030: the chain is broken at `003_d`");
    package.write(path, &text);
    package.build().ok();
    package.cargo(&["test"]).ok();
}
