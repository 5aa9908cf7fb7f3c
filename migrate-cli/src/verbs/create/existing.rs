//! What the directory holds already.

use crate::failure::Failure;
use crate::paths::shown;
use migrate_model::Numbering;
use migrate_model::files::{Files, Listed};
use migrate_runtime::__private::Disk;
use migrate_scan::Engine;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::directory::read;
use migrate_source::lock_file::FILE_NAME;
use migrate_source::rust_file;
use migrate_source::{Options, SourceMigration};
use std::path::{Path, PathBuf};

/// The migrations of a directory, whatever is in them.
pub(super) struct Existing {
    pub(super) migrations: Vec<SourceMigration>,
    pub(super) directory: PathBuf,
    diagnostics: Vec<Diagnostic>,
    root: String,
}

impl Existing {
    pub(super) fn read(directory: &Path, engine: Engine, numbering: Numbering) -> Existing {
        let root = shown(directory);
        let mut options = Options::default();
        options.shown_root = &root;
        options.engine = engine;
        options.numbering = numbering;
        options.rust = Some(&rust_file::check);
        let existing = read(&mut WithoutLock(Disk(directory.to_owned())), &options);
        Existing {
            migrations: existing.migrations,
            directory: directory.to_owned(),
            diagnostics: existing.diagnostics,
            root,
        }
    }

    /// The path of a file below the directory.
    pub(super) fn relative<'a>(&self, path: &'a str) -> &'a str {
        let path = path.strip_prefix(self.root.as_str()).unwrap_or(path);
        path.trim_start_matches('/')
    }

    /// Fails if no number can be said to be the next. What is in the files
    /// does not count: they may be drafts that somebody is writing.
    pub(super) fn refuse_disorder(&self, numbering: Numbering) -> Result<(), Failure> {
        let all = self.diagnostics.iter();
        let diagnostics: Vec<Diagnostic> = all.filter(|it| is_disorder(it.code)).cloned().collect();
        let has = |code| diagnostics.iter().any(|it| it.code == code);
        let help = match numbering {
            _ if diagnostics.is_empty() => return Ok(()),
            Numbering::Sequential { .. } if has(Code::WrongFirstVersion) => {
                "a new migration has no number before the others are in order: say `--first` if \
                 the directory begins with another one on purpose, or see `migrate renumber`"
            }
            _ if has(Code::Gap) || has(Code::DuplicateVersion) => {
                "a new migration has no number before the others are in order: `migrate renumber` \
                 moves drafts behind what is released, and `migrate renumber --all` puts a whole \
                 directory in order"
            }
            _ => "a new migration has no number before these have good ones",
        };
        let mut failure = Failure::new("the migrations have no order that could be continued");
        failure.diagnostics = diagnostics;
        Err(failure.help(help))
    }
}

fn is_disorder(code: Code) -> bool {
    matches!(
        code,
        Code::UnreadableDirectory
            | Code::BadNumber
            | Code::BadName
            | Code::MixedWidths
            | Code::WrongFirstVersion
            | Code::Gap
            | Code::DuplicateVersion
            | Code::OrphanDown
    )
}

/// The directory as if it had no lock file, which is looked at on its own: what
/// it says of the content of frozen files is no matter of a new one.
struct WithoutLock(Disk);

impl Files for WithoutLock {
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String> {
        let mut listed = self.0.list(folder)?;
        listed.retain(|it| !folder.is_empty() || it.name != FILE_NAME);
        Ok(listed)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.0.read(path)
    }
}
