//! Databases that the tools themselves have made, with their directories: both
//! become ours, and nothing is applied twice.

use crate::support::{Left, adopted, left_at, lines, migrator, options, refused};
use migrate_adopt::files::{Options as HowToConvert, convert, read_originals, read_source};
use migrate_adopt::{Options, Tool, Verified, detect};
use migrate_runtime::{Migrator, Version};
use std::path::{Path, PathBuf};

/// Those whose directories can be converted.
const TOOLS: [Tool; 12] = [
    Tool::Refinery,
    Tool::Sqlx,
    Tool::Diesel,
    Tool::RusqliteMigration,
    Tool::GolangMigrate,
    Tool::Goose,
    Tool::Dbmate,
    Tool::Flyway,
    Tool::Names,
    Tool::Metadata,
    Tool::Archon,
    Tool::Numbered,
];

fn fixtures(tool: Tool) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    fixtures.join(tool.name())
}

pub(crate) fn database(tool: Tool, name: &str) -> Left {
    left_at(&fixtures(tool).join(name))
}

/// What the directory of the tool becomes.
pub(crate) fn ours(tool: Tool) -> Migrator<Version> {
    let source = read_source(tool, &fixtures(tool).join("migrations")).unwrap();
    let conversion = convert(&source, &HowToConvert::default()).unwrap();
    let files: Vec<(&str, &str)> = conversion
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    migrator(&files).history_table("ours")
}

fn with_originals(tool: Tool, folder: &str) -> Options {
    let mut options = options();
    options.originals = read_originals(tool, &fixtures(tool).join(folder)).unwrap();
    options
}

/// All is adopted, and what is pending can be applied.
#[track_caller]
fn check(tool: Tool, name: &str, options: &Options) -> Vec<Verified> {
    let mut left = database(tool, name);
    let ours = ours(tool);
    let adoption = adopted(&mut left, &ours, tool, options);
    assert_eq!(adoption.schema.as_deref(), Some(&[][..]), "{tool} {name}");
    let report = ours.up(&mut left.conn).unwrap();
    assert_eq!(report.applied().len(), adoption.pending.len());
    let all = ours.registry().migrations().len();
    assert_eq!(adoption.rows.len() + adoption.pending.len(), all);
    assert!(ours.verify(&left.conn).unwrap().is_clean());
    let rows = adoption.rows.iter();
    rows.map(|row| row.verified).collect()
}

/// Whether the tool keeps checksums.
fn has_checksums(tool: Tool) -> bool {
    let with = [
        Tool::Refinery,
        Tool::Sqlx,
        Tool::Flyway,
        Tool::Archon,
        Tool::Numbered,
    ];
    with.contains(&tool)
}

#[test]
fn every_tool_as_it_left_its_database() {
    for tool in TOOLS {
        for name in ["app.db", "partial.db"] {
            let verified = check(tool, name, &with_originals(tool, "migrations"));
            let expected = if has_checksums(tool) {
                Verified::Checksum
            } else {
                Verified::No
            };
            assert_eq!(verified, vec![expected; verified.len()], "{tool} {name}");
            assert!(verified.len() >= 2);
            check(tool, name, &options());
        }
    }
}

#[test]
fn each_is_recognised() {
    for tool in TOOLS {
        let expected = match tool {
            Tool::RusqliteMigration => vec![],
            _ => vec![tool],
        };
        let left = database(tool, "app.db");
        assert_eq!(detect(&left.conn).unwrap(), expected, "{tool}");
    }
}

/// Line ends, widths and missing checksums, as real databases have them.
#[test]
fn what_is_particular() {
    let no = |count| vec![Verified::No; count];
    let yes = |count| vec![Verified::Checksum; count];
    for (tool, name, folder, expected) in [
        (Tool::Refinery, "crlf.db", "migrations", yes(4)),
        (Tool::Refinery, "crlf.db", "migrations-crlf", yes(4)),
        (Tool::Refinery, "app.db", "migrations-crlf", yes(4)),
        (Tool::Refinery, "int8.db", "migrations", yes(4)),
        (Tool::Sqlx, "app.db", "migrations-crlf", yes(4)),
        (Tool::Flyway, "crlf.db", "migrations", yes(5)),
        (Tool::Flyway, "crlf.db", "migrations-crlf", yes(5)),
        (Tool::Archon, "no-checksums.db", "migrations", no(4)),
        (Tool::RusqliteMigration, "code.db", "migrations", no(4)),
        (Tool::Goose, "log.db", "migrations", no(3)),
        (Tool::Metadata, "base.db", "migrations", no(1)),
    ] {
        let verified = check(tool, name, &with_originals(tool, folder));
        assert_eq!(verified, expected, "{tool} {name} {folder}");
    }
}

#[test]
fn what_cannot_be_adopted() {
    for tool in [Tool::Sqlx, Tool::GolangMigrate, Tool::Flyway] {
        let mut dirty = database(tool, "dirty.db");
        let error = refused(&mut dirty, &ours(tool), tool, &options());
        assert!(error.is_dirty(), "{tool}: {error}");
    }
    let tool = Tool::Numbered;
    let mut changed = database(tool, "changed.db");
    let with = with_originals(tool, "migrations");
    let error = refused(&mut changed, &ours(tool), tool, &with);
    insta::assert_snapshot!(error, @"a migration that was applied by the old runner had a different text: `002 create_posts`, whose file is `versions/002_create_posts.sql`; restore the files as they were applied, or compare only the schema with `--verify schema`");
    assert!(error.is_unverified());
}

/// What its repeatable makes comes last, and counts as the others.
#[test]
fn flyway() {
    let tool = Tool::Flyway;
    let with = with_originals(tool, "migrations");
    let mut app = database(tool, "app.db");
    let adoption = adopted(&mut app, &ours(tool), tool, &with);
    let mut shown = adoption.to_string();
    let times = lines(
        &app.conn,
        "SELECT substr(installed_on, 1, 19) FROM flyway_schema_history",
    );
    for time in times {
        shown = shown.replace(&time, "2024-01-31 12:00:00");
    }
    insta::assert_snapshot!(shown, @"
    5 migrations of flyway, from `flyway_schema_history`:
      1 create users          ->  001_create_users      2024-01-31 12:00:00  same checksum
      2 create posts          ->  002_create_posts      2024-01-31 12:00:00  same checksum
      2.1 add published at    ->  003_add_published_at  2024-01-31 12:00:00  same checksum
      10 unpublish posts      ->  004_unpublish_posts   2024-01-31 12:00:00  same checksum
      R__published_posts.sql  ->  005_published_posts   2024-01-31 12:00:00  same checksum
    The schema is the one that these migrations produce.
    Nothing is pending.
    ");
    let last = "SELECT version, name, origin, note FROM ours ORDER BY version DESC LIMIT 1";
    assert_eq!(
        lines(&app.conn, last),
        ["5 | published_posts | flyway R__published_posts.sql | verified by checksum and schema"]
    );
    let (yes, no) = (Verified::Checksum, Verified::No);
    let verified = check(tool, "baseline.db", &with);
    assert_eq!(verified, [no, no, yes, yes, yes]);
}

/// Its migrations are programs, and their names stay.
#[test]
fn sea_orm() {
    let tool = Tool::SeaOrm;
    let mut files = Vec::new();
    for name in [
        "create_users",
        "create_posts",
        "add_published_at",
        "publish_posts",
    ] {
        let path = format!("{:03}_{name}.sql", files.len() + 1);
        let text = std::fs::read_to_string(fixtures(tool).join("sql").join(&path)).unwrap();
        files.push((path, text));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    for (name, count) in [("app.db", 4), ("partial.db", 2)] {
        let ours = migrator(&files);
        let mut left = database(tool, name);
        let adoption = adopted(&mut left, &ours, tool, &options());
        assert_eq!(adoption.rows.len(), count);
        assert_eq!(ours.up(&mut left.conn).unwrap().applied().len(), 4 - count);
    }
}
