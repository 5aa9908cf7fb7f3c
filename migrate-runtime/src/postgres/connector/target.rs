//! The hosts of a configuration, one at a time.
//!
//! tokio-postgres can iterate over a list of hosts itself. But it would report
//! only the last error, which hides that another host is about to start, and it
//! does not limit how long a server may be silent.

use crate::error::ConnectKind;
use crate::postgres::random::fraction;
use std::net::IpAddr;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode};

/// One host of a configuration.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The name, or the directory of a socket; `None` if there is only an
    /// address.
    pub(super) host: Option<Host>,
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
}

impl Target {
    pub(super) fn is_socket(&self) -> bool {
        !matches!(self.host, None | Some(Host::Tcp(_))) && self.address.is_none()
    }

    /// `host:port`, or the path of the socket.
    pub(super) fn shown(&self) -> String {
        let port = self.port;
        match (&self.host, self.address) {
            (Some(Host::Tcp(name)), _) if name.contains(':') => format!("[{name}]:{port}"),
            (Some(Host::Tcp(name)), _) => format!("{name}:{port}"),
            (_, Some(IpAddr::V6(address))) => format!("[{address}]:{port}"),
            (_, Some(address)) => format!("{address}:{port}"),
            #[cfg(unix)]
            (Some(Host::Unix(folder)), None) => {
                format!("{}/.s.PGSQL.{port}", folder.display())
            }
            (None, None) => format!(":{port}"),
        }
    }

    /// The configuration for this host at one of its addresses.
    pub(super) fn config(&self, all: &Config, address: Option<IpAddr>, mode: SslMode) -> Config {
        let mut config = Config::new();
        match (&self.host, address) {
            #[cfg(unix)]
            (Some(Host::Unix(folder)), None) => {
                config.host_path(folder);
            }
            (Some(Host::Tcp(name)), address) => {
                config.host(name);
                address.map(|address| config.hostaddr(address));
            }
            // A certificate is compared with the name. libpq uses the address
            // if there is no name.
            (_, Some(address)) => {
                config.host(address.to_string()).hostaddr(address);
            }
            (_, None) => {}
        }
        config.port(self.port).ssl_mode(mode);
        all.get_user().map(|user| config.user(user));
        all.get_password().map(|password| config.password(password));
        all.get_dbname().map(|name| config.dbname(name));
        all.get_options().map(|options| config.options(options));
        all.get_application_name()
            .map(|name| config.application_name(name));
        all.get_connect_timeout()
            .map(|timeout| config.connect_timeout(*timeout));
        all.get_tcp_user_timeout()
            .map(|timeout| config.tcp_user_timeout(*timeout));
        all.get_keepalives_interval()
            .map(|interval| config.keepalives_interval(interval));
        all.get_keepalives_retries()
            .map(|retries| config.keepalives_retries(retries));
        config
            .keepalives(all.get_keepalives())
            .keepalives_idle(all.get_keepalives_idle())
            .ssl_negotiation(all.get_ssl_negotiation())
            .target_session_attrs(all.get_target_session_attrs())
            .channel_binding(all.get_channel_binding());
        config
    }
}

/// The hosts of a configuration, in order.
pub(super) fn targets(config: &Config) -> Result<Vec<Target>, ConnectKind> {
    let (hosts, addresses, ports) = (
        config.get_hosts(),
        config.get_hostaddrs(),
        config.get_ports(),
    );
    let count = hosts.len().max(addresses.len());
    if count == 0 {
        return Err(ConnectKind::unusable(
            "the URL names no host; write `postgres://HOST/DATABASE`, or the folder of the \
             server's socket as in `postgres:///DATABASE?host=/var/run/postgresql`",
        ));
    }
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(ConnectKind::unusable(
            "the URL has different numbers of values in `host` and `hostaddr`; give an address for \
             each host, or none",
        ));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(ConnectKind::unusable(
            "the URL has different numbers of ports and hosts; give a port for each host, or one \
             for all",
        ));
    }
    let targets = (0..count).map(|index| Target {
        host: hosts.get(index).cloned(),
        address: addresses.get(index).copied(),
        port: *ports.get(index).or(ports.first()).unwrap_or(&5432),
    });
    Ok(targets.collect())
}

/// Shuffles the items if the configuration asks for load balancing.
pub(super) fn shuffle<T>(all: &Config, items: &mut [T]) {
    if all.get_load_balance_hosts() == LoadBalanceHosts::Random {
        for end in (1..items.len()).rev() {
            let other = (fraction() * (end + 1) as f64) as usize;
            items.swap(end, other.min(end));
        }
    }
}
