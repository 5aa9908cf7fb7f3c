//! Histories that say what no tool writes, or what is not here.

use crate::support::{abc, adopted, chain, made, refused};
use migrate_adopt::{Options, Tool};

const SQLX: &str =
    "CREATE TABLE _sqlx_migrations(version BIGINT PRIMARY KEY, description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL);";

const REFINERY: &str = "CREATE TABLE refinery_schema_history(version int4 PRIMARY KEY,
    name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));";

async fn message(sql: &str, tool: Tool) -> Option<String> {
    let mut left = made(sql).await?;
    let error = refused(&mut left, &abc(), tool, &Options::default()).await;
    Some(chain(&error))
}

#[tokio::test]
async fn nothing_is_applied() {
    let Some(message) = message(SQLX, Tool::Sqlx).await else {
        return;
    };
    insta::assert_snapshot!(message, @"`public._sqlx_migrations` records no applied migration of sqlx, so there is nothing to adopt: `migrate up` applies all migrations");
}

#[tokio::test]
async fn a_table_of_another_shape() {
    let sql = "CREATE TABLE _sqlx_migrations(version bigint, dirty boolean)";
    let Some(message) = message(sql, Tool::Sqlx).await else {
        return;
    };
    insta::assert_snapshot!(message, @"the table `public._sqlx_migrations` does not have the columns that sqlx creates: its columns are `version` and `dirty`; it looks like a table of golang-migrate: use `--from golang-migrate`");
}

#[tokio::test]
async fn a_checksum_that_is_none() {
    let sql = format!("{REFINERY} INSERT INTO refinery_schema_history VALUES (1, 'a', '', 'x');");
    let Some(message) = message(&sql, Tool::Refinery).await else {
        return;
    };
    insta::assert_snapshot!(message, @"row 1 of `public.refinery_schema_history` has `x` in the column `checksum`, where a whole number is expected: correct it, or give the table of the history with `--table`");
}

/// Bytes are not a text that looks like them.
#[tokio::test]
async fn a_checksum_of_another_type() {
    let sql = SQLX.replace("BYTEA", "TEXT");
    let sql = format!("{sql} INSERT INTO _sqlx_migrations VALUES (1, 'a', now(), true, '00', 1);");
    let Some(message) = message(&sql, Tool::Sqlx).await else {
        return;
    };
    insta::assert_snapshot!(message, @"row 1 of `public._sqlx_migrations` has `00` in the column `checksum`, where bytes is expected: correct it, or give the table of the history with `--table`");
}

#[tokio::test]
async fn a_file_that_is_another() {
    let sql =
        format!("{SQLX} INSERT INTO _sqlx_migrations VALUES (1, 'a', now(), true, '\\x00', 1);");
    let Some(message) = message(&sql, Tool::Sqlx).await else {
        return;
    };
    insta::assert_snapshot!(message, @"a migration that was applied by sqlx had a different text: `1 a`, whose file is `001_a.sql`; give the files as they were applied with `--originals DIR`, or compare only the schema with `--verify schema`");
}

#[tokio::test]
async fn another_order() {
    let sql = "CREATE TABLE archon_migrations(id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
               version VARCHAR(20), migration_name VARCHAR(255), applied_at TIMESTAMPTZ,
               checksum VARCHAR(32));
               INSERT INTO archon_migrations(migration_name) VALUES ('001_b.sql'), ('002_a.sql')";
    let Some(message) = message(sql, Tool::Archon).await else {
        return;
    };
    insta::assert_snapshot!(message, @"the names do not match the order: `001_b.sql` of the old runner would be `001_a`, `002_a.sql` of the old runner would be `002_b`; by their names, the map would be `--map 001_b.sql=002,002_a.sql=001`");
}

/// Numbers are sorted as numbers, whatever the collation of the database.
#[tokio::test]
async fn the_order_is_that_of_the_tool() {
    let sql = "CREATE TABLE archon_migrations(id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
               version VARCHAR(20), migration_name VARCHAR(255), applied_at TIMESTAMPTZ,
               checksum VARCHAR(32));
               INSERT INTO archon_migrations(migration_name) VALUES ('10_c.sql'), ('9_b.sql'), ('1_a.sql');
               CREATE TABLE a(id integer); CREATE TABLE b(id integer); CREATE TABLE c(id integer)";
    let Some(mut left) = made(sql).await else {
        return;
    };
    let adoption = adopted(&mut left, &abc(), Tool::Archon, &Options::default()).await;
    let labels: Vec<&str> = adoption
        .rows
        .iter()
        .map(|row| row.old_id.as_str())
        .collect();
    assert_eq!(labels, ["1_a.sql", "9_b.sql", "10_c.sql"]);
}

#[tokio::test]
async fn what_this_engine_does_not_have() {
    let Some(mut left) = made("SELECT 1").await else {
        return;
    };
    let options = Options::default();
    let error = refused(&mut left, &abc(), Tool::RusqliteMigration, &options).await;
    insta::assert_snapshot!(error, @"rusqlite_migration keeps its history in `PRAGMA user_version`, which only SQLite has: give the tool that has migrated this database with `--from`");
}

/// The table is there, and may not be read.
#[tokio::test]
async fn no_right_to_read() {
    let sql = format!(
        "{REFINERY} INSERT INTO refinery_schema_history VALUES (1, 'a', '', '1');
                       CREATE ROLE adopt_reader; GRANT adopt_reader TO CURRENT_USER"
    );
    let Some(mut left) = made(&sql).await else {
        return;
    };
    left.client
        .batch_execute("SET ROLE adopt_reader")
        .await
        .unwrap();
    let error = refused(&mut left, &abc(), Tool::Refinery, &Options::default()).await;
    left.client.batch_execute("RESET ROLE; REVOKE ALL ON refinery_schema_history FROM adopt_reader; DROP ROLE adopt_reader").await.unwrap();
    insta::assert_snapshot!(chain(&error), @"`public.refinery_schema_history` could not be read: permission denied for table refinery_schema_history (42501)");
}
