//! A schema in use, compared with what the migrations make.

use crate::{block, connector, migrator};
use insta::assert_snapshot;
use migrate_runtime::{Down, Version};
use migrate_servers::{Database, Server};
use migrate_tools::Error;
use migrate_tools::postgres::compare_schema;

const FILES: &[(&str, &str)] = &[
    (
        "001_users.sql",
        "CREATE TYPE mood AS ENUM ('sad', 'glad');\n\
         CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL DEFAULT 'x', mood mood);\n\
         CREATE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;\n\
         CREATE VIEW names AS SELECT name FROM users;\n\
         COMMENT ON TABLE users IS 'who';\n",
    ),
    (
        "002_total.sql",
        "ALTER TABLE users ADD COLUMN total numeric CHECK (total > 0);\n\
         -- migrate:down\nALTER TABLE users DROP COLUMN total;\n",
    ),
];

fn differences(
    database: &Database,
    up_to: Option<Version>,
    ignored: &[&str],
) -> Result<Vec<String>, Error> {
    let connector = connector(database.url());
    block(async {
        let client = connector.connect().await?;
        let migrator = migrator(FILES);
        compare_schema(&migrator, &client, &connector, up_to, ignored).await
    })
}

fn up(database: &Database) {
    let connector = connector(database.url());
    block(async {
        let mut client = connector.connect().await.unwrap();
        migrator(FILES).up(&mut client).await.unwrap();
    });
}

#[test]
fn after_a_run_they_agree() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    assert_eq!(differences(&database, None, &[]).unwrap(), [""; 0]);
    up(&database);
    database.psql("INSERT INTO users(name) VALUES ('a'); ANALYZE");
    assert_eq!(differences(&database, None, &[]).unwrap(), [""; 0]);
    let connector = connector(database.url());
    block(async {
        let mut client = connector.connect().await.unwrap();
        migrator(FILES)
            .down(&mut client, Down::Steps(1))
            .await
            .unwrap();
    });
    assert_eq!(differences(&database, None, &[]).unwrap(), [""; 0]);
}

#[test]
fn what_was_done_by_hand_is_told() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    up(&database);
    database.psql(
        "CREATE INDEX by_hand ON users (name);\n\
         ALTER TABLE users ALTER COLUMN name DROP DEFAULT, DROP COLUMN total;\n\
         ALTER TYPE mood ADD VALUE 'angry' BEFORE 'sad';\n\
         CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;\n\
         DROP VIEW names;\n\
         COMMENT ON TABLE users IS 'whom';\n\
         CREATE SCHEMA other; CREATE TABLE other.things (id int PRIMARY KEY, x text);\n\
         CREATE TABLE schema_migrations (version text PRIMARY KEY)",
    );
    assert_snapshot!(differences(&database, None, &["schema_migrations"]).unwrap().join("\n"), @"
    the enum `mood` is `'angry', 'sad', 'glad'`, and the migrations make it `'sad', 'glad'`
    the column `users.name` is `text NOT NULL`, and the migrations make it `text NOT NULL DEFAULT 'x'::text`
    the column `users.total` is missing
    the constraint `users.users_total_check` is missing
    the view `names` is missing
    the function `one()` is `CREATE OR REPLACE FUNCTION public.one() RETURNS integer LANGUAGE sql AS $function$ SELECT 2 $function$`, and the migrations make it `CREATE OR REPLACE FUNCTION public.one() RETURNS integer LANGUAGE sql AS $function$ SELECT 1 $function$`
    the comment `table public.users` is `whom`, and the migrations make it `who`
    the schema `other` is not made by the migrations
    the table `other.things` is not made by the migrations
    the index `by_hand` is not made by the migrations
    ");
    let all = differences(&database, None, &[]).unwrap();
    assert!(
        all.contains(&"the table `schema_migrations` is not made by the migrations".to_owned())
    );
    assert!(!all.iter().any(|it| it.contains("_migrations_lock")));
    let none = differences(&database, Some(Version::new(9)), &[]).unwrap_err();
    assert_snapshot!(none, @"this binary does not contain migration `009`; nothing was changed, use the program that does");
}

/// The settings of the caller's connection, and its transaction, are as before.
#[test]
fn the_connection_stays_as_it_is() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    up(&database);
    let connector = connector(database.url());
    block(async {
        let client = connector.connect().await.unwrap();
        for (before, expected) in [
            ("SET search_path = other, public", "other, public"),
            ("BEGIN; SET LOCAL search_path = third", "third"),
        ] {
            client.batch_execute(before).await.unwrap();
            let differences =
                compare_schema(&migrator(FILES), &client, &connector, None, &[]).await;
            assert_eq!(differences.unwrap(), [""; 0]);
            let row = client.query_one("SHOW search_path", &[]).await.unwrap();
            assert_eq!(row.get::<_, String>(0), expected);
        }
    });
}

/// What others have made is left out wherever it lies, with a schema that was
/// made for it alone.
#[test]
fn tables_of_others_are_left_out() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    up(&database);
    database.psql(
        "CREATE TABLE theirs (id bigserial PRIMARY KEY);
         CREATE SCHEMA tools; CREATE TABLE tools.theirs (id bigserial PRIMARY KEY);",
    );
    let ignored = ["public.theirs", "tools.theirs"];
    assert_eq!(differences(&database, None, &ignored).unwrap(), [""; 0]);
    assert_eq!(
        differences(&database, None, &["public.theirs"]).unwrap(),
        [
            "the schema `tools` is not made by the migrations",
            "the table `tools.theirs` is not made by the migrations"
        ]
    );
    database.psql("CREATE TABLE tools.more (id bigint)");
    assert_eq!(
        differences(&database, None, &ignored).unwrap(),
        [
            "the schema `tools` is not made by the migrations",
            "the table `tools.more` is not made by the migrations"
        ]
    );
}
