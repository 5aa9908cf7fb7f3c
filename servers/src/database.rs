//! One database of a server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::client::{Client, Refused};
use crate::server::{Server, USER, shown};

/// An empty database, dropped with its sessions when this is.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    socket_url: String,
    address: SocketAddr,
}

impl Database {
    pub(crate) fn create(server: &Server) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        // `template0` accepts no connections, so no session can block this.
        server.psql(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        let folder = shown(server.folder()).replace('/', "%2F");
        Self {
            url: server.url(&name),
            socket_url: format!("postgres://{USER}@{folder}:{}/{name}", server.port()),
            address: server.address(),
            name,
        }
    }

    /// Its name, which needs no quotes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `postgres://postgres@127.0.0.1:PORT/NAME`
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same by the Unix socket.
    #[must_use]
    pub fn socket_url(&self) -> &str {
        &self.socket_url
    }

    /// A session of its own, which may hold locks and open transactions.
    ///
    /// # Panics
    ///
    /// When the server does not let it in.
    #[must_use]
    pub fn connect(&self) -> Client {
        Client::connect(self.address, USER, &self.name)
            .unwrap_or_else(|error| panic!("cannot connect to `{}`: {error}", self.name))
    }

    /// Runs statements in a new session, and returns the rows as `psql -Atq`
    /// prints them: a line each, `|` between the columns, nothing for NULL.
    ///
    /// Several statements are one transaction, as with `psql -c`.
    ///
    /// # Panics
    ///
    /// When one fails.
    pub fn psql(&self, sql: &str) -> String {
        self.try_psql(sql)
            .unwrap_or_else(|error| panic!("{error}\nin: {sql}"))
    }

    /// Has `version()` return this text in every session that begins later, by a
    /// function in a schema `fake` that is searched before the server's own.
    ///
    /// # Panics
    ///
    /// When it was called before.
    pub fn pretend(&self, version: &str) {
        self.psql(&format!(
            "CREATE SCHEMA fake; CREATE FUNCTION fake.version() RETURNS text LANGUAGE sql \
             AS $$ SELECT '{version}'::text $$; \
             ALTER DATABASE {} SET search_path = fake, pg_catalog, public",
            self.name
        ));
    }

    /// The same for statements that may fail.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn try_psql(&self, sql: &str) -> Result<String, Refused> {
        Client::connect(self.address, USER, &self.name)?.query(sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server may be down, which is no reason to panic.
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let run = |sql: &str| Client::connect(self.address, USER, "postgres")?.query(sql);
        if run(&drop).is_ok() {
            return;
        }
        // Prepared transactions have no session that could be ended.
        let prepared = self.try_psql(
            "SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts \
             WHERE database = current_database()",
        );
        for rollback in prepared.unwrap_or_default().lines() {
            let _ = self.try_psql(rollback);
        }
        let _ = run(&drop);
    }
}
