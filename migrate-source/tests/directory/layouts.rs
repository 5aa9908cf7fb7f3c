//! Every layout that is accepted.

use super::{Memory, SQL, options, problems, rendered};
use insta::assert_snapshot;
use migrate_model::Numbering;
use migrate_source::Options;
use migrate_source::directory::read;

/// The migrations of a directory that must have no fault.
fn migrations(files: &[(&str, &str)]) -> String {
    migrations_with(files, &options())
}

fn migrations_with(files: &[(&str, &str)], options: &Options<'_>) -> String {
    let directory = read(&mut Memory::new(files.iter().copied()), options);
    assert_eq!(rendered(&directory), "");
    let mut out = String::new();
    for migration in &directory.migrations {
        out += &format!("{} {}", migration.variant(), migration.label);
        for (direction, script) in [
            ("up", Some(&migration.up)),
            ("down", migration.down.as_ref()),
        ] {
            let Some(script) = script else {
                continue;
            };
            let lines: Vec<u32> = script.statements.iter().map(|place| place.line).collect();
            out += &format!("\n  {direction} {} {lines:?}", script.path);
        }
        if let Some(reason) = &migration.irreversible {
            out += &format!("\n  irreversible: {reason}");
        }
        out += "\n";
    }
    out
}

#[test]
fn plain_files_with_either_separator() {
    let files = [("001_users.sql", SQL), ("002-add-index_2.sql", SQL)];
    assert_snapshot!(migrations(&files), @"
    V001Users 001_users
      up migrations/001_users.sql [1]
    V002AddIndex2 002_add-index_2
      up migrations/002-add-index_2.sql [1]
    ");
}

#[test]
fn the_pair_form() {
    let files = [("001_users.up.sql", SQL), ("001_users.down.sql", SQL)];
    assert_snapshot!(migrations(&files), @"
    V001Users 001_users
      up migrations/001_users.up.sql [1]
      down migrations/001_users.down.sql [1]
    ");
}

#[test]
fn a_down_in_each_of_its_places() {
    assert_snapshot!(migrations(&[
        ("001_a.sql", SQL),
        ("001_a.down.sql", SQL),
        ("002_b.sql", SQL),
        ("down/002_b.sql", SQL),
        ("003_c.sql", SQL),
        ("down/003_c_down.sql", SQL),
        ("004-d.sql", SQL),
        ("down/004-d-down.sql", SQL),
        ("005_e.sql", SQL),
        ("rollbacks/005_e.sql", SQL),
        ("schema/006_f.sql", SQL),
        ("schema/down/006_f.sql", SQL),
        ("schema/007_g.sql", SQL),
        ("down/007_g.down.sql", SQL),
        ("schema/008_h.sql", SQL),
        ("rollbacks/schema/008_h.sql", SQL),
    ]), @"
    V001A 001_a
      up migrations/001_a.sql [1]
      down migrations/001_a.down.sql [1]
    V002B 002_b
      up migrations/002_b.sql [1]
      down migrations/down/002_b.sql [1]
    V003C 003_c
      up migrations/003_c.sql [1]
      down migrations/down/003_c_down.sql [1]
    V004D 004_d
      up migrations/004-d.sql [1]
      down migrations/down/004-d-down.sql [1]
    V005E 005_e
      up migrations/005_e.sql [1]
      down migrations/rollbacks/005_e.sql [1]
    V006F 006_f
      up migrations/schema/006_f.sql [1]
      down migrations/schema/down/006_f.sql [1]
    V007G 007_g
      up migrations/schema/007_g.sql [1]
      down migrations/down/007_g.down.sql [1]
    V008H 008_h
      up migrations/schema/008_h.sql [1]
      down migrations/rollbacks/schema/008_h.sql [1]
    ");
}

#[test]
fn a_name_that_ends_in_down() {
    assert_snapshot!(migrations(&[
        ("001_shut_down.sql", SQL),
        ("down/001_shut_down_down.sql", SQL),
        ("002_shut_down.sql", SQL),
        ("down/002_shut_down.sql", SQL),
        ("003_shut.sql", SQL),
        ("down/003_shut_down.sql", SQL),
    ]), @"
    V001ShutDown 001_shut_down
      up migrations/001_shut_down.sql [1]
      down migrations/down/001_shut_down_down.sql [1]
    V002ShutDown 002_shut_down
      up migrations/002_shut_down.sql [1]
      down migrations/down/002_shut_down.sql [1]
    V003Shut 003_shut
      up migrations/003_shut.sql [1]
      down migrations/down/003_shut_down.sql [1]
    ");
}

#[test]
fn a_down_behind_the_marker() {
    let both = "-- Users.\nCREATE TABLE users(id);\n\n-- migrate:down\nDROP TABLE users;\n";
    let spaced = "CREATE TABLE a(x)\n  --  migrate: down  \n\nDROP TABLE a";
    assert_snapshot!(migrations(&[("001_users.sql", both), ("002_a.sql", spaced)]), @"
    V001Users 001_users
      up migrations/001_users.sql [2]
      down migrations/001_users.sql [5]
    V002A 002_a
      up migrations/002_a.sql [1]
      down migrations/002_a.sql [4]
    ");
}

#[test]
fn a_folder_for_each_migration() {
    assert_snapshot!(migrations(&[
        ("001_users/up.sql", SQL),
        ("001_users/down.sql", SQL),
        ("schema/002-posts/up.sql", SQL),
    ]), @"
    V001Users 001_users
      up migrations/001_users/up.sql [1]
      down migrations/001_users/down.sql [1]
    V002Posts 002_posts
      up migrations/schema/002-posts/up.sql [1]
    ");
}

#[test]
fn categories_share_one_numbering() {
    assert_snapshot!(migrations(&[
        ("schema-creation/001_users.sql", SQL),
        ("indexes/deep/er/002_users.sql", SQL),
        ("003_last.sql", SQL),
    ]), @"
    V001Users 001_users
      up migrations/schema-creation/001_users.sql [1]
    V002Users 002_users
      up migrations/indexes/deep/er/002_users.sql [1]
    V003Last 003_last
      up migrations/003_last.sql [1]
    ");
}

#[test]
fn what_is_ignored() {
    assert_snapshot!(migrations(&[
        ("001_users.sql", SQL),
        ("README.md", "hello"),
        ("schema/readme", "hello"),
        ("archive/001_users.sql", "COMMIT"),
        ("schema/archive/deep/run.sh", ""),
        (".gitattributes", "* -text"),
        (".git/config", ""),
        ("old/migrations.lock", ""),
    ]), @"
    V001Users 001_users
      up migrations/001_users.sql [1]
    ");
}

#[test]
fn timestamps_may_have_gaps() {
    let mut options = options();
    options.numbering = Numbering::Timestamp;
    let files = [
        ("20240131235959_users.sql", SQL),
        ("20260101000000-posts.up.sql", SQL),
    ];
    assert_snapshot!(migrations_with(&files, &options), @"
    V20240131235959Users 20240131235959_users
      up migrations/20240131235959_users.sql [1]
    V20260101000000Posts 20260101000000_posts
      up migrations/20260101000000-posts.up.sql [1]
    ");
}

#[test]
fn another_first_version() {
    let mut options = options();
    options.numbering = Numbering::Sequential {
        first: migrate_model::Version::new(10),
    };
    let files = [("0010_users.sql", SQL), ("0011_posts.sql", SQL)];
    assert_snapshot!(migrations_with(&files, &options), @"
    V0010Users 0010_users
      up migrations/0010_users.sql [1]
    V0011Posts 0011_posts
      up migrations/0011_posts.sql [1]
    ");
}

#[test]
fn purpose_is_declared_in_the_head() {
    assert_snapshot!(migrations(&[
        ("001_a.sql", "-- migrate: empty \"the table came with 000\"\n"),
        ("002_b.sql", "-- Why.\n-- migrate: irreversible \"rows are gone\"\nDELETE FROM t;\n"),
        ("003_c.sql", "DELETE FROM t;\n-- migrate:down\n-- migrate: empty \"rows stay gone\"\n"),
    ]), @"
    V001A 001_a
      up migrations/001_a.sql []
    V002B 002_b
      up migrations/002_b.sql [3]
      irreversible: rows are gone
    V003C 003_c
      up migrations/003_c.sql [1]
      down migrations/003_c.sql []
    ");
}

#[test]
fn line_ends_and_byte_order_mark_are_no_part_of_the_checksum() {
    let checksums = [
        "CREATE TABLE t(x);\nINSERT INTO t VALUES ('\n');\n",
        "CREATE TABLE t(x);\r\nINSERT INTO t VALUES ('\r\n');\r\n",
        "CREATE TABLE t(x);\rINSERT INTO t VALUES ('\r');\r",
        "\u{feff}CREATE TABLE t(x);\r\nINSERT INTO t VALUES ('\r\n');\r\n",
    ]
    .map(|sql| {
        let directory = read(&mut Memory::new([("001_a.sql", sql)]), &options());
        assert_eq!(rendered(&directory), "");
        assert_eq!(
            directory.migrations[0].up.text,
            "CREATE TABLE t(x);\nINSERT INTO t VALUES ('\n');\n"
        );
        directory.migrations[0].checksum
    });
    assert!(checksums.iter().all(|checksum| *checksum == checksums[0]));
}

#[test]
fn the_checksum_covers_the_up_alone() {
    let checksum = |files: &[(&str, &str)]| {
        let directory = read(&mut Memory::new(files.iter().copied()), &options());
        assert_eq!(rendered(&directory), "");
        directory.migrations[0].checksum
    };
    let up = "CREATE TABLE t(x);\n";
    let with_section = format!("{up}-- migrate:down\nDROP TABLE t;\n");
    assert_eq!(
        checksum(&[("001_a.sql", up)]),
        checksum(&[("001_a.sql", &with_section)])
    );
    assert_eq!(
        checksum(&[("001_a.sql", up)]),
        checksum(&[("001_a/up.sql", up), ("001_a/down.sql", "DROP TABLE t;")])
    );
}

/// An applied migration that is given a down has not been changed.
#[test]
fn blank_lines_before_the_down_are_no_part_of_the_up() {
    let up = "CREATE TABLE t(x);  \n";
    let checksum = |text: &str| {
        let directory = read(&mut Memory::new([("001_a.sql", text)]), &options());
        assert_eq!(rendered(&directory), "");
        directory.migrations[0].checksum
    };
    for blank in ["", "\n", "\n\n", "   \n\t\n"] {
        let text = format!("{up}{blank}-- migrate:down\nDROP TABLE t;\n");
        assert_eq!(checksum(&text), checksum(up), "{blank:?}");
    }
}

#[test]
fn every_file_that_was_read_is_named() {
    let files = [
        ("001_a.sql", SQL),
        ("down/001_a.sql", SQL),
        ("README", ""),
        ("archive/x.sql", ""),
    ];
    let directory = read(&mut Memory::new(files), &options());
    let read: Vec<&str> = directory
        .read
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(read, ["001_a.sql", "down/001_a.sql"]);
}

#[test]
fn an_empty_directory() {
    assert_snapshot!(problems::<&str>(&[]), @"
    M002: the migrations directory contains no migrations
     --> migrations
      = help: add the first one: `001_initial_schema.sql`
    ");
    assert_snapshot!(problems(&[("README.md", ""), ("archive/001_a.sql", SQL)]), @"
    M002: the migrations directory contains no migrations
     --> migrations
      = help: add the first one: `001_initial_schema.sql`
    ");
}
