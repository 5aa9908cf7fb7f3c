//! Proof of a directory, or of the migrations of a program, on a real server.

use crate::check::{NOT_REPLAYED, judged};
use crate::{Check, Error, leak};
use migrate_runtime::__private::postgres as proof;
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Numbering, Postgres, Version};
use migrate_scan::Engine;
use std::path::Path;

/// Checks a directory as the compiler does, and replays its migrations on a
/// PostgreSQL server, with rows in every table.
///
/// The connector leads to any database of the server, which is not changed. The
/// replay creates databases of its own there, named `migrate_check_…`, and drops them
/// at the end, after an error, and when this future is dropped. Databases of a run
/// that was killed are dropped by a run that begins at least an hour later. The role
/// needs the right to create databases (`CREATEDB`).
///
/// A script that changes what all databases of a server share, such as a role, is not
/// run: the replay ends before it and adds a note. It also ends before a migration in
/// Rust, whose function is in the program that embeds it; [`prove`] replays those too.
/// A directory with errors is not replayed.
///
/// ```no_run
/// use migrate_runtime::Numbering;
/// use migrate_runtime::postgres::Connector;
/// use migrate_tools::postgres::prove_directory;
///
/// # async fn example() -> Result<(), migrate_tools::Error> {
/// let connector = Connector::parse("postgres://postgres@localhost/postgres")?;
/// let check = prove_directory("migrations", Numbering::DEFAULT, &connector).await?;
/// assert!(check.errors.is_empty(), "{check}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Fails if the server cannot be reached, or if no database can be created there.
pub async fn prove_directory(
    directory: impl AsRef<Path>,
    numbering: Numbering,
    connector: &Connector,
) -> Result<Check, Error> {
    let (mut check, migrations) = judged(directory.as_ref(), Engine::Postgres, numbering.into());
    if !check.is_readable() {
        check.notes.push(NOT_REPLAYED.to_owned());
        return Ok(check);
    }
    let migrator = Migrator::<Version, Postgres>::new(leak(numbering, migrations));
    replay_into(&mut check, &migrator, connector).await?;
    Ok(check)
}

/// Replays the migrations of a program on a PostgreSQL server, with rows in every
/// table. This is for tests of the program. The functions of migrations in Rust are
/// called; see [`prove_directory`] for what happens on the server.
///
/// ```no_run
/// use migrate_runtime::postgres::Connector;
/// use migrate_tools::postgres::prove;
/// # use migrate_runtime::{Migrator, Postgres, Version};
/// # async fn example(migrator: Migrator<Version, Postgres>) -> Result<(), migrate_tools::Error> {
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
/// As [`prove_directory`], and if the program is older than its directory.
pub async fn prove<M>(
    migrator: &Migrator<M, Postgres>,
    connector: &Connector,
) -> Result<Check, Error> {
    let mut check = Check::default();
    replay_into(&mut check, migrator, connector).await?;
    Ok(check)
}

async fn replay_into<M>(
    check: &mut Check,
    migrator: &Migrator<M, Postgres>,
    connector: &Connector,
) -> Result<(), Error> {
    let proof = proof::prove(migrator, connector).await?;
    check.add(proof.findings);
    check.notes.extend(proof.notes);
    check.coverage = Some(proof.coverage);
    Ok(())
}
