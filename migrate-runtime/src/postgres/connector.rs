//! Connecting to a server that may not be there yet.

mod attempt;
mod backoff;
mod judge;
mod ssl;
mod target;

pub(in crate::postgres) use attempt::Driver;
pub(in crate::postgres) use backoff::Backoff;
pub(in crate::postgres) use ssl::Ssl;
#[cfg(feature = "rustls")]
pub(in crate::postgres) use ssl::{Mode, Roots};

use crate::BoxError;
use crate::error::{ConnectKind, Error, FailedAddress};
use attempt::{Encryption, Failure};
use judge::Verdict;
use std::fmt;
use std::time::Duration;
use target::targets;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::{CancelToken, Client, Config};

/// How long connecting is retried by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long one attempt at an address may take if the URL has no
/// `connect_timeout`. Some servers accept connections and never answer, such as
/// one that is stopped in a debugger, or a load balancer without a server.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The least time for an attempt, even shortly before the timeout.
const LEAST: Duration = Duration::from_secs(1);

/// Where a PostgreSQL server is, and how to connect to it.
///
/// When a program starts, its database may be starting too, or failing over to
/// another host. So connecting is retried until a
/// [timeout](Connector::connect_timeout) as long as the cause may go away:
/// nothing listens, the name of the host is not known yet, the connection
/// breaks, there is no answer, or the server is starting, stopping, full, or
/// not what `target_session_attrs` asks for. The delays begin at 100 ms, double
/// up to 5 s, and vary by a half. A wrong password, a database that does not
/// exist and an untrusted certificate are errors at once.
///
/// ```no_run
/// use migrate_runtime::postgres::Connector;
///
/// # async fn connect() -> Result<(), migrate_runtime::Error> {
/// let connector = Connector::parse("postgres://app:secret@db.internal/orders")?;
/// let client = connector.connect().await?;
/// # drop(client);
/// # Ok(())
/// # }
/// ```
///
/// With several hosts, each is tried in turn, so a promoted server is found:
///
/// ```
/// use migrate_runtime::postgres::Connector;
///
/// let url = "postgres://app@db1,db2:5433/orders?target_session_attrs=read-write";
/// assert_eq!(Connector::parse(url)?.shown(), "db1:5432,db2:5433/orders");
/// # Ok::<(), migrate_runtime::Error>(())
/// ```
///
/// # Encryption
///
/// With the feature `rustls`, `sslmode` means what it means to
/// [libpq](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS):
///
/// | `sslmode` | encrypts | verifies |
/// |---|---|---|
/// | `disable` | no | nothing |
/// | `allow`, `prefer` (default) | if the server can | nothing |
/// | `require` | yes | **nothing** |
/// | `verify-ca` | yes | that a trusted authority signed the certificate |
/// | `verify-full` | yes | that, and the name of the server |
///
/// **`require` does not authenticate the server**: it protects against
/// eavesdropping, not against an impostor. Over a network that you do not
/// control, use `verify-full`. The trusted authorities are those of the system,
/// or the certificates in the PEM file that `sslrootcert` names. With such a
/// file `require` means `verify-ca`, and with `sslrootcert=system` the default
/// mode is `verify-full`. A connection through a Unix socket is never
/// encrypted.
///
/// Without the feature, `require` and the stricter modes are an error, and
/// `prefer` does not encrypt.
#[derive(Clone)]
pub struct Connector {
    config: Config,
    ssl: Ssl,
    connect_timeout: Duration,
}

impl Connector {
    /// Parses a URL or `key=value` pairs.
    ///
    /// Both may contain what [`Config`] understands, and `sslmode` and
    /// `sslrootcert` as described [above](Connector#encryption).
    ///
    /// ```
    /// use migrate_runtime::postgres::Connector;
    ///
    /// Connector::parse("postgresql://app@localhost/orders?connect_timeout=3")?;
    /// Connector::parse("host=/var/run/postgresql user=app dbname=orders")?;
    /// Connector::parse("postgres://app@db/orders?sslmode=verify-full&sslrootcert=ca.pem")?;
    /// assert!(Connector::parse("postgres://").is_err());
    /// # Ok::<(), migrate_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the text cannot be parsed or names no host.
    pub fn parse(url: &str) -> Result<Connector, Error> {
        let (rest, ssl) = ssl::take(url)?;
        let config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let what = "the database URL cannot be parsed; write it as \
                        `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `%40` and the like for \
                        special characters";
            Error::with_source(ConnectKind::unusable(what).into(), error)
        })?;
        targets(&config)?;
        Ok(Connector {
            ssl,
            ..Connector::new(config)
        })
    }

    /// Uses a configuration of tokio-postgres. It can ask for encryption but
    /// not for verification: for that use a [URL](Connector::parse).
    ///
    /// ```
    /// use migrate_runtime::postgres::Connector;
    /// use migrate_runtime::tokio_postgres::Config;
    ///
    /// let mut config = Config::new();
    /// config.host("localhost").user("app").dbname("orders");
    /// assert_eq!(Connector::new(config).shown(), "localhost:5432/orders");
    /// ```
    pub fn new(config: Config) -> Connector {
        Connector {
            ssl: Ssl::of(config.get_ssl_mode()),
            config,
            connect_timeout: CONNECT_TIMEOUT,
        }
    }

    /// For how long connecting is tried; default: 60 s. With zero it is tried
    /// once.
    ///
    /// The last attempt may take a few seconds longer.
    #[must_use]
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> Connector {
        self.connect_timeout = connect_timeout;
        self
    }

    /// Connects within this time, or within the connect timeout if that is shorter.
    #[cfg(feature = "testing")]
    pub(in crate::postgres) fn connect_timeout_at_most(mut self, most: Duration) -> Connector {
        self.connect_timeout = self.connect_timeout.min(most);
        self
    }

    /// The hosts and the database, without the user and the password.
    pub fn shown(&self) -> String {
        let hosts: Vec<String> = targets(&self.config)
            .unwrap_or_default()
            .iter()
            .map(target::Target::shown)
            .collect();
        match self.config.get_dbname() {
            Some(database) => format!("{}/{database}", hosts.join(",")),
            None => hosts.join(","),
        }
    }

    /// A connector to another database on the same server.
    #[doc(hidden)]
    pub fn to_database(&self, name: &str) -> Connector {
        let mut other = self.clone();
        other.config.dbname(name);
        other
    }

    /// Connects, and spawns a task on this runtime that drives the connection.
    ///
    /// # Errors
    ///
    /// Fails if no server accepts the connection within the
    /// [timeout](Connector::connect_timeout)
    /// ([`is_unreachable`](Error::is_unreachable)), and at once if the user or
    /// the password is refused
    /// ([`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied)),
    /// the database does not exist, a required encryption is not possible, or
    /// the configuration is invalid. The error of the server or the system is
    /// the source.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or in one without time and I/O enabled.
    /// There, use [`Blocking`](crate::postgres::Blocking).
    pub async fn connect(&self) -> Result<Client, Error> {
        Ok(self.open().await?.0)
    }

    /// Like [`connect`](Connector::connect), but returns the task too.
    pub(in crate::postgres) async fn open(&self) -> Result<(Client, Driver), Error> {
        let encryption = Encryption::new(&self.ssl)?;
        let mut targets = targets(&self.config)?;
        target::shuffle(&self.config, &mut targets);
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut failures = Vec::new();
            for target in &targets {
                let timeout = self.attempt_timeout(begun.elapsed());
                match attempt::host(&self.config, target, &encryption, timeout).await {
                    Ok(opened) => return Ok(opened),
                    Err(failure) => failures.push(failure),
                }
            }
            let waited = begun.elapsed();
            let left = self.connect_timeout.saturating_sub(waited);
            let refused = failures
                .iter()
                .any(|failure| matches!(failure.verdict, Verdict::Final(_)));
            if refused || left.is_zero() {
                return Err(self.gives_up(failures, waited, attempts));
            }
            sleep(backoff.delay().min(left)).await;
        }
    }

    /// How long one attempt may take: at most the time that is left, unless
    /// connecting is tried only once.
    fn attempt_timeout(&self, waited: Duration) -> Duration {
        let timeout = self.config.get_connect_timeout();
        let timeout = *timeout.unwrap_or(&ATTEMPT_TIMEOUT);
        if self.connect_timeout.is_zero() {
            timeout
        } else {
            timeout.min(self.connect_timeout.saturating_sub(waited).max(LEAST))
        }
    }

    fn gives_up(&self, failures: Vec<Failure>, waited: Duration, attempts: u32) -> Error {
        let database = self.config.get_dbname().map(str::to_owned);
        let mut addresses = Vec::new();
        let mut last = None;
        for failure in failures {
            match failure.verdict {
                Verdict::Final(why) => {
                    let kind = ConnectKind::Refused {
                        at: failure.at,
                        user: self.config.get_user().map(str::to_owned),
                        database,
                        why,
                    };
                    return Error::with_source(kind.into(), failure.cause);
                }
                Verdict::Transient(what) => {
                    let at = failure.at;
                    addresses.push(FailedAddress { at, what });
                    last = Some(failure.cause);
                }
            }
        }
        let kind = ConnectKind::Unreachable {
            database,
            waited,
            attempts,
            addresses,
        };
        match last {
            Some(cause) => Error::with_source(kind.into(), cause),
            None => kind.into(),
        }
    }

    /// Asks the server to cancel the statement that the client of this token is
    /// running. The request is encrypted like the connection.
    ///
    /// The server does not report whether there was anything to cancel. If
    /// there was, the statement itself fails.
    ///
    /// ```no_run
    /// # async fn cancel() -> Result<(), migrate_runtime::Error> {
    /// # let connector = migrate_runtime::postgres::Connector::parse("postgres://db/orders")?;
    /// let client = connector.connect().await?;
    /// let token = client.cancel_token();
    /// // ... in another task, while the client works:
    /// connector.cancel(token).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the request did not reach the server.
    pub async fn cancel(&self, token: CancelToken) -> Result<(), Error> {
        let encryption = Encryption::new(&self.ssl)?;
        let limit = self.attempt_timeout(Duration::ZERO);
        let cause: BoxError = match timeout(limit, encryption.cancel(&token)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(cause)) => cause.into(),
            Err(_) => attempt::no_answer(limit).into(),
        };
        Err(Error::with_source(ConnectKind::NotCancelled.into(), cause))
    }
}

/// Leaves out the password.
impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("at", &self.shown())
            .field("user", &self.config.get_user())
            .field("ssl", &self.ssl)
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}
