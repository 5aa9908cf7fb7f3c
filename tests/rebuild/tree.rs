//! How many crates a user takes on.

use crate::cli::SQLITE_ALONE;
use crate::package::{Package, RUNTIME, RUNTIME_WITHOUT_SYNTAX};
use std::collections::BTreeSet;

#[test]
fn the_dependency_tree_stays_small() {
    let default = Package::new("tree-default", RUNTIME);
    assert_at_most(25, &of_others(&default));

    let small = Package::new("tree-small", RUNTIME_WITHOUT_SYNTAX);
    assert_at_most(19, &of_others(&small));
}

#[test]
fn the_command_line_for_one_engine_brings_nothing_of_the_other() {
    let service = Package::new("tree-cli", &format!("{RUNTIME}\n{SQLITE_ALONE}"));
    let crates = of_others(&service);
    assert_at_most(47, &crates);
    let of_postgres = ["postgres", "tokio", "rustls", "ring", "squawk"];
    for krate in &crates {
        let of_another = of_postgres.iter().find(|it| krate.contains(*it));
        assert_eq!(of_another, None, "{krate}");
    }
}

#[track_caller]
fn assert_at_most(limit: usize, crates: &BTreeSet<String>) {
    let count = crates.len();
    assert!(
        count <= limit,
        "{count} crates, at most {limit}: {crates:#?}"
    );
}

/// The crates of others: how many ours are divided into says nothing.
fn of_others(package: &Package) -> BTreeSet<String> {
    package.write("src/lib.rs", "");
    let tree = package.cargo(&["tree", "-e", "normal,build", "--prefix", "none"]);
    let lines: Vec<String> = tree.ok().lines().map(str::to_owned).collect();
    let crates = lines.iter().skip(1).filter_map(|line| {
        // What Cargo says beside the tree begins with spaces.
        let mut words = line.split(' ').filter(|_| !line.starts_with(' '));
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    crates
        .filter(|krate| !krate.starts_with("migrate-"))
        .collect()
}
