//! The demo set `migrations-postgres/`, as a service embeds it: what the systems
//! did that this project replaces, and that each down undoes its up.

use crate::block;
use migrate_runtime::postgres::Connector;
use migrate_runtime::tokio_postgres::Client;
use migrate_runtime::{Down, Status};
use migrate_servers::{Database, Server};
use migrate_tests::postgres;

migrate_runtime::embed_migrations!("../migrations-postgres", engine = "postgres", watch = false);

async fn connect(database: &Database) -> Client {
    let connector = Connector::parse(database.url()).unwrap();
    connector.connect().await.unwrap()
}

/// Rows in every table that there is by now.
const ROWS: [&str; 2] = [
    "INSERT INTO accounts.organizations (name) VALUES ('Müller & Söhne'), ('o') ON CONFLICT DO NOTHING; \
     INSERT INTO accounts.users (organization_id, email) \
     SELECT id, name || '@example.org' FROM accounts.organizations ON CONFLICT DO NOTHING",
    "INSERT INTO links.links (user_id, url, title, visibility) \
     SELECT id, 'https://example.org/' || id, 'A link', 'public' FROM accounts.users \
     ON CONFLICT DO NOTHING; UPDATE links.links SET title = 'The link'",
];

/// 51. Down and up again, at every step and with rows: the schema is the same.
#[test]
fn every_down_undoes_its_up() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let schema = || postgres::schema(|sql| database.psql(sql));
    block(async {
        let mut client = connect(&database).await;
        // The history itself stays.
        let migrator = Migration::migrator();
        migrator
            .clone()
            .to(Migration::ALL[0])
            .up(&mut client)
            .await
            .unwrap();
        migrator.reset(&mut client).await.unwrap();
        for (i, migration) in Migration::ALL.iter().enumerate() {
            let before = schema();
            let only = migrator.clone().to(*migration);
            assert_eq!(only.up(&mut client).await.unwrap().applied().len(), 1);
            let after = schema();
            assert_ne!(after, before, "{migration:?}");
            for rows in ROWS.iter().take(i + 1) {
                client.batch_execute(rows).await.unwrap();
            }
            let undone = migrator.down(&mut client, Down::Only(*migration)).await;
            assert_eq!(undone.unwrap().undone().len(), 1, "{migration:?}");
            assert_eq!(schema(), before, "{migration:?}");
            only.up(&mut client).await.unwrap();
            assert_eq!(schema(), after, "{migration:?}");
            migrator.redo(&mut client).await.unwrap();
            assert_eq!(schema(), after, "{migration:?}");
        }
        let report = migrator.reset(&mut client).await.unwrap();
        assert_eq!(report.undone().len(), Migration::ALL.len());
    });
    assert_eq!(database.psql("SELECT version FROM _migrations"), "");
}

/// A down that fails leaves its row, and everything as it was.
#[test]
fn a_down_that_fails() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    block(async {
        let mut client = connect(&database).await;
        let migrator = Migration::migrator();
        migrator.up(&mut client).await.unwrap();
        client
            .batch_execute("CREATE VIEW mine AS SELECT * FROM links.recent")
            .await
            .unwrap();
        let before = postgres::dump(|sql| database.psql(sql));
        let down = Down::To(Migration::V002Links);
        let error = migrator.down(&mut client, down).await.unwrap_err();
        insta::assert_snapshot!(error, @"the down of migration `003_changes` failed at migrations-postgres/feature-additions/003_changes.sql:28:1 and was rolled back: cannot drop view links.recent because other objects depend on it (2BP01); detail: view mine depends on view links.recent; hint: Use DROP ... CASCADE to drop the dependent objects too");
        let undone: Vec<&str> = error
            .report()
            .undone()
            .iter()
            .map(|undone| &*undone.label)
            .collect();
        assert_eq!(undone, ["005_find_titles", "004_slugs"]);
        migrator.up(&mut client).await.unwrap();
        // Only the times of those two are others.
        let without_times = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.contains("|applied|"));
            lines.map(str::to_owned).collect()
        };
        let after = postgres::dump(|sql| database.psql(sql));
        assert_eq!(without_times(&after), without_times(&before));
    });
}

/// Categories, several schemas, what the history records, the dry run, and what
/// is verified.
#[test]
fn what_the_seeds_did() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    block(async {
        let mut client = connect(&database).await;
        let migrator = Migration::migrator()
            .release("links 2.0.1")
            .git_commit("4f2a91c");
        insta::assert_snapshot!(migrator.plan(&client).await.unwrap(), @"
        would apply 001_accounts
        would apply 002_links
        would apply 003_changes
        would apply 004_slugs
        would apply 005_find_titles
        ");
        assert_eq!(database.psql("SELECT to_regclass('_migrations')"), "");
        migrator.up(&mut client).await.unwrap();
        let status: Status = migrator.status(&client).await.unwrap();
        assert_eq!((status.applied(), status.pending()), (5, 0));
        assert!(migrator.verify(&client).await.unwrap().is_clean());
        assert!(migrator.up(&mut client).await.unwrap().is_empty());
        client.batch_execute(&ROWS.join(";")).await.unwrap();
        migrator.redo(&mut client).await.unwrap();
    });
    let paths: Vec<&str> = Migration::REGISTRY
        .migrations()
        .iter()
        .map(|migration| migration.up.path())
        .collect();
    insta::assert_snapshot!(paths.join("\n"), @"
    migrations-postgres/schema-creation/001_accounts.sql
    migrations-postgres/schema-creation/002_links.sql
    migrations-postgres/feature-additions/003_changes.sql
    migrations-postgres/data-migration/004_slugs.rs
    migrations-postgres/feature-additions/005_find_titles.sql
    ");
    let recorded = "SELECT version, name, state, release, git_commit, \
                    down_sql IS NOT NULL, execution_ms >= 0 FROM _migrations ORDER BY version";
    insta::assert_snapshot!(database.psql(recorded), @"
    1|accounts|applied|links 2.0.1|4f2a91c|t|t
    2|links|applied|links 2.0.1|4f2a91c|t|t
    3|changes|applied|links 2.0.1|4f2a91c|t|t
    4|slugs|applied|links 2.0.1|4f2a91c|f|t
    5|find_titles|applied|links 2.0.1|4f2a91c|t|t
    ");
    let recent = "SELECT organization, domain, title, at >= now() - interval '1 minute' \
                  FROM links.recent ORDER BY organization COLLATE \"C\"";
    insta::assert_snapshot!(database.psql(recent), @"
    Müller & Söhne|example.org|The link|t
    o|example.org|The link|t
    ");
    // What was changed by hand is found.
    database.psql("UPDATE _migrations SET checksum = 'sha256:00' WHERE version = 2");
    block(async {
        let client = connect(&database).await;
        let verification = Migration::migrator().verify(&client).await.unwrap();
        assert!(!verification.is_clean());
        assert!(verification.to_string().contains("`002_links` was changed"));
    });
}
