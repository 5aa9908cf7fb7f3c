//! Servers that speak the protocol and lack advisory locks, by a function that
//! says to be one; and the lease that stands in for the lock.

use crate::lab::{Files, block, check_steps, client, locks, running, steps};
use migrate_runtime::postgres::Lock;
use migrate_servers::{Database, Server};
use migrate_tests::chain;
use migrate_tests::child::{Outcome, Worker, applied, together};
use std::iter::repeat_with;

const COCKROACH: &str = "CockroachDB CCL v23.2.0 (x86_64-pc-linux-gnu, built 2024/01/01)";
const YUGABYTE: &str = "PostgreSQL 11.2-YB-2.20.1.3-b0 on x86_64-pc-linux-gnu";

/// A database whose server says to be another.
fn saying(server: &Server, version: &str) -> Database {
    let database = server.database();
    database.pretend(version);
    database
}

const ONE_EACH: &[(&str, &str)] = &[
    ("001_users.sql", "CREATE TABLE public.users (id bigint);\n"),
    (
        "002_data.sql",
        "INSERT INTO public.users VALUES (1);\nUPDATE public.users SET id = 2;\n",
    ),
];

#[test]
fn other_makes_are_refused_or_take_a_lease() {
    let Some(server) = Server::shared() else {
        return;
    };
    for version in [COCKROACH, YUGABYTE] {
        let database = saying(server, version);
        let migrator = migrate_tests::postgres::migrator(ONE_EACH);
        let error = block(async {
            let mut client = client(database.url()).await;
            migrator.up(&mut client).await.unwrap_err()
        });
        match version {
            COCKROACH => {
                insta::assert_snapshot!(chain(&error), @"CockroachDB CCL v23.2.0 (x86_64-pc-linux-gnu, built 2024/01/01) has no advisory locks, which keep concurrent runs out; use `lock(Lock::Table)` (on the command line `--lock table`), which has been tested only on PostgreSQL; nothing was applied");
            }
            _ => {
                insta::assert_snapshot!(chain(&error), @"PostgreSQL 11.2-YB-2.20.1.3-b0 has no advisory locks, which keep concurrent runs out; use `lock(Lock::Table)` (on the command line `--lock table`), which has been tested only on PostgreSQL; nothing was applied");
            }
        }
        let none = "SELECT to_regclass('public._migrations') IS NULL";
        assert_eq!(database.psql(none), "t");
        let migrator = migrator.lock(Lock::Table);
        block(async {
            let mut client = client(database.url()).await;
            migrator.up(&mut client).await.unwrap();
        });
        assert_eq!(database.psql("SELECT id FROM public.users"), "2");
        assert_eq!(
            database.psql("SELECT count(*) FROM public._migrations_lock"),
            "0"
        );
        assert_eq!(locks(&database), "0");
    }
}

#[test]
fn several_changes_of_the_schema_are_refused() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = saying(server, COCKROACH);
    let text = "CREATE TABLE public.a (id bigint);\nCREATE TABLE public.b (id bigint);\n";
    let migrator = migrate_tests::postgres::migrator(&[("001_two.sql", text)]);
    let error = block(async {
        let mut client = client(database.url()).await;
        migrator
            .lock(Lock::Table)
            .up(&mut client)
            .await
            .unwrap_err()
    });
    insta::assert_snapshot!(chain(&error), @"migration `001_two` contains a schema change besides other statements, and CockroachDB CCL v23.2.0 (x86_64-pc-linux-gnu, built 2024/01/01) does not roll it back with its transaction; nothing was applied, give each change its own migration");
    assert_eq!(database.psql("SELECT to_regclass('public.a') IS NULL"), "t");
}

#[test]
fn a_lease_keeps_others_out() {
    let Some(server) = Server::shared() else {
        return;
    };
    let files = Files::new(&steps(4, "SELECT pg_sleep(0.01);\n"));
    for _ in 0..3 {
        let database = server.database();
        let commands = repeat_with(|| files.worker(database.url(), &["lock=table"])).take(8);
        let outcomes = together(commands);
        outcomes.iter().for_each(Outcome::assert_ok);
        assert_eq!(applied(&outcomes), [1, 2, 3, 4]);
        assert_eq!(check_steps(|sql| database.psql(sql)), 4);
        assert_eq!(database.psql("SELECT count(*) FROM _migrations_lock"), "0");
    }
}

#[test]
fn the_lease_of_a_process_that_was_killed_ends() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut files = steps(1, "");
    files.push(("002_m.sql".to_owned(), "SELECT pg_sleep(60);\n".to_owned()));
    let slow = Files::new(&files);
    let mut worker = Worker::start(slow.worker(database.url(), &["lock=table"]));
    worker.release();
    let pid = running(&database, "SELECT pg_sleep%");
    worker.kill();
    database.psql(&format!("SELECT pg_terminate_backend({pid})"));
    // It is still there, and keeps the next one out.
    let files = Files::new(&steps(2, ""));
    let settings = ["lock=table", "lock_timeout_ms=600"];
    let outcome = &together([files.worker(database.url(), &settings)])[0];
    outcome.assert_error("locked");
    let text = outcome.message.replace(database.name(), "DATABASE");
    let (_, text) = text.split_once(" s for ").unwrap();
    insta::assert_snapshot!(text, @r#"the migration lock of database `DATABASE`, and another connection is still in the way; nothing was applied""#);
    let left = "SELECT until > now() AND until < now() + INTERVAL '61 seconds' \
                FROM _migrations_lock";
    assert_eq!(database.psql(left), "t");
    // As if the minute had gone by.
    database.psql("UPDATE _migrations_lock SET until = now() - INTERVAL '1 second'");
    together([files.worker(database.url(), &settings)])[0].assert_ok();
    assert_eq!(check_steps(|sql| database.psql(sql)), 2);
}
