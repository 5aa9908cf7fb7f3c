//! The quick start of the README, followed to the letter.

use crate::package::{Package, RUNTIME, executable, output};
use std::path::Path;
use std::process::Command;

#[test]
fn the_quick_start_of_the_readme_works() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let package = Package::new("readme", RUNTIME);
    package.write("build.rs", &block(&readme, "// build.rs"));
    package.write(
        "migrations/001_users.sql",
        &block(&readme, "-- migrations/001_users.sql"),
    );
    package.write("src/main.rs", &block(&readme, "// src/main.rs"));
    package.build().ok().without_warnings("readme");

    let start = || {
        let mut program = Command::new(executable("debug", "readme"));
        output(program.current_dir(package.path("")))
    };
    start().ok().has("applied 001_users in ");
    start().ok().has("nothing is pending");
    package
        .cargo(&["test"])
        .ok()
        .has("embedded_migrations_are_fresh ... ok");
}

/// The block of code that begins with this line.
fn block(readme: &str, first_line: &str) -> String {
    let fences: Vec<&str> = readme.split("```").collect();
    let block = fences.iter().skip(1).step_by(2).find_map(|fence| {
        let (_language, code) = fence.split_once('\n')?;
        code.starts_with(first_line).then_some(code)
    });
    assert!(block.is_some(), "no block `{first_line}`");
    block.unwrap_or_default().to_owned()
}
