//! The demo set `migrations/`: what it makes, and that its downs undo it.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use rusqlite::Connection;

migrate_runtime::embed_migrations!("../migrations", watch = false);

/// Every object of the schema but the history, with its text.
fn schema(conn: &Connection) -> Vec<(String, Option<String>)> {
    let mut statement = conn
        .prepare("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE name <> '_migrations' ORDER BY 1")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

fn indexes(conn: &Connection) -> i64 {
    let count = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    conn.query_row(count, [], |row| row.get(0)).unwrap()
}

/// 4, 8 and 10 indexes, as the system had them that the set is taken from.
#[test]
fn the_indexes_evolve_and_every_down_undoes_its_up() {
    let mut conn = Connection::open_in_memory().unwrap();
    let mut before = vec![schema(&conn)];
    for (migration, expected) in Migration::ALL.iter().zip([4, 8, 10]) {
        let report = Migration::migrator().to(*migration).up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 1);
        assert_eq!(indexes(&conn), expected, "{migration:?}");
        before.push(schema(&conn));
        conn.execute_batch(
            "INSERT INTO organizations (name) VALUES ('o' || (SELECT count(*) FROM organizations));
             INSERT INTO nodes (title, organization_id) SELECT 'a folder', max(id) FROM organizations;
             INSERT INTO key_concepts (node_id, concept) SELECT max(id), 'one' FROM nodes;
             INSERT INTO segments (node_id, position, content) SELECT max(id), 0, 'text' FROM nodes;",
        )
        .unwrap();
    }
    for migration in Migration::ALL.iter().rev() {
        assert_eq!(
            Some(schema(&conn)),
            before.pop(),
            "before the down of {migration:?}"
        );
        let down = migration.get().down.unwrap();
        conn.execute_batch(down.sql()).unwrap();
    }
    assert_eq!(schema(&conn), []);
}

#[test]
fn the_search_index_follows_the_nodes() {
    let mut conn = Connection::open_in_memory().unwrap();
    Migration::migrator().up(&mut conn).unwrap();
    let found = |conn: &Connection, word: &str| -> i64 {
        let count = "SELECT count(*) FROM nodes_fts WHERE nodes_fts MATCH ?1";
        conn.query_row(count, [word], |row| row.get(0)).unwrap()
    };
    let run = |sql: &str| conn.execute_batch(sql).unwrap();
    run("INSERT INTO nodes (title, url, source_domain) VALUES ('manual', 'https://a.b/c', 'a.b')");
    assert_eq!(found(&conn, "manual"), 1);
    run("UPDATE nodes SET title = 'handbook'");
    assert_eq!((found(&conn, "manual"), found(&conn, "handbook")), (0, 1));
    run("DELETE FROM nodes");
    assert_eq!(found(&conn, "handbook"), 0);
}
