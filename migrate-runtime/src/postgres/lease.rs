//! A row as the lock, for servers without advisory locks: the row names its holder
//! and the time until which the lock is held.
//!
//! A transaction of the run also locks the row itself, so a lease that ends during
//! a long migration lets nobody in before that has ended.

use super::classify::failed;
use super::random::nonce;
use super::server::rows;
use super::session::SessionState;
use super::wait::Wait;
use crate::error::{Error, PostgresKind};
use crate::postgres::Lock;
use migrate_scan::sqlite::quote;
use tokio_postgres::{Client, Transaction};

const DOING: &str = "taking the lease of the migrations";

/// How long a lease of a run that was killed keeps others out, in seconds.
const SECONDS: u32 = 60;

fn until() -> String {
    format!("now() + INTERVAL '{SECONDS} seconds'")
}

/// Takes the lease, asking for it until the deadline.
pub(super) async fn acquire(client: &Client, state: &mut SessionState<'_>) -> Result<(), Error> {
    if state.settings.engine.lock != Lock::Table {
        return Ok(());
    }
    let (table, until) = (state.settings.engine.table.lease(), until());
    let schema = quote(state.settings.engine.table.schema());
    for sql in [
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!(
            "CREATE TABLE IF NOT EXISTS {table} \
             (id bigint PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL)"
        ),
    ] {
        // A sibling may make the same at the same moment; if it is missing
        // then, that is reported below.
        let _ = client.batch_execute(&sql).await;
    }
    let holder = nonce();
    // A waiting run only looks; the row is written when it is free.
    let look = format!("SELECT until < now() FROM {table} WHERE id = 1");
    let take = format!(
        "INSERT INTO {table} (id, holder, until) VALUES (1, '{holder}', {until}) \
         ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until \
         WHERE {table}.until < now() RETURNING holder"
    );
    let mut wait = Wait::for_the_lock(state.settings, &state.server.database);
    loop {
        let seen = rows(client.simple_query(&look).await, DOING)?;
        if seen.first().is_none_or(|row| row.get(0) == Some("t")) {
            // From here on it may be taken, also if the answer never comes.
            state.lease = Some(holder.clone());
            let taken = rows(client.simple_query(&take).await, DOING)?;
            if !taken.is_empty() {
                return Ok(());
            }
            state.lease = None;
        }
        wait.pause().await?;
    }
}

/// Whether the lease is still ours, for the length of a transaction; its time
/// begins anew.
pub(super) async fn check(tx: &Transaction<'_>, state: &SessionState<'_>) -> Result<(), Error> {
    let Some(holder) = &state.lease else {
        return Ok(());
    };
    let sql = format!(
        "UPDATE {} SET until = {} WHERE id = 1 AND holder = '{holder}' RETURNING holder",
        state.settings.engine.table.lease(),
        until()
    );
    if rows(tx.simple_query(&sql).await, DOING)?.is_empty() {
        Err(PostgresKind::Unsupported {
            server: state.server.shown().to_owned(),
            what: "gave the lease of this run to another one, because it took too long between \
                   two migrations; start again"
                .to_owned(),
        }
        .into())
    } else {
        Ok(())
    }
}

/// The statement that gives the lease back.
pub(super) fn release_statement(state: &SessionState<'_>) -> Option<String> {
    let holder = state.lease.as_ref()?;
    let table = state.settings.engine.table.lease();
    Some(format!(
        "DELETE FROM {table} WHERE id = 1 AND holder = '{holder}'"
    ))
}

/// Gives it back.
pub(super) async fn release(client: &Client, state: &mut SessionState<'_>) {
    if let Some(sql) = release_statement(state) {
        let released = client.batch_execute(&sql).await.map_err(failed(DOING));
        if released.is_ok() {
            state.lease = None;
        }
    }
}
