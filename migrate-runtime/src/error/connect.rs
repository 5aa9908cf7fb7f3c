//! Errors while connecting to a PostgreSQL server.

use super::reason::Reason;
use std::fmt;
use std::time::Duration;

#[derive(Debug)]
pub(crate) enum ConnectKind {
    /// A URL or a configuration that is invalid or names no server.
    Unusable { what: String },
    /// No server accepted a connection in time.
    Unreachable {
        database: Option<String>,
        waited: Duration,
        attempts: u32,
        /// The problem of each address in the last attempt.
        addresses: Vec<FailedAddress>,
    },
    /// An error that a retry does not fix.
    Refused {
        at: String,
        user: Option<String>,
        database: Option<String>,
        why: Refusal,
    },
    /// The trusted certificates cannot be read.
    #[cfg(feature = "rustls")]
    Roots { place: String },
    /// Encryption is required, but not compiled in.
    #[cfg(not(feature = "rustls"))]
    NoEncryption { mode: &'static str },
    /// A blocking connection in a program that has a runtime.
    InRuntime,
    /// No runtime could be built.
    NoRuntime,
    /// A request to cancel did not reach the server.
    NotCancelled,
}

/// Why an address could not be used in the last attempt.
#[derive(Debug)]
pub(crate) struct FailedAddress {
    pub(crate) at: String,
    pub(crate) what: TransientCause,
}

/// A problem that may go away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TransientCause {
    NobodyListens,
    NoSocket,
    UnknownName,
    NoRoute,
    Silent,
    Lost,
    StartingUp,
    ShuttingDown,
    Full,
    ReadOnly,
    NotReadOnly,
    Other,
}

/// A problem that does not go away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    Password,
    NoPassword,
    NotLetIn,
    Authentication,
    NoDatabase,
    NoPrivilege,
    NotEncrypted,
    #[cfg(feature = "rustls")]
    Untrusted,
    #[cfg(feature = "rustls")]
    WrongName,
    #[cfg(feature = "rustls")]
    OutOfDate,
    Handshake,
    ForbiddenSocket,
    NotPostgres,
    Configuration,
    Other,
}

impl ConnectKind {
    /// A URL or a configuration that cannot be used.
    pub(crate) fn unusable(what: impl Into<String>) -> ConnectKind {
        ConnectKind::Unusable { what: what.into() }
    }

    /// Whether the server rejects the user or the password.
    pub(super) fn is_denied(&self) -> bool {
        matches!(
            self,
            ConnectKind::Refused {
                why: Refusal::Password
                    | Refusal::NoPassword
                    | Refusal::NotLetIn
                    | Refusal::Authentication
                    | Refusal::NoPrivilege,
                ..
            }
        )
    }

    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, cause: &Reason<'_>) -> fmt::Result {
        match self {
            ConnectKind::Unusable { what } => cause.write_into(f, what),
            ConnectKind::Unreachable {
                database,
                waited,
                attempts,
                addresses,
            } => {
                no_connection(f, database.as_deref(), *waited, *attempts)?;
                unreachable(f, addresses, cause)
            }
            ConnectKind::Refused {
                at,
                user,
                database,
                why,
            } => {
                let user = match user {
                    Some(user) => format!("the user `{user}`"),
                    None => "the user".to_owned(),
                };
                let database = match database {
                    Some(database) => format!("database `{database}`"),
                    None => "database of the user's name".to_owned(),
                };
                let (what, help) = refused(at, &user, &database, *why);
                write!(f, "{what}{cause}; {help}")
            }
            #[cfg(feature = "rustls")]
            ConnectKind::Roots { place } => write!(
                f,
                "the trusted certificates cannot be read from {place}{cause}; name a readable PEM file \
                 in `sslrootcert`"
            ),
            #[cfg(not(feature = "rustls"))]
            ConnectKind::NoEncryption { mode } => write!(
                f,
                "`sslmode={mode}` asks for encryption, but this program is built without it; \
                 enable the feature `rustls` of `migrate-runtime`"
            ),
            ConnectKind::InRuntime => f.write_str(
                "a blocking connection cannot be used in an asynchronous function, because it \
                 would block the runtime; use `Connector::connect` there, and await it",
            ),
            ConnectKind::NoRuntime => write!(
                f,
                "the runtime of the connection cannot be built{cause}; check the limits on open \
                 files and threads"
            ),
            ConnectKind::NotCancelled => write!(
                f,
                "the request to cancel did not reach the server{cause}; the statement may still be running"
            ),
        }
    }
}

fn no_connection(
    f: &mut fmt::Formatter<'_>,
    database: Option<&str>,
    waited: Duration,
    attempts: u32,
) -> fmt::Result {
    f.write_str("no connection to ")?;
    match database {
        Some(database) => write!(f, "the database `{database}`")?,
        None => f.write_str("the server")?,
    }
    let plural = if attempts == 1 { "" } else { "s" };
    write!(
        f,
        " in {:.1} s and {attempts} attempt{plural}: ",
        waited.as_secs_f64()
    )
}

/// Writes the problem of each address. The cause is that of the last one.
fn unreachable(
    f: &mut fmt::Formatter<'_>,
    addresses: &[FailedAddress],
    cause: &Reason<'_>,
) -> fmt::Result {
    let mut helps: Vec<&str> = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        if index > 0 {
            f.write_str(", and ")?;
        }
        let at = &address.at;
        let help = match address.what {
            TransientCause::NobodyListens => {
                write!(f, "nothing listens at `{at}`")?;
                "start the server, or correct the host and the port"
            }
            TransientCause::NoSocket => {
                write!(f, "there is no socket `{at}`")?;
                "start the server, or correct the folder of its socket and the port"
            }
            TransientCause::UnknownName => {
                write!(f, "the address of `{at}` cannot be found")?;
                "correct the name of the host, or check the name service"
            }
            TransientCause::NoRoute => {
                write!(f, "there is no route to `{at}`")?;
                "check the network and its firewalls"
            }
            TransientCause::Silent => {
                write!(f, "`{at}` does not answer")?;
                "check the network and its firewalls, or give a longer `connect_timeout`"
            }
            TransientCause::Lost => {
                write!(f, "`{at}` accepts connections and closes them")?;
                "check its log, and whether it is a PostgreSQL server"
            }
            TransientCause::StartingUp => {
                write!(f, "`{at}` is not ready for connections")?;
                "wait until it has started, or check its log"
            }
            TransientCause::ShuttingDown => {
                write!(f, "`{at}` is shutting down")?;
                "start it again"
            }
            TransientCause::Full => {
                write!(f, "`{at}` has no connection left")?;
                "close some, or raise `max_connections`"
            }
            TransientCause::ReadOnly => {
                write!(f, "`{at}` is read-only")?;
                "promote a standby, or name the primary"
            }
            TransientCause::NotReadOnly => {
                write!(f, "`{at}` can be written to")?;
                "remove `target_session_attrs=read-only`, because migrations write"
            }
            TransientCause::Other => {
                write!(f, "`{at}` cannot accept the connection")?;
                "see its message"
            }
        };
        if !helps.contains(&help) {
            helps.push(help);
        }
    }
    write!(f, "{cause}; {}", helps.join("; "))
}

/// What was refused, and what to do about it.
fn refused(at: &str, user: &str, database: &str, why: Refusal) -> (String, &'static str) {
    match why {
        Refusal::Password => (
            format!("`{at}` refused the password of {user}"),
            "correct the user or the password",
        ),
        Refusal::NoPassword => (
            format!("`{at}` asks for the password of {user}, but none was given"),
            "write it into the URL, as in `postgres://USER:PASSWORD@HOST/DATABASE`",
        ),
        Refusal::NotLetIn => (
            format!("`{at}` does not accept {user}"),
            "create the role, or allow it this connection in `pg_hba.conf`",
        ),
        Refusal::Authentication => (
            format!("{user} could not be authenticated at `{at}`"),
            "check the method in its `pg_hba.conf`, and `channel_binding`",
        ),
        Refusal::NoDatabase => (
            format!("`{at}` has no {database}"),
            "create it with `CREATE DATABASE`, or correct the name",
        ),
        Refusal::NoPrivilege => (
            format!("{user} may not connect to the {database} at `{at}`"),
            "allow it with `GRANT CONNECT ON DATABASE`",
        ),
        Refusal::NotEncrypted => (
            format!("`{at}` does not support encryption, but `sslmode` requires it"),
            "turn `ssl` on in its configuration, or choose another `sslmode`",
        ),
        #[cfg(feature = "rustls")]
        Refusal::Untrusted => (
            format!("the certificate of `{at}` is not signed by a trusted authority"),
            "name the certificate of its authority in `sslrootcert`",
        ),
        #[cfg(feature = "rustls")]
        Refusal::WrongName => (
            format!("the certificate of `{at}` is for another name"),
            "use the name in the certificate, or `sslmode=verify-ca` if any server of that authority will do",
        ),
        #[cfg(feature = "rustls")]
        Refusal::OutOfDate => (
            format!("the certificate of `{at}` is not valid today"),
            "renew it, or check the clock",
        ),
        Refusal::Handshake => (
            format!("no encrypted connection to `{at}` could be made"),
            "check its certificate and its log",
        ),
        Refusal::ForbiddenSocket => (
            format!("the socket `{at}` cannot be opened by this program"),
            "check the permissions of the socket and its folder, and the length of its path",
        ),
        Refusal::NotPostgres => (
            format!("`{at}` does not speak the PostgreSQL protocol"),
            "correct the host and the port",
        ),
        Refusal::Configuration => (
            format!("the configuration of the connection to `{at}` is invalid"),
            "correct the URL",
        ),
        Refusal::Other => (format!("`{at}` refused the connection"), "see its message"),
    }
}
