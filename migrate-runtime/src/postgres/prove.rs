//! Proving migrations on a real server: each up, with rows in every table, each
//! down, and each up again, in databases that are made for it and dropped.
//!
//! It stands here and not in the crate that does this on SQLite, because the
//! migrations run through the engine itself, and that crate knows none.

mod catalog;
mod compare;
mod finding;
mod replay;
mod rows;
mod scratch;
mod shared;
mod tell;
mod trial;

use super::connector::Connector;
use super::directory::judged;
use crate::check::Check;
use crate::directory::leak;
use crate::error::Error;
use crate::migrator::Settings;
use crate::{Migrator, Numbering, Postgres, Registry, Version};
use migrate_source::lint::by_level;
use std::path::Path;

/// Checks a directory as the compiler does, and replays its migrations on a
/// PostgreSQL server, with rows in every table.
///
/// The connector leads to any database of the server. It is not touched: the
/// replay makes databases of its own there, called `migrate_check_…`, and drops
/// them at the end, after an error and when this future is dropped too. What a
/// killed run leaves is dropped by one that begins an hour later. The role needs
/// the right to make databases (`CREATEDB`).
///
/// A script that changes what all databases of a server share, such as a role,
/// is not run: the replay ends before it, and says so in a note. It also ends
/// before a migration in Rust, whose function is in the program that embeds it;
/// [`prove`] goes on there. A directory with errors is not replayed.
///
/// The rules for the text of statements are applied, and every syntax error is
/// found, with the feature `check-postgres` only; without it the replay stops at
/// the first one.
///
/// ```no_run
/// use migrate_runtime::Numbering;
/// use migrate_runtime::postgres::{Connector, prove_directory};
///
/// # async fn example() -> Result<(), migrate_runtime::Error> {
/// let connector = Connector::parse("postgres://postgres@localhost/postgres")?;
/// let check = prove_directory("migrations", Numbering::DEFAULT, &connector).await?;
/// assert!(check.errors.is_empty(), "{check}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Fails if the server cannot be reached, or if no database can be made there.
pub async fn prove_directory(
    directory: impl AsRef<Path>,
    numbering: Numbering,
    connector: &Connector,
) -> Result<Check, Error> {
    let (mut check, migrations) = judged(directory.as_ref(), numbering);
    if !check.errors.is_empty() {
        let note = "the migrations are replayed when these errors are mended";
        check.notes.push(note.to_owned());
        return Ok(check);
    }
    let migrations = leak(numbering, migrations).migrations();
    let registry = Registry::with_numbering(numbering, migrations).on_engine();
    let migrator = Migrator::<Version, Postgres>::new(Box::leak(Box::new(registry)));
    let replayed = prove_settings(&migrator.settings, connector).await?;
    check.errors = replayed.errors;
    check.warnings.extend(replayed.warnings);
    check.notes = replayed.notes;
    Ok(check)
}

/// Replays the migrations of a program on a PostgreSQL server, with rows in every
/// table, for a test of it. The functions of migrations in Rust are called; see
/// [`prove_directory`] for what is done on the server.
///
/// ```no_run
/// use migrate_runtime::postgres::{Connector, prove};
/// # use migrate_runtime::{Migrator, Postgres, Version};
/// # async fn example(migrator: Migrator<Version, Postgres>) -> Result<(), migrate_runtime::Error> {
///
/// let connector = Connector::parse("postgres://postgres@localhost/postgres")?;
/// let check = prove(&migrator, &connector).await?;
/// assert!(check.errors.is_empty(), "{check}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`prove_directory`]; and if the program is older than its directory.
pub async fn prove<M>(
    migrator: &Migrator<M, Postgres>,
    connector: &Connector,
) -> Result<Check, Error> {
    migrator.settings.check_source()?;
    prove_settings(&migrator.settings, connector).await
}

async fn prove_settings(
    settings: &Settings<Postgres>,
    connector: &Connector,
) -> Result<Check, Error> {
    let proof = replay::replay(settings, connector).await?;
    let (errors, warnings) = by_level(proof.findings);
    Ok(Check {
        errors,
        warnings,
        notes: proof.notes,
    })
}

/// A migrator for a scratch database: with all that has a part in what the
/// migrations do, and without what leads to another database or tells of it.
fn on_scratch(settings: &Settings<Postgres>, connector: Connector) -> Migrator<Version, Postgres> {
    let mut migrator = Migrator::<Version, Postgres>::new(settings.registry).beside_other_tools();
    let own = &mut migrator.settings.own;
    own.clone_from(&settings.own);
    // After a lost connection a run goes on where this leads.
    own.connector = Some(connector);
    migrator.settings.stop.clone_from(&settings.stop);
    migrator.settings.lock_deadline = settings.lock_deadline;
    migrator
}
