//! PgBouncer before a server.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use crate::binaries;
use crate::client::Client;
use crate::keeper::Keeper;
use crate::port;
use crate::server::{Server, USER, shown};

/// When a session of the server goes back to the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// When the client disconnects.
    Session,
    /// After each transaction: what a session remembers is lost or seen by
    /// others.
    Transaction,
    /// After each statement; transactions of several are refused.
    Statement,
}

/// A pooler for all databases of a server, configured as its package does it
/// apart from mode and size.
#[derive(Debug)]
pub struct PgBouncer {
    keeper: Keeper,
    port: u16,
}

impl PgBouncer {
    /// A pooler with this many sessions for each database, or `None` if
    /// PgBouncer is not installed.
    ///
    /// # Panics
    ///
    /// When it does not start, and when none is installed although the variable
    /// `MIGRATE_REQUIRE_SERVERS` is 1.
    #[must_use]
    pub fn start(server: &Server, mode: PoolMode, pool_size: u32) -> Option<Self> {
        let binary = binaries::pgbouncer()?;
        // It keeps nothing that it would have to save.
        let keeper = Keeper::new("KILL");
        let users = keeper.write("users", &format!("\"{USER}\" \"\"\n"));
        let mut pooler = Self { keeper, port: 0 };
        for _ in 0..5 {
            pooler.port = port::free();
            let configuration = pooler.keeper.write(
                "settings",
                &configuration(server, mode, pool_size, pooler.port, shown(&users)),
            );
            let started =
                pooler
                    .keeper
                    .ask(&["start", shown(binary), "--quiet", shown(&configuration)]);
            assert!(started, "the keeper starts PgBouncer");
            if pooler.up() {
                return Some(pooler);
            }
        }
        panic!("PgBouncer does not start:\n{}", pooler.log());
    }

    fn up(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if Client::connect(self.address(), USER, "pgbouncer").is_ok() {
                return self.keeper.alive();
            }
            if !self.keeper.alive() {
                return false;
            }
            thread::sleep(Duration::from_millis(3));
        }
        panic!(
            "PgBouncer does not answer within 30 seconds:\n{}",
            self.log()
        );
    }

    /// The address of a database of the server, through the pool.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// A connection to a database through the pool.
    ///
    /// # Panics
    ///
    /// When it is refused.
    #[must_use]
    pub fn connect(&self, database: &str) -> Client {
        Client::connect(self.address(), USER, database)
            .unwrap_or_else(|error| panic!("cannot connect to `{database}`: {error}"))
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// What it has written to its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.keeper.log()
    }
}

/// `ignore_startup_parameters` stays out, as in the file of the package: what a
/// client sends must be what PgBouncer knows.
fn configuration(
    server: &Server,
    mode: PoolMode,
    pool_size: u32,
    port: u16,
    users: &str,
) -> String {
    let mode = match mode {
        PoolMode::Session => "session",
        PoolMode::Transaction => "transaction",
        PoolMode::Statement => "statement",
    };
    format!(
        "[databases]\n\
         * = host=127.0.0.1 port={}\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = trust\n\
         auth_file = {users}\n\
         admin_users = {USER}\n\
         pool_mode = {mode}\n\
         default_pool_size = {pool_size}\n\
         max_client_conn = 200\n",
        server.port()
    )
}
