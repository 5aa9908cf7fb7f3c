//! The schema is the evidence, where a tool keeps no checksums.

use crate::support::{
    abc, adopted, chain, connect, connected, left, made, migrator, ours, refused,
};
use migrate_adopt::postgres::{adopt, left_behind, plan_adoption};
use migrate_adopt::{Options, Tool, Verify};
use migrate_runtime::postgres::Connector;
use std::time::Duration;

const WITHOUT_CHECKSUMS: [Tool; 2] = [Tool::Diesel, Tool::GolangMigrate];

fn verify(verify: Verify) -> Options {
    let mut options = Options::default();
    options.verify = verify;
    options
}

#[tokio::test]
async fn the_same_schema() {
    for tool in WITHOUT_CHECKSUMS {
        for (kind, how) in [("app", Verify::All), ("partial", Verify::Schema)] {
            let Some(mut left) = left(tool, kind).await else {
                return;
            };
            let ours = ours(tool);
            let adoption = adopted(&mut left, &ours, tool, &verify(how)).await;
            assert_eq!(adoption.schema.as_deref(), Some(&[][..]), "{tool} {kind}");
            assert_eq!(adoption.notes, [""; 0], "{tool} {kind}");
            let notes = left.database.psql("SELECT DISTINCT note FROM _migrations");
            assert_eq!(notes, "verified by schema", "{tool} {kind}");
            // From now on it is compared without what the tool left.
            ours.up(&mut left.client).await.unwrap();
            let connector = Connector::parse(left.database.url()).unwrap();
            let ignored = left_behind(&ours, &left.client).await.unwrap();
            let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
            let differences = migrate_tools::postgres::compare_schema(
                &ours,
                &left.client,
                &connector,
                None,
                &ignored,
            );
            assert_eq!(differences.await.unwrap(), [""; 0], "{tool} {kind}");
        }
    }
}

#[tokio::test]
async fn another_schema() {
    let mut shown = String::new();
    for tool in WITHOUT_CHECKSUMS {
        let Some(mut left) = left(tool, "partial").await else {
            return;
        };
        left.database
            .psql("ALTER TABLE users ADD COLUMN phone text");
        for how in [Verify::All, Verify::Schema] {
            let error = refused(&mut left, &ours(tool), tool, &verify(how)).await;
            assert!(error.is_unverified());
            let difference = "the column `users.phone` is not made by the migrations";
            assert_eq!(error.differences(), [difference], "{tool}");
            shown = error.message();
        }
        // It can be meant.
        adopted(&mut left, &ours(tool), tool, &verify(Verify::Checksum)).await;
    }
    insta::assert_snapshot!(shown, @"
    nothing was recorded: the schema is not the one that the migrations up to `002_create_posts` produce, although golang-migrate has applied them:
      the column `users.phone` is not made by the migrations
    correct the database or the files, or skip the comparison with `--verify checksum` if the differences are intentional
    ");
}

/// Histories of other tools, and of this one elsewhere, are nobody's schema.
#[tokio::test]
async fn what_other_tools_left() {
    let sql = "CREATE TABLE a(id integer);
               CREATE TABLE schema_migrations(version varchar(128) PRIMARY KEY);
               CREATE SCHEMA tools;
               CREATE TABLE tools.__diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
               run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
               INSERT INTO tools.__diesel_schema_migrations VALUES ('1', '2024-01-01 12:00:00')";
    let Some(mut left) = made(sql).await else {
        return;
    };
    let mut options = Options::default();
    options.table = Some("tools.__diesel_schema_migrations".to_owned());
    let adoption = adopted(&mut left, &abc(), Tool::Diesel, &options).await;
    insta::assert_snapshot!(adoption, @"
    1 migration of diesel, from `tools.__diesel_schema_migrations`:
      1  ->  001_a  2024-01-01 12:00:00  not compared
    The schema is the one that these migrations produce.
    Note: the table `public.schema_migrations` was not compared: it is the history of dbmate.
    Pending: 002_b, 003_c
    ");
}

#[tokio::test]
async fn no_way_to_a_scratch_database() {
    let Some(mut left) = left(Tool::Diesel, "partial").await else {
        return;
    };
    let (ours, options) = (ours(Tool::Diesel), Options::default());
    let planned = plan_adoption(&ours, &left.client, Tool::Diesel, &options).await;
    let error = adopt(&ours, &mut left.client, Tool::Diesel, &options).await;
    let error = error.unwrap_err();
    assert_eq!(planned.unwrap_err().to_string(), error.to_string());
    insta::assert_snapshot!(error, @"comparing the schema needs a scratch database on the same server, and the migrator has no connector: set one with `.connector(...)`, or skip the comparison with `Verify::Checksum`");
    left.database.psql("CREATE ROLE adopt_poor LOGIN");
    let url = left.database.url().replacen("postgres@", "adopt_poor@", 1);
    let poor = ours.connector(Connector::parse(&url).unwrap());
    let error = adopt(&poor, &mut left.client, Tool::Diesel, &options).await;
    left.database.psql("DROP ROLE adopt_poor");
    insta::assert_snapshot!(chain(&error.unwrap_err()), @"nothing was recorded: the schema could not be compared with that of a scratch database on the same server; correct that, or skip the comparison with `--verify checksum`: the role `adopt_poor` may not create databases, and the migrations are tried on a database of their own; nothing was changed, have a superuser run `ALTER ROLE adopt_poor CREATEDB`, or use another server, such as a local one: permission denied to create database (42501)");
}

/// What was compared belongs to the history of that moment: while the first
/// migration is replayed, which takes a while, diesel applies the second one.
#[tokio::test]
async fn the_old_tool_goes_on_meanwhile() {
    for second in [
        "CREATE TABLE b(id integer);\n",
        "INSERT INTO a VALUES (1);\n",
    ] {
        let sql = "CREATE TABLE a(id integer);
                   CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
                   run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
                   INSERT INTO __diesel_schema_migrations VALUES ('1')";
        let Some(mut left) = made(sql).await else {
            return;
        };
        let first = "CREATE TABLE a(id integer);\nSELECT pg_sleep(2);\n";
        let ours = migrator(&[("001_a.sql", first), ("002_b.sql", second)]);
        let ours = connected(&ours, &left);
        let other = connect(&left.database).await;
        let going_on = async {
            let is_replaying = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' \
                                AND datname LIKE 'migrate_check_%')";
            while !other
                .query_one(is_replaying, &[])
                .await
                .unwrap()
                .get::<_, bool>(0)
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let sql = format!("{second}; INSERT INTO __diesel_schema_migrations VALUES ('2')");
            other.batch_execute(&sql).await.unwrap();
        };
        let options = Options::default();
        let adopting = adopt(&ours, &mut left.client, Tool::Diesel, &options);
        let (adoption, ()) = tokio::join!(adopting, going_on);
        assert_eq!(adoption.unwrap().rows.len(), 2, "{second}");
        assert_eq!(left.database.psql("SELECT count(*) FROM _migrations"), "2");
    }
}
