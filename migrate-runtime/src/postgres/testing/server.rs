//! The server that the tests of a process share.

use super::binaries::MISSING;
#[cfg(unix)]
use super::{binaries, process::Process};
use crate::error::Error;
use crate::postgres::Connector;
use std::env;
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

/// How long each test waits for a server that may still be starting.
const STARTING: Duration = Duration::from_secs(10);

/// A PostgreSQL server for tests, found or started by [`server`].
#[derive(Debug)]
pub struct Server {
    connector: Connector,
    url: String,
    /// A server that was started here ends with this process.
    #[cfg(unix)]
    _process: Option<Process>,
}

impl Server {
    /// A connector to a database of the server that always exists.
    pub fn connector(&self) -> &Connector {
        &self.connector
    }

    /// The URL of that database, for other clients. It may contain a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn at(url: String) -> Result<Server, Error> {
        Ok(Server {
            connector: Connector::parse(&url)?.connect_timeout(STARTING),
            url,
            #[cfg(unix)]
            _process: None,
        })
    }
}

/// The server for the tests of this process: see the [module](super) for where it is
/// looked for. Returns `None` if there is none; one line on standard error says so.
///
/// ```
/// use migrate_runtime::postgres::{Blocking, testing};
///
/// let Some(server) = testing::server() else { return };
/// let mut db = Blocking::connect(server.connector()).unwrap();
/// db.run(async |client| client.batch_execute("SELECT 1").await).unwrap();
/// ```
///
/// # Panics
///
/// Panics if a server is found and cannot be started, and if none is found although
/// `MIGRATE_REQUIRE_SERVERS` is 1.
#[expect(clippy::panic, reason = "this fails a test")]
pub fn server() -> Option<&'static Server> {
    // A failure is kept, too: it would take the same time in every test.
    static SERVER: OnceLock<Result<Option<Server>, String>> = OnceLock::new();
    let found = SERVER.get_or_init(|| match find() {
        Ok(Some(server)) => Ok(Some(server)),
        Ok(None) if env::var_os("MIGRATE_REQUIRE_SERVERS").is_some_and(|it| it == "1") => {
            Err(format!("`MIGRATE_REQUIRE_SERVERS` is 1, and {MISSING}"))
        }
        Ok(None) => {
            // Not `eprintln!`: the output of a test is shown only if it fails.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: tests that need PostgreSQL did not run, because {MISSING}"
            );
            Ok(None)
        }
        Err(error) => Err(format!("{error:#}")),
    });
    match found {
        Ok(server) => server.as_ref(),
        Err(message) => panic!("{message}"),
    }
}

fn find() -> Result<Option<Server>, Error> {
    if let Some(url) = env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|it| !it.is_empty())
    {
        return Server::at(url).map(Some);
    }
    #[cfg(unix)]
    if let Some(folder) = binaries::find() {
        let process = Process::start(&folder)?;
        let server = Server::at(process.url())?;
        return Ok(Some(Server {
            _process: Some(process),
            ..server
        }));
    }
    Ok(None)
}
