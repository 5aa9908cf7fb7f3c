//! The connection of a run: its lock, its settings, and what happens to both if
//! the run is dropped in the middle.

use super::cause::failed;
use super::server::{Server, rows};
use super::{lease, lock};
use crate::Postgres;
use crate::error::Error;
use crate::migrator::Settings;
use crate::postgres::Lock;
use futures_util::FutureExt as _;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, NoTls};

/// What a run knows of its connection.
pub(super) struct Hold<'a> {
    pub(super) settings: &'a Settings<Postgres>,
    pub(super) server: Server,
    /// The key of the advisory lock.
    pub(super) key: i64,
    /// The process of the server that has the lock of the session, if it is
    /// that one that is used.
    pub(super) backend: Option<i32>,
    /// The settings of the session that the run has changed, as they were.
    pub(super) saved: Vec<(&'static str, String)>,
    /// By which a statement is cancelled.
    pub(super) cancel: CancelToken,
    /// Who holds the lease, where the lock is a row.
    pub(super) lease: Option<String>,
}

/// A connection with the lock of a run.
///
/// A run whose future is dropped must leave neither its transaction open nor its
/// lock taken, and there is nobody any more who could wait for an answer. So
/// what ends both is queued, and the statement that is running is cancelled.
pub(super) struct Session<'a> {
    pub(super) client: &'a mut Client,
    pub(super) hold: Hold<'a>,
    is_over: bool,
}

/// What the session is told for a run, in this order; those that an older
/// server does not know are left out.
fn wanted(application: &str) -> [(&'static str, String); 7] {
    [
        ("application_name", application.to_owned()),
        // The server would end a session that waits for the lock, or for an
        // observer, and with it the lock.
        ("idle_in_transaction_session_timeout", "0".to_owned()),
        ("idle_session_timeout", "0".to_owned()),
        // If this process dies, the server notices amid a long statement.
        ("client_connection_check_interval", "5s".to_owned()),
        // And between two statements, if the network is cut without a word.
        ("tcp_keepalives_idle", "30".to_owned()),
        ("tcp_keepalives_interval", "10".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
    ]
}

impl<'a> Session<'a> {
    /// Takes the lock, and sets the session up.
    pub(super) async fn start(
        client: &'a mut Client,
        settings: &'a Settings<Postgres>,
        server: Server,
    ) -> Result<Session<'a>, Error> {
        server.check_lock(settings.own.lock)?;
        let cancel = client.cancel_token();
        let mut session = Session {
            client,
            hold: Hold {
                settings,
                server,
                key: settings.own.table.key(),
                backend: None,
                saved: Vec::new(),
                cancel,
                lease: None,
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
        let Session { client, hold, .. } = self;
        match hold.settings.own.lock {
            Lock::Session => lock::acquire(client, hold).await?,
            Lock::Table => return lease::acquire(client, hold).await,
            Lock::Transaction => return Ok(()),
        }
        let release = hold.settings.release.as_deref();
        let application = format!("migrate: {}", release.unwrap_or("an application"));
        for (name, value) in wanted(&application) {
            set(client, hold, name, &value).await?;
        }
        Ok(())
    }

    /// Gives the lock back, and the settings.
    pub(super) async fn end(mut self) {
        if !self.client.is_closed() {
            lease::release(self.client, &mut self.hold).await;
            lock::release(self.client, &self.hold).await;
        }
        self.is_over = true;
    }
}

/// Changes a setting of the session for the run.
pub(super) async fn set(
    client: &Client,
    hold: &mut Hold<'_>,
    name: &'static str,
    value: &str,
) -> Result<(), Error> {
    // The second call sees the setting as it was: the list is read from the
    // left.
    let sql = format!(
        "SELECT pg_catalog.current_setting('{name}'), pg_catalog.set_config('{name}', {}, false)",
        lock::literal(value)
    );
    let answer = client.simple_query(&sql).await;
    if let Err(error) = &answer
        && error.code().is_some_and(is_not_there)
    {
        return Ok(());
    }
    let rows = rows(answer, "preparing the connection")?;
    let before = rows.first().and_then(|row| row.get(0)).unwrap_or_default();
    if hold.saved.iter().all(|(known, _)| *known != name) {
        hold.saved.push((name, before.to_owned()));
    }
    Ok(())
}

/// An older server does not know a setting, and not every system has what it
/// takes.
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
        cancel_later(&self.hold);
        // Each is sent by the first poll, and its answer is nobody's. A
        // transaction that was open has queued its own end before this.
        let queue = |sql: &str| {
            let _ = self.client.batch_execute(sql).now_or_never();
        };
        let statements = lock::release_statements(&self.hold);
        for statement in &statements {
            queue(statement);
        }
        // The cancellation may arrive late and hit one of them; it hits one
        // only, and to let go of a lock that is gone already is a warning.
        if let Some(unlock) = statements.last() {
            queue(unlock);
        }
        if let Some(release) = lease::release_statement(&self.hold) {
            queue(&release);
            queue(&release);
        }
    }
}

/// Asks the server to cancel what runs on the connection, on another one.
fn cancel_later(hold: &Hold<'_>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    let (cancel, connector) = (hold.cancel.clone(), hold.settings.own.connector.clone());
    runtime.spawn(async move {
        match connector {
            Some(connector) => drop(connector.cancel(cancel).await),
            // The server asks for no password here, and the request says
            // nothing that others may not know.
            None => drop(cancel.cancel_query(NoTls).await),
        }
    });
}

/// The same, and waits until it was asked.
pub(super) async fn cancel(hold: &Hold<'_>) {
    match &hold.settings.own.connector {
        Some(connector) => drop(connector.cancel(hold.cancel.clone()).await),
        None => drop(hold.cancel.cancel_query(NoTls).await),
    }
}

/// Reads all settings that the session has of its own: those that a script
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
