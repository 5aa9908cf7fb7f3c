//! What cannot run in a transaction: each statement is run in one.

use migrate_servers::Server;
use migrate_source::outside_transaction;

/// Whether each of these can run in a transaction, by the server and by the model.
#[test]
fn what_cannot_run_in_a_transaction() {
    const CANNOT: &str = "25001";
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    client.query(OBJECTS).unwrap();
    let mut cannot = 0;
    for sql in STATEMENTS {
        let sql = sql.replace("THIS", database.name());
        let theirs = client.query(&format!("BEGIN; {sql}")).err();
        client.query("ROLLBACK").unwrap();
        let theirs = theirs.is_some_and(|refused| refused.code() == CANNOT);
        let ours = outside_transaction(&sql, false).is_some();
        assert_eq!(ours, theirs, "{sql}");
        cannot += usize::from(ours);
    }
    assert!(cannot > 30 && cannot + 30 < STATEMENTS.len(), "{cannot}");
    for sql in ONLY_BY_WHAT_IT_NAMES {
        let refused = client.query(&format!("BEGIN; {sql}")).unwrap_err();
        client.query("ROLLBACK").unwrap();
        assert_eq!(refused.code(), CANNOT, "{sql}");
    }
    // A subscription without a slot can be dropped in one.
    let given_up = "BEGIN; ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s \
                    SET (slot_name = NONE); DROP SUBSCRIPTION s; ROLLBACK";
    client.query(given_up).unwrap();
    assert_eq!(outside_transaction("DROP SUBSCRIPTION s", true), None);
    client
        .query("ALTER SUBSCRIPTION s DISABLE; ALTER SUBSCRIPTION s SET (slot_name = NONE)")
        .unwrap();
    client.query("DROP SUBSCRIPTION s").unwrap();
}

const OBJECTS: &str = "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE INDEX i ON t (b);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE UNIQUE INDEX ON m (a);
CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE INDEX pi ON p (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9); CREATE SCHEMA n;
CREATE TYPE e AS ENUM ('a'); CLUSTER t USING i; CREATE PUBLICATION b FOR TABLE t;
CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1' PUBLICATION b WITH (connect = false);
ALTER SUBSCRIPTION s ENABLE;";

/// They look as if they could, and are not known by their words.
const ONLY_BY_WHAT_IT_NAMES: [&str; 3] =
    ["REINDEX TABLE p", "REINDEX INDEX pi", "CLUSTER p USING pi"];

const STATEMENTS: &[&str] = &[
    "VACUUM",
    "VACUUM FULL t",
    "VACUUM (ANALYZE) t",
    "ANALYZE t",
    "CREATE DATABASE x",
    "DROP DATABASE x",
    "DROP DATABASE IF EXISTS x WITH (FORCE)",
    "ALTER DATABASE THIS SET TABLESPACE pg_default",
    "ALTER DATABASE THIS TABLESPACE pg_default",
    "ALTER DATABASE THIS WITH TABLESPACE pg_default",
    "ALTER DATABASE THIS SET work_mem = '4MB'",
    "ALTER DATABASE THIS OWNER TO postgres",
    "ALTER DATABASE THIS CONNECTION LIMIT 5",
    "ALTER DATABASE x RENAME TO tablespace",
    "ALTER SYSTEM SET work_mem = '5MB'",
    "ALTER SYSTEM RESET work_mem",
    "CREATE INDEX CONCURRENTLY x ON t (b)",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS x ON t (a)",
    "CREATE INDEX concurrently ON t (b)",
    "CREATE INDEX \"CONCURRENTLY\" ON t (b)",
    "CREATE INDEX ON t (b)",
    "DROP INDEX CONCURRENTLY i",
    "DROP INDEX CONCURRENTLY IF EXISTS x",
    "DROP INDEX \"concurrently\"",
    "DROP INDEX i",
    "REINDEX INDEX CONCURRENTLY i",
    "REINDEX TABLE CONCURRENTLY t",
    "REINDEX (CONCURRENTLY) TABLE t",
    "REINDEX (VERBOSE, CONCURRENTLY) TABLE t",
    "REINDEX (CONCURRENTLY true) TABLE t",
    "REINDEX (CONCURRENTLY 'on') TABLE t",
    "REINDEX (CONCURRENTLY false) TABLE t",
    "REINDEX (CONCURRENTLY off, VERBOSE) TABLE t",
    "REINDEX (CONCURRENTLY 0) TABLE t",
    "REINDEX (VERBOSE) TABLE t",
    "REINDEX TABLE t",
    "REINDEX INDEX i",
    "REINDEX SCHEMA n",
    "REINDEX SCHEMA CONCURRENTLY n",
    "REINDEX DATABASE THIS",
    "REINDEX SYSTEM THIS",
    "CREATE TABLESPACE x LOCATION '/x'",
    "DROP TABLESPACE x",
    "DROP TABLESPACE IF EXISTS x",
    "ALTER TABLESPACE pg_default OWNER TO postgres",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b WITH (enabled = false)",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b WITH (connect = false)",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b, c WITH (enabled = false, \"connect\" = 'off')",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION b WITH (CONNECT = 0)",
    "CREATE SUBSCRIPTION x CONNECTION 'port=1' PUBLICATION b WITH (create_slot = false)",
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION WITH (copy_data = false)",
    "ALTER SUBSCRIPTION s SET PUBLICATION c",
    "ALTER SUBSCRIPTION s SET PUBLICATION c WITH (refresh = false)",
    "ALTER SUBSCRIPTION s ADD PUBLICATION c WITH (copy_data = false)",
    "ALTER SUBSCRIPTION s ADD PUBLICATION c WITH (refresh = off)",
    "ALTER SUBSCRIPTION s DISABLE",
    "ALTER SUBSCRIPTION s SET (binary = true)",
    "DROP SUBSCRIPTION s",
    "CLUSTER",
    "CLUSTER VERBOSE",
    "CLUSTER t",
    "CLUSTER VERBOSE t",
    "CLUSTER (VERBOSE) t USING i",
    "DISCARD ALL",
    "DISCARD TEMP",
    "DISCARD PLANS",
    "DISCARD SEQUENCES",
    "ALTER TABLE p DETACH PARTITION p1",
    "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
    "ALTER TABLE IF EXISTS ONLY public.p DETACH PARTITION public.p1 CONCURRENTLY",
    "ALTER TABLE p DETACH PARTITION p1 FINALIZE",
    "REFRESH MATERIALIZED VIEW m",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
    "ALTER TYPE e ADD VALUE 'b'",
    "CREATE EXTENSION IF NOT EXISTS plpgsql",
    "LOCK TABLE t",
    "CHECKPOINT",
    "LISTEN x",
    "NOTIFY x",
    "LOAD 'plpgsql'",
    "ALTER TABLE t SET UNLOGGED",
    "SET LOCAL work_mem = '1MB'",
];
