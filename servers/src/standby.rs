//! Streaming standbys.

use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::keeper::Keeper;
use crate::options::Options;
use crate::server::{Server, USER, shown};

impl Server {
    /// A streaming standby of this server, on a port of its own.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    #[must_use]
    pub fn standby(&self) -> Self {
        self.standby_with(&Options::new())
    }

    /// The same with other settings; with [`Options::synchronous`] a commit on
    /// this server waits for the standby from now on.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    #[must_use]
    pub fn standby_with(&self, options: &Options) -> Self {
        let keeper = Keeper::new("QUIT");
        let primary = format!(
            "host=127.0.0.1 port={} user={USER} application_name=standby",
            self.port()
        );
        keeper.once(&[
            shown(&self.binaries().join("pg_basebackup")),
            "--dbname",
            &primary,
            "--pgdata",
            shown(&keeper.folder().join("data")),
            "--checkpoint=fast",
            "--wal-method=stream",
            "--write-recovery-conf",
            "--no-sync",
        ]);
        let mut standby = Self::run(keeper, options);
        standby.primary = Some(self.address());
        if options.synchronous {
            self.psql("ALTER SYSTEM SET synchronous_standby_names = '*'");
            self.psql("SELECT pg_reload_conf()");
            eventually("the standby is synchronous", || {
                self.psql("SELECT sync_state FROM pg_stat_replication") == "sync"
            });
        }
        standby
    }

    /// Waits until this standby has replayed what its primary has written, or
    /// what it has received where the primary is gone.
    ///
    /// # Panics
    ///
    /// When that takes a minute.
    pub fn wait_for_replay(&self) {
        let primary = self
            .primary
            .and_then(|address| Client::connect(address, USER, "postgres").ok())
            .and_then(|mut client| client.query("SELECT pg_current_wal_flush_lsn()").ok());
        let target = primary.unwrap_or_else(|| {
            self.psql("SELECT coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())")
        });
        let reached = format!("SELECT pg_last_wal_replay_lsn() >= '{target}'::pg_lsn");
        eventually("the standby has replayed", || self.psql(&reached) == "t");
    }

    /// Makes this standby a primary, and waits until it takes writes.
    ///
    /// # Panics
    ///
    /// When it is none, and when that takes a minute.
    pub fn promote(&self) {
        self.psql("SELECT pg_promote()");
        eventually("the standby is promoted", || !self.in_recovery());
    }

    /// Whether this is a standby.
    ///
    /// # Panics
    ///
    /// When it is not running.
    #[must_use]
    pub fn in_recovery(&self) -> bool {
        self.psql("SELECT pg_is_in_recovery()") == "t"
    }
}

/// Waits until something is so.
fn eventually(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is() {
        assert!(Instant::now() < deadline, "waited a minute until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
