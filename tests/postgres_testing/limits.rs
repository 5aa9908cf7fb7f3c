//! Servers that allow too few connections.

use crate::{GENERATED, again, outcome};
use migrate_servers::Server;
use std::time::{Duration, Instant};

/// The generated test against a server whose role may have this many connections.
fn limited(connections: u32) -> Option<(bool, String)> {
    let server = Server::start()?;
    server.psql(&format!(
        "CREATE ROLE few LOGIN CREATEDB CONNECTION LIMIT {connections}"
    ));
    let mut test = again(GENERATED);
    let url = server.url("postgres").replace("postgres@", "few@");
    test.env("TEST_DATABASE_URL", url);
    let begun = Instant::now();
    let (succeeded, text) = outcome(test);
    assert!(begun.elapsed() < Duration::from_secs(40), "{text}");
    let port = server.port().to_string();
    Some((succeeded, text.replace(&port, "PORT")))
}

#[test]
fn one_connection_is_too_few_and_that_is_said() {
    let Some((succeeded, text)) = limited(1) else {
        return;
    };
    assert!(!succeeded);
    let line = text.lines().find(|line| line.contains("PORT"));
    let (before, name) = line.unwrap_or(&text).split_once("check_").unwrap();
    let line = format!("{before}check_…{}", &name[16..]);
    assert!(!text.contains("firewall"), "{text}");
    insta::assert_snapshot!(line, @r#"`127.0.0.1:PORT/migrate_check_…` accepts no further connection beside the one that is open: too many connections for role "few" (53300); the migrations are tried on scratch databases, which needs three at a time: raise the `CONNECTION LIMIT` of the role, `max_connections` or the size of the pool, or use another server"#);
}

#[test]
fn three_connections_are_enough() {
    if let Some((succeeded, text)) = limited(3) {
        assert!(succeeded, "{text}");
    }
}
