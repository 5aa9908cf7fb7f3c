//! Rows of the history table, as read from a database.

use crate::{Checksum, Location, Migration, Script, Version};
use std::fmt;

/// The columns of the history table and their types, in order.
pub const COLUMNS: [(&str, &str); 12] = [
    ("version", "INTEGER PRIMARY KEY"),
    ("name", "TEXT NOT NULL"),
    ("checksum", "TEXT NOT NULL"),
    ("state", "TEXT NOT NULL"),
    ("applied_at", "TEXT NOT NULL"),
    ("execution_ms", "INTEGER NOT NULL"),
    ("release", "TEXT"),
    ("git_commit", "TEXT"),
    ("down_sql", "TEXT"),
    ("origin", "TEXT"),
    ("progress", "TEXT"),
    ("note", "TEXT"),
];

/// One row of the history: a recorded migration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The version.
    pub version: Version,
    /// The name of the migration when it was applied.
    pub name: String,
    /// The checksum as recorded, `sha256:HEX`.
    pub checksum: String,
    /// Whether the migration is complete.
    pub state: State,
    /// When it was applied: RFC 3339, UTC.
    pub applied_at: String,
    /// The execution time in milliseconds, with the checks. It does not include
    /// the commit, because the row is written before it.
    pub execution_ms: u64,
    /// The name and version of the application that applied it.
    pub release: Option<String>,
    /// The commit from which that application was built, if known.
    pub git_commit: Option<String>,
    /// The SQL that undoes it, stored so that an older binary can undo a migration it does
    /// not contain.
    pub down_sql: Option<String>,
    /// The origin of the row, if it was not written by a run: `baseline`, or the tool from
    /// which it was adopted.
    pub origin: Option<String>,
    /// The progress of a migration that runs without a transaction.
    pub progress: Option<Progress>,
    /// Manual repairs, one per line: what was done, when, and why.
    pub note: Option<String>,
}

impl Row {
    /// Creates the row of an applied migration, with the other columns empty.
    pub fn applied(version: Version, name: &str, checksum: &str) -> Row {
        Row {
            version,
            name: name.to_owned(),
            checksum: checksum.to_owned(),
            state: State::Applied,
            applied_at: String::new(),
            execution_ms: 0,
            release: None,
            git_commit: None,
            down_sql: None,
            origin: None,
            progress: None,
            note: None,
        }
    }

    /// The label: number and name.
    pub fn label(&self) -> String {
        format!("{}_{}", self.version, self.name)
    }

    /// Whether the row records this migration: name and checksum are equal.
    pub fn is_of(&self, migration: &Migration) -> bool {
        migration.name == self.name && migration.checksum.matches(self.checksum.as_bytes())
    }

    /// Whether its migration was started and has not finished.
    pub fn is_started(&self) -> bool {
        self.state == State::Started
    }
}

/// The time of a row in a short form for people. A text in another form is returned
/// unchanged.
///
/// ```
/// use migrate_model::history::short_time;
///
/// assert_eq!(short_time("2026-01-31T12:00:00.123Z"), "2026-01-31 12:00:00");
/// assert_eq!(short_time("long ago"), "long ago");
/// ```
pub fn short_time(applied_at: &str) -> String {
    match (applied_at.get(..19), applied_at.as_bytes().get(10)) {
        (Some(seconds), Some(b'T')) => seconds.replace('T', " "),
        _ => applied_at.to_owned(),
    }
}

/// The state of a recorded migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The migration is complete.
    Applied,
    /// The up or down of a migration without a transaction was started and has not finished.
    Started,
}

impl State {
    /// Parses the text of the column `state`.
    pub fn parse(text: &str) -> Option<State> {
        match text {
            "applied" => Some(State::Applied),
            "started" => Some(State::Started),
            _ => None,
        }
    }

    /// The text of the column `state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Started => "started",
        }
    }
}

/// One of the two scripts of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The script that applies it.
    Up,
    /// The script that undoes it.
    Down,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Up => "up",
            Direction::Down => "down",
        })
    }
}

/// The progress of a script that runs without a transaction: `up 2 of 5 sha256:HEX`.
///
/// The checksum covers the statements that finished. A run refuses to resume a script in which
/// one of these statements has been edited since.
///
/// ```
/// use migrate_model::history::{Direction, Progress};
///
/// let statements = ["VACUUM", "ANALYZE"];
/// let mut progress = Progress::start(Direction::Up, statements.len());
/// progress.advance(statements[0]);
/// assert!(progress.to_string().starts_with("up 1 of 2 sha256:"));
/// assert_eq!(Progress::parse(&progress.to_string()), Some(progress));
/// assert!(progress.is_beginning_of(statements.into_iter()));
/// assert!(!progress.is_beginning_of(["REINDEX", "ANALYZE"].into_iter()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The script.
    pub direction: Direction,
    /// The number of its statements that finished.
    pub done: usize,
    /// The number of its statements.
    pub of: usize,
    checksum: Checksum,
}

impl Progress {
    /// The progress of a script before its first statement.
    pub fn start(direction: Direction, of: usize) -> Progress {
        Progress {
            direction,
            done: 0,
            of,
            checksum: Checksum::of(""),
        }
    }

    /// Records that one more statement finished.
    pub fn advance(&mut self, statement: &str) {
        self.done += 1;
        // Each checksum covers the one before it. Two different lists of statements can
        // never be hashed as the same text.
        self.checksum = Checksum::of(&format!("{}{statement}", self.checksum.hex()));
    }

    /// Parses the text of the column `progress`. Only the exact form that [`Progress`] writes
    /// is accepted.
    pub fn parse(text: &str) -> Option<Progress> {
        let mut words = text.split(' ');
        let direction = match words.next()? {
            "up" => Direction::Up,
            "down" => Direction::Down,
            _ => return None,
        };
        let done = words.next()?.parse().ok()?;
        let of = words
            .next()
            .filter(|word| *word == "of")
            .and(words.next())?;
        let progress = Progress {
            direction,
            done,
            of: of.parse().ok().filter(|of| done <= *of)?,
            checksum: Checksum::parse(words.next()?)?,
        };
        (progress.to_string() == text).then_some(progress)
    }

    /// Whether the finished statements are still the first statements of a script.
    pub fn is_beginning_of<'a>(&self, statements: impl Iterator<Item = &'a str>) -> bool {
        let mut found = Progress::start(self.direction, self.of);
        for statement in statements.take(self.done) {
            found.advance(statement);
        }
        found.done == self.done && found.checksum == self.checksum
    }

    /// The location of the next statement in a script, if there is one.
    pub fn next(&self, script: &Script) -> Option<Location> {
        let statement = script.statement(self.done)?;
        Some(script.location(statement.start as usize))
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress {
            direction,
            done,
            of,
            checksum,
        } = self;
        write!(f, "{direction} {done} of {of} {checksum}")
    }
}
