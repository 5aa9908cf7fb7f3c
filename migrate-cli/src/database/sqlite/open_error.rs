//! The error of opening an SQLite database.

use crate::failure::Failure;
use crate::outcome::Exit;
use migrate_runtime::rusqlite::{self, ErrorCode};
use std::io::ErrorKind;
use std::path::Path;

pub(super) struct OpenError {
    what: String,
    pub(super) reason: String,
    help: Option<&'static str>,
    /// Whether waiting may help.
    pub(super) is_transient: bool,
    exit: Exit,
}

impl OpenError {
    fn new(what: String, reason: impl ToString, help: Option<&'static str>) -> OpenError {
        OpenError {
            what,
            reason: reason.to_string(),
            help,
            is_transient: false,
            exit: Exit::Failed,
        }
    }

    pub(super) fn memory(error: rusqlite::Error) -> OpenError {
        let what = "a database in memory cannot be created";
        OpenError::new(what.to_owned(), error, None)
    }

    pub(super) fn not_a_file(path: &Path) -> OpenError {
        OpenError::new(
            format!("the database `{}` cannot be opened", path.display()),
            "it is a pipe or a device",
            Some("correct the path; use `sqlite::memory:` for a temporary database"),
        )
    }

    pub(super) fn read_only(path: &Path) -> OpenError {
        OpenError::new(
            format!("the database `{}` cannot be written to", path.display()),
            "its URL says that it is read-only",
            Some("remove `mode=ro` or `immutable=1` from the URL to write to it"),
        )
    }

    pub(super) fn of(path: &Path, error: rusqlite::Error) -> OpenError {
        let code = error.sqlite_error_code();
        let (reason, help) = OpenError::reason(path, &error);
        let what = format!("the database `{}` cannot be opened", path.display());
        OpenError {
            is_transient: matches!(
                code,
                Some(
                    ErrorCode::CannotOpen
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::PermissionDenied
                )
            ) && !path.is_dir(),
            // The program's own function to open the file may need a lock.
            exit: if is_lock(&error) {
                Exit::Locked
            } else {
                Exit::Failed
            },
            ..OpenError::new(what, reason, help)
        }
    }

    fn reason(path: &Path, error: &rusqlite::Error) -> (String, Option<&'static str>) {
        let code = error.sqlite_error_code();
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        if path.is_dir() {
            return ("it is a folder".to_owned(), Some("name the file in it"));
        }
        if folder.is_some_and(|folder| !folder.is_dir()) {
            let help = "create the folder, or correct the path";
            return ("its folder does not exist".to_owned(), Some(help));
        }
        match code {
            Some(ErrorCode::NotADatabase) => (
                "it is not an SQLite database, or it is encrypted".to_owned(),
                Some("correct the path"),
            ),
            Some(ErrorCode::DatabaseCorrupt) => (error.to_string(), Some("restore a backup")),
            Some(ErrorCode::ReadOnly) => (
                error.to_string(),
                Some(
                    "with write-ahead logging, a reader writes next to the file: make its folder \
                     writable, or read a copy",
                ),
            ),
            Some(ErrorCode::CannotOpen) => match std::fs::File::open(path) {
                Ok(_) => (error.to_string(), None),
                Err(refused) => {
                    let help = "give this user read and write access to the file and its folder";
                    let reason = match refused.kind() {
                        // The file was to be created.
                        ErrorKind::NotFound => "it cannot be created".to_owned(),
                        _ => refused.to_string(),
                    };
                    (reason, Some(help))
                }
            },
            _ => (error.to_string(), None),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        let mut failure = Failure::new(format!("{}: {}", error.what, error.reason));
        failure.help = error.help.map(str::to_owned);
        failure.exit = error.exit;
        failure
    }
}

/// Whether another connection holds the lock.
pub(super) fn is_lock(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}
