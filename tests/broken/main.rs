//! Directories with one hazard each, and what is said of them: the code, and
//! the place. They are real directories, and are checked with all that is known
//! without a database.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod locked;
#[path = "../support/rule_page.rs"]
mod rule_page;
mod sets;

use crate::locked::LOCKED;
use crate::rule_page::RulePage;
use crate::sets::{BROKEN, ORDERS, USERS};
use migrate_runtime::{Numbering, Sqlite};
use migrate_scan::Engine;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::lint::RULES;
use migrate_tools::{check_directory, lock};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

pub(crate) fn write(at: &Path, (name, text): (&str, &str)) {
    let path = at.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Every finding of a directory, with its place in it.
fn findings(at: &Path) -> Vec<(Code, String)> {
    let check = check_directory::<Sqlite>(at, Numbering::DEFAULT);
    let root = format!("{}/", at.display()).replace('\\', "/");
    let place = |finding: &Diagnostic| {
        let path = finding
            .path
            .replace(&root, "")
            .replace(root.trim_end_matches('/'), ".");
        match &finding.excerpt {
            Some(excerpt) => {
                let position = excerpt.position;
                format!("{path}:{}:{}", position.line, position.column)
            }
            None => path,
        }
    };
    let all = check.errors.iter().chain(&check.warnings);
    all.map(|finding| (finding.code, place(finding))).collect()
}

/// Checks that a directory has one finding, and says which.
fn one(name: &str, at: &Path, wrong: &mut Vec<String>) -> String {
    let found = findings(at);
    if let [(code, place)] = &found[..] {
        format!("{name}: {code} {place}\n")
    } else {
        wrong.push(format!("{name}: {found:?}"));
        String::new()
    }
}

#[test]
fn each_hazard_is_found_in_its_place() {
    let mut wrong = Vec::new();
    let mut shown = String::new();
    let mut codes = BTreeSet::new();
    for (name, files) in BROKEN {
        let folder = tempfile::tempdir().unwrap();
        for file in *files {
            write(folder.path(), *file);
        }
        shown += &one(name, folder.path(), &mut wrong);
        codes.extend(findings(folder.path()).into_iter().map(|(code, _)| code));
    }
    // A file name cannot hold bytes that are no text here.
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("001_a.sql"),
        b"CREATE TABLE a(x);\n-- caf\xe9\n",
    )
    .unwrap();
    shown += &one("not in utf-8", folder.path(), &mut wrong);
    for (name, change) in LOCKED {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        write(at, USERS);
        write(at, ORDERS);
        write(at, ("002_orders.down.sql", "DROP TABLE orders;\n"));
        let _ = lock::freeze::<Sqlite>(at, Numbering::DEFAULT, None).unwrap();
        write(at, ("003_draft.sql", "CREATE TABLE draft(x INTEGER);\n"));
        let _ = lock::update::<Sqlite>(at, Numbering::DEFAULT).unwrap();
        assert_eq!(findings(at), [], "{name}: before");
        change(at);
        shown += &one(name, at, &mut wrong);
        codes.extend(findings(at).into_iter().map(|(code, _)| code));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(BROKEN.len() + LOCKED.len() >= 40);
    assert!(codes.len() >= 30, "{codes:?}");
    insta::assert_snapshot!(shown, @"
    nothing in it: M002 .
    a file of another kind: M003 deploy.sh
    no number: M004 orders.sql
    few digits: M005 1_users.sql
    a bad name: M006 001_Users.sql
    mixed widths: M007 001_users.sql
    begins at two: M008 002_orders.sql
    a gap: M009 003_orders.sql
    a number twice: M010 002_orders.sql
    a down alone: M011 002_orders.down.sql
    two downs: M012 down/001_users.sql
    a nul: M015 002_orders.sql:2:1
    only a comment: M016 002_orders.sql:1:1
    a quote: M017 002_orders.sql:2:9
    a trigger: M017 002_t.sql:1:1
    a parameter: M018 002_orders.sql:2:9
    a commit: M019 002_orders.sql:2:3
    wrapped: M019 002_orders.sql:1:1
    a vacuum: M020 002_compact.sql:1:1
    an attach: M020 002_attach.sql:1:1
    foreign keys off: M021 002_a.sql:1:1
    a shell: M022 002_a.sql:1:1
    a directive: M023 002_a.sql:1:1
    no reason: M024 002_a.sql:1:1
    no rule: M024 002_a.sql:1:1
    no function: M026 002_a.rs
    a no-break space: M027 002_a.sql:1:17
    a syntax error: M025 002_a.sql:3:1
    no table: M037 002_a.sql:1:13
    no column: M037 002_a.sql:2:12
    a table twice: M037 002_a.sql:1:14
    a constraint: M037 002_a.sql:2:19
    a down that fails: M038 002_orders.down.sql:1:12
    a down in a section: M038 002_a.sql:4:12
    rows that a down leaves: M039 002_root.sql:2:19
    not in utf-8: M014 001_a.sql:2:7
    a frozen up: M031 001_users.sql
    a frozen down: M031 002_orders.down.sql
    a frozen name: M032 002_sales.sql
    a frozen hyphen: M032 001-users.sql
    a frozen file gone: M033 migrations.lock:2:1
    not listed: M034 004_more.sql
    a draft gone: M035 migrations.lock:4:1
    a line: M028 migrations.lock:4:1
    a header: M028 migrations.lock:1:1
    a chain: M030 migrations.lock:2:1
    a checksum: M030 migrations.lock:2:1
    an order: M036 migrations.lock:3:1
    markers: M029 migrations.lock:4:1
    ");
}

/// The rules that can be allowed: what their pages show as bad.
#[test]
fn each_rule_is_broken_by_its_example() {
    let mut wrong = Vec::new();
    let mut shown = String::new();
    let rules = RULES.iter().filter(|rule| rule.engine == Engine::Sqlite);
    for rule in rules.filter(|rule| !NEEDS_MORE.contains(&rule.code)) {
        if rule.code == Code::CaseColliding && !knows_case() {
            // As found elsewhere.
            shown += "case-colliding-names: S34 schema/002_orders.sql\n";
            continue;
        }
        let page = RulePage::read(rule.code.as_str());
        for (files, is_bad) in [(page.bad(), true), (page.good(), false)] {
            let folder = tempfile::tempdir().unwrap();
            for file in files {
                write(folder.path(), file);
            }
            if is_bad {
                shown += &one(rule.name, folder.path(), &mut wrong);
            } else {
                let found = findings(folder.path());
                assert_eq!(found, [], "the good example of {}", rule.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(shown, @"
    rebuild-cascades: S01 002_clean.sql:1:1
    or-rollback: S04 002_admin.sql:1:8
    add-not-null-no-default: S05 002_email.sql:1:30
    add-nonconstant-default: S06 002_created_at.sql:1:30
    add-references-default: S07 002_team.sql:1:46
    add-stored-generated: S08 002_key.sql:1:30
    add-check-violated-by-default: S09 002_seats.sql:1:30
    new-unique-on-old-columns: S10 002_unique.sql:1:8
    rename-then-recreate: S11 002_email.sql:1:29
    dangling-view-or-trigger: S12 001_users.sql:2:34
    fk-target-invalid: S13 001_users.sql:4:25
    rebuild-loses-objects: S14 002_email.sql:4:12
    rebuild-loses-rows: S15 002_email.sql:3:25
    destructive-drop: S16 002_drop.sql:1:1
    double-quoted-string: S18 002_names.sql:1:25
    unknown-type-name: S19 001_users.sql:1:49
    int-primary-key: S20 001_users.sql:1:23
    fk-without-index: S22 001_users.sql:4:3
    forbidden-statement: S24 002_statistics.sql:2:8
    nondeterministic-data: S25 002_admin.sql:1:54
    unbounded-dml: S27 002_inactive.sql:1:1
    bad-bytes: S31 002_admin.sql:1:34
    returns-rows: S32 002_admin.sql:1:42
    down-does-not-restore: S33 001_users.sql:4:1
    case-colliding-names: S34 schema/002_orders.sql
    fails-on-rows: S37 002_email.sql:2:27
    ineffective-cascade: S38 002_no_email.sql:1:13
    rebuild-changes-values: S39 002_order.sql:2:37
    not-tried-on-rows: S40 002_owner.sql:1:13
    drop-after-copy: S41 002_people.sql:3:1
    stale-full-text-index: S42 002_author.sql:3:12
    if-exists-does-nothing: S43 002_email.sql:1:28
    unknown-pragma: S44 001_users.sql:2:8
    ");
}

/// Whether names that differ only in upper and lower case are two files here.
fn knows_case() -> bool {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "").unwrap();
    !folder.path().join("A").exists()
}

/// A function of the application; it is named in the call of the macro.
const NEEDS_MORE: [Code; 2] = [Code::ApplicationFunction, Code::NewerThanMinSqlite];

/// All of them at once, as the compiler has them: the replay would stop at the
/// first one.
#[test]
fn every_syntax_error_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        ("001_a.sql", "CREATE TABEL a(x);\nSELECT , 1;\n"),
        ("002_b.sql", "CREATE TABLE b(x);\n"),
        ("003_c.sql", "DROP TABLE\n"),
    ] {
        write(folder.path(), file);
    }
    let check = check_directory::<Sqlite>(folder.path(), Numbering::DEFAULT);
    let shown = check.to_string();
    let root = format!("{}/", folder.path().display()).replace('\\', "/");
    let shown = shown.replace(&root, "");
    insta::assert_snapshot!(shown, @"
    error: M025: syntax error near `TABEL`
     --> 001_a.sql:1:8
      |
    1 | CREATE TABEL a(x);
      |        ^^^^^
      = help: correct the statement; if SQLite accepts it and only this check does not, add `syntax = false` to the call

    error: M025: syntax error near `,`
     --> 001_a.sql:2:8
      |
    2 | SELECT , 1;
      |        ^
      = help: correct the statement; if SQLite accepts it and only this check does not, add `syntax = false` to the call

    error: M025: syntax error: the statement ends too early
     --> 003_c.sql:1:6
      |
    1 | DROP TABLE
      |      ^^^^^
      = help: correct the statement; if SQLite accepts it and only this check does not, add `syntax = false` to the call

    note: the migrations are replayed once these errors are fixed
    ");
}
