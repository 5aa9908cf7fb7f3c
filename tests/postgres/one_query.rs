//! What a start costs with nothing pending.

use crate::lab::block;
use migrate_runtime::postgres::Connector;
use migrate_servers::{Proxy, Server};

#[test]
fn nothing_pending_is_one_query_and_no_lock() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let proxy = Proxy::start(server.address());
    let migrator = migrate_tests::postgres::migrator(&[
        ("001_a.sql", "CREATE TABLE a(x int);"),
        ("002_b.sql", "CREATE TABLE b(x int);"),
    ]);
    block(async {
        let connector = Connector::parse(&proxy.url(database.name())).unwrap();
        let mut client = connector.connect().await.unwrap();
        assert_eq!(migrator.up(&mut client).await.unwrap().applied().len(), 2);
        proxy.forget();
        assert!(migrator.up(&mut client).await.unwrap().is_empty());
    });
    assert_eq!(proxy.round_trips(), 1);
    insta::assert_snapshot!(proxy.queries().join("\n"), @r#"SELECT version, checksum, state, name FROM "public"."_migrations" WHERE tableoid IS NOT NULL ORDER BY version"#);
}
