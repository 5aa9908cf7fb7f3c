//! A server, its databases, and its end.

use migrate_servers::Server;

#[test]
fn a_query_works_in_a_database_of_its_own() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    assert_eq!(
        database.psql("SELECT 1, NULL, 'a' UNION ALL SELECT 2, 3, 'b'"),
        "1||a\n2|3|b"
    );
    let other = server.database();
    database.psql("CREATE TABLE t (x int)");
    let error = other.try_psql("SELECT * FROM t").unwrap_err();
    assert_eq!(error.code(), "42P01");
}
