//! Locks that another session holds: docs/internals/postgres.md, "Taking the lock".

use crate::lab::{Files, block, client, locks, running};
use migrate_servers::Server;
use migrate_tests::chain;
use migrate_tests::child::{Worker, together};
use std::time::{Duration, Instant};

const USERS: (&str, &str) = ("001_users.sql", "CREATE TABLE users (id bigint);\n");
const SLOW: (&str, &str) = ("002_slow.sql", "SELECT pg_sleep(30);\n");
const DEADLINE: Duration = Duration::from_millis(800);

#[test]
fn a_lock_that_is_held_for_ever_names_its_holder() {
    let Some(server) = Server::shared() else {
        return;
    };
    for lock in ["session", "transaction"] {
        let database = server.database();
        let files = Files::new(&[USERS, SLOW]);
        let setting = format!("lock={lock}");
        let mut holder = Worker::start(files.worker(database.url(), &[&setting]));
        holder.release();
        let pid = running(&database, "SELECT pg_sleep%");
        let migrator = migrate_tests::postgres::migrator(&[USERS, SLOW]).lock_timeout(DEADLINE);
        let migrator = match lock {
            "session" => migrator,
            _ => migrator.behind_pooler(),
        };
        let started = Instant::now();
        let error = block(async {
            let mut client = client(database.url()).await;
            migrator.up(&mut client).await.unwrap_err()
        });
        let waited = started.elapsed();
        assert!(error.is_locked(), "{error}");
        assert!(waited >= DEADLINE && waited < DEADLINE * 2, "{waited:?}");
        let text = chain(&error)
            .replace(&format!("process {pid} "), "process PID ")
            .replace(database.name(), "DATABASE");
        let text = text.split(", connected for").next().unwrap();
        let (_, text) = text.split_once(" s for ").unwrap();
        // Behind a pooler nothing is set for the session.
        let text = text.replace(", application `migrate: an application`", "");
        insta::allow_duplicates! {
            insta::assert_snapshot!(text, @"the migration lock of database `DATABASE`, and another connection is still in the way; nothing was applied: server process PID holds it, role `postgres`, from `127.0.0.1`, now `active`");
        }
        // With nothing pending nobody asks for the lock.
        let none = migrate_tests::postgres::migrator(&[USERS]).lock_timeout(DEADLINE);
        block(async {
            let mut client = client(database.url()).await;
            none.to(migrate_runtime::Version::new(1))
                .up(&mut client)
                .await
                .unwrap();
        });
        holder.kill();
        let cancel = format!("SELECT pg_terminate_backend({pid})");
        database.psql(&cancel);
    }
}

#[test]
fn the_lock_of_a_tenant_does_not_hold_up_another() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let (slow, quick) = (Files::new(&[USERS, SLOW]), Files::new(&[USERS]));
    let mut holder = Worker::start(slow.worker(database.url(), &["schema=a"]));
    holder.release();
    let pid = running(&database, "SELECT pg_sleep%");
    let outcome = together([quick.worker(database.url(), &["schema=b", "lock_timeout_ms=1000"])]);
    outcome[0].assert_ok();
    // The same schema is held up.
    let files = Files::new(&[USERS, SLOW]);
    let outcome = together([files.worker(database.url(), &["schema=a", "lock_timeout_ms=500"])]);
    outcome[0].assert_error("locked");
    assert!(!holder.has_ended());
    database.psql(&format!("SELECT pg_terminate_backend({pid})"));
    holder.finish().assert_error("other");
    assert_eq!(locks(&database), "0");
}
