//! A disk for SQLite that fails where a test wants it to, and that remembers
//! what was written so that a loss of power can be played through afterwards.
//!
//! SQLite reaches files through a table of functions, its VFS. [`Faults`] puts
//! one in front of the platform's own: every call is counted, the chosen one
//! fails, and all others go through to real files.
//!
//! ```
//! use migrate_faults::{Fault, Faults, Op};
//!
//! let folder = std::env::temp_dir().join(format!("faults-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let disk = Faults::register("example");
//! let db = disk.open(&folder.join("app.db"))?;
//! disk.fail(Fault::once(Op::Write, 1, rusqlite::ffi::SQLITE_FULL));
//! assert!(db.execute_batch("CREATE TABLE a(x)").is_err());
//! disk.heal();
//! assert!(db.execute_batch("CREATE TABLE a(x)").is_ok());
//! # drop(db);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It stands for the disk alone: it does not fail memory, time, or the closing
//! and unlocking of files, from which SQLite has no way back in any case.
//!
//! # Why there is `unsafe` here
//!
//! A VFS is a C structure of C functions, and no safe wrapper of it exists. So
//! this is the one package of the workspace where `unsafe` is allowed, and it
//! only serves tests: nothing that is published depends on it. All of it stands
//! in `vfs.rs` and `vfs/file.rs`, which do nothing but pass calls on.

mod image;
mod log;
mod plan;
mod vfs;

pub use image::{Image, Loss, Syncs, Unlinks};
pub use log::Log;
pub use plan::{Done, Fault, Op};

use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// A disk that is known to SQLite by a name, for as long as the process lives.
///
/// Its counters, its fault and its log are one for all its files, so that a
/// test should have a disk of its own, and one database at a time on it.
#[derive(Clone, Copy)]
pub struct Faults(&'static vfs::Shared);

impl Faults {
    /// Makes a disk without faults.
    ///
    /// # Panics
    ///
    /// Panics if the name is taken.
    #[must_use]
    pub fn register(name: &str) -> Faults {
        Faults(vfs::register(name))
    }

    /// Opens a database on this disk, as [`Connection::open`] does.
    ///
    /// # Errors
    ///
    /// As SQLite's.
    pub fn open(&self, path: &Path) -> rusqlite::Result<Connection> {
        Connection::open_with_flags_and_vfs(path, OpenFlags::default(), self.0.name())
    }

    /// Sets the counters to zero, and arms a fault.
    pub fn fail(&self, fault: Fault) {
        self.0.state().plan.arm(Some(fault));
    }

    /// Sets the counters to zero, and lets everything work again.
    pub fn heal(&self) {
        self.0.state().plan.arm(None);
    }

    /// How often an operation was asked for since the counters were at zero,
    /// with those calls that failed.
    #[must_use]
    pub fn calls(&self, op: Op) -> usize {
        self.0.state().plan.calls(op)
    }

    /// How many calls the fault has met.
    #[must_use]
    pub fn fired(&self) -> usize {
        self.0.state().plan.fired()
    }

    /// Begins to record what happens to a database and its journals. What is
    /// in the files now counts as safe.
    ///
    /// # Errors
    ///
    /// Fails if the files cannot be read.
    pub fn start_log(&self, database: &Path) -> std::io::Result<()> {
        self.0.state().log = Some(Log::starting_with(database)?);
        Ok(())
    }

    /// Notes in the log that the user was told of one more success, which has
    /// to survive everything from here on.
    pub fn acknowledge(&self) {
        if let Some(log) = &mut self.0.state().log {
            log.acknowledge();
        }
    }

    /// Ends the log; it is empty if none was begun.
    #[must_use]
    pub fn take_log(&self) -> Log {
        self.0.state().log.take().unwrap_or_default()
    }
}
