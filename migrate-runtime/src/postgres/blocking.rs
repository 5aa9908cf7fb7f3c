//! Connections for programs without an asynchronous runtime.

use super::connector::{Connector, Driver};
use crate::error::{ConnectKind, Error};
use std::fmt;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;
use tokio_postgres::Client;

/// A connection with a small runtime of its own.
///
/// The verbs of a PostgreSQL migrator are asynchronous, because the client
/// is. A synchronous program uses this type to run them to completion:
///
/// ```no_run
/// use migrate_runtime::postgres::{Blocking, Connector};
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let connector = Connector::parse("postgres://app:secret@localhost/orders")?;
///     let mut db = Blocking::connect(&connector)?;
///     let row = db.run(async |client| client.query_one("SELECT version()", &[]).await)?;
///     println!("{}", row.get::<_, String>(0));
///     Ok(())
/// }
/// ```
///
/// Everything happens on the thread that calls [`run`](Blocking::run), and
/// nothing happens between two calls: notices and a closed connection are
/// noticed in the next call.
pub struct Blocking {
    connector: Connector,
    /// `Some` until `drop` takes it.
    open: Option<Open>,
}

struct Open {
    client: Client,
    driver: Driver,
    runtime: Runtime,
}

/// How long to wait for the connection to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

impl Blocking {
    /// Connects.
    ///
    /// # Errors
    ///
    /// Fails as [`Connector::connect`] does, and on a thread of a runtime, as
    /// in an asynchronous function, where blocking would keep other tasks from
    /// running.
    pub fn connect(connector: &Connector) -> Result<Blocking, Error> {
        if Handle::try_current().is_ok() {
            return Err(ConnectKind::InRuntime.into());
        }
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| Error::with_source(ConnectKind::NoRuntime.into(), cause))?;
        let (client, driver) = runtime.block_on(connector.open())?;
        Ok(Blocking {
            connector: connector.clone(),
            open: Some(Open {
                client,
                driver,
                runtime,
            }),
        })
    }

    /// Runs an asynchronous function with the client to completion, such as a
    /// method of a migrator.
    ///
    /// # Panics
    ///
    /// Panics in an asynchronous function: a connection that was opened
    /// elsewhere must not be used there.
    pub fn run<T>(&mut self, function: impl AsyncFnOnce(&mut Client) -> T) -> T {
        let Some(Open {
            client, runtime, ..
        }) = &mut self.open
        else {
            unreachable!("only `drop` takes it")
        };
        runtime.block_on(function(client))
    }

    /// Closes the connection, and runs a function that makes its own.
    #[doc(hidden)]
    pub fn disconnect_and_run<T>(mut self, function: impl AsyncFnOnce() -> T) -> T {
        let Some(open) = self.open.take() else {
            unreachable!("only `drop` takes it")
        };
        drop(open.client);
        open.runtime.block_on(async {
            let _ = timeout(CLOSE_TIMEOUT, open.driver).await;
            function().await
        })
    }

    /// The connector of this connection, for example to cancel a statement from
    /// another thread.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        let Some(Open {
            client,
            driver,
            runtime,
        }) = self.open.take()
        else {
            return;
        };
        drop(client);
        if Handle::try_current().is_err() {
            // The task of the client tells the server that the client is done,
            // and it runs only while the runtime does. Without that, the server
            // would log a lost client.
            runtime.block_on(async {
                let _ = timeout(CLOSE_TIMEOUT, driver).await;
            });
        }
        // Waiting for a runtime to shut down is not allowed inside another one.
        runtime.shutdown_background();
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking")
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}
