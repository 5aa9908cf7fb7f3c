//! The trial of a migration on a database with rows: up, down and up again.
//!
//! The rows stay from one migration to the next, as they do in a database in use. If a
//! trial may have left the database different from what the migrations produce, it is
//! dropped, and the next migration starts with a copy.

use super::finding::{Failure, Findings, beginning, words};
use super::replay::{Fresh, Proof, of_a_migration};
use super::sample_rows::{Counts, Filled};
use super::verdict::{down_fails, is_about_rows, lost, not_repeatable, not_restored, with_rows};
use crate::Error;
use crate::postgres::catalog::{Catalog, Reader};
use crate::postgres::scratch::Scratch;
use migrate_runtime::__private::postgres::Table;
use migrate_runtime::{
    Direction, Down, Error as RunError, Migration, Migrator, Postgres, Script, Version,
};
use tokio_postgres::Client;

pub(super) struct Trial {
    scratch: Scratch,
    client: Client,
    migrator: Migrator<Version, Postgres>,
    reader: Reader,
    catalog: Catalog,
    filled: Filled,
    /// Whether rows are counted for the current migration.
    counts: bool,
}

/// The outcome of a step of a trial.
enum Outcome {
    /// The database is as the migrations produce it.
    Clean,
    /// The database contains something else.
    Spoiled,
}

impl Trial {
    /// Tries a migration and applies it to the fresh database; returns whether that
    /// worked.
    pub(super) async fn hold(
        kept: &mut Option<Trial>,
        fresh: &mut Fresh<'_>,
        migration: &'static Migration,
        (findings, proof): (&mut Findings, &mut Proof),
    ) -> Result<bool, Error> {
        let mut trial = match kept.take() {
            Some(trial) => trial,
            None => Trial::begin(fresh).await?,
        };
        let history = fresh.migrator.table_of_history();
        let before = trial.catalog.clone();
        trial.fill(fresh, proof).await?;
        trial.counts = may_lose_rows(migration, &before);
        let counts = trial.count(&before, history).await?;
        let failure = trial.up(migration).await?;
        if !fresh.up(migration, findings).await? {
            trial.end(fresh).await?;
            return Ok(false);
        }
        if let Some(error) = failure {
            with_rows(&error, &before, (migration, Direction::Up), findings);
            trial.end(fresh).await?;
            // The down is tried even so.
            trial = Trial::begin(fresh).await?;
        } else {
            trial.read(fresh).await?;
            let after = trial.count(&trial.catalog, history).await?;
            lost(&counts, &after, (migration, Direction::Up), findings);
        }
        let outcome = if trial.has_down(fresh, migration) {
            trial.fill(fresh, proof).await?;
            trial
                .back_and_forth(fresh, migration, (&before, &counts), findings)
                .await?
        } else {
            Outcome::Clean
        };
        match outcome {
            Outcome::Clean => *kept = Some(trial),
            Outcome::Spoiled => trial.end(fresh).await?,
        }
        Ok(true)
    }

    async fn begin(fresh: &mut Fresh<'_>) -> Result<Trial, Error> {
        let scratch = fresh.copy().await?;
        let client = scratch.connect().await?;
        let migrator = fresh.migrator.on_scratch(scratch.connector());
        let history = fresh.migrator.table_of_history();
        let reader = Reader::new(&client, history).await?;
        let catalog = reader.read(&client, history).await?;
        Ok(Trial {
            reader,
            scratch,
            client,
            migrator,
            catalog,
            filled: Filled::default(),
            counts: false,
        })
    }

    pub(super) async fn end(self, fresh: &Fresh<'_>) -> Result<(), Error> {
        drop(self.client);
        fresh.remove(self.scratch).await
    }

    /// Fills the tables that have no generated rows yet.
    async fn fill(&mut self, fresh: &Fresh<'_>, proof: &mut Proof) -> Result<(), Error> {
        let history = fresh.migrator.table_of_history();
        for (table, why) in self.filled.fill(&mut self.client, history).await? {
            proof.note(format!(
                "`{table}` stays empty in the replay: no row was found that satisfies its \
                 constraints; the last attempt: {why}"
            ));
        }
        Ok(())
    }

    async fn count(&self, catalog: &Catalog, history: &Table) -> Result<Counts, Error> {
        if !self.counts {
            return Ok(Counts::default());
        }
        Ok(Counts::of(&self.client, catalog, history).await?)
    }

    async fn read(&mut self, fresh: &Fresh<'_>) -> Result<(), Error> {
        let history = fresh.migrator.table_of_history();
        if let Ok(catalog) = self.reader.read(&self.client, history).await {
            self.catalog = catalog;
            return Ok(());
        }
        // A run that lost its connection leaves a new one, on which nothing is
        // prepared.
        self.reader = Reader::new(&self.client, history).await?;
        self.catalog = self.reader.read(&self.client, history).await?;
        Ok(())
    }

    /// Applies a migration; returns why it failed, if it did.
    async fn up(&mut self, migration: &Migration) -> Result<Option<RunError>, Error> {
        let migrator = self.migrator.clone().to(migration.version);
        let result = migrator.up(&mut self.client).await;
        result.err().map(of_a_migration).transpose()
    }

    async fn down(&mut self) -> Result<Option<RunError>, Error> {
        let result = self.migrator.down(&mut self.client, Down::Steps(1)).await;
        result.err().map(of_a_migration).transpose()
    }

    fn has_down(&self, fresh: &Fresh<'_>, migration: &Migration) -> bool {
        let has_function = || {
            fresh
                .migrator
                .has_function(migration.version, Direction::Down)
        };
        let down = migration.down.as_ref();
        down.is_some_and(|down| !down.is_rust() || has_function())
    }

    async fn back_and_forth(
        &mut self,
        fresh: &mut Fresh<'_>,
        migration: &'static Migration,
        (before, counts): (&Catalog, &Counts),
        findings: &mut Findings,
    ) -> Result<Outcome, Error> {
        let history = fresh.migrator.table_of_history();
        let after = self.catalog.clone();
        let full = self.count(&after, history).await?;
        if let Some(error) = self.down().await? {
            if is_about_rows(&error) && passes_without_rows(fresh).await? {
                with_rows(&error, &after, (migration, Direction::Down), findings);
            } else {
                down_fails(&error, migration, findings);
            }
            return Ok(Outcome::Spoiled);
        }
        self.read(fresh).await?;
        let left = self.count(&self.catalog, history).await?;
        lost(
            &full.at_most(counts),
            &left,
            (migration, Direction::Down),
            findings,
        );
        let differences = before.differences(&self.catalog);
        if !differences.is_empty() {
            not_restored(differences, migration, findings);
            return Ok(Outcome::Spoiled);
        }
        if let Some(error) = self.up(migration).await? {
            let failure = Failure::of(&error, &migration.up);
            let message = format!(
                "this cannot be applied again after its down: {}",
                failure.message
            );
            not_repeatable(failure.range, message, failure.notes, findings);
            return Ok(Outcome::Spoiled);
        }
        if !may_vary(&migration.up) {
            self.catalog = after;
            return Ok(Outcome::Clean);
        }
        self.read(fresh).await?;
        let differences = after.differences(&self.catalog);
        if differences.is_empty() {
            return Ok(Outcome::Clean);
        }
        let message =
            "this has a different effect when it is applied again after its down".to_owned();
        not_repeatable(beginning(&migration.up), message, differences, findings);
        Ok(Outcome::Spoiled)
    }
}

/// Whether the newest down runs if there are only the rows of migrations.
async fn passes_without_rows(fresh: &mut Fresh<'_>) -> Result<bool, Error> {
    let mut other = Trial::begin(fresh).await?;
    let failure = other.down().await?;
    other.end(fresh).await?;
    Ok(failure.is_none())
}

/// Whether counting rows can find anything: if neither the scripts nor the functions
/// contain a word that deletes, no row is lost.
fn may_lose_rows(migration: &Migration, catalog: &Catalog) -> bool {
    let scripts = std::iter::once(&migration.up).chain(&migration.down);
    let mut texts = scripts.map(|script| script.sql().to_ascii_lowercase());
    catalog.has_deleting_code()
        || texts.any(|text| {
            let has = |word: &str| text.contains(word);
            // A table may be rebuilt.
            ["delete", "truncate", "merge", "execute"]
                .into_iter()
                .any(has)
                || has("drop") && (has("create") || has("rename"))
        })
}

/// Whether a script may have different effects on the same schema: if it queries.
fn may_vary(script: &Script) -> bool {
    let is_plain = |statement| {
        let words = words(script.text(statement));
        let first = words.first().map(|word| word.to_ascii_uppercase());
        let verbs = [
            "ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "INSERT", "REVOKE", "UPDATE",
        ];
        first.is_some_and(|first| verbs.contains(&first.as_str()))
            && !words.iter().any(|word| word.eq_ignore_ascii_case("exists"))
    };
    script.is_rust() || !script.statements().all(is_plain)
}
