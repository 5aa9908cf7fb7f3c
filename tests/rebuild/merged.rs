//! Two branches that both add a migration of one number, merged by git, told of
//! by the macro, and fixed by `renumber`.

use crate::git::{commit, git, init, is_missing};
use crate::package::Package;
use migrate_runtime::{Numbering, Sqlite};
use migrate_tools::{lock, renumber};
use std::fs;

const NUMBERING: Numbering = Numbering::DEFAULT;

/// Versions 1 and 2 frozen and committed, on the branch `main`.
fn released(name: &'static str) -> Package {
    let package = Package::usual(name);
    let directory = package.path("migrations");
    let _ = lock::freeze::<Sqlite>(directory, NUMBERING, None).unwrap();
    init(&package);
    package
}

/// Adds files on a branch of its own, which begins at `main`.
fn branch(package: &Package, name: &str, files: &[(&str, &str)]) {
    git(package, &["checkout", "--quiet", "-b", name, "main"]).ok();
    for (path, text) in files {
        package.write(path, text);
    }
    let _ = lock::update::<Sqlite>(package.path("migrations"), NUMBERING).unwrap();
    commit(package, name);
}

/// Merges the second branch into the first, with a conflict in one place.
fn merge(package: &Package) -> String {
    git(package, &["checkout", "--quiet", "ours"]).ok();
    git(package, &["merge", "theirs"])
        .failed()
        .has("CONFLICT (content): Merge conflict in migrations/migrations.lock");
    let text = fs::read_to_string(package.path("migrations/migrations.lock")).unwrap();
    assert_eq!(text.matches("<<<<<<<").count(), 1);
    text
}

/// What the build says about it, what `renumber` does, and the lines of the
/// program afterwards.
fn fixed(package: &Package) -> (String, Vec<String>) {
    package
        .build()
        .failed()
        .has("M029: both of the merged branches changed the lock file")
        .has("--> migrations/migrations.lock:4:1")
        .has("= note: `HEAD` has `003_mine` (draft)")
        .has("= note: `theirs` has `003-yours` (draft)")
        .has("run `migrate renumber`")
        .has("M010: version 003 is used by 2 migrations")
        .has("due to 2 previous errors");
    let directory = package.path("migrations");
    let changes = renumber::renumber(&directory, NUMBERING, None).unwrap();
    assert!(
        renumber::renumber(&directory, NUMBERING, None)
            .unwrap()
            .is_empty()
    );
    package.build().ok();
    commit(package, "merged");
    (changes.to_string(), package.run())
}

/// Ours is the same everywhere; theirs comes in every layout.
fn case(name: &'static str, theirs: &[(&str, &str)], moved: &[(&str, &str)]) {
    if is_missing() {
        return;
    }
    let package = released(name);
    branch(&package, "theirs", theirs);
    branch(
        &package,
        "ours",
        &[("migrations/003_mine.sql", "CREATE TABLE mine(x);\n")],
    );
    merge(&package);
    let (changes, lines) = fixed(&package);
    for (from, to) in moved {
        assert!(
            changes.contains(&format!("`{from}` is `{to}` now")),
            "{changes}"
        );
        let old = package.path("migrations").join(from);
        assert!(!old.exists(), "{from}");
        // Nor is an empty folder left where it was.
        let is_own_folder = from.starts_with("003-yours/");
        assert!(!is_own_folder || !old.parent().unwrap().exists());
        assert!(package.path("migrations").join(to).exists(), "{to}");
    }
    assert!(lines[2].starts_with("003_mine: "), "{lines:?}");
    assert!(lines[3].starts_with("004_yours: "), "{lines:?}");
    let text = fs::read_to_string(package.path("migrations/migrations.lock")).unwrap();
    assert!(
        text.ends_with("\n003_mine draft\n004-yours draft\n"),
        "{text}"
    );
}

#[test]
fn two_branches_with_one_number() {
    case(
        "merged",
        &[
            ("migrations/003-yours.sql", "CREATE TABLE yours(x);\n"),
            ("migrations/down/003-yours.sql", "DROP TABLE yours;\n"),
        ],
        &[
            ("003-yours.sql", "004-yours.sql"),
            ("down/003-yours.sql", "down/004-yours.sql"),
        ],
    );
}

#[test]
fn theirs_has_a_folder_of_its_own() {
    case(
        "merged-folder",
        &[
            ("migrations/003-yours/up.sql", "CREATE TABLE yours(x);\n"),
            ("migrations/003-yours/down.sql", "DROP TABLE yours;\n"),
        ],
        &[
            ("003-yours/up.sql", "004-yours/up.sql"),
            ("003-yours/down.sql", "004-yours/down.sql"),
        ],
    );
}

#[test]
fn theirs_is_written_in_rust() {
    let rust = "pub fn up(tx: &rt::rusqlite::Transaction<'_>) -> rt::rusqlite::Result<()> {\n    \
                tx.execute_batch(\"CREATE TABLE yours(x)\")\n}\n";
    let rust = format!("use super::rt;\n\n{rust}");
    case(
        "merged-rust",
        &[("migrations/003-yours.rs", &rust)],
        &[("003-yours.rs", "004-yours.rs")],
    );
}

#[test]
fn what_the_other_branch_has_released_stays() {
    if is_missing() {
        return;
    }
    let package = released("merged-released");
    branch(
        &package,
        "theirs",
        &[("migrations/003_theirs.sql", "CREATE TABLE t(x);\n")],
    );
    let directory = package.path("migrations");
    let _ = lock::freeze::<Sqlite>(&directory, NUMBERING, None).unwrap();
    commit(&package, "released");
    branch(
        &package,
        "ours",
        &[("migrations/003_ours.sql", "CREATE TABLE o(x);\n")],
    );
    let conflict = merge(&package);

    let error = renumber::renumber(&directory, NUMBERING, Some("003_theirs")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`003_theirs` is frozen and cannot be moved: "),
        "{error}"
    );
    let now = fs::read_to_string(directory.join("migrations.lock")).unwrap();
    assert_eq!(now, conflict);
    let changes = renumber::renumber(&directory, NUMBERING, None)
        .unwrap()
        .to_string();
    assert!(
        changes.contains("`003_ours.sql` is `004_ours.sql` now"),
        "{changes}"
    );
    assert!(directory.join("003_theirs.sql").exists());
    package.build().ok();
    assert!(package.run()[3].starts_with("004_ours: "));

    // Two that were both released: nobody can decide that but people.
    git(&package, &["merge", "--abort"]).ok();
    git(&package, &["checkout", "--quiet", "--force", "ours"]).ok();
    git(
        &package,
        &["clean", "--quiet", "-d", "--force", "migrations"],
    )
    .ok();
    let _ = lock::freeze::<Sqlite>(&directory, NUMBERING, None).unwrap();
    commit(&package, "released too");
    merge(&package);
    let error = renumber::renumber(&directory, NUMBERING, None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("are both frozen and have the same number"),
        "{error}"
    );
}
