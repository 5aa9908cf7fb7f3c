//! Opening SQLite databases.

mod open_error;

use crate::database::ConnectOptions;
use crate::failure::Failure;
use crate::{percent_encoding, signals};
use migrate_runtime::rusqlite::{self, Connection, OpenFlags};
use open_error::OpenError;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The program's own function to open a file.
pub(crate) type Connect = dyn Fn(&Path) -> rusqlite::Result<Connection>;

/// Where an SQLite database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    /// A file whose URL contains `mode=ro` or `immutable=1`.
    ReadOnly(PathBuf),
    Memory,
}

impl Place {
    /// Parses an SQLite URL or the path of a file.
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
            return Err(Failure::usage(format!("`{url}` does not name a file"))
                .help("give it as `sqlite:app.db`"));
        }
        let path = PathBuf::from(without_root(&path));
        Ok(if says("mode=ro") || says("immutable=1") {
            Place::ReadOnly(path)
        } else {
            Place::File(path)
        })
    }

    pub(crate) fn shown(&self) -> String {
        match self {
            Place::File(path) | Place::ReadOnly(path) => path.display().to_string(),
            Place::Memory => ":memory:".to_owned(),
        }
    }

    /// Opens the database, and creates it if it does not exist.
    pub(crate) fn open(&self, options: &ConnectOptions) -> Result<Connection, Failure> {
        Ok(self.try_open(options)?)
    }

    /// Retries until the database can be opened and read, or the timeout
    /// expires.
    pub(crate) fn wait(
        &self,
        options: &ConnectOptions,
        timeout: Duration,
    ) -> Result<Connection, Failure> {
        let started = Instant::now();
        let mut is_reported = false;
        loop {
            let error = match self.try_open(options) {
                Ok(conn) => return Ok(conn),
                Err(error) => error,
            };
            if !error.is_transient || timeout.is_zero() {
                return Err(error.into());
            }
            let (shown, waited) = (self.shown(), started.elapsed());
            if signals::is_stopped() {
                return Err(Failure::new(format!(
                    "stopped while waiting for `{shown}`: {}; nothing was changed",
                    error.reason
                )));
            }
            if waited >= timeout {
                let mut failure = Failure::from(error);
                failure.message += &format!("; waited {:.1} s", waited.as_secs_f64());
                return Err(failure);
            }
            if !is_reported {
                let note = format!("waiting for `{shown}`: {}", error.reason);
                options.output.note(note);
                is_reported = true;
            }
            std::thread::sleep(Duration::from_millis(100).min(timeout));
        }
    }

    /// Opens the database, which must exist.
    pub(crate) fn open_existing(&self, options: &ConnectOptions) -> Result<Connection, Failure> {
        match self {
            Place::File(path) if is_absent(path) => {
                let shown = self.shown();
                Err(Failure::new(format!("there is no database `{shown}`"))
                    .help("correct the path; `migrate up` creates a new database"))
            }
            _ => self.open(options),
        }
    }

    fn try_open(&self, options: &ConnectOptions) -> Result<Connection, OpenError> {
        match self {
            Place::Memory => Connection::open_in_memory().map_err(OpenError::memory),
            Place::ReadOnly(path) => Err(OpenError::read_only(path)),
            Place::File(path) => open_file(options, path, true),
        }
    }

    /// Opens the database for a verb that only reads; `None` if it does not
    /// exist. It is not opened read-only: with write-ahead logging, a reader must
    /// be able to write next to the file.
    pub(crate) fn open_to_read(
        &self,
        options: &ConnectOptions,
    ) -> Result<Option<Connection>, Failure> {
        Ok(match self {
            Place::File(path) | Place::ReadOnly(path) if !is_absent(path) => {
                Some(open_file(options, path, false)?)
            }
            _ => None,
        })
    }
}

fn open_file(
    options: &ConnectOptions,
    path: &Path,
    creates: bool,
) -> Result<Connection, OpenError> {
    // Opening a pipe blocks until another process writes to it, and a device
    // stores nothing. A folder has its own message.
    if path
        .metadata()
        .is_ok_and(|it| !it.is_file() && !it.is_dir())
    {
        return Err(OpenError::not_a_file(path));
    }
    let open_error = |error| OpenError::of(path, error);
    let conn = connect(options, path, creates).map_err(open_error)?;
    read(&conn).map_err(open_error)?;
    Ok(conn)
}

/// Splits a URL into path and query. On Windows, a path may begin with `\\?\`.
fn split_query(rest: &str) -> (&str, &str) {
    const VERBATIM: &str = r"\\?\";
    let start = if cfg!(windows) && rest.starts_with(VERBATIM) {
        VERBATIM.len()
    } else {
        0
    };
    match rest[start..].find('?') {
        Some(at) => (&rest[..start + at], &rest[start + at + 1..]),
        None => (rest, ""),
    }
}

/// The path without the slash before a Windows drive: `sqlite:///C:/app.db` and
/// `file:///C:/app.db` name `C:/app.db`.
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

/// Reads the database once, because SQLite opens the file only on the first
/// read. A file that is locked counts as opened: the verb itself waits for the
/// lock, up to its own timeout.
fn read(conn: &Connection) -> Result<(), rusqlite::Error> {
    let milliseconds = conn.query_row("PRAGMA busy_timeout", [], |row| row.get::<_, u32>(0))?;
    // A timeout of 0 may mean a custom busy handler, which could not be restored.
    if milliseconds > 0 {
        conn.busy_timeout(Duration::ZERO)?;
    }
    let result = conn.query_row("PRAGMA schema_version", [], |_| Ok(()));
    if milliseconds > 0 {
        conn.busy_timeout(Duration::from_millis(milliseconds.into()))?;
    }
    match result {
        Err(error) if open_error::is_lock(&error) => Ok(()),
        result => result,
    }
}

/// Opens a file with the program's own function, or else the way the command
/// does.
fn connect(
    options: &ConnectOptions,
    path: &Path,
    creates: bool,
) -> Result<Connection, rusqlite::Error> {
    if let Some(own) = &options.open_file
        // The function may create a missing file.
        && (creates || !is_absent(path))
    {
        return own(path);
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, creates);
    Connection::open_with_flags(path, flags)
}

/// Whether the file certainly does not exist. If a parent folder cannot be
/// read, this is unknown, and opening the file reports the reason.
pub(crate) fn is_absent(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}
