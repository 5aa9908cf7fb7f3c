//! The engines that this program was built with: one module each. A feature
//! that is off is noticed here and in `database.rs`; nothing else is reached
//! with an engine that is not built in.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::context::Context;
use crate::failure::Failure;
#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
use crate::features;
use crate::migrator::AnyMigrator;
use migrate_model::{Numbering, Version};
use migrate_scan::Engine;
use migrate_tools::lock::Changes;
use migrate_tools::{Check, Error};
use std::path::Path;

/// What is asked of a directory of scripts for one engine.
pub(crate) trait Scripts {
    fn read(&self, directory: &Path, numbering: Numbering) -> Result<AnyMigrator, Error>;

    fn check(
        &self,
        context: &Context<'_>,
        directory: &Path,
        numbering: Numbering,
    ) -> Result<Check, Failure>;

    fn update_lock(&self, directory: &Path, numbering: Numbering) -> Result<Changes, Error>;

    fn freeze(
        &self,
        directory: &Path,
        numbering: Numbering,
        up_to: Option<Version>,
    ) -> Result<Changes, Error>;
}

/// The scripts of an engine, if it is built in.
pub(crate) fn scripts(engine: Engine) -> Result<&'static dyn Scripts, Failure> {
    match engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => Ok(&sqlite::Scripts),
        #[cfg(feature = "postgres")]
        Engine::Postgres => Ok(&postgres::Scripts),
        #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
        absent => Err(features::missing_engine(absent)),
    }
}

/// The engine of scripts when neither an option nor a URL names one.
pub(crate) const DEFAULT: Engine = match cfg!(feature = "sqlite") {
    true => Engine::Sqlite,
    false => Engine::Postgres,
};

/// Whether there is no choice.
pub(crate) const IS_ONLY: bool = !cfg!(all(feature = "sqlite", feature = "postgres"));
