//! The options of a migrator for SQLite.

use super::Configure;
use crate::args::Global;
use crate::failure::Failure;
use crate::features;
use migrate_runtime::{Migrator, Version};
use migrate_scan::Engine;
use std::path::Path;

impl Configure for Migrator<Version> {
    fn configured(self, global: &Global) -> Result<Self, Failure> {
        match global.postgres.given() {
            Some(_) if !cfg!(feature = "postgres") => {
                Err(features::missing_engine(Engine::Postgres))
            }
            Some(option) => Err(
                Failure::usage(format!("`{option}` is for PostgreSQL alone"))
                    .help("leave it out, or name a PostgreSQL database"),
            ),
            None => Ok(match &global.history_table {
                Some(table) => self.history_table(table),
                None => self,
            }),
        }
    }

    fn with_backup(self, path: &Path) -> Result<Self, Failure> {
        Ok(self.backup_to(path))
    }
}
