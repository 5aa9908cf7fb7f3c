//! A migration on a database that has rows: up, down and up again.
//!
//! The rows stay from one migration to the next, as they do in a database that
//! is in use. After anything that may have left it otherwise than the migrations
//! do, the database is dropped, and the next migration begins with a copy.

use super::catalog::Catalog;
use super::finding::{Failure, Finding, Findings, beginning, naming, script, words};
use super::on_scratch;
use super::replay::{Fresh, Proof, of_a_migration};
use super::rows::{Counts, Filled};
use super::scratch::Scratch;
use crate::error::Error;
use crate::{Direction, Down, Migration, Migrator, Postgres, Script, Version};
use migrate_core::diagnostic::Code;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

pub(super) struct Trial {
    scratch: Scratch,
    client: Client,
    migrator: Migrator<Version, Postgres>,
    catalog: Catalog,
    filled: Filled,
}

/// How a step of a trial ended.
enum Outcome {
    /// The database is as the migrations make it.
    Clean,
    /// Something is left that does not belong there.
    Spoiled,
}

impl Trial {
    /// Tries a migration and applies it to the fresh database; says whether that
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
        let history = &fresh.settings.own.table;
        let before = trial.catalog.clone();
        trial.fill(fresh, proof).await?;
        let counts = Counts::of(&trial.client, &before, history).await?;
        let failure = trial.up(migration).await?;
        if !fresh.up(migration, findings).await? {
            trial.end(fresh).await?;
            return Ok(false);
        }
        if let Some(error) = failure {
            with_rows(&error, &before, (migration, Direction::Up), findings);
            trial.end(fresh).await?;
            // What its down does is seen all the same.
            trial = Trial::begin(fresh).await?;
        } else {
            trial.read(fresh).await?;
            let after = Counts::of(&trial.client, &trial.catalog, history).await?;
            lost(&counts, &after, (migration, Direction::Up), findings);
        }
        let outcome = match trial.has_down(fresh, migration) {
            true => {
                trial.fill(fresh, proof).await?;
                trial
                    .back_and_forth(fresh, migration, (&before, &counts), findings)
                    .await?
            }
            false => Outcome::Clean,
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
        let migrator = on_scratch(fresh.settings, scratch.connector());
        let catalog = Catalog::read(&client, &fresh.settings.own.table).await?;
        Ok(Trial {
            scratch,
            client,
            migrator,
            catalog,
            filled: Filled::default(),
        })
    }

    pub(super) async fn end(self, fresh: &Fresh<'_>) -> Result<(), Error> {
        drop(self.client);
        fresh.remove(self.scratch).await
    }

    /// Gives rows to the tables that have none of ours yet.
    async fn fill(&mut self, fresh: &Fresh<'_>, proof: &mut Proof) -> Result<(), Error> {
        let history = &fresh.settings.own.table;
        for (table, why) in self.filled.fill(&mut self.client, history).await? {
            proof.note(format!(
                "`{table}` stays empty in the replay: no row was found that satisfies what it \
                 asks for; the last one that was tried: {why}"
            ));
        }
        Ok(())
    }

    async fn read(&mut self, fresh: &Fresh<'_>) -> Result<(), Error> {
        self.catalog = Catalog::read(&self.client, &fresh.settings.own.table).await?;
        Ok(())
    }

    /// Applies a migration; why it could not be.
    async fn up(&mut self, migration: &Migration) -> Result<Option<Error>, Error> {
        let migrator = self.migrator.clone().to(migration.version);
        let result = migrator.up(&mut self.client).await;
        result.err().map(of_a_migration).transpose()
    }

    async fn down(&mut self) -> Result<Option<Error>, Error> {
        let result = self.migrator.down(&mut self.client, Down::Steps(1)).await;
        result.err().map(of_a_migration).transpose()
    }

    fn has_down(&self, fresh: &Fresh<'_>, migration: &Migration) -> bool {
        let has_function = || {
            let function = fresh.settings.function(migration.version, Direction::Down);
            function.is_some()
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
        let history = &fresh.settings.own.table;
        let after = self.catalog.clone();
        let full = Counts::of(&self.client, &after, history).await?;
        if let Some(error) = self.down().await? {
            if is_about_rows(&error) && passes_without_rows(fresh).await? {
                with_rows(&error, &after, (migration, Direction::Down), findings);
            } else {
                down_fails(&error, migration, findings);
            }
            return Ok(Outcome::Spoiled);
        }
        self.read(fresh).await?;
        let left = Counts::of(&self.client, &self.catalog, history).await?;
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
            let said = format!(
                "this cannot be applied again after its down: {}",
                failure.said
            );
            not_repeatable(failure.range, said, failure.notes, findings);
            return Ok(Outcome::Spoiled);
        }
        self.read(fresh).await?;
        let differences = after.differences(&self.catalog);
        if differences.is_empty() {
            return Ok(Outcome::Clean);
        }
        let said = "this does something else when it is applied again after its down".to_owned();
        not_repeatable(beginning(&migration.up), said, differences, findings);
        Ok(Outcome::Spoiled)
    }
}

/// Whether the newest down runs where there are only the rows of migrations.
async fn passes_without_rows(fresh: &mut Fresh<'_>) -> Result<bool, Error> {
    let mut other = Trial::begin(fresh).await?;
    let failure = other.down().await?;
    other.end(fresh).await?;
    Ok(failure.is_none())
}

/// Whether other rows might have done: a constraint that they violate, or a value
/// that is of no use.
fn is_about_rows(error: &Error) -> bool {
    let code = error.postgres().and_then(|cause| cause.code());
    code.is_some_and(|code| code.code().starts_with("22") || code.code().starts_with("23"))
}

type Task = (&'static Migration, Direction);

/// Something that fails only because there are rows.
fn with_rows(error: &Error, before: &Catalog, task: Task, findings: &mut Findings) {
    let (migration, direction) = task;
    let Some(script) = script(migration, direction) else {
        return;
    };
    let failure = Failure::of(error, &script);
    // A row of ours was there first, which that of the migration is in reality.
    if error.postgres().and_then(|cause| cause.code()) == Some(&SqlState::UNIQUE_VIOLATION)
        && statement_at(&script, failure.range.start).is_some_and(is_insert)
    {
        return;
    }
    let is_any = !is_about_rows(error) || is_new_column(error, before);
    let code = match is_any {
        true => Code::FailsWithRows,
        false => Code::FailsOnRows,
    };
    let help = match is_any {
        true => "say what the rows get that are there, such as by a default",
        false => "say what becomes of such rows, in a statement before this one",
    };
    findings.add(Finding {
        code,
        direction,
        range: failure.range,
        message: format!("this fails on a table that has rows: {}", failure.said),
        help,
        notes: failure.notes,
    });
}

/// A column that was not there before has no value in any row.
fn is_new_column(error: &Error, before: &Catalog) -> bool {
    let Some(cause) = error.postgres().and_then(|cause| cause.as_db_error()) else {
        return false;
    };
    cause.code() == &SqlState::NOT_NULL_VIOLATION
        && cause
            .column()
            .zip(cause.table())
            .is_some_and(|(column, table)| {
                let name = |prefix: &str| format!("{prefix}{table}.{column}");
                let schema = cause.schema().unwrap_or_default();
                let is_there = |prefix: &str| before.has("column", &name(prefix));
                !is_there("") && !is_there(&format!("{schema}."))
            })
}

fn down_fails(error: &Error, migration: &'static Migration, findings: &mut Findings) {
    let Some(down) = &migration.down else {
        return;
    };
    let failure = Failure::of(error, down);
    findings.add(Finding {
        code: Code::DownFails,
        direction: Direction::Down,
        range: failure.range,
        message: format!("the down fails: {}", failure.said),
        help: "correct the down; it runs on what the up leaves, and on tables that have rows",
        notes: failure.notes,
    });
}

fn not_restored(differences: Vec<String>, migration: &'static Migration, findings: &mut Findings) {
    let Some(down) = &migration.down else {
        return;
    };
    let named = differences
        .iter()
        .find_map(|difference| naming(down, difference.split('`').nth(1)?));
    findings.add(Finding {
        code: Code::DownDoesNotRestore,
        direction: Direction::Down,
        range: named.unwrap_or_else(|| beginning(down)),
        message: "this down does not bring back the schema of before its up".to_owned(),
        help: "have it undo all that the up does",
        notes: differences,
    });
}

fn not_repeatable(
    range: std::ops::Range<usize>,
    message: String,
    notes: Vec<String>,
    findings: &mut Findings,
) {
    findings.add(Finding {
        code: Code::NotRepeatable,
        direction: Direction::Up,
        range,
        message,
        help: "have the down undo all that the up does, rows included",
        notes,
    });
}

/// Tables with fewer rows than before, from which no statement deletes.
fn lost(before: &Counts, after: &Counts, (migration, direction): Task, findings: &mut Findings) {
    let Some(script) = script(migration, direction) else {
        return;
    };
    // What a function deletes, nobody can read.
    if script.is_rust() {
        return;
    }
    for (table, lost) in before.fewer(after) {
        if script
            .statements()
            .any(|it| deletes(script.text(it), table))
        {
            continue;
        }
        let rows = if lost == 1 { "row" } else { "rows" };
        findings.add(Finding {
            code: Code::LosesRows,
            direction,
            range: naming(&script, table).unwrap_or_else(|| deleting(&script)),
            message: format!(
                "`{table}` loses {lost} {rows} here, though no statement deletes them"
            ),
            help: "keep them; or delete them before, with a `DELETE` that says which",
            notes: Vec::new(),
        });
    }
}

/// Where a script first deletes something.
fn deleting(script: &Script) -> std::ops::Range<usize> {
    let words = ["delete", "truncate", "drop", "merge"];
    let found = words.iter().find_map(|word| naming(script, word));
    found.unwrap_or_else(|| beginning(script))
}

/// Whether a statement deletes from a table and says so.
fn deletes(statement: &str, table: &str) -> bool {
    let words = words(statement);
    let has = |word: &str| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    let name = table.rsplit('.').next().unwrap_or(table);
    ["delete", "truncate", "merge"].into_iter().any(has) && has(name)
}

fn statement_at(script: &Script, at: usize) -> Option<&'static str> {
    let mut statements = script.statements();
    let statement = statements.find(|it| (it.start as usize..it.end as usize).contains(&at))?;
    Some(script.text(statement))
}

fn is_insert(statement: &str) -> bool {
    let words = words(statement);
    words.iter().any(|word| word.eq_ignore_ascii_case("insert"))
}
