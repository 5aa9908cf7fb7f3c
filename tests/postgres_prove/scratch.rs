//! The databases that a replay makes, and what it leaves alone.

use crate::{block, check, connector, directory};
use insta::assert_snapshot;
use migrate_runtime::Numbering;
use migrate_servers::Server;
use migrate_tools::postgres::prove_directory;
use std::time::Duration;

const SOUND: &[(&str, &str)] = &[(
    "001_a.sql",
    "CREATE TABLE a (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE a;\n",
)];

/// The databases of a server that look like ours.
fn databases(server: &Server) -> String {
    server.psql("SELECT datname FROM pg_database WHERE datname LIKE 'migrate%' ORDER BY 1")
}

/// All that a database holds, as `pg_dump` writes it.
fn dump(server: &Server, database: &str) -> String {
    let output = std::process::Command::new(server.binaries().join("pg_dump"))
        .arg(server.url(database))
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    // Newer ones have a key in it that is another one each time.
    let lines = text.lines().filter(|line| !line.starts_with('\\'));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_stays_and_nothing_else_is_touched() {
    let Some(server) = Server::start() else {
        return;
    };
    let database = server.database();
    database.psql(
        "CREATE TABLE a (id bigint PRIMARY KEY, x text); INSERT INTO a VALUES (1, 'x');\n\
         CREATE TABLE _migrations (version bigint)",
    );
    let before = dump(&server, database.name());
    let broken: &[_] = &[(
        "001_a.sql",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nSELECT 1/0;\n",
    )];
    for (files, is_sound) in [(SOUND, true), (broken, false)] {
        let check = check(database.url(), files).unwrap();
        assert_eq!(check.errors.is_empty(), is_sound, "{check}");
        assert_eq!(databases(&server), "");
        assert_eq!(dump(&server, database.name()), before);
    }
    assert_eq!(
        server.psql("SELECT count(*) FROM pg_database WHERE NOT datistemplate"),
        "2"
    );
}

/// Only what is known to be ours, and to be in nobody's use, is dropped.
#[test]
fn what_a_killed_run_has_left_is_dropped_by_a_later_one() {
    let Some(server) = Server::start() else {
        return;
    };
    let database = server.database();
    let mark = "made by migrate to try migrations, and dropped by a later run; begun at ";
    let cases = [
        ("migrate_check_000000000000000a", Some(-4000), ""),
        ("migrate_check_000000000000000b", Some(-3000), ""),
        ("migrate_check_000000000000000c", None, ""),
        ("migrate_check_000000000000000d", Some(-4000), "x"),
        ("migrate_check_orders", Some(-4000), ""),
        ("migrate_check_000000000000000e0", Some(-4000), ""),
        ("migrate_check_000000000000000f", Some(-4000), ""),
    ];
    for (name, age, suffix) in cases {
        server.psql(&format!("CREATE DATABASE {name}"));
        let Some(age) = age else {
            continue;
        };
        server.psql(&format!(
            "DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE {name} IS %L', '{mark}' || \
             (floor(extract(epoch FROM now())) + {age})::bigint || '{suffix}'); END $$"
        ));
    }
    let in_use = server.connect("migrate_check_000000000000000f");
    check(database.url(), SOUND).unwrap();
    assert_snapshot!(databases(&server), @"
    migrate_check_000000000000000b
    migrate_check_000000000000000c
    migrate_check_000000000000000d
    migrate_check_000000000000000e0
    migrate_check_000000000000000f
    migrate_check_orders
    ");
    drop(in_use);
}

#[test]
fn a_role_that_may_not_make_databases() {
    let Some(server) = Server::start() else {
        return;
    };
    let database = server.database();
    server.psql("CREATE ROLE app LOGIN");
    let url = database.url().replace("postgres@", "app@");
    let error = check(&url, SOUND).unwrap_err();
    assert_snapshot!(migrate_tests::chain(&error), @"the role `app` may not create databases, and the migrations are tried on a database of their own; nothing was changed, have a superuser run `ALTER ROLE app CREATEDB`, or use another server, such as a local one: permission denied to create database (42501)");
    // It needs no more than that.
    server.psql("ALTER ROLE app CREATEDB");
    assert_snapshot!(check(&url, SOUND).unwrap(), @"
    nothing is wrong

    1 migration, 1 tried on rows, 1 down
    ");
}

/// At each moment of it, the making of the database included.
#[test]
fn a_dropped_future_leaves_nothing() {
    let Some(server) = Server::start() else {
        return;
    };
    let database = server.database();
    let folder = directory(&[("001_a.sql", "SELECT pg_sleep(100);\n")]);
    let connector = connector(database.url());
    for milliseconds in [0, 3, 6, 10, 15, 20, 30, 60, 120, 500] {
        let check = prove_directory(folder.path(), Numbering::DEFAULT, &connector);
        let ended =
            block(async { tokio::time::timeout(Duration::from_millis(milliseconds), check).await });
        assert!(ended.is_err());
        assert_eq!(databases(&server), "", "after {milliseconds} ms");
    }
}
