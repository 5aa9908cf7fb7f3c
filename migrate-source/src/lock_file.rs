//! The lock file `migrations.lock`: the released migrations and their checksums.
//!
//! ```text
//! # migrations.lock 1: what is frozen is released and never changes; a draft may
//! 001_users sha256:… frozen down=sha256:… chain=sha256:…
//! 002_seed-data sha256:… frozen down=none chain=sha256:…
//! 003_orders draft
//! ```
//!
//! The first line is always the same; a later format has a different number. It is
//! followed by one line per migration in the order of the versions, with the frozen
//! migrations before the drafts. If two branches both add a migration, merging them
//! therefore causes a conflict at one place. Fields are separated by one space. Any
//! deviation from this form is an error, so a single changed byte is detected.
//!
//! The name is written as in the file name: `012-add-users` keeps its hyphens. The first
//! checksum is that of the canonical up script. For a migration in Rust, it is that of
//! the file, including a down in the same file. `down` is the checksum of the down in
//! SQL, or `none`. If the down is in the same file as its up, the checksum covers
//! everything after the up, including the line `-- migrate:down`, so every byte of the
//! file is covered.
//!
//! `chain` is a checksum over four strings, each encoded as its length in bytes, a colon,
//! the string and a comma: the chain value of the previous frozen line (for the first
//! line, `migrations.lock 1`), the name, the checksum of the up, and the checksum of the
//! down (empty if there is none). Changing, removing or inserting a line breaks all later
//! links. The chain cannot show that frozen lines were removed at the end; their files
//! are then reported as not listed, or listed as drafts.
//!
//! The location of a file is not locked: neither the folder of a category nor the place
//! of a down, as long as the down stays in its own file.
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
mod update;

pub use conflict::{Conflicts, conflicts, diagnostic as conflict_diagnostic};
pub use parse::{Parsed, parse};
pub use update::{freeze, update};

use crate::diagnostic::Diagnostic;
use migrate_model::{Checksum, Version};
use migrate_scan::Engine;
use std::fmt;

/// The name of the lock file, which is at the root of the directory.
pub const FILE_NAME: &str = "migrations.lock";

/// The first line, without its line ending.
const HEADER: &str =
    "# migrations.lock 1: what is frozen is released and never changes; a draft may";

/// The start of the header in every format; the format number follows.
const HEADER_START: &str = "# migrations.lock ";

/// The initial value of the chain.
const DOMAIN: &str = "migrations.lock 1";

/// The content of a lock file: frozen migrations, then drafts. `Display` writes the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The lines, in order.
    pub entries: Vec<Entry>,
}

/// One line of the lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number and name as in the file name: `012-add-users`.
    pub stem: String,
    /// The number.
    pub version: Version,
    /// The released checksums; `None` for a draft.
    pub frozen: Option<Frozen>,
}

/// The checksums of a migration when it was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The checksum of the up script.
    pub up: Checksum,
    /// The checksum of the down, if there is one in SQL.
    pub down: Option<Checksum>,
}

impl LockFile {
    /// Parses a lock file. The text must be
    /// [canonical](migrate_scan::text::canonicalize); `path` is the file as shown to the user.
    ///
    /// # Errors
    ///
    /// Returns every problem of the text. Whether the files agree with it is checked by
    /// [`directory::read`](crate::directory::read).
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

    /// The last frozen migration.
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

/// The part of a file that has this checksum: the whole text, the up before a line
/// `-- migrate:down`, or everything after the up. To find the frozen text of a script, call this
/// with each earlier version of its file.
pub fn part_with(text: &str, checksum: &Checksum) -> Option<String> {
    // The engine is unknown here; the checksum shows which split is right.
    let mut candidates = [Engine::Sqlite, Engine::Postgres]
        .into_iter()
        .filter_map(|engine| crate::section::parts(text, engine))
        .flatten();
    std::iter::once(text)
        .chain(&mut candidates)
        .find(|part| Checksum::of(part) == *checksum)
        .map(str::to_owned)
}
