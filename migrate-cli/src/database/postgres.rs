//! Connecting to a PostgreSQL server.

use crate::database::ConnectOptions;
use crate::failure::Failure;
use crate::outcome::Exit;
use migrate_runtime::postgres::{Blocking, Connector};
use std::fmt;
use std::time::{Duration, Instant};

/// A database on a server, which may not exist.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) connector: Connector,
    /// The URL as given, for PostgreSQL's own programs. It may contain a
    /// password.
    pub(crate) url: String,
}

/// The default connect timeout. It is shorter than that of a service, so that a
/// wrong port is reported quickly, and long enough for temporary conditions
/// such as a server without a free connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to try before the wait is reported.
const SILENT_TIME: Duration = Duration::from_secs(1);

impl Server {
    /// Parses what PostgreSQL's own programs accept.
    pub(super) fn parse(url: &str) -> Result<Server, Failure> {
        let connector = Connector::parse(url).map_err(|error| {
            let mut failure = Failure::from(error);
            failure.exit = Exit::Usage;
            failure
        })?;
        Ok(Server {
            connector,
            url: url.to_owned(),
        })
    }

    /// A connector for the further connections of a verb. `--connect-timeout` holds for
    /// them too; the default is that of a service, because a failover takes a while.
    pub(crate) fn further(&self, options: &ConnectOptions) -> Connector {
        let connector = self.connector.clone();
        match options.timeout {
            Some(timeout) => connector.connect_timeout(timeout),
            None => connector,
        }
    }

    /// Connects. Retries until the timeout while the server is unreachable.
    pub(crate) fn connect(
        &self,
        options: &ConnectOptions,
        timeout: Option<Duration>,
    ) -> Result<Blocking, Failure> {
        let timeout = timeout.or(options.timeout).unwrap_or(CONNECT_TIMEOUT);
        let started = Instant::now();
        let first = self
            .connector
            .clone()
            .connect_timeout(timeout.min(SILENT_TIME));
        match Blocking::connect(&first) {
            Err(error) if error.is_unreachable() && started.elapsed() < timeout => {}
            result => return Ok(result?),
        }
        options.output.note(format_args!(
            "waiting for `{}`, up to {:.0} s",
            self.connector.shown(),
            timeout.as_secs_f64()
        ));
        let left = timeout.saturating_sub(started.elapsed());
        Ok(Blocking::connect(
            &self.connector.clone().connect_timeout(left),
        )?)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connector.fmt(f)
    }
}
