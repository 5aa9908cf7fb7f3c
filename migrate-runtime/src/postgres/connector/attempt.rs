//! One attempt at one host.

use super::judge::{Verdict, judge, may_be_the_encryption};
use super::ssl::{Mode, Ssl};
use super::target::{Target, shuffle};
use crate::BoxError;
use crate::error::{Error, TransientCause};
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client, Config, NoTls, Socket};

#[cfg(feature = "rustls")]
type Tls = tokio_postgres_rustls::MakeRustlsConnect;
#[cfg(not(feature = "rustls"))]
type Tls = NoTls;

/// The task that drives a connection. It ends after the client is dropped.
pub(in crate::postgres) type Driver = JoinHandle<()>;

type Opened = (Client, Driver);

/// A failed attempt at a host.
pub(super) struct Failure {
    pub(super) at: String,
    pub(super) verdict: Verdict,
    pub(super) cause: BoxError,
}

/// The encryption of connections. It is prepared before the first attempt,
/// because waiting does not help against a missing file.
pub(super) struct Encryption {
    mode: SslMode,
    tls: Option<Tls>,
}

impl Encryption {
    #[cfg(feature = "rustls")]
    pub(super) fn new(ssl: &Ssl) -> Result<Encryption, Error> {
        let mode = match ssl.mode {
            Mode::Disable => {
                let mode = SslMode::Disable;
                return Ok(Encryption { mode, tls: None });
            }
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        };
        let tls = Some(crate::postgres::tls::connector(ssl)?);
        Ok(Encryption { mode, tls })
    }

    #[cfg(not(feature = "rustls"))]
    pub(super) fn new(ssl: &Ssl) -> Result<Encryption, Error> {
        let mode = match ssl.mode {
            Mode::Disable | Mode::Prefer => {
                let mode = SslMode::Disable;
                return Ok(Encryption { mode, tls: None });
            }
            Mode::Require => "require",
            Mode::VerifyCa => "verify-ca",
            Mode::VerifyFull => "verify-full",
        };
        Err(crate::error::ConnectKind::NoEncryption { mode }.into())
    }

    async fn open(&self, config: &Config) -> Result<Opened, tokio_postgres::Error> {
        match &self.tls {
            Some(tls) => open(config, tls.to_owned()).await,
            None => open(config, NoTls).await,
        }
    }

    pub(super) async fn cancel(&self, token: &CancelToken) -> Result<(), tokio_postgres::Error> {
        match &self.tls {
            Some(tls) => token.cancel_query(tls.to_owned()).await,
            None => token.cancel_query(NoTls).await,
        }
    }
}

/// Tries the addresses of a host in turn, each with the given timeout.
pub(super) async fn host(
    all: &Config,
    target: &Target,
    encryption: &Encryption,
    limit: Duration,
) -> Result<Opened, Failure> {
    let addresses = match timeout(limit, addresses(all, target)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(cause)) => return Err(failed(target, TransientCause::UnknownName, cause)),
        Err(_) => {
            return Err(failed(
                target,
                TransientCause::UnknownName,
                no_answer(limit),
            ));
        }
    };
    let mut worst: Option<Failure> = None;
    for address in addresses {
        let failure = match timeout(limit, one(all, target, address, encryption)).await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(cause)) => Failure {
                at: target.shown(),
                verdict: judge(&cause, all.get_target_session_attrs()),
                cause: cause.into(),
            },
            Err(_) => failed(target, TransientCause::Silent, no_answer(limit)),
        };
        // `localhost` may have two addresses, of which only one is in use: a
        // wrong password at that one matters more than a refused connection.
        match &worst {
            Some(worst) if matches!(worst.verdict, Verdict::Final(_)) => {}
            _ => worst = Some(failure),
        }
    }
    Err(worst.unwrap_or_else(|| {
        let cause = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        failed(target, TransientCause::UnknownName, cause)
    }))
}

fn failed(target: &Target, what: TransientCause, cause: io::Error) -> Failure {
    Failure {
        at: target.shown(),
        verdict: Verdict::Transient(what),
        cause: cause.into(),
    }
}

/// The cause of an attempt that timed out.
pub(super) fn no_answer(limit: Duration) -> io::Error {
    let text = format!("no answer in {:.1} s", limit.as_secs_f64());
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// The addresses of a host; a socket has none.
async fn addresses(all: &Config, target: &Target) -> io::Result<Vec<Option<IpAddr>>> {
    if target.is_socket() {
        return Ok(vec![None]);
    }
    let name = match (&target.host, target.address) {
        (_, Some(address)) => return Ok(vec![Some(address)]),
        (Some(tokio_postgres::config::Host::Tcp(name)), None) => name.as_str(),
        _ => return Ok(Vec::new()),
    };
    let mut addresses: Vec<Option<IpAddr>> = Vec::new();
    for found in tokio::net::lookup_host((name, target.port)).await? {
        // A name may occur twice in `/etc/hosts`.
        if !addresses.contains(&Some(found.ip())) {
            addresses.push(Some(found.ip()));
        }
    }
    shuffle(all, &mut addresses);
    Ok(addresses)
}

async fn one(
    all: &Config,
    target: &Target,
    address: Option<IpAddr>,
    encryption: &Encryption,
) -> Result<Opened, tokio_postgres::Error> {
    // libpq: a socket is never encrypted, whatever `sslmode` says.
    let mode = if target.is_socket() {
        SslMode::Disable
    } else {
        encryption.mode
    };
    let config = target.config(all, address, mode);
    let error = match encryption.open(&config).await {
        Err(error) if mode == SslMode::Prefer && may_be_the_encryption(&error) => error,
        other => return other,
    };
    let config = target.config(all, address, SslMode::Disable);
    match encryption.open(&config).await {
        // The server rejects this user with and without encryption. The first
        // error is about the preferred way.
        Err(second) if may_be_the_encryption(&second) => Err(error),
        other => other,
    }
}

async fn open<T>(config: &Config, tls: T) -> Result<Opened, tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    let driver = tokio::spawn(async move {
        // The client reports a broken connection to its user.
        let _ = connection.await;
    });
    Ok((client, driver))
}

#[cfg(all(test, not(feature = "rustls")))]
mod tests {
    use super::super::ssl;
    use super::*;

    #[test]
    fn what_asks_for_encryption_is_refused_where_there_is_none() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let (_, ssl) = ssl::take(&format!("postgres://h/d?sslmode={mode}")).unwrap();
            assert_eq!(
                Encryption::new(&ssl).err().unwrap().to_string(),
                format!(
                    "`sslmode={mode}` asks for encryption, but this program is built without it; \
                     enable the feature `rustls` of `migrate-runtime`"
                )
            );
        }
        for mode in ["disable", "allow", "prefer"] {
            let (_, ssl) = ssl::take(&format!("postgres://h/d?sslmode={mode}")).unwrap();
            assert!(Encryption::new(&ssl).is_ok());
        }
    }
}
