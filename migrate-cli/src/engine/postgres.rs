//! Directories of scripts for PostgreSQL.

use crate::context::Context;
use crate::database::Database;
use crate::failure::Failure;
use crate::migrator::AnyMigrator;
use migrate_model::{Numbering, Version};
use migrate_runtime::{Migrator, Postgres};
use migrate_tools::lock::{self, Changes};
use migrate_tools::postgres::prove_directory;
use migrate_tools::{Check, Error, check_directory, read_directory};
use std::path::Path;

pub(super) struct Scripts;

impl super::Scripts for Scripts {
    fn read(&self, directory: &Path, numbering: Numbering) -> Result<AnyMigrator, Error> {
        let registry = read_directory(directory, numbering)?;
        Ok(AnyMigrator::Postgres(Migrator::new(registry)))
    }

    /// Replays the migrations in scratch databases if `--database` names a
    /// server. A server that a variable names may be that of production.
    fn check(
        &self,
        context: &Context<'_>,
        directory: &Path,
        numbering: Numbering,
    ) -> Result<Check, Failure> {
        let named = context.global.database.as_deref();
        if let Some(Database::Postgres(server)) = named.map(Database::parse).transpose()? {
            let mut db = server.connect(context, None)?;
            let connector = &server.connector;
            let proved = db.run(async |_| prove_directory(directory, numbering, connector).await);
            return Ok(proved?);
        }
        let mut check = check_directory::<Postgres>(directory, numbering);
        check.notes = vec![
            "the migrations were not replayed: name a PostgreSQL server with `--database`, on \
             which scratch databases can be made and dropped"
                .to_owned(),
        ];
        Ok(check)
    }

    fn update_lock(&self, directory: &Path, numbering: Numbering) -> Result<Changes, Error> {
        lock::update::<Postgres>(directory, numbering)
    }

    fn freeze(
        &self,
        directory: &Path,
        numbering: Numbering,
        up_to: Option<Version>,
    ) -> Result<Changes, Error> {
        lock::freeze::<Postgres>(directory, numbering, up_to)
    }
}
