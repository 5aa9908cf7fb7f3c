//! Runs through PgBouncer: docs/internals/postgres.md, "Poolers".

use crate::lab::{Files, check_steps, locks, steps};
use migrate_servers::{Database, PgBouncer, PoolMode, Server};
use migrate_tests::child::{Outcome, applied, together};
use std::iter::repeat_with;

const POOL: u32 = 4;

/// How the sessions that the pooler has stand: each setting that is its own.
fn settings(pooler: &PgBouncer, database: &Database) -> Vec<String> {
    // As many at once as the pool has.
    let mut sessions: Vec<_> = (0..POOL).map(|_| pooler.connect(database.name())).collect();
    for session in &mut sessions {
        session.query("BEGIN").unwrap();
    }
    let sql = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings \
               WHERE name IN ('search_path', 'lock_timeout', 'statement_timeout', 'work_mem', \
               'idle_in_transaction_session_timeout', 'idle_session_timeout', \
               'client_connection_check_interval', 'role')";
    let settings = sessions
        .iter_mut()
        .map(|session| session.query(sql).unwrap());
    settings.collect()
}

#[test]
fn behind_a_pooler_each_migration_is_applied_once() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = PgBouncer::start(server, PoolMode::Transaction, POOL) else {
        return;
    };
    let files = Files::new(&steps(5, "SET work_mem = '7MB';\n"));
    for _ in 0..4 {
        let database = server.database();
        let was = settings(&pooler, &database);
        let url = pooler.url(database.name());
        let commands = repeat_with(|| files.worker(&url, &["lock=transaction"])).take(16);
        let outcomes = together(commands);
        outcomes.iter().for_each(Outcome::assert_ok);
        assert_eq!(applied(&outcomes), [1, 2, 3, 4, 5]);
        assert_eq!(check_steps(|sql| database.psql(sql)), 5);
        assert_eq!(locks(&database), "0");
        assert_eq!(settings(&pooler, &database), was);
    }
}

#[test]
fn behind_a_pooler_nothing_runs_without_a_transaction() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = PgBouncer::start(server, PoolMode::Transaction, POOL) else {
        return;
    };
    let mut files = steps(2, "");
    let text = "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY one ON step_1 (id);\n";
    files.push(("003_index.sql".to_owned(), text.to_owned()));
    let database = server.database();
    let url = pooler.url(database.name());
    let outcomes = together([Files::new(&files).worker(&url, &["lock=transaction"])]);
    outcomes[0].assert_error("other");
    insta::assert_snapshot!(outcomes[0].message, @r#""migration `003_index` runs without a transaction, and then only a session-level lock keeps other runs out, which a pooler does not support; nothing was applied, connect to the server directly""#);
    assert_eq!(check_steps(|sql| database.psql(sql)), 0);
}

/// The lock of a session keeps nobody out there. Whoever is given more than one
/// connection says so, and leaves no lock behind.
#[test]
fn the_lock_of_a_session_is_found_not_to_hold() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = PgBouncer::start(server, PoolMode::Transaction, POOL) else {
        return;
    };
    let files = Files::new(&steps(5, ""));
    let (mut detected, mut locked, mut ok) = (0, 0, 0);
    for _ in 0..4 {
        let database = server.database();
        let was = settings(&pooler, &database);
        let url = pooler.url(database.name());
        let commands = repeat_with(|| files.worker(&url, &["lock_timeout_ms=3000"])).take(8);
        for outcome in together(commands) {
            match outcome.result.as_str() {
                "ok" => ok += 1,
                "locked" => locked += 1,
                _ => {
                    // Another run may have had the same connection, and have
                    // released the lock on it.
                    let is_found = outcome.message.contains("call `behind_pooler`");
                    assert!(is_found, "{outcome:?}");
                    detected += 1;
                }
            }
        }
        assert_eq!(locks(&database), "0");
        assert_eq!(settings(&pooler, &database), was);
        check_steps(|sql| database.psql(sql));
    }
    println!("figures: {detected} detected, {locked} locked, {ok} ok");
    assert!(detected > 0);
}

/// A pooler that gives each client one connection for its whole session is like
/// none.
#[test]
fn a_pooler_of_sessions_is_as_good_as_none() {
    let Some(server) = Server::shared() else {
        return;
    };
    let Some(pooler) = PgBouncer::start(server, PoolMode::Session, POOL) else {
        return;
    };
    let (database, files) = (server.database(), Files::new(&steps(3, "")));
    let url = pooler.url(database.name());
    let outcomes = together(repeat_with(|| files.worker(&url, &[])).take(8));
    outcomes.iter().for_each(Outcome::assert_ok);
    assert_eq!(applied(&outcomes), [1, 2, 3]);
    assert_eq!(check_steps(|sql| database.psql(sql)), 3);
}
