//! What cannot be read or converted, and what the user is told.

use super::directory;
use insta::assert_snapshot;
use migrate_adopt::Tool;
use migrate_adopt::files::{Error, Options, convert, read_originals, read_source};
use std::error::Error as _;
use std::fs;
use std::path::Path;

fn error(tool: Tool, files: &[(&str, &[u8])]) -> Error {
    let folder = directory(&[]);
    for (path, bytes) in files {
        fs::write(folder.path().join(path), bytes).unwrap();
    }
    let result = read_source(tool, folder.path());
    result
        .and_then(|source| convert(&source, &Options::default()))
        .unwrap_err()
}

fn message(tool: Tool, files: &[(&str, &[u8])]) -> String {
    let folder = directory(&[]);
    drop(folder);
    let text = error(tool, files).to_string();
    // The path of the folder is another on each run.
    match text.split_once(" in `") {
        Some((before, after)) => {
            let after = after.split_once('`').unwrap().1;
            format!("{before} in `DIR`{after}")
        }
        None => text,
    }
}

#[test]
fn the_first_of_many_programs() {
    let names: Vec<String> = (1..=10).map(|at| format!("{at:05}_x.go")).collect();
    let message = |count: usize| {
        let files: Vec<(&str, &[u8])> = names[..count]
            .iter()
            .map(|name| (name.as_str(), b"package x\n".as_slice()))
            .collect();
        let message = message(Tool::Goose, &files);
        message.split_once(" cannot be").unwrap().0.to_owned()
    };
    assert_snapshot!(message(8), @"`00001_x.go`, `00002_x.go`, `00003_x.go`, `00004_x.go`, `00005_x.go`, `00006_x.go`, `00007_x.go` and `00008_x.go`");
    assert_snapshot!(message(10), @"`00001_x.go`, `00002_x.go`, `00003_x.go`, `00004_x.go`, `00005_x.go`, `00006_x.go`, `00007_x.go`, `00008_x.go` and 2 more");
}

#[test]
fn programs() {
    assert_snapshot!(message(Tool::Goose, &[
        ("00001_a.sql", b"-- +goose Up\nSELECT 1;\n"),
        ("00002_b.go", b"package x\n"),
        ("00003_c.go", b"package x\n"),
    ]), @"`00002_b.go` and `00003_c.go` cannot be converted: these are programs; write each as SQL under the same version and convert again (a file without a statement becomes an `empty` migration, which an `NNN_name.rs` can replace), or squash the schema of a database migrated by goose");
    assert_snapshot!(message(Tool::Names, &[("001_a.ts", b"export {}\n")]), @"`001_a.ts` cannot be converted: these are programs; write each as SQL under the same version and convert again (a file without a statement becomes an `empty` migration, which an `NNN_name.rs` can replace), or squash the schema of a database migrated by names");
    assert!(error(Tool::Refinery, &[("V1__a.rs", b"")]).is_program());
    assert!(error(Tool::Flyway, &[("V2__a.java", b"")]).is_program());
    assert!(error(Tool::Metadata, &[("002-a.js", b"")]).is_program());
    let sea = error(Tool::SeaOrm, &[]);
    assert!(sea.is_program());
    assert_snapshot!(sea, @"the migrations of sea-orm are programs, which cannot be converted; squash them: the schema that they have created in a database becomes one migration");
}

#[test]
fn what_is_no_text() {
    assert_snapshot!(message(Tool::Sqlx, &[("1_a.sql", b"SELECT '\xff';\n")]), @"`1_a.sql` is not UTF-8, from byte 9 on; save it as UTF-8");
    assert_snapshot!(message(Tool::Sqlx, &[("1_a.sql", b"S\0E\0")]), @"`1_a.sql` contains a NUL byte; save it as UTF-8 (an editor may have written UTF-16)");
    assert!(error(Tool::Sqlx, &[("1_a.sql", b"\xff")]).is_not_text());
}

#[test]
fn nothing_of_that_tool() {
    assert_snapshot!(message(Tool::Refinery, &[("001_a.sql", b"SELECT 1;\n")]), @"there is no migration of refinery in `DIR`: its files are named like `V1__add_users.sql`; correct the directory, or the tool");
    assert!(error(Tool::Diesel, &[]).is_nothing());
    let missing = read_originals(Tool::Sqlx, Path::new("no such folder")).unwrap_err();
    assert_snapshot!(missing.message(), @"`no such folder` cannot be read; correct the path, or make it readable");
    assert!(missing.source().is_some());
}

#[test]
fn the_same_version_twice() {
    assert_snapshot!(message(Tool::Sqlx, &[
        ("01_a.sql", b"SELECT 1;\n"),
        ("1_b.sql", b"SELECT 1;\n"),
    ]), @"`01_a.sql` and `1_b.sql` have the same version `1`; give one of them another, or merge them");
    assert_snapshot!(message(Tool::Goose, &[
        ("1_a.down.sql", b"SELECT 1;\n"),
        ("1_a.up.sql", b"SELECT 1;\n"),
    ]), @"`1_a.down.sql` and `1_a.up.sql` have the same version `1`; give one of them another, or merge them; if one undoes the other, they belong to another tool");
    let flyway = [
        ("V1__a.sql", &b"SELECT 1;\n"[..]),
        ("V1.0__b.sql", b"SELECT 1;\n"),
    ];
    assert_snapshot!(message(Tool::Flyway, &flyway), @"`V1.0__b.sql` and `V1__a.sql` have the same version `1`; give one of them another, or merge them");
    let repeatables = [
        ("R__all_views.sql", &b"SELECT 1;\n"[..]),
        ("R__all views.sql", b"SELECT 1;\n"),
    ];
    assert_snapshot!(message(Tool::Flyway, &repeatables), @"`R__all views.sql` and `R__all_views.sql` have the same description `all views`; give one of them another, or merge them");
}

#[test]
fn marks_that_make_no_sense() {
    let goose = |text: &[u8]| message(Tool::Goose, &[("1_a.sql", text)]);
    assert_snapshot!(goose(b"CREATE TABLE t(a);\n"), @"`1_a.sql` has no line `-- +goose Up`; add it before the first statement");
    assert_snapshot!(goose(b"-- +goose Down\nSELECT 1;\n-- +goose Up\nSELECT 1;\n"), @"`1_a.sql` has a down before its up, or two; put them in order");
    assert_snapshot!(message(Tool::Dbmate, &[("1_a.sql", b"-- migrate:up\n-- migrate:up\n")]), @"`1_a.sql` has two ups; divide it into two files");
    assert_snapshot!(message(Tool::Dbmate, &[("1_a.sql", b"SELECT 1;\n")]), @"`1_a.sql` has no line `-- migrate:up`; add it before the first statement");
}
