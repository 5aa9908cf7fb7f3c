//! Histories of other tools: each is recognised by the tables that the tool
//! itself makes, and none is taken for ours.

use crate::database::{BASE, dump, number};
use migrate_runtime::{Migrator, Version};
use migrate_tests::{chain, migrator};
use rusqlite::Connection;

/// The `CREATE TABLE` of each tool, as its sources have it, and how many
/// columns a row must be given.
const TOOLS: [(&str, &str, &str); 14] = [
    (
        "sqlx",
        "CREATE TABLE _sqlx_migrations(version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
        "INSERT INTO _sqlx_migrations VALUES (1, 'a', '', 1, x'00', 5), (2, 'b', '', 1, x'00', 5)",
    ),
    (
        "refinery",
        "CREATE TABLE IF NOT EXISTS refinery_schema_history(version int4 PRIMARY KEY, \
         name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))",
        "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '11573172759475866036')",
    ),
    (
        "diesel",
        "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
         version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
        "INSERT INTO __diesel_schema_migrations(version) VALUES ('20240101000000'), ('2'), ('3')",
    ),
    (
        "sea-orm",
        "CREATE TABLE \"seaql_migrations\" ( \"version\" varchar NOT NULL PRIMARY KEY, \
         \"applied_at\" integer NOT NULL )",
        "INSERT INTO seaql_migrations VALUES ('m20220101_000001_create_table', 1)",
    ),
    (
        "flyway",
        "CREATE TABLE flyway_schema_history(installed_rank INT PRIMARY KEY, version VARCHAR(50), \
         description VARCHAR(200), type VARCHAR(20), script VARCHAR(1000), checksum INT, \
         installed_by VARCHAR(100), installed_on TEXT, execution_time INT, success BOOLEAN)",
        "INSERT INTO flyway_schema_history(installed_rank) VALUES (1)",
    ),
    (
        "goose",
        "CREATE TABLE goose_db_version(id INTEGER PRIMARY KEY AUTOINCREMENT, \
         version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, \
         tstamp TIMESTAMP DEFAULT (datetime('now')))",
        "INSERT INTO goose_db_version(version_id, is_applied) VALUES (0, 1), (1, 1)",
    ),
    (
        "golang-migrate",
        "CREATE TABLE schema_migrations(version uint64, dirty bool); \
         CREATE UNIQUE INDEX version_unique ON schema_migrations(version)",
        "INSERT INTO schema_migrations VALUES (7, 0)",
    ),
    (
        "dbmate",
        "CREATE TABLE schema_migrations(version varchar(128) primary key)",
        "INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')",
    ),
    (
        "geni",
        "CREATE TABLE schema_migrations(id VARCHAR(255) NOT NULL PRIMARY KEY)",
        "INSERT INTO schema_migrations VALUES ('20240101000000')",
    ),
    (
        "a runner with its history in `archon_migrations`",
        "CREATE TABLE archon_migrations(id UUID, version VARCHAR(20), \
         migration_name VARCHAR(255), applied_at TIMESTAMPTZ, checksum VARCHAR(32), \
         UNIQUE(version, migration_name))",
        "INSERT INTO archon_migrations(version) VALUES ('0.1.0')",
    ),
    (
        "hiqlite",
        "CREATE TABLE _migrations(id INTEGER NOT NULL CONSTRAINT _migrations_pk PRIMARY KEY, \
         name TEXT NOT NULL, ts INTEGER NOT NULL, hash TEXT NOT NULL)",
        "INSERT INTO _migrations VALUES (1, 'a', 0, '00')",
    ),
    (
        "a runner with numbered rows and short checksums",
        "CREATE TABLE _migrations(id SERIAL, version VARCHAR(10), name VARCHAR(255), \
         checksum VARCHAR(32), applied_at TIMESTAMPTZ, execution_time_ms INTEGER, \
         git_commit VARCHAR(40))",
        "INSERT INTO _migrations(version) VALUES ('001')",
    ),
    (
        "a runner that records names",
        "CREATE TABLE _migrations(id INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)",
        "INSERT INTO _migrations(name) VALUES ('001_initial_schema'), ('002_add_indexes')",
    ),
    (
        "an application with a version counter in `metadata.schema_version`",
        "CREATE TABLE metadata(key TEXT PRIMARY KEY, value TEXT)",
        "INSERT INTO metadata VALUES ('schema_version', '3')",
    ),
];

/// With a name of its own for the history where the tool has taken ours.
fn for_tool(create: &str) -> Migrator<Version> {
    if create.contains("TABLE _migrations") {
        migrator(&[BASE]).history_table("ours")
    } else {
        migrator(&[BASE])
    }
}

#[track_caller]
fn refused(migrator: &Migrator<Version>, conn: &mut Connection) -> String {
    let before = dump(conn);
    let error = migrator.up(conn).unwrap_err();
    assert!(error.is_foreign_history(), "{}", chain(&error));
    assert_eq!(dump(conn), before);
    // A plan is for the same eyes.
    assert_eq!(
        migrator.plan(conn).unwrap_err().to_string(),
        error.to_string()
    );
    chain(&error)
}

#[test]
fn every_tool_is_recognised_by_name_with_its_rows() {
    let mut seen = Vec::new();
    for (tool, create, insert) in TOOLS {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(create).unwrap();
        conn.execute_batch(insert).unwrap();
        let message = refused(&for_tool(create), &mut conn);
        assert!(message.contains(tool), "{message}");
        let (what, rest) = message.split_once("; nothing was written: ").unwrap();
        let (way_out, _) = rest.split_once(", or call").unwrap();
        seen.push(format!("{what}; {way_out}"));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    the database has a foreign history, created by sqlx: table `_sqlx_migrations` with 2 rows; adopt it with `migrate adopt --from sqlx`
    the database has a foreign history, created by refinery: table `refinery_schema_history` with 1 row; adopt it with `migrate adopt --from refinery`
    the database has a foreign history, created by diesel: table `__diesel_schema_migrations` with 3 rows; adopt it with `migrate adopt --from diesel`
    the database has a foreign history, created by sea-orm: table `seaql_migrations` with 1 row; adopt it with `migrate adopt --from sea-orm`
    the database has a foreign history, created by flyway: table `flyway_schema_history` with 1 row; adopt it with `migrate adopt --from flyway`
    the database has a foreign history, created by goose: table `goose_db_version` with 2 rows; adopt it with `migrate adopt --from goose`
    the database has a foreign history, created by golang-migrate: table `schema_migrations` with 1 row; adopt it with `migrate adopt --from golang-migrate`
    the database has a foreign history, created by dbmate: table `schema_migrations` with 2 rows; adopt it with `migrate adopt --from dbmate`
    the database has a foreign history, created by geni: table `schema_migrations` with 1 row; record the applied migrations with `baseline`
    the database has a foreign history, created by a runner with its history in `archon_migrations`: table `archon_migrations` with 1 row; adopt it with `migrate adopt --from archon`
    the database has a foreign history, created by hiqlite: table `_migrations` with 1 row; record the applied migrations with `baseline`
    the database has a foreign history, created by a runner with numbered rows and short checksums: table `_migrations` with 1 row; adopt it with `migrate adopt --from numbered`
    the database has a foreign history, created by a runner that records names: table `_migrations` with 2 rows; adopt it with `migrate adopt --from names`
    the database has a foreign history, created by an application with a version counter in `metadata.schema_version`: table `metadata` with 1 row; adopt it with `migrate adopt --from metadata`
    ");
    let mut conn = Connection::open_in_memory().unwrap();
    let (_, create, insert) = TOOLS[0];
    conn.execute_batch(&format!("{create}; {insert}")).unwrap();
    insta::assert_snapshot!(refused(&migrator(&[BASE]), &mut conn), @"the database has a foreign history, created by sqlx: table `_sqlx_migrations` with 2 rows; nothing was written: adopt it with `migrate adopt --from sqlx`, or call `allow_foreign_history` (on the command line `--allow-foreign-history`) if both tools are meant to use this database");
}

/// Other names for the history do not hide that somebody else keeps one.
#[test]
fn a_name_of_ones_own_does_not_hide_them() {
    for (tool, create, insert) in TOOLS {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&format!("{create}; {insert}")).unwrap();
        let message = refused(&migrator(&[BASE]).history_table("ours"), &mut conn);
        assert!(message.contains(tool), "{message}");
    }
}

/// Such rows a tool writes before it has applied anything, or after it has
/// undone all; to adopt them is refused, because there is nothing to adopt.
#[test]
fn rows_that_record_nothing_do_not_stop() {
    const GOOSE: &str = "CREATE TABLE goose_db_version(id INTEGER PRIMARY KEY AUTOINCREMENT,
        version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL,
        tstamp TIMESTAMP DEFAULT (datetime('now')));
        INSERT INTO goose_db_version(version_id, is_applied) VALUES (0, 1)";
    const KEYS: &str = "CREATE TABLE metadata(key TEXT PRIMARY KEY, value TEXT)";
    const COLUMN: &str = "CREATE TABLE metadata(schema_version INTEGER)";
    for (create, rows, is_history) in [
        (GOOSE, "", false),
        (GOOSE, ", (1, 1), (1, 0)", false),
        (GOOSE, ", (1, 1), (1, 0), (2, 1)", true),
        (GOOSE, ", (1, 1), (1, 0), (1, 1)", true),
        (
            KEYS,
            "; INSERT INTO metadata VALUES ('schema_version', ' 0')",
            false,
        ),
        (
            KEYS,
            "; INSERT INTO metadata VALUES ('schema_version', NULL)",
            false,
        ),
        (
            KEYS,
            "; INSERT INTO metadata VALUES ('schema_version', '1')",
            true,
        ),
        (
            KEYS,
            "; INSERT INTO metadata VALUES ('schema_version', 'x')",
            true,
        ),
        (COLUMN, "; INSERT INTO metadata VALUES (0)", false),
        (COLUMN, "; INSERT INTO metadata VALUES (0), (2)", true),
    ] {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&format!("{create}{rows}")).unwrap();
        let outcome = migrator(&[BASE]).up(&mut conn);
        assert_eq!(outcome.is_err(), is_history, "{create}{rows}");
    }
}

/// A tool that was set up and never used has no history.
#[test]
fn an_empty_history_does_not_stop() {
    for (tool, create, _) in TOOLS {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(create).unwrap();
        let report = for_tool(create)
            .up(&mut conn)
            .unwrap_or_else(|error| panic!("{tool}: {}", chain(&error)));
        assert_eq!(report.applied().len(), 1);
    }
}

#[test]
fn both_may_work_on_one_database() {
    for (_, create, insert) in TOOLS {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&format!("{create}; {insert}")).unwrap();
        let migrator = for_tool(create).allow_foreign_history();
        assert_eq!(migrator.up(&mut conn).unwrap().applied().len(), 1);
        // Afterwards there is a history of ours, and no question any more.
        assert!(for_tool(create).up(&mut conn).unwrap().is_empty());
    }
}

#[test]
fn after_a_baseline_they_no_longer_matter() {
    let next = ("002_next.sql", "CREATE TABLE next(x)");
    for (_, create, insert) in TOOLS {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(&format!("{create}; {insert}; CREATE TABLE a(x)"))
            .unwrap();
        for_tool(create)
            .baseline(&mut conn, Version::new(1))
            .unwrap();
        let name = if create.contains("TABLE _migrations") {
            "ours"
        } else {
            "_migrations"
        };
        let both = migrator(&[BASE, next]).history_table(name);
        assert_eq!(both.up(&mut conn).unwrap().applied()[0].label, "002_next");
        assert_eq!(number(&conn, "SELECT count(*) FROM a"), 0);
    }
}

/// Where another tool has the very name, only another one helps.
#[test]
fn a_table_in_the_place_of_ours_is_named() {
    let mut seen = Vec::new();
    for (_, create, insert) in TOOLS {
        if !create.contains("TABLE _migrations") {
            continue;
        }
        for rows in ["", insert] {
            let mut conn = Connection::open_in_memory().unwrap();
            conn.execute_batch(&format!("{create}; {rows}")).unwrap();
            let message = refused(&migrator(&[BASE]), &mut conn);
            let beside = migrator(&[BASE]).allow_foreign_history();
            assert_eq!(refused(&beside, &mut conn), message);
            if rows.is_empty() {
                seen.push(message);
            }
        }
    }
    // And so it is with a name that somebody chose.
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(TOOLS[0].1).unwrap();
    seen.push(refused(
        &migrator(&[BASE]).history_table("_sqlx_migrations"),
        &mut conn,
    ));
    conn.execute_batch("CREATE TABLE people(name, age)")
        .unwrap();
    seen.push(refused(
        &migrator(&[BASE]).history_table("people"),
        &mut conn,
    ));
    insta::assert_snapshot!(seen.join("\n"), @"
    the table `_migrations` was created by hiqlite (its columns are `id`, `name`, `ts`, `hash`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`
    the table `_migrations` was created by a runner with numbered rows and short checksums (its columns are `id`, `version`, `name`, `checksum`, `applied_at`, `execution_time_ms`, `git_commit`); nothing was written: adopt it with `migrate adopt --from numbered --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)
    the table `_migrations` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --rename-old _migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)
    the table `_sqlx_migrations` was created by sqlx (its columns are `version`, `description`, `installed_on`, `success`, `checksum`, `execution_time`); nothing was written: adopt it with `migrate adopt --from sqlx --rename-old _sqlx_migrations_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)
    the table `people` was created by another tool (its columns are `name`, `age`); nothing was written: choose another name for the history with `history_table`, and record the applied migrations with `baseline`
    ");
}

#[test]
fn a_version_in_metadata_is_found_in_both_forms() {
    for (create, rows) in [
        (
            "CREATE TABLE metadata(schema_version INTEGER, name TEXT)",
            "INSERT INTO metadata VALUES (3, 'x')",
        ),
        (
            "CREATE TABLE metadata(key TEXT PRIMARY KEY, value ANY) STRICT",
            "INSERT INTO metadata VALUES ('schema_version', 3), ('theme', 'dark')",
        ),
        (
            "CREATE TABLE Metadata(Key, Value, note)",
            "INSERT INTO metadata VALUES ('schema_version', 3, '')",
        ),
    ] {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(create).unwrap();
        // Without a version it is a table like any other.
        assert_eq!(migrator(&[BASE]).plan(&conn).unwrap().pending().len(), 1);
        conn.execute_batch(rows).unwrap();
        let message = refused(&migrator(&[BASE]), &mut conn);
        assert!(message.contains("`metadata.schema_version`"), "{message}");
    }
}

#[test]
fn unrelated_tables_with_such_names_do_not_stop() {
    for script in [
        "CREATE TABLE metadata(key, value); INSERT INTO metadata VALUES ('theme', 'dark')",
        "CREATE TABLE metadata(title, author); INSERT INTO metadata VALUES ('a', 'b')",
        "CREATE TABLE metadata(key, content); INSERT INTO metadata VALUES ('schema_version', 'b')",
        "CREATE TABLE schema_migrations(bird, autumn); INSERT INTO schema_migrations VALUES (1, 2)",
        "CREATE TABLE schema_migrations(id, bird, autumn); \
         INSERT INTO schema_migrations VALUES (1, 2, 3)",
        "CREATE TABLE goose_db_version(goose); INSERT INTO goose_db_version VALUES (1)",
        "CREATE TABLE t(x); CREATE INDEX schema_migrations ON t(x); CREATE INDEX metadata ON t(x)",
    ] {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(script).unwrap();
        let report = migrator(&[("001_x.sql", "CREATE TABLE x(y)")])
            .up(&mut conn)
            .unwrap_or_else(|error| panic!("{script}: {}", chain(&error)));
        assert_eq!(report.applied().len(), 1);
    }
}

/// The application's own tables in another database are not of this one.
#[test]
fn other_databases_of_the_connection_do_not_count() {
    let mut conn = Connection::open_in_memory().unwrap();
    let (_, create, insert) = TOOLS[7];
    let other = |sql: &str, schema: &str| {
        sql.replace("schema_migrations", &format!("{schema}.schema_migrations"))
    };
    conn.execute_batch("ATTACH ':memory:' AS other").unwrap();
    for schema in ["other", "temp"] {
        conn.execute_batch(&other(create, schema)).unwrap();
        conn.execute_batch(&other(insert, schema)).unwrap();
    }
    assert_eq!(migrator(&[BASE]).up(&mut conn).unwrap().applied().len(), 1);
}

/// The name may be that of another tool's; the columns are ours.
#[test]
fn a_history_of_ours_is_not_taken_for_another_tools() {
    for name in ["schema_migrations", "seaql_migrations"] {
        let mut conn = Connection::open_in_memory().unwrap();
        let orders = migrator(&[BASE]).history_table(name);
        orders.up(&mut conn).unwrap();
        let users = migrator(&[("001_x.sql", "CREATE TABLE x(y)")]);
        let report = users.up(&mut conn).unwrap();
        assert_eq!(report.applied().len(), 1, "{name}");
    }
}
