//! Opening an SQLite file.

use crate::database::ConnectOptions;
use crate::failure::Failure;
use crate::outcome::Exit;
use crate::percent_encoding;
use migrate_runtime::rusqlite::{self, Connection, ErrorCode, OpenFlags};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Opens a file in a way of the program.
pub(crate) type Connect = dyn Fn(&Path) -> rusqlite::Result<Connection>;

/// Where an SQLite database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    /// A file whose URL says `mode=ro`.
    ReadOnly(PathBuf),
    Memory,
}

/// A connection for a verb that only reads.
pub(crate) struct Reading {
    pub(crate) conn: Connection,
    /// Whether there is such a database; otherwise an empty one stands in for
    /// it, and nothing is made.
    pub(crate) exists: bool,
}

impl Place {
    /// Reads a URL of SQLite, or the path of a file.
    pub(super) fn parse(url: &str) -> Result<Place, Failure> {
        let Some((_, rest)) = super::scheme(url) else {
            return Ok(match url {
                ":memory:" => Place::Memory,
                _ => Place::File(PathBuf::from(url)),
            });
        };
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = split_query(rest);
        let path = String::from_utf8(percent_encoding::decode(path))
            .map_err(|_| Failure::usage(format!("the path in `{url}` is not UTF-8")))?;
        let says = |what: &str| query.split('&').any(|it| it == what);
        if path == ":memory:" || says("mode=memory") {
            return Ok(Place::Memory);
        }
        if path.is_empty() {
            return Err(
                Failure::usage(format!("`{url}` names no file")).help("give it as `sqlite:app.db`")
            );
        }
        let path = PathBuf::from(without_root(&path));
        Ok(match says("mode=ro") || says("immutable=1") {
            true => Place::ReadOnly(path),
            false => Place::File(path),
        })
    }

    pub(crate) fn shown(&self) -> String {
        match self {
            Place::File(path) | Place::ReadOnly(path) => path.display().to_string(),
            Place::Memory => ":memory:".to_owned(),
        }
    }

    /// Opens it, and makes it if need be.
    pub(crate) fn open(&self, options: &ConnectOptions) -> Result<Connection, Failure> {
        self.try_open(options).map_err(Unopened::into_failure)
    }

    /// Tries again until it can be opened and read.
    pub(crate) fn wait(
        &self,
        options: &ConnectOptions,
        patience: Duration,
    ) -> Result<Connection, Failure> {
        let started = Instant::now();
        let mut is_told = false;
        loop {
            let unopened = match self.try_open(options) {
                Ok(conn) => return Ok(conn),
                Err(unopened) => unopened,
            };
            if !unopened.may_come || patience.is_zero() {
                return Err(unopened.into_failure());
            }
            if crate::signals::is_stopped() {
                let (shown, reason) = (self.shown(), unopened.reason);
                let stopped = format!("stopped while waiting for `{shown}`: {reason}");
                return Err(Failure::new(format!("{stopped}; nothing was changed")));
            }
            if started.elapsed() >= patience {
                let mut failure = unopened.into_failure();
                let waited = started.elapsed().as_secs_f64();
                failure.message = format!("{}; waited {waited:.1} s", failure.message);
                return Err(failure);
            }
            if !is_told {
                options.output.note(format!(
                    "waiting for `{}`: {}",
                    self.shown(),
                    unopened.reason
                ));
                is_told = true;
            }
            std::thread::sleep(Duration::from_millis(100).min(patience));
        }
    }

    /// Opens one that has to be there.
    pub(crate) fn open_existing(&self, options: &ConnectOptions) -> Result<Connection, Failure> {
        match self {
            Place::File(path) if is_absent(path) => {
                let shown = self.shown();
                Err(Failure::new(format!("there is no database `{shown}`"))
                    .help("correct the path; `migrate up` makes a new one"))
            }
            _ => self.open(options),
        }
    }

    fn try_open(&self, options: &ConnectOptions) -> Result<Connection, Unopened> {
        let path = match self {
            Place::Memory => return Connection::open_in_memory().map_err(Unopened::memory),
            Place::ReadOnly(path) => return Err(Unopened::read_only(path)),
            Place::File(path) => path,
        };
        refuse_no_file(path)?;
        let unopened = |error| Unopened::of(path, error);
        let conn = connect(options, path, true).map_err(unopened)?;
        read(&conn).map_err(unopened)?;
        Ok(conn)
    }

    /// Opens it for a verb that only reads. Not as read-only: with write-ahead
    /// logging a reader has to write beside the file.
    pub(crate) fn open_to_read(&self, options: &ConnectOptions) -> Result<Reading, Failure> {
        let memory = || Connection::open_in_memory().map_err(Unopened::memory);
        let path = match self {
            Place::File(path) | Place::ReadOnly(path) if !is_absent(path) => path,
            _ => {
                let conn = memory().map_err(Unopened::into_failure)?;
                return Ok(Reading {
                    conn,
                    exists: false,
                });
            }
        };
        refuse_no_file(path).map_err(Unopened::into_failure)?;
        let unopened = |error| Unopened::of(path, error).into_failure();
        let conn = connect(options, path, false).map_err(unopened)?;
        read(&conn).map_err(unopened)?;
        Ok(Reading { conn, exists: true })
    }
}

/// The path and the query. On Windows a path may begin with `\\?\`.
fn split_query(rest: &str) -> (&str, &str) {
    const VERBATIM: &str = r"\\?\";
    let start = match cfg!(windows) && rest.starts_with(VERBATIM) {
        true => VERBATIM.len(),
        false => 0,
    };
    match rest[start..].find('?') {
        Some(at) => (&rest[..start + at], &rest[start + at + 1..]),
        None => (rest, ""),
    }
}

/// On Windows `sqlite:///C:/app.db` and `file:///C:/app.db` name `C:/app.db`.
fn without_root(path: &str) -> &str {
    let is_drive = |path: &str| {
        let mut characters = path.chars();
        characters.next().is_some_and(|it| it.is_ascii_alphabetic())
            && characters.next() == Some(':')
    };
    match path.strip_prefix('/') {
        Some(rest) if cfg!(windows) && is_drive(rest) => rest,
        _ => path,
    }
}

/// To open a pipe waits for somebody to write into it, and a device keeps
/// nothing. Folders have a message of their own.
fn refuse_no_file(path: &Path) -> Result<(), Unopened> {
    match path.metadata() {
        Ok(found) if !found.is_file() && !found.is_dir() => Err(Unopened {
            what: format!("the database `{}` cannot be opened", path.display()),
            reason: "it is a pipe or a device".to_owned(),
            help: Some("correct the path; `sqlite::memory:` is a database that nobody keeps"),
            may_come: false,
            exit: Exit::Failed,
        }),
        _ => Ok(()),
    }
}

/// SQLite opens a file when it is first read. One that somebody has locked was
/// opened: what follows waits for the lock, as long as it was told to.
fn read(conn: &Connection) -> Result<(), rusqlite::Error> {
    let milliseconds = conn.query_row("PRAGMA busy_timeout", [], |row| row.get::<_, u32>(0))?;
    // With 0 there may be a busy handler, which could not be put back.
    if milliseconds > 0 {
        conn.busy_timeout(Duration::ZERO)?;
    }
    let result = conn.query_row("PRAGMA schema_version", [], |_| Ok(()));
    if milliseconds > 0 {
        conn.busy_timeout(Duration::from_millis(milliseconds.into()))?;
    }
    match result {
        Err(error) if is_lock(error.sqlite_error_code()) => Ok(()),
        result => result,
    }
}

fn is_lock(code: Option<ErrorCode>) -> bool {
    matches!(
        code,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Opens a file as the program makes its own connections, or else as the command
/// does.
fn connect(
    options: &ConnectOptions,
    path: &Path,
    creates: bool,
) -> Result<Connection, rusqlite::Error> {
    if let Some(own) = &options.open_file
        // It would make a file that is not there.
        && (creates || !is_absent(path))
    {
        return own(path);
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, creates);
    Connection::open_with_flags(path, flags)
}

/// Whether there is no such file for sure; where a folder above it may not be
/// read, nobody knows, and opening it will say why.
pub(crate) fn is_absent(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}

/// Why a database was not opened.
struct Unopened {
    what: String,
    reason: String,
    help: Option<&'static str>,
    /// Whether waiting may help.
    may_come: bool,
    exit: Exit,
}

impl Unopened {
    fn memory(error: rusqlite::Error) -> Unopened {
        Unopened {
            what: "a database in memory cannot be made".to_owned(),
            reason: error.to_string(),
            help: None,
            may_come: false,
            exit: Exit::Failed,
        }
    }

    fn of(path: &Path, error: rusqlite::Error) -> Unopened {
        let code = error.sqlite_error_code();
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let refused = || std::fs::File::open(path).err();
        let (reason, help) = if path.is_dir() {
            ("it is a folder".to_owned(), Some("name the file in it"))
        } else if folder.is_some_and(|folder| !folder.is_dir()) {
            (
                "its folder does not exist".to_owned(),
                Some("create the folder, or correct the path"),
            )
        } else if code == Some(ErrorCode::NotADatabase) {
            (
                "it is no SQLite database, or it is encrypted".to_owned(),
                Some("correct the path"),
            )
        } else if code == Some(ErrorCode::DatabaseCorrupt) {
            (error.to_string(), Some("restore a backup"))
        } else if code == Some(ErrorCode::ReadOnly) {
            (
                error.to_string(),
                Some(
                    "with write-ahead logging a reader writes beside the file: make its folder \
                     writable, or look at a copy",
                ),
            )
        } else if let (Some(ErrorCode::CannotOpen), Some(refused)) = (code, refused()) {
            let reason = match refused.kind() {
                // One that is to be made.
                ErrorKind::NotFound => "it cannot be made".to_owned(),
                _ => refused.to_string(),
            };
            (
                reason,
                Some("let this user read and write the file and its folder"),
            )
        } else {
            (error.to_string(), None)
        };
        Unopened {
            what: format!("the database `{}` cannot be opened", path.display()),
            reason,
            help,
            may_come: matches!(
                code,
                Some(
                    ErrorCode::CannotOpen
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::PermissionDenied
                )
            ) && !path.is_dir(),
            // A program's own way to open it may be in need of a lock.
            exit: match is_lock(code) {
                true => Exit::Locked,
                false => Exit::Failed,
            },
        }
    }

    fn read_only(path: &Path) -> Unopened {
        Unopened {
            what: format!("the database `{}` is not written to", path.display()),
            reason: "its URL says that it is read-only".to_owned(),
            help: Some("leave `mode=ro` or `immutable=1` out of the URL to write to it"),
            may_come: false,
            exit: Exit::Failed,
        }
    }

    fn into_failure(self) -> Failure {
        let mut failure = Failure::new(format!("{}: {}", self.what, self.reason));
        failure.help = self.help.map(str::to_owned);
        failure.exit = self.exit;
        failure
    }
}
