//! A row as the lock, for servers without advisory locks: the row contains the
//! holder and the time at which the lease expires.
//!
//! A transaction of the run also locks the row itself. So a lease that expires
//! during a long migration lets no other run in before the migration has ended.

use super::classify::failed;
use super::random::nonce;
use super::server::rows;
use super::session::SessionState;
use super::wait::Wait;
use crate::error::{Error, PostgresKind};
use crate::postgres::Lock;
use migrate_scan::sqlite::quote;
use tokio_postgres::{Client, SimpleQueryRow, Transaction};

const DOING: &str = "taking the lease";

/// The duration of a lease in seconds: how long a killed run keeps others out.
const LEASE_SECONDS: u32 = 60;

fn expiry() -> String {
    format!("now() + INTERVAL '{LEASE_SECONDS} seconds'")
}

/// Takes the lease, polling until the deadline.
pub(super) async fn acquire(client: &Client, state: &mut SessionState<'_>) -> Result<(), Error> {
    if state.settings.engine.lock != Lock::Table {
        return Ok(());
    }
    let (table, until) = (state.settings.engine.table.lease(), expiry());
    let schema = quote(state.settings.engine.table.schema());
    for sql in [
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!(
            "CREATE TABLE IF NOT EXISTS {table} \
             (id bigint PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL)"
        ),
    ] {
        // Another run may create the same at the same moment. If the table is
        // missing afterwards, that is reported below.
        let _ = client.batch_execute(&sql).await;
    }
    let holder = nonce();
    // A waiting run only reads. It writes the row when the lease is free.
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
            // From here on the lease may be ours, even if the answer never
            // comes.
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

/// Checks that the lease is still ours, and renews it.
pub(super) async fn check(tx: &Transaction<'_>, state: &SessionState<'_>) -> Result<(), Error> {
    let Some(sql) = renewal(state) else {
        return Ok(());
    };
    judge(state, &rows(tx.simple_query(&sql).await, DOING)?)
}

/// The statement that renews the lease, if it is still ours. The update locks
/// the row until the end of the transaction.
pub(super) fn renewal(state: &SessionState<'_>) -> Option<String> {
    let holder = state.lease.as_ref()?;
    Some(format!(
        "UPDATE {} SET until = {} WHERE id = 1 AND holder = '{holder}' RETURNING holder",
        state.settings.engine.table.lease(),
        expiry()
    ))
}

/// Fails if the answer to the renewal shows that the lease is not ours.
pub(super) fn judge(state: &SessionState<'_>, renewed: &[SimpleQueryRow]) -> Result<(), Error> {
    if !renewed.is_empty() {
        return Ok(());
    }
    Err(PostgresKind::Unsupported {
        server: state.server.shown.clone(),
        what: "gave the lease of this run to another run, because this one took too long \
               between two migrations; start it again",
    }
    .into())
}

/// The statement that releases the lease.
pub(super) fn release_statement(state: &SessionState<'_>) -> Option<String> {
    let holder = state.lease.as_ref()?;
    let table = state.settings.engine.table.lease();
    Some(format!(
        "DELETE FROM {table} WHERE id = 1 AND holder = '{holder}'"
    ))
}

pub(super) async fn release(client: &Client, state: &mut SessionState<'_>) {
    if let Some(sql) = release_statement(state) {
        let released = client.batch_execute(&sql).await.map_err(failed(DOING));
        if released.is_ok() {
            state.lease = None;
        }
    }
}
