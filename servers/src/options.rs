//! What a server is started with.

/// What a server is started with.
///
/// ```
/// let options = migrate_servers::Options::new()
///     .durable()
///     .setting("default_transaction_isolation", "serializable");
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) durable: bool,
    pub(crate) synchronous: bool,
    pub(crate) tls: bool,
}

impl Options {
    /// Those of [`Server::start`](crate::Server::start).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of `postgresql.conf`; the last one of a name counts.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Syncs to the disk, which servers for tests do not do otherwise.
    ///
    /// Only a crash of the machine would show the difference.
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Of a standby: the primary waits for it with each commit.
    #[must_use]
    pub fn synchronous(mut self) -> Self {
        self.synchronous = true;
        self
    }

    /// Takes encrypted connections beside others, with a certificate that
    /// [`Server::ca_pem`](crate::Server::ca_pem) has signed. This needs the
    /// program `openssl`.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The text of `postgresql.conf`, without the place where it listens.
    pub(crate) fn configuration(&self, major: u32) -> String {
        let fixed = [
            ("max_connections", "100"),
            ("max_prepared_transactions", "10"),
            ("shared_buffers", "32MB"),
            ("fsync", if self.durable { "on" } else { "off" }),
            ("full_page_writes", if self.durable { "on" } else { "off" }),
            ("log_line_prefix", "%m [%p] %d "),
        ];
        // A standby that starts late finds what it needs.
        let keep = (major >= 13).then_some(("wal_keep_size", "256MB"));
        let own = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        fixed
            .into_iter()
            .chain(keep)
            .chain(own)
            .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
            .collect()
    }
}
