//! Where the table of the old tool lies.

use crate::support::{Left, abc, adopted, chain, connect, connected, left, made, ours, refused};
use migrate_adopt::postgres::{adopt_if_needed, detect, histories, left_behind};
use migrate_adopt::{Options, Tool, Verify};

/// The table of diesel in a schema, with `a` and `b` as applied.
fn diesel(schema: &str) -> String {
    format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; SET search_path = {schema};
         CREATE TABLE a(id integer); CREATE TABLE b(id integer);
         CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations VALUES ('20240101000000', '2024-01-01 12:00:00'),
         ('20240102000000', '2024-01-02 12:00:00.5')"
    )
}

fn table(name: &str) -> Options {
    let mut options = without_schema();
    options.table = Some(name.to_owned());
    options
}

/// Where the tables of the application lie elsewhere than our migrations make
/// them.
fn without_schema() -> Options {
    let mut options = Options::default();
    options.verify = Verify::Checksum;
    options
}

async fn in_app() -> Option<Left> {
    made(&diesel("app")).await
}

#[tokio::test]
async fn a_schema_that_is_named() {
    let Some(mut left) = in_app().await else {
        return;
    };
    for name in [
        "app.__diesel_schema_migrations",
        "\"app\".\"__diesel_schema_migrations\"",
    ] {
        let migrator = abc().history_table(if name.starts_with('a') { "one" } else { "two" });
        let adoption = adopted(&mut left, &migrator, Tool::Diesel, &table(name)).await;
        assert_eq!(
            adoption.table.as_deref(),
            Some("app.__diesel_schema_migrations")
        );
    }
}

#[tokio::test]
async fn the_search_path_of_the_connection() {
    let Some(mut left) = in_app().await else {
        return;
    };
    let error = refused(&mut left, &abc(), Tool::Diesel, &Options::default()).await;
    insta::assert_snapshot!(error, @"the database has no table `__diesel_schema_migrations` in the schema `public`, in which diesel keeps its history: if the table has another name, or is in another schema, give it with `--table SCHEMA.TABLE`; a database that has never been migrated needs no adoption");
    assert!(error.is_missing());
    let sql =
        "SET search_path = nowhere, app; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'";
    left.client.batch_execute(sql).await.unwrap();
    assert_eq!(detect(&left.client, &[]).await.unwrap(), [Tool::Diesel]);
    let adoption = adopted(&mut left, &abc(), Tool::Diesel, &without_schema()).await;
    insta::assert_snapshot!(adoption, @"
    2 migrations of diesel, from `app.__diesel_schema_migrations`:
      20240101000000  ->  001_a  2024-01-01 03:00:00  not compared
      20240102000000  ->  002_b  2024-01-02 03:00:00  not compared
    The schema was not compared.
    Pending: 003_c
    ");
}

/// Each tenant has the table of its own.
#[tokio::test]
async fn the_schema_of_a_tenant() {
    let sql = format!("{}; {}", diesel("one"), diesel("two"));
    let Some(mut left) = made(&sql).await else {
        return;
    };
    left.database.psql("DELETE FROM two.__diesel_schema_migrations WHERE version = '20240102000000'; DROP TABLE two.b");
    for (tenant, count) in [("one", 2), ("two", 1)] {
        let migrator = abc().in_schema(tenant);
        let adoption = adopted(&mut left, &migrator, Tool::Diesel, &without_schema()).await;
        assert_eq!(adoption.rows.len(), count);
        assert_eq!(
            migrator.up(&mut left.client).await.unwrap().applied().len(),
            3 - count
        );
        let tables = histories(&left.client, &[tenant], Tool::Diesel)
            .await
            .unwrap();
        assert_eq!(tables, [format!("{tenant}.__diesel_schema_migrations")]);
    }
}

/// One name, two tools: the table of the right shape counts.
#[tokio::test]
async fn two_tools_with_one_name() {
    let sql = "CREATE SCHEMA app; CREATE TABLE schema_migrations(version varchar(128) PRIMARY KEY);
               INSERT INTO schema_migrations VALUES ('1');
               CREATE TABLE app.schema_migrations(version bigint not null primary key, dirty boolean not null);
               INSERT INTO app.schema_migrations VALUES (2, false)";
    for (tool, count, from) in [
        (Tool::Dbmate, 1, "public.schema_migrations"),
        (Tool::GolangMigrate, 2, "app.schema_migrations"),
    ] {
        let Some(mut left) = made(sql).await else {
            return;
        };
        let path = "SET search_path = public, app";
        left.client.batch_execute(path).await.unwrap();
        let found = detect(&left.client, &[]).await.unwrap();
        assert_eq!(found, [Tool::GolangMigrate, Tool::Dbmate]);
        let adoption = adopted(&mut left, &abc(), tool, &without_schema()).await;
        assert_eq!(adoption.rows.len(), count);
        assert_eq!(adoption.table.as_deref(), Some(from));
    }
}

/// The old table has the name of ours, and gets another one.
#[tokio::test]
async fn in_the_place_of_ours() {
    let tool = Tool::Numbered;
    let Some(mut left) = left(tool, "partial").await else {
        return;
    };
    let migrator = connected(&ours(tool), &left).history_table("_migrations");
    let mut options = Options::default();
    let error = refused(&mut left, &migrator, tool, &options).await;
    insta::assert_snapshot!(error, @"the old runner keeps its history in `public._migrations`, which is also the name of our history table: give the old table another name with `--rename-old`, or ours with `--history-table`");
    assert!(error.is_in_our_place());
    options.rename_to = Some("users".to_owned());
    let error = migrate_adopt::postgres::adopt(&migrator, &mut left.client, tool, &options).await;
    insta::assert_snapshot!(chain(&error.unwrap_err()), @r#"the table `public._migrations` could not be renamed to `users`; give another name with `--rename-old`: relation "users" already exists (42P07)"#);
    options.rename_to = Some("migrations_before".to_owned());
    let adoption = adopted(&mut left, &migrator, tool, &options).await;
    insta::assert_snapshot!(adoption, @"
    2 migrations of the old runner, from `public._migrations`:
      001 create_users  ->  001_create_users  2026-11-21 19:56:58  not compared
      002 create_posts  ->  002_create_posts  2026-11-21 19:56:58  not compared
    The schema is the one that these migrations produce.
    The table `public._migrations` is renamed to `migrations_before`.
    Pending: 003_add_published_at, 004_publish_posts
    ");
    let report = migrator.up(&mut left.client).await.unwrap();
    assert_eq!(report.applied().len(), 2);
    let behind = left_behind(&migrator, &left.client).await.unwrap();
    assert_eq!(behind, ["public.migrations_before"]);
    let count = left.database.psql("SELECT count(*) FROM migrations_before");
    assert_eq!(count, "2");
}

/// In another schema the name is free.
#[tokio::test]
async fn beside_ours_in_another_schema() {
    let tool = Tool::Numbered;
    let Some(mut left) = left(tool, "app").await else {
        return;
    };
    let migrator = ours(tool)
        .history_table("_migrations")
        .history_schema("meta");
    let adoption = adopted(&mut left, &migrator, tool, &Options::default()).await;
    assert_eq!(adoption.table.as_deref(), Some("public._migrations"));
    assert_eq!(
        left.database.psql("SELECT count(*) FROM meta._migrations"),
        "4"
    );
}

/// Of many that start at once one adopts.
#[tokio::test]
async fn many_at_once() {
    let Some(left) = made(&diesel("public")).await else {
        return;
    };
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let mut client = connect(&left.database).await;
        let migrator = connected(&abc(), &left);
        tasks.push(tokio::spawn(async move {
            let options = Options::default();
            let found = adopt_if_needed(&migrator, &mut client, Tool::Diesel, &options).await;
            let has_adopted = found.unwrap().is_some();
            migrator.up(&mut client).await.unwrap();
            has_adopted
        }));
    }
    let mut count = 0;
    for task in tasks {
        count += usize::from(task.await.unwrap());
    }
    assert_eq!(count, 1);
    assert_eq!(left.database.psql("SELECT count(*) FROM _migrations"), "3");
}
