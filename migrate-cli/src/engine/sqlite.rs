//! Directories of scripts for SQLite.

use crate::context::Context;
use crate::failure::Failure;
use crate::migrator::AnyMigrator;
use migrate_model::{Numbering, Version};
use migrate_runtime::{Migrator, Sqlite};
use migrate_tools::lock::{self, Changes};
use migrate_tools::{Check, Error, check_directory, read_directory};
use std::path::Path;

pub(super) struct Scripts;

impl super::Scripts for Scripts {
    fn read(&self, directory: &Path, numbering: Numbering) -> Result<AnyMigrator, Error> {
        let registry = read_directory(directory, numbering)?;
        Ok(AnyMigrator::Sqlite(Migrator::new(registry)))
    }

    fn check(
        &self,
        _: &Context<'_>,
        directory: &Path,
        numbering: Numbering,
    ) -> Result<Check, Failure> {
        Ok(check_directory::<Sqlite>(directory, numbering))
    }

    fn update_lock(&self, directory: &Path, numbering: Numbering) -> Result<Changes, Error> {
        lock::update::<Sqlite>(directory, numbering)
    }

    fn freeze(
        &self,
        directory: &Path,
        numbering: Numbering,
        up_to: Option<Version>,
    ) -> Result<Changes, Error> {
        lock::freeze::<Sqlite>(directory, numbering, up_to)
    }
}
