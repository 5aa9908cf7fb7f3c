//! A scratch database and the connection on which migrations run there.

use super::finding::starts_with;
use super::replay::of_a_migration;
use crate::postgres::proof::scratch::Scratch;
use crate::postgres::tools::{Look, Rehearsal};
use crate::{Down, Error, Migration, Migrator, Postgres, Registry, Script, Version};
use tokio_postgres::Client;

/// A scratch database, its connection, and a migrator for it.
pub(super) struct Database {
    scratch: Scratch,
    /// `None` while the database is copied.
    client: Option<Client>,
    migrator: Migrator<Version, Postgres>,
    /// What runs migrations one by one, once a whole run has succeeded.
    rehearsal: Option<Rehearsal>,
    /// Whether a transaction's lock is enough for every script.
    is_unlocked: bool,
}

impl Database {
    pub(super) fn new(migrator: &Migrator<Version, Postgres>, scratch: Scratch) -> Database {
        Database {
            migrator: migrator.on_scratch(scratch.connector()),
            scratch,
            client: None,
            rehearsal: None,
            is_unlocked: !mentions_locks(migrator.registry()),
        }
    }

    pub(super) async fn client(&mut self) -> Result<&mut Client, Error> {
        let client = match self.client.take() {
            Some(client) => client,
            None => self.scratch.connect().await?,
        };
        Ok(self.client.insert(client))
    }

    /// The database without a connection: a template must have none.
    pub(super) fn closed(&mut self) -> &Scratch {
        drop(self.client.take());
        &self.scratch
    }

    pub(super) fn into_scratch(self) -> Scratch {
        self.scratch
    }

    /// Applies the next migration; returns why it failed, if it did.
    pub(super) async fn up(&mut self, migration: &Migration) -> Result<Option<Error>, Error> {
        let version = migration.version;
        if self.runs_alone(&migration.up)
            && let (Some(rehearsal), Some(client)) = (&self.rehearsal, &mut self.client)
            && rehearsal.up(client, version).await.is_ok()
        {
            return Ok(None);
        }
        // A whole run decides what has failed, and it connects again.
        let migrator = self.migrator.clone().to(version);
        let result = migrator.up(self.client().await?).await;
        let failure = result.err().map(of_a_migration).transpose()?;
        if failure.is_none() && self.rehearsal.is_none() {
            let migrator = self.migrator.clone();
            self.rehearsal = Some(Rehearsal::new(migrator, self.client().await?).await?);
        }
        Ok(failure)
    }

    /// Undoes the newest migration; returns why that failed, if it did.
    pub(super) async fn down(&mut self) -> Result<Option<Error>, Error> {
        let migrator = self.migrator.clone();
        let result = migrator.down(self.client().await?, Down::Steps(1)).await;
        result.err().map(of_a_migration).transpose()
    }

    /// Undoes the newest migration and applies it again in a transaction that is
    /// rolled back; returns whether nothing failed, and `None` if this migration has to
    /// be committed.
    pub(super) async fn rehearse(
        &mut self,
        migration: &Migration,
        look: &mut impl Look,
    ) -> Result<Option<bool>, Error> {
        let scripts = [Some(&migration.up), migration.down.as_ref()];
        let is_possible = |script: &Script| {
            self.runs_alone(script) && script.statements().all(|it| is_plain(script.text(it)))
        };
        if !scripts.iter().all(|script| script.is_some_and(is_possible)) {
            return Ok(None);
        }
        self.client().await?;
        let (Some(rehearsal), Some(client)) = (&self.rehearsal, &mut self.client) else {
            return Ok(None);
        };
        let result = rehearsal.redo(client, migration.version, look).await;
        Ok(Some(result.is_ok()))
    }

    /// Whether a script runs in one transaction, without what only a whole run has.
    fn runs_alone(&self, script: &Script) -> bool {
        self.is_unlocked && script.in_transaction() && !script.is_rust()
    }
}

/// Whether a statement does the same in a transaction of its own as in a longer one.
///
/// A query may not: `now()` stays the same for a whole transaction, and `setval()` is
/// not rolled back with it.
fn is_plain(statement: &str) -> bool {
    let verbs = [
        "ALTER", "COMMENT", "CREATE", "DELETE", "DROP", "GRANT", "INSERT", "REVOKE", "TRUNCATE",
        "UPDATE",
    ];
    starts_with(statement, &verbs)
}

/// Whether a script could release the lock of the session, which only a whole run
/// notices.
fn mentions_locks(registry: &Registry<Postgres>) -> bool {
    let scripts = registry
        .migrations()
        .iter()
        .flat_map(|it| std::iter::once(&it.up).chain(&it.down));
    let mut texts = scripts.map(|script| script.sql().to_ascii_lowercase());
    texts.any(|text| text.contains("advisory") || text.contains("discard"))
}
