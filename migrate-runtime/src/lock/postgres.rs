//! The same for directories whose scripts are for PostgreSQL.
//!
//! To give new numbers ([`renumber`](super::renumber) and its plans) no script is
//! read, so that it is the same for every database.
//!
//! ```
//! use migrate_runtime::{Numbering, lock};
//!
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path();
//! let body = "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n";
//! std::fs::write(directory.join("001_one.sql"), body)?;
//! println!("{}", lock::postgres::update(directory, Numbering::DEFAULT)?);
//! println!("{}", lock::postgres::freeze(directory, Numbering::DEFAULT, None)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::{Changes, change, freeze_for};
use crate::error::Error;
use crate::{Numbering, Version};
use migrate_scan::Engine;
use migrate_source::lock_file;
use std::path::Path;

/// Lists what is new as a draft, as [`lock::update`](super::update) does.
///
/// # Errors
///
/// As that one.
pub fn update(directory: impl AsRef<Path>, numbering: Numbering) -> Result<Changes, Error> {
    change(
        directory.as_ref(),
        Engine::Postgres,
        numbering,
        lock_file::update,
    )
}

/// Freezes all migrations, or those up to a version, as
/// [`lock::freeze`](super::freeze) does.
///
/// # Errors
///
/// As that one.
pub fn freeze(
    directory: impl AsRef<Path>,
    numbering: Numbering,
    up_to: Option<Version>,
) -> Result<Changes, Error> {
    freeze_for(directory.as_ref(), Engine::Postgres, numbering, up_to)
}
