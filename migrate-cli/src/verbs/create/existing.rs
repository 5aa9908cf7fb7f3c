//! The existing content of the directory.

use crate::directory::Directory;
use crate::failure::Failure;
use crate::files::shown;
use migrate_model::Numbering;
use migrate_model::files::{Files, Listed};
use migrate_runtime::__private::Disk;
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::directory::read;
use migrate_source::lock_file::FILE_NAME;
use migrate_source::{Options, SourceMigration, rust_file};

/// The migrations of a directory, whatever their content.
pub(super) struct Existing<'a> {
    pub(super) directory: Directory<'a>,
    pub(super) migrations: Vec<SourceMigration>,
    diagnostics: Vec<Diagnostic>,
    root: String,
}

impl Existing<'_> {
    pub(super) fn read(directory: Directory<'_>) -> Existing<'_> {
        let root = shown(directory.path);
        let mut options = Options::default();
        options.shown_root = &root;
        options.engine = directory.engine;
        options.numbering = directory.numbering;
        options.rust = Some(&rust_file::check);
        let mut files = WithoutLockFile(Disk(directory.path.to_owned()));
        let found = read(&mut files, &options);
        Existing {
            directory,
            migrations: found.migrations,
            diagnostics: found.diagnostics,
            root,
        }
    }

    /// The path of a file, relative to the directory.
    pub(super) fn relative<'a>(&self, path: &'a str) -> &'a str {
        let path = path.strip_prefix(self.root.as_str()).unwrap_or(path);
        path.trim_start_matches('/')
    }

    /// Fails if there is no well-defined next number. Errors in the content of
    /// files are ignored: they may be unfinished drafts.
    pub(super) fn refuse_disorder(&self) -> Result<(), Failure> {
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.retain(|it| is_disorder(it.code));
        let has = |code| diagnostics.iter().any(|it| it.code == code);
        let help = match self.directory.numbering {
            _ if diagnostics.is_empty() => return Ok(()),
            Numbering::Sequential { .. } if has(Code::WrongFirstVersion) => {
                "a new migration gets its number when the others are in order: use `--first` if \
                 the directory begins with another number on purpose, or see `migrate renumber`"
            }
            _ if has(Code::Gap) || has(Code::DuplicateVersion) => {
                "a new migration gets its number when the others are in order: `migrate renumber` \
                 moves drafts after the released migrations, and `migrate renumber --all` puts a \
                 whole directory in order"
            }
            _ => "a new migration gets its number when these have valid ones",
        };
        Err(
            Failure::new("the order of the migrations cannot be continued")
                .with_diagnostics(diagnostics)
                .help(help),
        )
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

/// The directory without its lock file, which is read separately. Changed
/// content of frozen files does not matter for a new migration.
struct WithoutLockFile(Disk);

impl Files for WithoutLockFile {
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String> {
        let mut listed = self.0.list(folder)?;
        listed.retain(|it| !folder.is_empty() || it.name != FILE_NAME);
        Ok(listed)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        self.0.read(path)
    }
}
