//! A server that is older than what is supported. `.ci/postgres-versions` runs
//! this on a real one; otherwise a function gives the version.

use crate::support::{abc, chain, connect, made, refused};
use migrate_adopt::{Options, Tool};
use migrate_servers::Server;

#[tokio::test]
async fn an_adoption_is_refused() {
    let history = "CREATE TABLE public.schema_migrations (version bigint PRIMARY KEY, \
                   dirty boolean NOT NULL); INSERT INTO public.schema_migrations VALUES (1, false)";
    let Some(mut left) = made(history).await else {
        return;
    };
    let is_old = Server::shared().unwrap().major() < 13;
    let number = if is_old {
        left.database.psql("SHOW server_version")
    } else {
        "12.22".to_owned()
    };
    if !is_old {
        left.database.pretend("PostgreSQL 12.22 on x86_64");
        left.client = connect(&left.database).await;
    }
    let error = refused(&mut left, &abc(), Tool::GolangMigrate, &Options::default()).await;
    insta::assert_snapshot!(chain(&error).replace(&number, "12.22"), @"the history of golang-migrate was not adopted: PostgreSQL 13 or newer is needed, this is 12.22; nothing was changed, upgrade the server");
}
