//! A frozen file that was edited: what the compiler shows of it.

use crate::git::{commit, git, init, is_missing};
use crate::package::Package;
use migrate_runtime::{Numbering, Sqlite};
use migrate_tools::lock;
use std::fs;

const UP: &str = "CREATE TABLE c(\n  id INTEGER PRIMARY KEY,\n  name TEXT\n);\n";

fn released(name: &'static str) -> Package {
    let package = Package::usual(name);
    package.write(
        "migrations/003_c.sql",
        &format!("{UP}\n-- migrate:down\nDROP TABLE c;\n"),
    );
    let _ = lock::freeze::<Sqlite>(package.path("migrations"), Numbering::DEFAULT, None).unwrap();
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
            .has("belongs in a new one")
            .has("due to 2 previous errors");
    }
}

/// Whoever clones a repository has not agreed to run what its settings name.
#[cfg(unix)]
#[test]
fn a_repository_runs_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    if is_missing() {
        return;
    }
    let package = released("frozen-hostile");
    init(&package);
    package.build().ok();
    let blob = git(&package, &["rev-parse", "HEAD:migrations/003_c.sql"]).ok();
    let blob = blob.lines().next().unwrap_or_default().to_owned();
    let (folder, file) = blob.split_at(2);

    let marker = package.path("evil-ran");
    let evil = format!("#!/bin/sh\ntouch '{}'\nexit 1\n", marker.display());
    package.write("evil", &evil);
    // As a version of git does that does not know the variable.
    let path = std::env::var("PATH").unwrap();
    let shim = format!("#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nPATH='{path}' exec git \"$@\"\n");
    package.write("bin/git", &shim);
    for program in ["evil", "bin/git"] {
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(package.path(program), executable).unwrap();
    }
    let evil = package.path("evil");
    let evil = evil.to_str().unwrap();
    for setting in [
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "gpg.program",
        "remote.origin.uploadpack",
    ] {
        git(&package, &["config", setting, evil]).ok();
    }
    for (setting, value) in [
        ("alias.log", "!evil"),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("log.showSignature", "true"),
        ("protocol.file.allow", "always"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "/elsewhere"),
    ] {
        git(&package, &["config", setting, value]).ok();
    }
    package.write(".git/info/attributes", "*.sql diff=x filter=x\n");
    // What is missing would be fetched.
    fs::remove_file(package.path(&format!(".git/objects/{folder}/{file}"))).unwrap();

    package.write("migrations/003_c.sql", "CREATE TABLE c(x INTEGER);\n");
    let shimmed = format!("{}:{path}", package.path("bin").display());
    for path in [path, shimmed] {
        let settings = format!("[env]\nPATH = {{ value = '{path}', force = true }}\n");
        package.write(".cargo/config.toml", &settings);
        package
            .build()
            .failed()
            .has("M031: the up of `003_c` was changed, but the migration is frozen")
            .has("it was frozen as sha256:");
        assert!(!marker.exists());
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
