//! The lock file `migrations.lock`: which migrations are released, and what
//! they were then.
//!
//! ```text
//! # migrations.lock 1: what is frozen is released and never changes; a draft may
//! 001_users sha256:… frozen down=sha256:… chain=sha256:…
//! 002_seed-data sha256:… frozen down=none chain=sha256:…
//! 003_orders draft
//! ```
//!
//! The first line is always this one; a later format has another number. Then
//! comes one line per migration in the order of the versions, the frozen ones
//! before the drafts, so that two branches which both add a migration meet in
//! one place when they are merged. Fields are separated by one space, and
//! whatever is not exactly in this form is an error: one changed byte is seen.
//!
//! The name is that of the file as it is written, `012-add-users` with its
//! hyphen. The first checksum is that of the canonical up script; of a migration
//! in Rust it is that of the file, with the down that may stand in it. `down` is
//! the checksum of the down in SQL, or `none`; of one that stands in the file of
//! its up it covers all that follows the up, with the line `-- migrate:down`, so
//! that each byte of the file counts.
//!
//! `chain` is a checksum over four strings, each written as its length in bytes,
//! a colon, itself and a comma: the chain value of the frozen line before (of
//! the first line: `migrations.lock 1`), the name, the checksum of the up, and
//! that of the down (empty without one). A line that is changed, removed or put
//! in later breaks all links behind it. What no chain can show is that frozen
//! lines were taken off at the end; their files are then drafts or not listed.
//!
//! Not locked is where a file lies: the folder of a category, or which of the
//! places for a down is used, as long as the down stays in a file of its own.
//!
//! ```
//! use migrate_source::lock_file::LockFile;
//!
//! let text = LockFile::default().to_string();
//! assert!(LockFile::parse("migrations.lock", &text).is_ok());
//! assert!(LockFile::parse("migrations.lock", &text.replace('1', "2")).is_err());
//! ```

mod conflict;
mod line;
mod parse;
mod write;

pub use conflict::{Conflicts, conflicts, diagnostic as conflict_diagnostic};
pub use parse::{Parsed, parse};
pub use write::{Refusal, freeze, update};

use crate::diagnostic::Diagnostic;
use migrate_model::{Checksum, Version};
use migrate_scan::Engine;
use std::fmt;

/// The name of the lock file; it lies at the root of the directory.
pub const FILE_NAME: &str = "migrations.lock";

/// The first line, without its line end.
const HEADER: &str =
    "# migrations.lock 1: what is frozen is released and never changes; a draft may";

/// What the header of every format begins with; its number follows.
const HEADER_START: &str = "# migrations.lock ";

/// What the chain starts from.
const DOMAIN: &str = "migrations.lock 1";

/// The content of a lock file: frozen migrations, then drafts. `Display` writes
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The lines, in order.
    pub entries: Vec<Entry>,
}

/// One line of the lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number and name as the file has them: `012-add-users`.
    pub stem: String,
    /// The number alone.
    pub version: Version,
    /// What was released; a draft has nothing here.
    pub frozen: Option<Frozen>,
}

/// What a migration was when it was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The checksum of the up script.
    pub up: Checksum,
    /// The checksum of the down, if there is one in SQL.
    pub down: Option<Checksum>,
}

impl LockFile {
    /// Reads a lock file. The text must be
    /// [canonical](migrate_scan::text::canonicalize); `path` is how the file is shown.
    ///
    /// # Errors
    ///
    /// Returns every problem of the text. Whether the files agree with it is
    /// judged by [`directory::read`](crate::directory::read).
    pub fn parse(path: &str, text: &str) -> Result<LockFile, Vec<Diagnostic>> {
        let parsed = parse(path, text);
        let problems: Vec<Diagnostic> = parsed
            .problems
            .into_iter()
            .chain(parsed.draft_order)
            .collect();
        if problems.is_empty() {
            Ok(parsed.lock)
        } else {
            Err(problems)
        }
    }

    /// The last migration that is released.
    pub fn last_frozen(&self) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.frozen.is_some())
    }
}

impl fmt::Display for LockFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        let mut chain = None;
        for Entry { stem, frozen, .. } in &self.entries {
            match frozen {
                None => writeln!(f, "{stem} draft")?,
                Some(frozen) => {
                    let link = link(chain.as_ref(), stem, frozen);
                    let Frozen { up, down } = frozen;
                    match down {
                        Some(down) => writeln!(f, "{stem} {up} frozen down={down} chain={link}")?,
                        None => writeln!(f, "{stem} {up} frozen down=none chain={link}")?,
                    }
                    chain = Some(link);
                }
            }
        }
        Ok(())
    }
}

/// The chain value of a frozen line.
fn link(previous: Option<&Checksum>, stem: &str, frozen: &Frozen) -> Checksum {
    let previous = previous.map_or(DOMAIN.to_owned(), Checksum::to_string);
    let down = frozen.down.map_or(String::new(), |down| down.to_string());
    let mut linked = String::new();
    for part in [&previous, stem, &frozen.up.to_string(), &down] {
        linked += &format!("{}:{part},", part.len());
    }
    Checksum::of(&linked)
}

/// The part of a file that has this checksum: the whole text, the up before a
/// line `-- migrate:down`, or all that follows the up. Whoever looks for an
/// earlier text of a frozen script tries each old text of its file with this.
pub fn part_with(text: &str, checksum: &Checksum) -> Option<String> {
    // The checksum tells whether the right rules have divided the file.
    let mut candidates = [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .filter_map(|engine| crate::section::parts(text, engine))
        .flatten();
    std::iter::once(text)
        .chain(&mut candidates)
        .find(|part| Checksum::of(part) == *checksum)
        .map(str::to_owned)
}
