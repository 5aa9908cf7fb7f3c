//! Databases that the tools have made, with their directories: both become ours,
//! and nothing is applied twice.

use crate::support::{adopted, fixtures, left, migrator, ours, refused, with_originals};
use migrate_adopt::postgres::{adopt_if_needed, applied, detect};
use migrate_adopt::{Options, Tool, Verified};

/// Those whose directories can be converted.
const TOOLS: [Tool; 9] = [
    Tool::Refinery,
    Tool::Sqlx,
    Tool::Diesel,
    Tool::GolangMigrate,
    Tool::Goose,
    Tool::Dbmate,
    Tool::Flyway,
    Tool::Archon,
    Tool::Numbered,
];

/// All is adopted, and what is pending can be applied.
async fn check(tool: Tool, kind: &str, options: &Options) -> Option<Vec<Verified>> {
    let mut left = left(tool, kind).await?;
    let ours = ours(tool);
    let adoption = adopted(&mut left, &ours, tool, options).await;
    let report = ours.up(&mut left.client).await.unwrap();
    assert_eq!(report.applied().len(), adoption.pending.len());
    let all = ours.registry().migrations().len();
    assert_eq!(adoption.rows.len() + adoption.pending.len(), all);
    assert!(ours.verify(&left.client).await.unwrap().is_clean());
    assert!(ours.up(&mut left.client).await.unwrap().is_empty());
    let again = adopt_if_needed(&ours, &mut left.client, tool, options).await;
    assert!(again.unwrap().is_none());
    Some(adoption.rows.iter().map(|row| row.verified).collect())
}

const fn has_checksums(tool: Tool) -> bool {
    matches!(
        tool,
        Tool::Refinery | Tool::Sqlx | Tool::Flyway | Tool::Archon | Tool::Numbered
    )
}

#[tokio::test]
async fn every_tool_as_it_left_its_database() {
    for tool in TOOLS {
        for kind in ["app", "partial"] {
            let Some(verified) = check(tool, kind, &with_originals(tool)).await else {
                return;
            };
            let expected = if has_checksums(tool) {
                Verified::Checksum
            } else {
                Verified::No
            };
            assert_eq!(verified, vec![expected; verified.len()], "{tool} {kind}");
            assert!(verified.len() >= 2);
            check(tool, kind, &Options::default()).await;
        }
    }
}

#[tokio::test]
async fn each_is_recognised() {
    for tool in TOOLS {
        let Some(left) = left(tool, "partial").await else {
            return;
        };
        assert_eq!(detect(&left.client, &[]).await.unwrap(), [tool]);
        let applied = applied(&left.client, &[], tool, None).await.unwrap();
        assert_eq!(
            applied.len(),
            if tool == Tool::GolangMigrate { 1 } else { 2 }
        );
    }
}

#[tokio::test]
async fn what_is_particular() {
    let checksum = |count| vec![Verified::Checksum; count];
    for (tool, kind, expected) in [
        (Tool::Refinery, "int8", checksum(4)),
        (Tool::Archon, "no-checksums", vec![Verified::No; 4]),
        (Tool::Goose, "log", vec![Verified::No; 3]),
        (
            Tool::Flyway,
            "baseline",
            [vec![Verified::No; 2], checksum(3)].concat(),
        ),
    ] {
        let Some(verified) = check(tool, kind, &with_originals(tool)).await else {
            return;
        };
        assert_eq!(verified, expected, "{tool} {kind}");
    }
}

#[tokio::test]
async fn what_cannot_be_adopted() {
    for tool in [Tool::Sqlx, Tool::GolangMigrate, Tool::Flyway] {
        let Some(mut dirty) = left(tool, "dirty").await else {
            return;
        };
        let error = refused(&mut dirty, &ours(tool), tool, &Options::default()).await;
        assert!(error.is_dirty(), "{tool}: {error}");
    }
    let tool = Tool::Numbered;
    let mut changed = left(tool, "changed").await.unwrap();
    let error = refused(&mut changed, &ours(tool), tool, &with_originals(tool)).await;
    insta::assert_snapshot!(error, @"a migration that was applied by the old runner had a different text: `002 create_posts`, whose file is `versions/002_create_posts.sql`; restore the files as they were applied, or compare only the schema with `--verify schema`");
    assert!(error.is_unverified());
}

/// Its migrations are programs, so that ours were written anew.
#[tokio::test]
async fn sea_orm() {
    let tool = Tool::SeaOrm;
    let mut files = Vec::new();
    for name in [
        "001_create_users",
        "002_create_posts",
        "003_add_published_at",
        "004_publish_posts",
    ] {
        let path = format!("{name}.sql");
        let text = std::fs::read_to_string(fixtures(tool).join("sql").join(&path)).unwrap();
        files.push((path, text));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let ours = migrator(&files);
    for (kind, pending) in [("app", 0), ("partial", 2)] {
        let Some(mut left) = left(tool, kind).await else {
            return;
        };
        let adoption = adopted(&mut left, &ours, tool, &Options::default()).await;
        assert_eq!(adoption.pending.len(), pending);
        let report = ours.up(&mut left.client).await.unwrap();
        assert_eq!(report.applied().len(), pending);
        assert!(adoption.rows.iter().all(|row| row.applied_at.is_some()));
    }
}

/// Types of PostgreSQL, as they come into our history.
#[tokio::test]
async fn the_rows_that_are_written() {
    for tool in [Tool::Sqlx, Tool::Flyway, Tool::Numbered, Tool::Diesel] {
        let Some(mut left) = left(tool, "app").await else {
            return;
        };
        let ours = ours(tool);
        adopted(&mut left, &ours, tool, &with_originals(tool)).await;
        let table = ours.get_history_table();
        let sql = format!(
            "SELECT name, state, origin, applied_at ~ '^20\\d\\d-\\d\\d-\\d\\dT[0-9:]{{8}}\\.\\d{{3}}Z$', \
             execution_ms BETWEEN 1 AND 5000, note FROM {table} ORDER BY version LIMIT 2"
        );
        let rows = left.database.psql(&sql);
        match tool {
            Tool::Sqlx => insta::assert_snapshot!(rows, @"
            create_users|applied|sqlx 20240101090000|t|t|verified by checksum and schema
            create_posts|applied|sqlx 20240102090000|t|t|verified by checksum and schema
            "),
            Tool::Flyway => insta::assert_snapshot!(rows, @"
            create_users|applied|flyway 1|t|t|verified by checksum and schema
            create_posts|applied|flyway 2|t|t|verified by checksum and schema
            "),
            Tool::Numbered => insta::assert_snapshot!(rows, @"
            create_users|applied|numbered 001|t|t|verified by checksum and schema
            create_posts|applied|numbered 002|t|t|verified by checksum and schema
            "),
            _ => insta::assert_snapshot!(rows, @"
            create_users|applied|diesel 20240101090000|t|f|verified by schema
            create_posts|applied|diesel 20240102090000|t|f|verified by schema
            "),
        }
    }
}

/// What is seen on the terminal.
#[tokio::test]
async fn what_is_told() {
    let tool = Tool::GolangMigrate;
    let Some(mut left) = left(tool, "partial").await else {
        return;
    };
    let adoption = adopted(&mut left, &ours(tool), tool, &Options::default()).await;
    insta::assert_snapshot!(adoption, @"
    2 migrations of golang-migrate, from `public.schema_migrations`:
      1  ->  001_create_users  not compared
      2  ->  002_create_posts  not compared
    The schema is the one that these migrations produce.
    Pending: 003_add_published_at, 004_publish_posts, 005_index_posts
    ");
}
