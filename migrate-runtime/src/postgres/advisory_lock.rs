//! The advisory lock that keeps other runs out. A run polls for it and never
//! waits inside the server: a waiting session would block
//! `CREATE INDEX CONCURRENTLY` of the lock holder, a deadlock.

use super::server::rows;
use super::session::{SessionState, set};
use super::wait::Wait;
use crate::error::{Error, PostgresKind};
use std::time::Duration;
use tokio::time::sleep;
use tokio_postgres::{Client, GenericClient};

const DOING: &str = "taking the migration lock";

/// The high and the low half of a key, as `pg_locks` shows them.
fn halves(key: i64) -> (u32, u32) {
    let key = key.cast_unsigned();
    let half = |number: u64| u32::try_from(number & 0xffff_ffff).unwrap_or_default();
    (half(key >> 32), half(key))
}

/// The condition for the rows of `pg_locks` that belong to this lock. The view
/// shows both halves of a key, and a third number that is 1 for 64-bit keys:
/// <https://www.postgresql.org/docs/current/view-pg-locks.html>.
fn is_ours(key: i64) -> String {
    let (high, low) = halves(key);
    format!(
        "l.locktype = 'advisory' AND l.granted AND l.classid = {high} AND l.objid = {low} \
         AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_catalog.pg_database \
         WHERE datname = pg_catalog.current_database())"
    )
}

/// Takes the session-level lock, polling until the deadline.
pub(super) async fn acquire(client: &Client, state: &mut SessionState<'_>) -> Result<(), Error> {
    let key = state.key;
    let ask = format!("pg_catalog.pg_try_advisory_lock({key})");
    let mut sql = format!("SELECT true, {ask}, pg_catalog.pg_backend_pid()");
    let database = state.server.database.clone();
    let mut wait = Wait::for_the_lock(state.settings, &database);
    state.has_asked = true;
    loop {
        let rows = rows(client.simple_query(&sql).await, DOING)?;
        let text = |at: usize| rows.first().and_then(|row| row.get(at)).unwrap_or_default();
        if text(0) != "t" {
            return Err(PostgresKind::Pooler.into());
        }
        let has_lock = text(1) == "t";
        if state.backend.is_none()
            && let Ok(backend) = text(2).parse()
        {
            state.backend = Some(backend);
            sql = on(backend, &ask);
        }
        if has_lock {
            break;
        }
        // The server may end sessions that are idle between two attempts.
        if state.saved.is_empty() {
            set(client, state, &[("idle_session_timeout", "0".to_owned())]).await?;
        }
        if let Err(error) = wait.pause().await {
            return Err(with_holder(client, key, error).await);
        }
    }
    check(client, state).await
}

/// Checks that the server process that runs this statement holds the lock.
/// Behind a pooler another process may hold it, or a script may have released
/// it.
pub(super) async fn check(
    client: &(impl GenericClient + Sync),
    state: &SessionState<'_>,
) -> Result<(), Error> {
    let Some(backend) = state.backend else {
        return Ok(());
    };
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_locks l \
         WHERE {} AND l.pid = pg_catalog.pg_backend_pid()), \
         pg_catalog.pg_backend_pid() = {backend}",
        is_ours(state.key)
    );
    let rows = rows(client.simple_query(&sql).await, DOING)?;
    let is = |at: usize| rows.first().and_then(|row| row.get(at)) == Some("t");
    match (is(0), is(1)) {
        (true, _) => Ok(()),
        (false, false) => Err(PostgresKind::Pooler.into()),
        (false, true) => Err(PostgresKind::LockReleased.into()),
    }
}

/// The query for the kinds of locks that this session holds: `advisory` is this
/// lock, others meet the condition.
pub(super) fn held(key: i64, other: &str) -> String {
    let (high, low) = halves(key);
    // A session has locks in its own database only.
    format!(
        "SELECT l.locktype FROM pg_catalog.pg_locks l \
         WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND \
         (l.locktype = 'advisory' AND l.classid = {high} AND l.objid = {low} \
         AND l.objsubid = 1 OR {other})"
    )
}

/// Fails if this is another server process than the one that holds the lock.
pub(super) fn judge_backend(state: &SessionState<'_>, backend: &str) -> Result<(), Error> {
    match state.backend {
        Some(own) if own.to_string() != backend => Err(PostgresKind::Pooler.into()),
        _ => Ok(()),
    }
}

/// The query that takes the transaction-level lock. It returns false if another
/// run holds it.
pub(super) fn try_in(key: i64) -> String {
    format!("SELECT pg_catalog.pg_try_advisory_xact_lock({key})")
}

/// Wraps an expression in a statement that evaluates it only in the server
/// process that holds the lock.
pub(super) fn on(backend: i32, act: &str) -> String {
    format!(
        "SELECT pg_catalog.pg_backend_pid() = {backend}, \
         CASE WHEN pg_catalog.pg_backend_pid() = {backend} THEN {act} END"
    )
}

/// The statement that releases the lock in whatever server process runs it.
pub(super) fn unlock(state: &SessionState<'_>) -> String {
    format!("SELECT pg_catalog.pg_advisory_unlock({})", state.key)
}

/// The statements that release the lock and restore the settings.
pub(super) fn release_statements(state: &SessionState<'_>) -> Vec<String> {
    let Some(backend) = state.backend else {
        return Vec::new();
    };
    let unlock = format!("pg_catalog.pg_advisory_unlock({})", state.key);
    let settings = state.saved.iter().map(|(name, value)| {
        format!(
            "pg_catalog.set_config({}, {}, false)",
            literal(name),
            literal(value)
        )
    });
    settings
        .chain([unlock])
        .map(|act| on(backend, &act))
        .collect()
}

/// Releases the lock and restores the settings. A pooler may give each
/// statement another server process, so each is repeated until it runs in the
/// right one. If that never happens, the process is terminated, because
/// otherwise the lock would stay.
pub(super) async fn release(client: &Client, state: &SessionState<'_>) {
    const TRIES: usize = 100;
    let Some(backend) = state.backend else {
        return;
    };
    for statement in release_statements(state) {
        let mut tries = 0;
        loop {
            let Ok(rows) = rows(client.simple_query(&statement).await, DOING) else {
                return;
            };
            if rows.first().and_then(|row| row.get(0)) == Some("t") {
                break;
            }
            tries += 1;
            if tries == TRIES {
                let sql = format!(
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
                     WHERE pid = {backend} AND state = 'idle'"
                );
                let _ = client.batch_execute(&sql).await;
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Adds the session that holds the lock to the error, if the server shows it.
pub(super) async fn with_holder(client: &Client, key: i64, error: Error) -> Error {
    if !error.is_locked() {
        return error;
    }
    let sql = format!(
        "SELECT l.pid, a.usename, a.application_name, a.client_addr, a.state, \
         pg_catalog.date_trunc('second', pg_catalog.now() - a.backend_start) \
         FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
         WHERE {}",
        is_ours(key)
    );
    let Ok(rows) = rows(client.simple_query(&sql).await, DOING) else {
        return error;
    };
    let Some(row) = rows.first() else {
        return error;
    };
    let text = |at: usize| row.get(at).filter(|text| !text.is_empty());
    let mut holder = format!("server process {} holds it", text(0).unwrap_or("?"));
    for (what, at) in [("role", 1), ("application", 2), ("from", 3), ("now", 4)] {
        if let Some(text) = text(at) {
            holder += &format!(", {what} `{text}`");
        }
    }
    if let Some(age) = text(5) {
        holder += &format!(", connected for {age}");
    }
    error.caused_by(holder)
}

/// A string literal for use in a statement, whatever
/// `standard_conforming_strings` is.
pub fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_two_halves() {
        assert_eq!(halves(0x0123_4567_89ab_cdef), (0x0123_4567, 0x89ab_cdef));
        assert_eq!(halves(-1), (u32::MAX, u32::MAX));
    }

    #[test]
    fn literals_are_closed() {
        assert_eq!(literal(r"it's \"), r"E'it''s \\'");
    }
}
