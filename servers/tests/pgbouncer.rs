//! PgBouncer before a server.

use migrate_servers::{Client, PgBouncer, PoolMode, Server};

#[test]
fn transactions_share_the_sessions_of_a_pool() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = PgBouncer::start(server, PoolMode::Transaction, 1) else {
        return;
    };
    let database = server.database();
    let mut one = pooler.connect(database.name());
    let mut two = pooler.connect(database.name());
    let backend = |client: &mut Client| client.query("SELECT pg_backend_pid()").unwrap();
    assert_eq!(backend(&mut one), backend(&mut two));
    // What a session remembers is seen by the other: this is what the protocol
    // for poolers is about.
    one.query("SET search_path = elsewhere").unwrap();
    assert_eq!(two.query("SHOW search_path").unwrap(), "elsewhere");
    assert_eq!(database.psql("SHOW search_path"), "\"$user\", public");
}

#[test]
fn sessions_stay_with_their_client_in_session_mode() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = PgBouncer::start(server, PoolMode::Session, 2) else {
        return;
    };
    let database = server.database();
    let mut one = pooler.connect(database.name());
    let mut two = pooler.connect(database.name());
    one.query("SET search_path = elsewhere").unwrap();
    assert_eq!(two.query("SHOW search_path").unwrap(), "\"$user\", public");
    assert_eq!(one.query("SHOW search_path").unwrap(), "elsewhere");
    let url = pooler.url(database.name());
    assert_ne!(url, database.url());
}
