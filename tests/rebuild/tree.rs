//! How many crates a user takes on.

use crate::package::{Package, RUNTIME, RUNTIME_WITHOUT_SYNTAX};
use std::collections::BTreeSet;

#[test]
fn the_dependency_tree_stays_small() {
    let default = Package::new("tree-default", RUNTIME);
    assert_at_most(36, &crates(&default));

    let small = Package::new("tree-small", RUNTIME_WITHOUT_SYNTAX);
    assert_at_most(29, &crates(&small));
}

#[track_caller]
fn assert_at_most(limit: usize, crates: &BTreeSet<String>) {
    let count = crates.len();
    assert!(
        count <= limit,
        "{count} crates, at most {limit}: {crates:#?}"
    );
}

/// Ours are counted, the package itself is not.
fn crates(package: &Package) -> BTreeSet<String> {
    package.write("src/lib.rs", "");
    let tree = package.cargo(&["tree", "-e", "normal,build", "--prefix", "none"]);
    let lines: Vec<String> = tree.ok().lines().map(str::to_owned).collect();
    let names = lines.iter().skip(1).map(|line| {
        let words: Vec<&str> = line.split(' ').take(2).collect();
        words.join(" ")
    });
    names.collect()
}
