//! The replay loop: each migration runs on a fresh database, and each that is not
//! frozen also on one with rows.

use super::database::Database;
use super::finding::{Failure, Finding, Findings, naming};
use super::trial::Trial;
use crate::postgres::Connector;
use crate::postgres::proof::catalog::Catalog;
use crate::postgres::proof::scratch::{Scratch, Template};
use crate::postgres::proof::shared;
use crate::{Direction, Error, Migration, Migrator, Postgres, Version};
use migrate_source::coverage::Coverage;
use migrate_source::diagnostic::{Code, Diagnostic};
use tokio_postgres::Client;

/// The result of a proof.
#[derive(Debug, Default)]
pub struct Proof {
    /// Errors and warnings.
    pub findings: Vec<Diagnostic>,
    /// What was not tried, and why.
    pub notes: Vec<String>,
    /// How much was tried.
    pub coverage: Coverage,
}

impl Proof {
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// The server, and a database on it that contains only what the migrations produce.
pub(super) struct Fresh<'a> {
    pub(super) migrator: &'a Migrator<Version, Postgres>,
    server: &'a Connector,
    admin: Client,
    pub(super) database: Database,
}

/// Replays the migrations of a program on a server, with rows in every table.
///
/// # Errors
///
/// Fails if the server cannot be reached, if no database can be created there, and if
/// the program is older than its directory.
pub async fn prove<M>(
    migrator: &Migrator<M, Postgres>,
    server: &Connector,
) -> Result<Proof, Error> {
    migrator.check_source()?;
    replay(&migrator.clone().untyped(), server).await
}

async fn replay(
    migrator: &Migrator<Version, Postgres>,
    server: &Connector,
) -> Result<Proof, Error> {
    let admin = server.connect().await?;
    let scratch = Scratch::first(&admin, server).await?;
    let mut fresh = Fresh {
        migrator,
        server,
        admin,
        database: Database::new(migrator, scratch),
    };
    let mut trial = None;
    let result = fresh.replay(&mut trial).await;
    // After an error too: this may be the last connection that the server answers. What is left
    // even so is dropped by `Drop`.
    let ended = match trial {
        Some(trial) => trial.end(&fresh).await,
        None => Ok(()),
    };
    let removed = fresh.database.into_scratch().remove(&fresh.admin).await;
    let proof = result?;
    ended.and(removed)?;
    Ok(proof)
}

impl Fresh<'_> {
    async fn replay(&mut self, trial: &mut Option<Trial>) -> Result<Proof, Error> {
        let mut proof = Proof::default();
        let mut is_whole = true;
        let migrations = self.migrator.registry().migrations();
        proof.coverage.migrations = migrations.len();
        let labels_from = |at: usize| migrations[at..].iter().map(|it| it.label);
        for (at, migration) in migrations.iter().enumerate() {
            if let Some((reason, note)) = self.cannot_run(migration) {
                proof.coverage.ends_at(labels_from(at), &reason);
                proof.note(note);
                is_whole = false;
                break;
            }
            let mut findings = Findings::of(migration);
            let goes_on = if migration.is_frozen {
                // A frozen migration is not tried with rows: it may fail on generated ones.
                if let Some(trial) = trial.take() {
                    trial.end(self).await?;
                }
                self.up(migration, &mut findings).await?
            } else {
                Trial::hold(trial, self, migration, (&mut findings, &mut proof)).await?
            };
            proof.findings.append(&mut findings.found);
            if !goes_on {
                // A replay that stops early does not report unfinished objects.
                is_whole = false;
                proof.coverage.ends_at(labels_from(at), "it fails");
                if at + 1 < migrations.len() {
                    let label = migration.label;
                    proof.note(format!("the replay ends at `{label}`, which fails"));
                }
                break;
            }
            proof.coverage.released += usize::from(migration.is_frozen);
        }
        if is_whole {
            self.unfinished(&mut proof).await?;
        }
        Ok(proof)
    }

    /// Reports objects that the migrations leave incomplete.
    async fn unfinished(&mut self, proof: &mut Proof) -> Result<(), Error> {
        let table = self.migrator.table_of_history();
        let catalog = Catalog::read(self.database.client().await?, table).await?;
        for (kind, name) in catalog.unfinished() {
            if kind == "constraint" {
                let note = format!(
                    "the constraint `{name}` is NOT VALID at the end: no migration has validated \
                     the existing rows"
                );
                proof.note(note);
                continue;
            }
            let migrations = self.migrator.registry().migrations().iter().rev();
            let mut named = migrations
                .filter(|it| !it.is_frozen && !it.up.is_rust())
                .filter_map(|migration| Some((migration, naming(&migration.up, name)?)));
            let Some((migration, range)) = named.next() else {
                continue;
            };
            let mut findings = Findings::of(migration);
            findings.add(Finding {
                code: Code::InvalidIndex,
                direction: Direction::Up,
                range,
                message: format!("the index `{name}` is INVALID at the end: no query uses it"),
                help: "attach an index of each partition to it, or drop it and create it again",
                notes: Vec::new(),
            });
            proof.findings.append(&mut findings.found);
        }
        Ok(())
    }

    /// Why a migration cannot be replayed: the reason for the coverage, and a note.
    fn cannot_run(&self, migration: &Migration) -> Option<(String, String)> {
        let label = migration.label;
        let has_up = self.migrator.has_function(migration.version, Direction::Up);
        if migration.up.is_rust() && !has_up {
            let note = format!(
                "the replay ends before `{label}`, which is in Rust; the generated test replays \
                 the rest"
            );
            return Some(("in Rust".to_owned(), note));
        }
        let what = shared::in_migration(migration)?;
        let note = format!(
            "the replay ends before `{label}`, because its `{what}` affects more than the database \
             that it runs in"
        );
        Some((format!("`{what}` affects other databases"), note))
    }

    /// Applies a migration, and returns whether that worked.
    pub(super) async fn up(
        &mut self,
        migration: &'static Migration,
        findings: &mut Findings,
    ) -> Result<bool, Error> {
        let Some(error) = self.database.up(migration).await? else {
            return Ok(true);
        };
        let failure = Failure::of(&error, &migration.up);
        findings.add(Finding {
            code: Code::ReplayFailed,
            direction: Direction::Up,
            range: failure.range,
            message: refused(migration, &failure.message),
            help: if migration.up.is_rust() {
                "correct the function; it runs on a fresh database too"
            } else {
                "correct the statement; it or an earlier migration must create what it needs"
            },
            notes: failure.notes,
        });
        Ok(false)
    }

    pub(super) async fn copy(&mut self) -> Result<Database, Error> {
        let template = Template::Copy(self.database.closed());
        let scratch = Scratch::make(&self.admin, self.server, template).await?;
        let mut database = Database::new(self.migrator, scratch);
        if let Err(error) = database.client().await {
            // This may be the last connection that the server answers.
            let _ = self.remove(database).await;
            return Err(error);
        }
        Ok(database)
    }

    pub(super) async fn remove(&self, database: Database) -> Result<(), Error> {
        database.into_scratch().remove(&self.admin).await
    }
}

/// Returns an error that is to be reported about a migration; any other ends the
/// replay.
pub(super) fn of_a_migration(error: Error) -> Result<Error, Error> {
    if error.is_for_its_script() {
        Ok(error)
    } else {
        Err(error)
    }
}

fn refused(migration: &Migration, message: &str) -> String {
    if migration.up.is_rust() {
        format!("this migration fails: {message}")
    } else {
        format!("PostgreSQL refuses this: {message}")
    }
}
