//! What the benchmarks share: sets of migrations, hand-written runners to compare
//! with, and timing.

pub mod floor;
pub mod sets;
mod timing;

pub use timing::{Compared, alternate, compare, ms, once, once_on_processor, sizes, time, us};

use migrate_model::EngineType;
use migrate_model::files::InMemory;
use migrate_runtime::{Migrator, Numbering, Registry, Version};
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tools::leak;

/// A name and a text for each file of a migrations directory.
pub type Files = Vec<(String, String)>;

/// A registry made at run time, which differs from that of the macro only by
/// where its bytes are.
///
/// # Panics
///
/// Panics if the files are not a valid directory.
#[must_use]
pub fn registry<E: EngineType>(files: &Files) -> &'static Registry<E> {
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let directory = read(&mut InMemory(&files), &Options::default());
    let is_read = directory.migrations.len() == files.len();
    assert!(is_read, "{:?}", directory.diagnostics);
    leak(Numbering::DEFAULT, directory.migrations)
}

/// A migrator for [`registry`].
///
/// # Panics
///
/// As [`registry`].
#[must_use]
pub fn migrator(files: &Files) -> Migrator<Version> {
    Migrator::new(registry(files))
}
