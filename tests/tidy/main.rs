//! The rules of the repository, as tests: what the documents say must be so.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod circles;
mod modules;
mod references;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates that are published.
const CRATES: [&str; 10] = [
    "migrate-adopt",
    "migrate-cli",
    "migrate-model",
    "migrate-macros",
    "migrate-prove",
    "migrate-runtime",
    "migrate-scan",
    "migrate-source",
    "migrate-sqlite",
    "migrate-tools",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The paths of all Rust files of the workspace.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = CRATES
        .into_iter()
        .chain([
            "examples",
            "tests",
            "benches",
            "servers",
            "faults",
            "fuzz/src",
            "fuzz/fuzz_targets",
        ])
        .map(|folder| root().join(folder))
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 30, "the walk found only {found:?}");
    found
}

#[test]
fn every_path_in_the_architecture_exists() {
    let architecture = text("ARCHITECTURE.md");
    let mut section = String::new();
    let mut checked = 0;
    for line in architecture.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            section = heading.to_owned();
        }
        if section.starts_with("Places kept") {
            continue;
        }
        for word in line.split('`').skip(1).step_by(2) {
            let is_path =
                word.ends_with(".rs") || word.ends_with('/') || word.starts_with("tests/");
            if !is_path || word.contains(['*', ' ', ':']) {
                continue;
            }
            let candidates = [
                root().join(word),
                root().join(&section).join(word),
                root().join(&section).join("src").join(word),
            ];
            assert!(
                candidates.iter().any(|path| path.exists()),
                "`{word}` in the section `{section}` does not exist"
            );
            checked += 1;
        }
    }
    assert!(checked > 4, "only {checked} paths were found");
}

/// Comments refer to a page in `docs/internals`, and may name a heading in quotes
/// after a comma.
#[test]
fn every_page_and_heading_that_a_comment_names_exists() {
    let mut checked = 0;
    for path in sources() {
        let source = fs::read_to_string(&path).unwrap();
        let lines = source.lines().map(|line| {
            let line = line.trim_start();
            line.trim_start_matches(['/', '!']).trim()
        });
        let source = lines.collect::<Vec<&str>>().join(" ");
        for reference in source.split(PAGES).skip(1) {
            let Some((page, rest)) = reference.split_once(".md") else {
                continue;
            };
            let page = text(&format!("{PAGES}{page}.md"));
            let named = rest.strip_prefix(", \"").and_then(|it| it.split_once('"'));
            if let Some((heading, _)) = named {
                let heading = format!("\n## {heading}\n");
                assert!(page.contains(&heading), "{}: {heading}", path.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} references were found");
}

const PAGES: &str = concat!("docs/", "internals/");

#[test]
fn the_changelog_knows_the_version() {
    let heading = format!("\n## {}", env!("CARGO_PKG_VERSION"));
    assert!(text("CHANGELOG.md").contains(&heading));
}

#[test]
fn dependencies_point_one_way() {
    let workspace_dependencies = |package: &str| -> Vec<String> {
        let manifest = text(&format!("{package}/Cargo.toml"));
        let (_, after) = manifest
            .split_once("\n[dependencies]\n")
            .unwrap_or_default();
        let section = after.split("\n[").next().unwrap_or_default();
        let names = section
            .lines()
            .filter_map(|line| line.split(['.', ' ']).next());
        names
            .filter(|name| name.starts_with("migrate-"))
            .map(str::to_owned)
            .collect()
    };
    let expected: [(&str, &[&str]); 10] = [
        ("migrate-scan", &[]),
        ("migrate-model", &["migrate-scan"]),
        ("migrate-source", &["migrate-model", "migrate-scan"]),
        ("migrate-sqlite", &["migrate-model", "migrate-scan"]),
        (
            "migrate-prove",
            &[
                "migrate-model",
                "migrate-scan",
                "migrate-source",
                "migrate-sqlite",
            ],
        ),
        (
            "migrate-macros",
            &[
                "migrate-model",
                "migrate-scan",
                "migrate-source",
                "migrate-prove",
            ],
        ),
        (
            "migrate-runtime",
            &[
                "migrate-model",
                "migrate-scan",
                "migrate-source",
                "migrate-macros",
                "migrate-prove",
                "migrate-sqlite",
            ],
        ),
        (
            "migrate-tools",
            &[
                "migrate-model",
                "migrate-scan",
                "migrate-source",
                "migrate-prove",
                "migrate-runtime",
            ],
        ),
        (
            "migrate-adopt",
            &[
                "migrate-model",
                "migrate-scan",
                "migrate-source",
                "migrate-runtime",
                "migrate-tools",
            ],
        ),
        (
            "migrate-cli",
            &[
                "migrate-adopt",
                "migrate-model",
                "migrate-scan",
                "migrate-source",
                "migrate-runtime",
                "migrate-tools",
            ],
        ),
    ];
    for (package, arrows) in expected {
        assert_eq!(workspace_dependencies(package), arrows, "{package}");
    }
    let scan = text("migrate-scan/Cargo.toml");
    assert!(!scan.contains("\n[dependencies]\n"), "{scan}");
    let model = text("migrate-model/Cargo.toml");
    let (_, after) = model.split_once("\n[dependencies]\n").unwrap();
    let section = after.split("\n[").next().unwrap_or_default();
    assert_eq!(
        section.trim(),
        "hmac-sha256.workspace = true\nmigrate-scan.workspace = true"
    );
}

/// These crates are pure: nothing in them may reach for the world.
#[test]
fn pure_crates_do_no_input_or_output() {
    let pure = [
        "migrate-scan/src",
        "migrate-model/src",
        "migrate-source/src",
    ]
    .map(|folder| fs::canonicalize(root().join(folder)).unwrap());
    let mut checked = 0;
    for path in sources() {
        let path = fs::canonicalize(path).unwrap();
        if !pure.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let code = fs::read_to_string(&path).unwrap();
        for forbidden in [
            "std::fs",
            "std::env",
            "std::time",
            "std::process",
            "std::net",
            "std::thread",
        ] {
            assert!(!code.contains(forbidden), "{}: {forbidden}", path.display());
        }
        checked += 1;
    }
    assert!(checked > 60, "{checked}");
}

#[test]
fn no_source_file_is_too_long() {
    for path in sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= 400,
            "{} has {lines} lines: split it",
            path.display()
        );
    }
}

#[test]
fn the_first_line_of_a_file_says_what_it_is() {
    for path in sources() {
        let is_source = CRATES
            .iter()
            .any(|name| path.starts_with(root().join(name).join("src")));
        if is_source {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("//! "), "{}", path.display());
        }
    }
}

/// The README shows a compile error; it must be one that the tests see.
#[test]
fn the_error_in_the_readme_is_real() {
    let readme = text("README.md");
    let (_, after) = readme.split_once("## What does not compile").unwrap();
    let shown = after
        .split("```")
        .nth(1)
        .unwrap()
        .trim_start_matches("text");
    let seen = text("tests/ui/fail/two_problems.stderr").replace("two_problems/", "migrations/");
    let squeeze = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    };
    let seen = squeeze(&seen);
    for line in squeeze(shown) {
        assert!(seen.contains(&line), "not in the expected output: {line}");
    }
}

#[test]
fn everything_is_formatted() {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["fmt", "--all", "--check"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stdout)
    );
}
