//! Connections for programs without a runtime.

use super::connector::{Connector, Driver};
use crate::error::{ConnectKind, Error};
use std::fmt;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;
use tokio_postgres::Client;

/// A connection, and a small runtime for it.
///
/// The verbs of PostgreSQL are asynchronous, because its client is. A program
/// that is not has them run to their end:
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
/// nothing between two calls: notices and the end of a connection are noticed in
/// the next.
pub struct Blocking {
    connector: Connector,
    /// There until `drop` takes it.
    open: Option<Open>,
}

struct Open {
    client: Client,
    driver: Driver,
    runtime: Runtime,
}

/// How long a server may take for saying goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

impl Blocking {
    /// Connects.
    ///
    /// # Errors
    ///
    /// As [`Connector::connect`]; and on a thread of a runtime, as in an
    /// asynchronous function, where waiting would keep others from working.
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

    /// Runs something with the client to its end, such as a verb of a migrator.
    ///
    /// # Panics
    ///
    /// In an asynchronous function: a connection that was made elsewhere must
    /// not be used there.
    pub fn run<T>(&mut self, work: impl AsyncFnOnce(&mut Client) -> T) -> T {
        let Some(Open {
            client, runtime, ..
        }) = &mut self.open
        else {
            unreachable!("only `drop` takes it")
        };
        runtime.block_on(work(client))
    }

    /// How this was connected, for instance to cancel what it does from another
    /// thread.
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
            // The end of a client is told to the server by its task, which works
            // only while the runtime does. Without it the server would write of a
            // client that was lost into its log.
            runtime.block_on(async {
                let _ = timeout(GOODBYE, driver).await;
            });
        }
        // Waiting for a runtime to end is not allowed inside of another.
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
