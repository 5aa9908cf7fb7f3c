//! The locks of the old tools, which are waited for without blocking.

use crate::support::{connected, left, ours, with_originals};
use migrate_adopt::Tool;
use migrate_adopt::postgres::adopt;
use std::time::Duration;

/// A session that has the lock of a tool, which is released after a while or
/// never, as the tool would take it.
const LOCKS: [(Tool, &str); 4] = [
    // 0x3d32ad9e times the CRC-32 of the name, computed in SQL.
    (
        Tool::Sqlx,
        "SELECT pg_advisory_lock(1026731422 * pg_temp.crc32(current_database()))",
    ),
    (
        Tool::GolangMigrate,
        "SELECT pg_advisory_lock(pg_temp.crc32(E'public\\001schema_migrations\\001/' || current_database()) \
         * 1486364155 % 4294967296)",
    ),
    (Tool::Goose, "SELECT pg_advisory_lock(5887940537704921958)"),
    (
        Tool::Flyway,
        "SELECT pg_advisory_lock(77431708279161 + pg_temp.java_hash('\"public\".\"flyway_schema_history\"'))",
    ),
];

/// Both hashes bit by bit, after their definitions. A text cannot hold the NUL of
/// golang-migrate, for which a byte 1 stands.
const HASHES: &str = "
CREATE FUNCTION pg_temp.crc32(value text) RETURNS bigint AS $$
DECLARE crc bigint := 4294967295; byte int;
BEGIN
    FOR i IN 0 .. length(value::bytea) - 1 LOOP
        byte := get_byte(value::bytea, i);
        crc := crc # (CASE byte WHEN 1 THEN 0 ELSE byte END);
        FOR bit IN 1 .. 8 LOOP
            crc := (crc >> 1) # (CASE crc & 1 WHEN 1 THEN 3988292384 ELSE 0 END);
        END LOOP;
    END LOOP;
    RETURN crc # 4294967295;
END; $$ LANGUAGE plpgsql;
CREATE FUNCTION pg_temp.java_hash(value text) RETURNS bigint AS $$
DECLARE hash bigint := 0;
BEGIN
    FOR i IN 1 .. length(value) LOOP
        hash := (hash * 31 + ascii(substr(value, i, 1))) & 4294967295;
    END LOOP;
    RETURN CASE WHEN hash > 2147483647 THEN hash - 4294967296 ELSE hash END;
END; $$ LANGUAGE plpgsql;";

#[tokio::test]
async fn the_old_tool_is_at_work() {
    for (tool, lock) in LOCKS {
        let Some(mut left) = left(tool, "app").await else {
            return;
        };
        let migrator = connected(&ours(tool), &left).lock_timeout(Duration::from_millis(300));
        let mut other = left.database.connect();
        other.query(HASHES).unwrap();
        other.query(lock).unwrap();
        let options = with_originals(tool);
        let error = adopt(&migrator, &mut left.client, tool, &options)
            .await
            .expect_err("the lock is held");
        assert!(error.is_locked(), "{tool}: {error}");
        if tool == Tool::Sqlx {
            insta::assert_snapshot!(error, @"sqlx is at work on this database: its lock was not acquired in 300ms, and nothing was recorded; wait until it is done, or stop it, and try again");
        }
        let rows = left
            .database
            .psql("SELECT to_regclass('public._migrations') IS NULL");
        assert_eq!(rows, "t", "{tool}");
        // Whoever waits in this way gets it as soon as it is free.
        let migrator = migrator.lock_timeout(Duration::from_secs(20));
        let release = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            other.query("SELECT pg_advisory_unlock_all()").unwrap();
        };
        let adopting = adopt(&migrator, &mut left.client, tool, &options);
        let (adoption, ()) = tokio::join!(adopting, release);
        assert_eq!(adoption.unwrap().pending, [""; 0], "{tool}");
        // It was given up with the transaction.
        other
            .query(&lock.replace("pg_advisory_lock", "pg_try_advisory_lock"))
            .unwrap();
        let mine = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                    (SELECT oid FROM pg_database WHERE datname = current_database())";
        assert_eq!(left.database.psql(mine), "1", "{tool}");
    }
}
