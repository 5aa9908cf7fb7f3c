//! Circles of files: files of a crate that refer to each other, directly or through
//! others. None of them can be understood alone.

use crate::references::{Files, references};
use crate::root;
use std::collections::BTreeSet;
use std::fs;

/// The most files that a circle may have.
const MOST: usize = 5;

/// The sets of files that refer to each other, the largest first.
fn circles(files: &Files) -> Vec<BTreeSet<&str>> {
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = files[from].iter().map(String::as_str).collect();
        while let Some(file) = next.pop() {
            if seen.insert(file) {
                next.extend(files[file].iter().map(String::as_str));
            }
        }
        seen
    };
    let mut circles = BTreeSet::new();
    for file in files.keys().map(String::as_str) {
        let mut circle = reached(file);
        circle.retain(|other| reached(other).contains(file));
        circles.insert(circle);
    }
    let mut circles: Vec<_> = circles.into_iter().filter(|it| it.len() > 1).collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

#[test]
fn no_circle_of_files_is_large() {
    for name in crate::CRATES {
        let files = references(&root().join(name).join("src"));
        if let Some(largest) = circles(&files).first() {
            assert!(
                largest.len() <= MOST,
                "{} files of {name} refer to each other: move what they share into a file of \
                 its own\n{largest:#?}",
                largest.len()
            );
        }
    }
}

/// Files of a small crate, and its circles.
fn check(sources: &[(&str, &str)], expected: &[&[&str]]) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in sources {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let files = references(folder.path());
    let found: Vec<Vec<&str>> = circles(&files)
        .into_iter()
        .map(|circle| circle.into_iter().collect())
        .collect();
    assert_eq!(found, expected, "{files:#?}");
}

#[test]
fn references_lead_through_names_that_are_exported_again() {
    check(
        &[
            ("lib.rs", "mod a; mod b; pub use b::B; pub use a::A;"),
            ("a.rs", "use crate::B; pub struct A(B);"),
            ("b.rs", "mod c; pub use c::B;"),
            (
                "b/c.rs",
                "pub struct B; impl B { fn a() { super::super::a::f() } }",
            ),
        ],
        &[&["a.rs", "b/c.rs"]],
    );
}

#[test]
fn neither_modules_nor_comments_nor_tests_are_references() {
    check(
        &[
            ("lib.rs", "mod a; mod b; pub fn f() { a::f() }"),
            (
                "a.rs",
                "//! As crate::f.\n/// See [`crate::f`].\npub fn f() { crate::b::f(\"crate::f\") }",
            ),
            (
                "b.rs",
                "pub fn f(_: &str) {} #[cfg(test)] mod tests { use super::*; use crate::f; }",
            ),
        ],
        &[],
    );
}

#[test]
fn a_name_of_a_whole_module_counts_only_where_it_is_used() {
    check(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::{b, c}; pub fn f() { b::f() }"),
            ("b.rs", "use super::a::*; pub fn f() { g(); } fn g() {}"),
            ("c.rs", "use super::a::*; pub fn g() { f() }"),
        ],
        &[],
    );
    check(
        &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b as other; pub fn f() { other::g() }"),
            ("b.rs", "use super::a::*; pub fn g() { f() }"),
        ],
        &[&["a.rs", "b.rs"]],
    );
}
