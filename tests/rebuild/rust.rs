//! Migrations in Rust: whether a change in one reaches the binary, and what a
//! release knows of where they stood.

use crate::package::{Package, RUNTIME, RUNTIME_WITHOUT_SYNTAX, build_script, executable, output};
use std::fs;
use std::process::Command;

/// A migration that says something when it runs.
fn file(says: &str) -> String {
    format!(
        "use migrate_runtime::rusqlite::{{Result, Transaction}};\n\n\
         pub fn up(tx: &Transaction<'_>) -> Result<()> {{\n    println!(\"{says}\");\n    \
         tx.execute_batch(\"CREATE TABLE {says}(x)\")\n}}\n"
    )
}

const PROGRAM: &str = r#"
migrate_runtime::embed_migrations!("migrations");

fn main() {
    let mut db = migrate_runtime::rusqlite::Connection::open_in_memory().unwrap();
    match Migration::migrator().up(&mut db) {
        Ok(report) => println!("applied {}", report.applied().len()),
        Err(error) => println!("{error}"),
    }
}
"#;

#[test]
fn a_rust_file_is_watched_as_the_others_are() {
    let package = Package::new("rusty-watched", RUNTIME);
    package.write("src/main.rs", PROGRAM);
    package.write("build.rs", &build_script("migrations"));
    package.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
    package.write("migrations/002_b.rs", &file("b"));
    package.build().ok().without_warnings("rusty-watched");
    assert_eq!(package.run(), ["b", "applied 2"]);
    package.assert_fresh();

    package.write("migrations/002_b.rs", &file("bb"));
    package.rebuild();
    assert_eq!(package.run(), ["bb", "applied 2"]);
    package.write_old("migrations/003_c.rs", &file("c"));
    package.rebuild();
    assert_eq!(package.run(), ["bb", "c", "applied 3"]);
    package.rename("migrations/003_c.rs", "migrations/003_d.rs");
    package.rebuild();
    assert_eq!(package.run(), ["bb", "c", "applied 3"]);
    package.assert_fresh();

    // A file that does not compile is shown where it is wrong.
    package.write(
        "migrations/003_d.rs",
        &file("d").replace("tx.execute", "txt.execute"),
    );
    package.build().failed().has("migrations/003_d.rs:5:5");
}

#[test]
fn an_edited_rust_file_is_seen_without_a_build_script() {
    let package = Package::new("rusty-unwatched", RUNTIME);
    package.write("src/main.rs", PROGRAM);
    package.write("migrations/001_b.rs", &file("b"));
    package.build().ok();
    package.write("migrations/001_b.rs", &file("bb"));
    package.rebuild();
    assert_eq!(package.run(), ["bb", "applied 1"]);
    package.cargo(&["test"]).ok();
    package.write_old("migrations/002_c.rs", &file("c"));
    package.assert_fresh();
    assert!(package.run()[0].contains("built before `002_c.rs` existed"));
}

/// A panic has the path of its file in it, as the compiler was given it.
#[test]
fn a_release_binary_knows_no_path_though_a_function_panics() {
    let package = Package::new("rusty-released", RUNTIME_WITHOUT_SYNTAX);
    package.write(
        "migrations/001_a.rs",
        &file("a").replace(
            "\n    tx.",
            "\n    if std::env::args().len() == 1 { panic!(\"at home\"); }\n    tx.",
        ),
    );
    package.write("src/main.rs", PROGRAM);
    package.build().ok();
    package.cargo(&["build", "--release"]).ok();
    let folder = package.path("migrations");
    let folder = folder.parent().unwrap().to_str().unwrap();
    let holds = |profile: &str| {
        let binary = fs::read(executable(profile, "rusty-released")).unwrap();
        let mut windows = binary.windows(folder.len());
        windows.any(|window| window == folder.as_bytes())
    };
    let said = output(&mut Command::new(executable("release", "rusty-released"))).ok();
    let said = said.has("migration `001_a` panicked in migrations/001_a.rs and was rolled back");
    let place = said
        .lines()
        .find(|line| line.contains("panicked at "))
        .unwrap();
    assert!(place.contains("migrations/001_a.rs:5:"), "{place}");
    assert!(!place.contains(folder), "{place}");
    assert!(holds("debug"), "the control does not hold the path");
    assert!(!holds("release"));
}
