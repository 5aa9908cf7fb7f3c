//! Rows of the history table, as a database gives them back.

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

/// One row of the history: a migration that is recorded as applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The version.
    pub version: Version,
    /// The name that the migration had.
    pub name: String,
    /// The checksum as recorded, `sha256:HEX`.
    pub checksum: String,
    /// How far it got.
    pub state: State,
    /// When it was applied: RFC 3339, UTC.
    pub applied_at: String,
    /// How long it took, in milliseconds.
    pub execution_ms: u64,
    /// Name and version of the application that applied it.
    pub release: Option<String>,
    /// The commit from which that application was built, if it said so.
    pub git_commit: Option<String>,
    /// The SQL that undoes it, so that a binary can which does not know it.
    pub down_sql: Option<String>,
    /// How the row came about, if not by a run: `baseline`, or the tool that
    /// it was adopted from.
    pub origin: Option<String>,
    /// How far a migration without a transaction got.
    pub progress: Option<Progress>,
    /// What was repaired by hand, when and why: one line each.
    pub note: Option<String>,
}

impl Row {
    /// A row of a migration that is applied; the other columns are empty.
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

    /// Number and name, as a label is written.
    pub fn label(&self) -> String {
        format!("{}_{}", self.version, self.name)
    }

    /// Whether what it records is this migration: by its name and its text.
    pub fn is_of(&self, migration: &Migration) -> bool {
        migration.name == self.name && migration.checksum.matches(self.checksum.as_bytes())
    }

    /// Whether it is of a migration that was started and has not ended.
    pub fn is_started(&self) -> bool {
        self.state == State::Started
    }
}

/// The time of a row as people read it; what has another form stays as it is.
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

/// How far a migration got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// All of it.
    Applied,
    /// A migration without a transaction whose up or down was started and has
    /// not ended.
    Started,
}

impl State {
    /// Reads the text of the column `state`.
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

/// Which of the two scripts of a migration is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The one that applies it.
    Up,
    /// The one that undoes it.
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

/// How far a script without a transaction got: `up 2 of 5 sha256:HEX`.
///
/// The checksum is that of the statements that are done, so that nobody goes on
/// with a script whose beginning is another one by now.
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
    /// Which script.
    pub direction: Direction,
    /// How many of its statements have ended.
    pub done: usize,
    /// How many it has.
    pub of: usize,
    checksum: Checksum,
}

impl Progress {
    /// A script of which nothing has run yet.
    pub fn start(direction: Direction, of: usize) -> Progress {
        Progress {
            direction,
            done: 0,
            of,
            checksum: Checksum::of(""),
        }
    }

    /// One more statement has ended.
    pub fn advance(&mut self, statement: &str) {
        self.done += 1;
        // Each builds on the one before, so that no two lists of statements
        // are the same text.
        self.checksum = Checksum::of(&format!("{}{statement}", self.checksum.hex()));
    }

    /// Reads the text of the column `progress`: what [`Progress`] writes, and
    /// nothing that only looks like it.
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

    /// Whether the statements that are done are still the first of a script.
    pub fn is_beginning_of<'a>(&self, statements: impl Iterator<Item = &'a str>) -> bool {
        let mut found = Progress::start(self.direction, self.of);
        for statement in statements.take(self.done) {
            found.advance(statement);
        }
        found.done == self.done && found.checksum == self.checksum
    }

    /// Where in a script the next statement stands, if there is one.
    pub fn next(&self, script: &Script) -> Option<Location> {
        let statement = script.statements().nth(self.done)?;
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
