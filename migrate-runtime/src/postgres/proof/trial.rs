//! The trial of a migration on a database with rows: up, down and up again.
//!
//! The rows stay from one migration to the next, as they do in a database in use. The
//! up is committed, because later migrations may need that: a value of an enum cannot be
//! used before. The down and the second up are rolled back. If a trial may have left the
//! database different from what the migrations produce, it is dropped, and the next
//! migration starts with a copy.

use super::database::Database;
use super::finding::{Failure, Findings, beginning, starts_with, words};
use super::rehearsal::{DownAlone, Observer, Undone};
use super::replay::{Fresh, Proof};
use super::sample_rows::{Counts, Fewer, Filled, Refusal};
use super::verdict::{
    down_fails, is_about_rows, lost, not_repeatable, not_restored, not_tried, statement_of,
    with_rows, without_rows,
};
use crate::postgres::proof::catalog::{Catalog, Reader};
use crate::postgres::tools::Table;
use crate::{Direction, Error, Migration, Script};
use futures_util::future::join;
use std::sync::Arc;

pub(super) struct Trial {
    database: Database,
    reader: Reader,
    catalog: Arc<Catalog>,
    filled: Filled,
    /// Whether every table has been filled since the schema last changed.
    is_filled: bool,
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

/// The schema and the rows from before a migration.
struct Before {
    catalog: Arc<Catalog>,
    counts: Counts,
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
        trial.fill(fresh, proof).await?;
        let client = trial.database.client().await?;
        trial.filled.fill_carefully(client).await?;
        let mut why_not = without_rows(&trial.filled.empty, migration, findings);
        trial.counts = may_lose_rows(migration, &trial.catalog);
        let mut before = Before {
            catalog: trial.catalog.clone(),
            counts: trial.count(history).await?,
        };
        let (failure, is_applied) = if migration.up.is_rust() {
            // The function may not expect to be called twice at the same time.
            let failure = trial.up(migration, history).await;
            (failure, fresh.up(migration, findings).await)
        } else {
            join(trial.up(migration, history), fresh.up(migration, findings)).await
        };
        let failure = failure?;
        let has_failed = failure.is_some();
        if !is_applied? {
            trial.end(fresh).await?;
            return Ok(false);
        }
        let passes = match failure {
            None => true,
            Some(error) => {
                let fresh = &mut fresh.database;
                let failure = trial
                    .with_fewer_rows(migration, error, (fresh, history), (&mut before, findings))
                    .await?;
                if let Some(error) = &failure {
                    why_not = not_tried(error, migration, findings).or(why_not);
                }
                failure.is_none()
            }
        };
        if passes {
            let after = trial.count(history).await?;
            lost(&before.counts, &after, (migration, Direction::Up), findings);
        }
        if has_failed {
            // Rows of migrations may be missing, and the down is tried even so.
            trial.end(fresh).await?;
            trial = Trial::begin(fresh).await?;
        }
        let has_down = has_down(fresh, migration);
        proof.coverage.add(migration.label, why_not, has_down);
        let outcome = if has_down {
            trial.fill(fresh, proof).await?;
            trial
                .back_and_forth(fresh, migration, &before, findings)
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

    /// Reports why a migration fails, and applies it again with fewer rows, so that the
    /// statements after the one that failed meet rows too. Returns the last failure, if
    /// none of that worked.
    async fn with_fewer_rows(
        &mut self,
        migration: &'static Migration,
        mut error: Error,
        (fresh, history): (&mut Database, &Table),
        (before, findings): (&mut Before, &mut Findings),
    ) -> Result<Option<Error>, Error> {
        let is_undone = migration.up.in_transaction() && !migration.up.is_rust();
        let mut fewer = Fewer::default();
        loop {
            let task = (migration, Direction::Up);
            with_rows(&error, &before.catalog, task, findings);
            let refusal = Refusal {
                error: &error,
                statement: statement_of(&error, &migration.up),
            };
            let clients = (self.database.client().await?, &*fresh.client().await?);
            let rows = (&mut self.filled, history);
            if !is_undone || !fewer.change(clients, rows, &refusal).await? {
                return Ok(Some(error));
            }
            before.counts = self.count(history).await?;
            match self.up(migration, history).await? {
                Some(next) => error = next,
                None => return Ok(None),
            }
        }
    }

    async fn begin(fresh: &mut Fresh<'_>) -> Result<Trial, Error> {
        let mut database = fresh.copy().await?;
        let history = fresh.migrator.table_of_history();
        let client = database.client().await?;
        let reader = Reader::new(client, history).await?;
        let catalog = reader.read(client, history).await?;
        Ok(Trial {
            database,
            reader,
            catalog: Arc::new(catalog),
            filled: Filled::default(),
            is_filled: false,
            counts: false,
        })
    }

    pub(super) async fn end(self, fresh: &Fresh<'_>) -> Result<(), Error> {
        fresh.remove(self.database).await
    }

    /// Fills the tables that have no generated rows yet.
    async fn fill(&mut self, fresh: &Fresh<'_>, proof: &mut Proof) -> Result<(), Error> {
        if self.is_filled {
            return Ok(());
        }
        let history = fresh.migrator.table_of_history();
        let client = self.database.client().await?;
        for (table, why) in self.filled.fill(client, history).await? {
            proof.note(format!(
                "`{table}` stays empty in the replay: no row was found that satisfies its \
                 constraints; the last attempt: {why}"
            ));
        }
        self.is_filled = true;
        Ok(())
    }

    async fn count(&mut self, history: &Table) -> Result<Counts, Error> {
        if !self.counts {
            return Ok(Counts::default());
        }
        let client = self.database.client().await?;
        Counts::of(client, &self.catalog, history).await
    }

    async fn read(&mut self, history: &Table) -> Result<(), Error> {
        let client = self.database.client().await?;
        let catalog = match self.reader.read(client, history).await {
            Ok(catalog) => catalog,
            // A run that lost its connection leaves a new one, on which nothing is
            // prepared.
            Err(_) => {
                self.reader = Reader::new(client, history).await?;
                self.reader.read(client, history).await?
            }
        };
        self.catalog = Arc::new(catalog);
        self.is_filled = false;
        Ok(())
    }

    /// Applies a migration, and reads the schema. Returns why the migration failed, if
    /// it did.
    async fn up(&mut self, migration: &Migration, history: &Table) -> Result<Option<Error>, Error> {
        let failure = self.database.up(migration).await?;
        if failure.is_none() {
            self.read(history).await?;
        }
        Ok(failure)
    }

    /// Undoes a migration and applies it again.
    ///
    /// This is tried in a transaction that is rolled back, so nothing is spoiled. If
    /// anything fails there, each step is committed instead: a failure may be due to
    /// what the transaction did before, and only the way that a run takes decides.
    async fn back_and_forth(
        &mut self,
        fresh: &mut Fresh<'_>,
        migration: &'static Migration,
        before: &Before,
        findings: &mut Findings,
    ) -> Result<Outcome, Error> {
        let history = fresh.migrator.table_of_history();
        let full = self.count(history).await?.at_most(&before.counts);
        let task = (migration, Direction::Down);
        if let Some(undone) = self.rehearse(migration, before, history).await? {
            lost(&full, &undone.counts, task, findings);
            let differences = before.catalog.differences_that_matter(&undone.catalog);
            if !differences.is_empty() {
                not_restored(differences, migration, findings);
            }
            return Ok(Outcome::Clean);
        }
        let after = self.catalog.clone();
        if let Some(error) = self.database.down().await? {
            if is_about_rows(&error) && passes_without_rows(fresh, migration).await? {
                with_rows(&error, &after, task, findings);
            } else {
                down_fails(&error, migration, findings);
            }
            let is_undone = migration.down.is_some_and(|down| down.in_transaction());
            return Ok(if is_undone {
                Outcome::Clean
            } else {
                Outcome::Spoiled
            });
        }
        self.read(history).await?;
        let left = self.count(history).await?;
        lost(&full, &left, task, findings);
        if !before.catalog.differences(&self.catalog).is_empty() {
            let differences = before.catalog.differences_that_matter(&self.catalog);
            if !differences.is_empty() {
                not_restored(differences, migration, findings);
            }
            return Ok(Outcome::Spoiled);
        }
        if let Some(error) = self.database.up(migration).await? {
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
        self.read(history).await?;
        let differences = after.differences(&self.catalog);
        if differences.is_empty() {
            return Ok(Outcome::Clean);
        }
        let message =
            "this has a different effect when it is applied again after its down".to_owned();
        not_repeatable(beginning(&migration.up), message, differences, findings);
        Ok(Outcome::Spoiled)
    }

    /// Undoes a migration and applies it again, in a transaction that is rolled back.
    /// Returns `None` if only committed steps can decide.
    async fn rehearse(
        &mut self,
        migration: &Migration,
        before: &Before,
        history: &Table,
    ) -> Result<Option<Undone>, Error> {
        let mut observer = Observer {
            reader: &self.reader,
            history,
            before: &before.catalog,
            after: may_vary(&migration.up).then_some(&*self.catalog),
            counts: self.counts,
            undone: None,
            is_repeatable: true,
        };
        let passed = self.database.rehearse(migration, &mut observer).await?;
        let is_settled = passed == Some(true) && observer.is_repeatable;
        Ok(observer.undone.filter(|_| is_settled))
    }
}

fn has_down(fresh: &Fresh<'_>, migration: &Migration) -> bool {
    let migrator = fresh.migrator;
    let has_function = || migrator.has_function(migration.version, Direction::Down);
    let down = migration.down.as_ref();
    down.is_some_and(|down| !down.is_rust() || has_function())
}

/// Whether the newest down runs if there are only the rows of migrations.
async fn passes_without_rows(fresh: &mut Fresh<'_>, migration: &Migration) -> Result<bool, Error> {
    let rehearsed = fresh.database.rehearse(migration, &mut DownAlone).await?;
    if let Some(passes) = rehearsed {
        return Ok(passes);
    }
    let mut other = fresh.copy().await?;
    let failure = other.down().await?;
    fresh.remove(other).await?;
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
        let text = script.text(statement);
        let verbs = [
            "ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "INSERT", "REVOKE", "UPDATE",
        ];
        starts_with(text, &verbs)
            && !words(text)
                .iter()
                .any(|word| word.eq_ignore_ascii_case("exists"))
    };
    script.is_rust() || !script.statements().all(is_plain)
}
