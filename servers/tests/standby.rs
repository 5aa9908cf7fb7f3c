//! Streaming standbys.

use migrate_servers::{Options, Server};

#[test]
fn a_standby_replays_and_is_promoted() {
    let Some(primary) = Server::start() else {
        return;
    };
    primary.psql("CREATE TABLE t (x int)");
    let standby = primary.standby();
    assert!(standby.in_recovery());
    assert_ne!(standby.port(), primary.port());
    primary.psql("INSERT INTO t SELECT generate_series(1, 1000)");
    standby.wait_for_replay();
    assert_eq!(standby.psql("SELECT count(*) FROM t"), "1000");
    let mut client = standby.connect("postgres");
    let error = client.query("INSERT INTO t VALUES (1)").unwrap_err();
    // read_only_sql_transaction
    assert_eq!(error.code(), "25006");
    primary.kill();
    standby.wait_for_replay();
    standby.promote();
    standby.psql("INSERT INTO t VALUES (1001)");
    assert_eq!(standby.psql("SELECT max(x) FROM t"), "1001");
    assert!(!primary.is_running());
}

#[test]
fn a_synchronous_standby_has_what_was_committed() {
    let Some(primary) = Server::start() else {
        return;
    };
    let standby = primary.standby_with(&Options::new().synchronous());
    primary.psql("CREATE TABLE t (x int)");
    primary.psql("INSERT INTO t VALUES (1)");
    primary.kill();
    standby.promote();
    assert_eq!(standby.psql("SELECT x FROM t"), "1");
}
