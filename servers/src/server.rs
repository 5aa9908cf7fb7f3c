//! One PostgreSQL server.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::binaries;
use crate::client::Client;
use crate::database::Database;
use crate::keeper::Keeper;
use crate::options::Options;
use crate::port;
use crate::tls;

/// The superuser of every server; there are no passwords.
pub(crate) const USER: &str = "postgres";

/// A PostgreSQL server of its own, in a temporary folder.
///
/// It listens on 127.0.0.1 and on a Unix socket in that folder. Both it and the
/// folder are gone when this is dropped, or its process ends in any way.
#[derive(Debug)]
pub struct Server {
    keeper: Keeper,
    port: u16,
    /// Where the server is that this is a standby of.
    pub(crate) primary: Option<SocketAddr>,
}

impl Server {
    /// A server with nothing in it, or `None` where none is installed.
    ///
    /// # Panics
    ///
    /// When it does not start, and when none is installed although the variable
    /// `MIGRATE_REQUIRE_SERVERS` is 1.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with(&Options::new())
    }

    /// The same with other settings.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start) does.
    #[must_use]
    pub fn start_with(options: &Options) -> Option<Self> {
        let binaries = binaries::postgres()?;
        let keeper = Keeper::new("QUIT");
        let data = keeper.folder().join("data");
        keeper.once(&[
            shown(&binaries.join("initdb")),
            "--pgdata",
            shown(&data),
            "--username",
            USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        Some(Self::run(keeper, options))
    }

    /// The one that the tests of a process share.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start) does.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Starts what is in the folder `data` of the keeper.
    pub(crate) fn run(keeper: Keeper, options: &Options) -> Self {
        let binaries = binaries::postgres().expect("the folder was made with them");
        let mut settings = options.configuration(binaries::major(binaries));
        if options.tls {
            settings += &tls::settings(&keeper);
        }
        let settings = keeper.write("settings", &settings);
        let mut server = Self {
            keeper,
            port: 0,
            primary: None,
        };
        let main = server.keeper.folder().join("data/postgresql.conf");
        let text = fs::read_to_string(&main).expect("initdb has written it");
        let include = format!("include '{}'\n", shown(&settings));
        fs::write(&main, text + &include).expect("the folder is writable");
        // The port may be taken between its choice and its use.
        for _ in 0..5 {
            server.port = port::free();
            if server.launch() {
                return server;
            }
        }
        panic!("PostgreSQL does not start:\n{}", server.log());
    }

    /// Whether it came up.
    fn launch(&self) -> bool {
        let folder = self.keeper.folder();
        let port = self.port.to_string();
        let started = self.keeper.ask(&[
            "start",
            shown(&self.binaries().join("postgres")),
            "-D",
            shown(&folder.join("data")),
            "-p",
            &port,
            "-h",
            "127.0.0.1",
            "-k",
            shown(folder),
        ]);
        assert!(started, "the keeper starts the server");
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let status = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
            // A file of the previous server says `ready` as well.
            let state = status.lines().nth(7).unwrap_or_default().trim();
            if matches!(state, "ready" | "standby") && self.is_running() {
                return true;
            }
            if !self.keeper.alive() {
                return false;
            }
            thread::sleep(Duration::from_millis(3));
        }
        panic!("PostgreSQL is not ready after a minute:\n{}", self.log());
    }

    /// A new empty database with a name of its own.
    ///
    /// # Panics
    ///
    /// When the server is not running.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::create(self)
    }

    /// The address of a database that exists, `postgres` say.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// A connection to a database that exists.
    ///
    /// # Panics
    ///
    /// When the server does not let it in.
    #[must_use]
    pub fn connect(&self, database: &str) -> Client {
        Client::connect(self.address(), USER, database)
            .unwrap_or_else(|error| panic!("cannot connect to `{database}`: {error}"))
    }

    /// Runs statements in the database `postgres`, as
    /// [`Database::psql`] does.
    ///
    /// # Panics
    ///
    /// When one fails.
    pub fn psql(&self, sql: &str) -> String {
        self.connect("postgres")
            .query(sql)
            .unwrap_or_else(|error| panic!("{error}\nin: {sql}"))
    }

    /// Ends all sessions and processes at once, without a checkpoint: the next
    /// start recovers from the log. This is `pg_ctl stop -m immediate`.
    pub fn stop_immediately(&self) {
        self.keeper.ask(&["stop", "QUIT"]);
    }

    /// Ends all sessions, rolls them back, and writes a checkpoint.
    pub fn stop(&self) {
        self.keeper.ask(&["stop", "INT"]);
    }

    /// Kills all processes of the server, which then has no chance to tell
    /// its clients.
    pub fn kill(&self) {
        self.keeper.ask(&["crash"]);
    }

    /// Starts it again on the same port and data, after an immediate stop if it
    /// is running.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub fn restart(&self) {
        self.stop_immediately();
        assert!(
            self.launch(),
            "PostgreSQL does not start again:\n{}",
            self.log()
        );
    }

    /// Whether it takes connections.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let socket = self.keeper.folder().join(format!(".s.PGSQL.{}", self.port));
        UnixStream::connect(socket).is_ok()
    }

    /// Where it listens: 127.0.0.1.
    #[must_use]
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port on 127.0.0.1, and in the name of the socket.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The temporary folder, in which the Unix socket is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.keeper.folder()
    }

    /// Where `psql`, `pg_dump` and the other programs are.
    ///
    /// # Panics
    ///
    /// Never: this server was started with them.
    #[must_use]
    pub fn binaries(&self) -> &'static Path {
        binaries::postgres().expect("the server was started with them")
    }

    /// Its major version: 15 of 15.18.
    ///
    /// # Panics
    ///
    /// Never: this server was started with such a program.
    #[must_use]
    pub fn major(&self) -> u32 {
        binaries::major(self.binaries())
    }

    /// What it has written to its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.keeper.log()
    }
}

/// Paths here are made of the temporary folder and of fixed names.
pub(crate) fn shown(path: &Path) -> &str {
    path.to_str().expect("the path is valid UTF-8")
}
