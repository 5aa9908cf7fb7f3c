//! Many processes that start at the same moment: docs/internals/postgres.md,
//! "Taking the lock" and "The isolation level".

use crate::lab::{Files, locks, steps};
use migrate_servers::{Database, Server};
use migrate_tests::child::{Outcome, applied, together};
use std::iter::repeat_with;

/// A table, an index that is made concurrently, a change of data alone, and one
/// more table.
fn mixed() -> Files {
    Files::new(&[
        (
            "001_ledger.sql",
            "CREATE TABLE ledger (value bigint);\nINSERT INTO ledger VALUES (1);\n",
        ),
        (
            "002_index.sql",
            "-- migrate: no-transaction\n\
             CREATE INDEX CONCURRENTLY ledger_value ON ledger (value);\n",
        ),
        ("003_data.sql", "UPDATE ledger SET value = value * 100;\n"),
        (
            "004_more.sql",
            "CREATE TABLE more (id bigint);\nUPDATE ledger SET value = value + 1;\n",
        ),
    ])
}

#[track_caller]
fn assert_once(database: &Database, outcomes: &[Outcome]) {
    outcomes.iter().for_each(Outcome::assert_ok);
    assert_eq!(applied(outcomes), [1, 2, 3, 4]);
    assert_eq!(database.psql("SELECT value FROM ledger"), "101");
    let index = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ledger_value'::regclass";
    assert_eq!(database.psql(index), "t");
    let history = "SELECT string_agg(version || state, ' ' ORDER BY version) FROM _migrations";
    assert_eq!(
        database.psql(history),
        "1applied 2applied 3applied 4applied"
    );
    assert_eq!(locks(database), "0");
}

fn race(server: &Server, starters: usize, rounds: usize, settings: &[&str]) {
    let files = mixed();
    for _ in 0..rounds {
        let database = server.database();
        let commands = repeat_with(|| files.worker(database.url(), settings)).take(starters);
        assert_once(&database, &together(commands));
    }
    let all = rounds * starters;
    println!("{all} of {all} starters succeeded");
}

#[test]
fn sixteen_starters_apply_each_migration_once() {
    let Some(server) = Server::shared() else {
        return;
    };
    race(server, 16, 4, &[]);
}

#[test]
fn thirty_two_starters_apply_each_migration_once() {
    let Some(server) = Server::shared() else {
        return;
    };
    race(server, 32, 2, &["connector=1"]);
}

#[test]
fn other_defaults_of_a_database_change_nothing() {
    let Some(server) = Server::shared() else {
        return;
    };
    let files = mixed();
    for setting in [
        "default_transaction_isolation = 'repeatable read'",
        "default_transaction_isolation = 'serializable'",
        "default_transaction_deferrable = on",
    ] {
        for _ in 0..2 {
            let database = server.database();
            database.psql(&format!("ALTER DATABASE {} SET {setting}", database.name()));
            let commands = repeat_with(|| files.worker(database.url(), &[])).take(8);
            assert_once(&database, &together(commands));
        }
    }
}

#[test]
fn a_database_that_is_read_only_by_default_is_named() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, files) = (server.database(), mixed());
    let set = |value: &str| {
        let name = database.name();
        server.psql(&format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = {value}"
        ));
    };
    set("on");
    let outcomes = together([files.worker(database.url(), &[])]);
    outcomes[0].assert_error("read_only");
    insta::assert_snapshot!(outcomes[0].message, @r#""the database is read-only, and 4 migrations are pending; open it for writing: transactions of this role or database are read-only: see `default_transaction_read_only`""#);
    set("off");
    assert_once(&database, &together([files.worker(database.url(), &[])]));
    // With nothing pending it starts.
    set("on");
    together([files.worker(database.url(), &[])])[0].assert_ok();
}

#[test]
fn first_starters_make_the_schema_of_the_history_once() {
    let Some(server) = Server::shared() else {
        return;
    };
    let files = Files::new(&steps(3, ""));
    for settings in [&["schema=new"][..], &["history_schema=new"]] {
        for _ in 0..3 {
            let database = server.database();
            let commands = repeat_with(|| files.worker(database.url(), settings)).take(16);
            let outcomes = together(commands);
            outcomes.iter().for_each(Outcome::assert_ok);
            assert_eq!(applied(&outcomes), [1, 2, 3]);
            let sql = "SELECT count(*) FROM new._migrations";
            assert_eq!(database.psql(sql), "3");
        }
    }
}

/// Their locks are two, so that both may make the schema at the same moment.
#[test]
fn two_registries_start_in_one_new_schema() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (users, orders) = (
        Files::new(&[("001_m.sql", "CREATE TABLE users (id bigint);\n")]),
        Files::new(&[("001_m.sql", "CREATE TABLE orders (id bigint);\n")]),
    );
    for _ in 0..6 {
        let database = server.database();
        let commands = (0..8).map(|n| match n % 2 {
            0 => users.worker(database.url(), &["schema=new", "table=_users"]),
            _ => orders.worker(database.url(), &["schema=new", "table=_orders"]),
        });
        let outcomes = together(commands);
        outcomes.iter().for_each(Outcome::assert_ok);
        assert_eq!(applied(&outcomes), [1, 1]);
        let tables = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables \
                      WHERE schemaname = 'new'";
        assert_eq!(database.psql(tables), "_orders _users orders users");
    }
}

/// Twenty schemas of one database, each by four processes.
#[test]
fn tenants_have_a_history_and_a_lock_each() {
    let Some(server) = Server::shared() else {
        return;
    };
    let (database, files) = (server.database(), Files::new(&steps(3, "")));
    let tenants: Vec<String> = (0..20).map(|n| format!("tenant_{n}")).collect();
    for tenants in tenants.chunks(5) {
        let commands = tenants.iter().flat_map(|tenant| {
            let setting = format!("schema={tenant}");
            let command = || files.worker(database.url(), &[&setting]);
            [command(), command(), command(), command()]
        });
        let outcomes = together(commands.collect::<Vec<_>>());
        outcomes.iter().for_each(Outcome::assert_ok);
        assert_eq!(applied(&outcomes).len(), 3 * tenants.len());
    }
    for tenant in &tenants {
        let mut session = database.connect();
        session
            .query(&format!("SET search_path = {tenant}"))
            .unwrap();
        let value = session.query("SELECT value FROM ledger").unwrap();
        // 1, 4, 14, 45: each of the three once.
        assert_eq!(value, "45");
        let rows = session.query("SELECT count(*) FROM _migrations").unwrap();
        assert_eq!(rows, "3");
    }
    let nothing = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.psql(nothing), "0");
}
