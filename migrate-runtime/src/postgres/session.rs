//! The connection of a run: its lock, its settings, and what happens to both if
//! the run is dropped.

use super::classify::failed;
use super::history::KnownHistory;
use super::server::{Server, rows};
use super::session_settings::SessionSettings;
use super::{advisory_lock, lease};
use crate::Postgres;
use crate::error::{Error, PostgresKind};
use crate::migrator::Settings;
use crate::postgres::{Connector, Lock};
use futures_util::FutureExt as _;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, NoTls, SimpleQueryStream};

/// What a run knows about its connection.
pub(super) struct SessionState<'a> {
    pub(super) settings: &'a Settings<Postgres>,
    pub(super) server: Server,
    pub(super) key: i64,
    /// Whether the session-level lock was requested. The answer may not have
    /// come.
    pub(super) has_asked: bool,
    /// The server process that holds the session-level lock.
    pub(super) backend: Option<i32>,
    /// The original values of the settings that the run has changed.
    pub(super) saved: Vec<(&'static str, String)>,
    /// The statements that restore the settings that a running script without a
    /// transaction may have changed.
    pub(super) restore: Option<String>,
    pub(super) cancel: CancelToken,
    /// The holder of the lease, where the lock is a row.
    pub(super) lease: Option<String>,
    /// What the last transaction has left, if nothing else has run since.
    pub(super) verified: Option<Verified>,
}

/// What a committed transaction of this session has verified. The next one
/// checks whether it still holds, which costs less than reading it again.
pub(super) struct Verified {
    pub(super) before: Arc<SessionSettings>,
    pub(super) history: KnownHistory,
}

/// A connection that holds the lock of a run.
///
/// A run whose future is dropped must leave neither its transaction open nor
/// its lock held, and `drop` cannot wait for an answer. So the statements that
/// end both are queued, and the running statement is cancelled.
pub(super) struct Session<'a> {
    pub(super) client: &'a mut Client,
    pub(super) state: SessionState<'a>,
    is_over: bool,
}

/// The settings of the session during a run. Those that an older server does
/// not know are left out.
fn wanted(application: &str) -> [(&'static str, String); 7] {
    [
        ("application_name", application.to_owned()),
        // Otherwise the server could end a session that waits for the lock or
        // an observer, and release the lock.
        ("idle_in_transaction_session_timeout", "0".to_owned()),
        ("idle_session_timeout", "0".to_owned()),
        // If this process dies, the server notices during a long statement.
        ("client_connection_check_interval", "5s".to_owned()),
        // And it notices between two statements if the network fails silently.
        ("tcp_keepalives_idle", "30".to_owned()),
        ("tcp_keepalives_interval", "10".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
    ]
}

impl<'a> Session<'a> {
    /// Takes the lock, and changes the settings.
    pub(super) async fn start(
        client: &'a mut Client,
        settings: &'a Settings<Postgres>,
        server: Server,
    ) -> Result<Session<'a>, Error> {
        server.check_lock(settings.engine.lock)?;
        let cancel = client.cancel_token();
        let mut session = Session {
            client,
            state: SessionState {
                settings,
                server,
                key: settings.engine.table.key(),
                has_asked: false,
                backend: None,
                saved: Vec::new(),
                restore: None,
                cancel,
                lease: None,
                verified: None,
            },
            is_over: false,
        };
        match session.set_up().await {
            Ok(()) => Ok(session),
            Err(error) => {
                session.end().await;
                Err(error)
            }
        }
    }

    async fn set_up(&mut self) -> Result<(), Error> {
        let Session { client, state, .. } = self;
        match state.settings.engine.lock {
            Lock::Session => advisory_lock::acquire(client, state).await?,
            Lock::Table => return lease::acquire(client, state).await,
            Lock::Transaction => return Ok(()),
        }
        let release = state.settings.release.as_deref();
        let application = format!("migrate: {}", release.unwrap_or("an application"));
        set(client, state, &wanted(&application)).await?;
        Ok(())
    }

    /// Releases the lock, and restores the settings.
    pub(super) async fn end(mut self) {
        if !self.client.is_closed() {
            lease::release(self.client, &mut self.state).await;
            advisory_lock::release(self.client, &self.state).await;
        }
        self.is_over = true;
    }
}

/// Changes settings of the session for the run. All original values are read
/// before the first change, so that a run that is dropped can restore them.
pub(super) async fn set(
    client: &Client,
    state: &mut SessionState<'_>,
    wanted: &[(&'static str, String)],
) -> Result<(), Error> {
    const DOING: &str = "preparing the connection";
    let shown = |(name, _): &(&str, String)| format!("pg_catalog.current_setting('{name}', true)");
    let sql: Vec<String> = wanted.iter().map(shown).collect();
    let sql = format!("SELECT {}", sql.join(", "));
    let known = rows(client.simple_query(&sql).await, DOING)?;
    for (at, (name, value)) in wanted.iter().enumerate() {
        // An older server does not know all of them.
        let Some(before) = known.first().and_then(|row| row.get(at)) else {
            continue;
        };
        if state.saved.iter().all(|(known, _)| known != name) {
            state.saved.push((name, before.to_owned()));
        }
        let act = format!(
            "pg_catalog.set_config('{name}', {}, false)",
            advisory_lock::literal(value)
        );
        // A pooler may send this statement to another server process, whose
        // settings must not change.
        let sql = match state.backend {
            Some(backend) => advisory_lock::on(backend, &act),
            None => format!("SELECT true, {act}"),
        };
        let answer = client.simple_query(&sql).await;
        if let Err(error) = &answer
            && error.code().is_some_and(is_not_there)
        {
            continue;
        }
        let set = rows(answer, DOING)?;
        if set.first().and_then(|row| row.get(0)) != Some("t") {
            return Err(PostgresKind::Pooler.into());
        }
    }
    Ok(())
}

/// Not every server and platform supports each setting.
fn is_not_there(code: &SqlState) -> bool {
    [
        SqlState::UNDEFINED_OBJECT,
        SqlState::INVALID_PARAMETER_VALUE,
    ]
    .contains(code)
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if self.is_over || self.client.is_closed() {
            return;
        }
        // The drop of an open transaction has already queued its rollback.
        let mut statements = vec!["ROLLBACK".to_owned()];
        statements.extend(self.state.restore.take());
        statements.extend(advisory_lock::release_statements(&self.state));
        if self.state.has_asked && self.state.backend.is_none() {
            statements.push(advisory_lock::unlock(&self.state));
        }
        statements.extend(lease::release_statement(&self.state));
        // The first poll sends it.
        let queue = |sql: &str| self.client.simple_query_raw(sql).now_or_never();
        // The cancellation may hit one of these statements instead of the
        // running one. So they are queued twice; the second time they have no
        // effect.
        let mut last = None;
        for statement in statements.iter().chain(&statements) {
            last = queue(statement);
        }
        let Some(Ok(last)) = last else {
            return;
        };
        if cancel_until(&self.state, last) {
            // A late cancellation must not hit the application's next
            // statement.
            drop(queue("SELECT pg_catalog.pg_sleep(0.1)"));
        }
    }
}

/// Asks the server, over another connection, to cancel what is running, until
/// the last statement is answered. Returns `false` outside a runtime. One
/// request is not enough: between two statements the server ignores it.
fn cancel_until(state: &SessionState<'_>, last: SimpleQueryStream) -> bool {
    const FIRST_PAUSE: Duration = Duration::from_millis(20);
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return false;
    };
    let (token, connector) = (
        state.cancel.clone(),
        state.settings.engine.connector.clone(),
    );
    runtime.spawn(async move {
        let mut over = pin!(end(last));
        let mut pause = FIRST_PAUSE;
        while timeout(pause, over.as_mut()).await.is_err() {
            pause = (pause * 2).min(LONGEST_PAUSE);
            let cancel = request(connector.as_ref(), &token);
            // A statement that has ended needs no cancellation.
            if let Either::Left(_) = select(over.as_mut(), pin!(cancel)).await {
                return;
            }
        }
    });
    true
}

/// Waits for the end of an answer, and ignores its content.
async fn end(answer: SimpleQueryStream) {
    let mut answer = pin!(answer);
    while let Some(message) = answer.next().await {
        if message.is_err_and(|error| error.is_closed()) {
            return;
        }
    }
}

/// Asks the server to cancel what is running on the connection, and waits
/// until the request was sent.
pub(super) async fn cancel(state: &SessionState<'_>) {
    request(state.settings.engine.connector.as_ref(), &state.cancel).await;
}

async fn request(connector: Option<&Connector>, token: &CancelToken) {
    match connector {
        Some(connector) => drop(connector.cancel(token.clone()).await),
        // The server asks for no password here, and the request contains
        // nothing confidential.
        None => drop(token.cancel_query(NoTls).await),
    }
}

/// Reads all settings with a value for this session. Those that a script
/// changes outlive its transaction.
pub(super) async fn own_settings(
    client: &(impl tokio_postgres::GenericClient + Sync),
) -> Result<Vec<(String, String)>, Error> {
    let sql = "SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session' \
               UNION ALL SELECT 'role', pg_catalog.current_setting('role') \
               UNION ALL SELECT 'session_authorization', session_user::text";
    let answer = client.query_typed(sql, &[]).await;
    let answer = answer.map_err(failed("reading the settings of the connection"))?;
    Ok(answer.iter().map(|row| (row.get(0), row.get(1))).collect())
}
