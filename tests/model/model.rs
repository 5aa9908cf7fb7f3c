//! What should happen, in so few lines that they can be seen to be right: two
//! lists of migrations, and what those that ran have left.

use std::collections::BTreeSet;
use std::fmt::Write;

/// A migration, as its files have it or as the database got it.
#[derive(Clone, Debug)]
pub(crate) struct Migration {
    pub(crate) version: u64,
    pub(crate) name: u32,
    pub(crate) up: Up,
    pub(crate) down: Option<Down>,
}

/// A script that applies a migration. The number makes its text unlike every
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Up {
    pub(crate) id: u32,
    pub(crate) kind: Kind,
}

/// A script that undoes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Down {
    pub(crate) id: u32,
    /// Whose table it drops.
    pub(crate) of: u32,
    pub(crate) fails: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A table with rows, and a line in the log.
    Table,
    /// The line alone: nothing would fail if it ran twice.
    Line,
    /// The line, and then an error.
    Fails,
}

/// How many rows a table gets: enough to be killed among them.
pub(crate) const ROWS: i64 = 300;

impl Up {
    pub(crate) fn text(self) -> String {
        let id = self.id;
        let line = format!("INSERT INTO log(line) VALUES ({id});\n");
        match self.kind {
            Kind::Line => line,
            Kind::Fails => format!("{line}INSERT INTO nowhere VALUES ({id});\n"),
            Kind::Table => format!(
                "CREATE TABLE t{id}(x INTEGER);\nINSERT INTO t{id}\nWITH RECURSIVE n(i) AS \
                 (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i FROM n;\n{line}"
            ),
        }
    }
}

impl Down {
    pub(crate) fn text(self) -> String {
        let Down { id, of, fails } = self;
        // The rows that are counted, and not kept, are there to be killed among.
        let mut text = format!(
            "DROP TABLE IF EXISTS t{of};\nINSERT INTO log(line) VALUES (-{id});\n\
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) \
             INSERT INTO log(line) SELECT i FROM n WHERE i > {ROWS};\n"
        );
        if fails {
            let _ = writeln!(text, "INSERT INTO nowhere VALUES ({id});");
        }
        text
    }
}

/// Why a verb did not do all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The directory has problems.
    Directory,
    /// Each kind, and its version.
    Drift(Vec<(&'static str, u64)>),
    /// A statement failed, after these migrations took effect.
    Failed(Vec<u64>),
    /// No way back: the versions.
    NoDown(usize),
    NotApplied,
    LaterApplied,
    /// A migration to redo is not there.
    NotKnown,
}

/// How far a way up or down would go.
#[derive(Clone, Debug)]
pub(crate) struct Way<T> {
    pub(crate) steps: Vec<T>,
    /// Whether what comes next fails.
    pub(crate) fails: bool,
}

/// What to apply after the way down.
type Again = (Migration, Way<(u64, Down)>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Back {
    Steps(usize),
    To(u64),
    Only(u64),
    All,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) has_timestamps: bool,
    /// The directory.
    pub(crate) files: Vec<Migration>,
    /// The history, in the order of the versions.
    pub(crate) applied: Vec<Migration>,
    /// The numbers of the tables.
    pub(crate) tables: BTreeSet<u32>,
    /// What ran: scripts up, and scripts down as negative numbers.
    pub(crate) log: Vec<i64>,
}

impl Model {
    /// The migrations of the directory in order, if it is a good one.
    pub(crate) fn directory(&self) -> Result<Vec<Migration>, Refusal> {
        let mut files = self.files.clone();
        files.sort_by_key(|file| file.version);
        let is_unique = files
            .windows(2)
            .all(|pair| pair[0].version < pair[1].version);
        let follows = (1..).zip(&files).all(|(n, file)| file.version == n);
        if !files.is_empty() && is_unique && (self.has_timestamps || follows) {
            Ok(files)
        } else {
            Err(Refusal::Directory)
        }
    }

    pub(crate) fn drift(&self, allow_ahead: bool) -> Result<Vec<(&'static str, u64)>, Refusal> {
        let files = self.directory()?;
        let last_file = files.last().map_or(0, |file| file.version);
        let last_row = self.applied.last().map_or(0, |row| row.version);
        let mut drift = Vec::new();
        for row in &self.applied {
            let file = files.iter().find(|file| file.version == row.version);
            let same = file.map(|file| (file.up == row.up, file.name == row.name));
            let kind = match same {
                Some((true, true)) => continue,
                Some((true, false)) => "renamed",
                Some((false, true)) => "modified",
                Some((false, false)) => "replaced",
                None if row.version < last_file => "missing",
                None if allow_ahead => continue,
                None => "ahead",
            };
            drift.push((kind, row.version));
        }
        let gaps = files
            .iter()
            .filter(|file| file.version < last_row && self.row(file.version).is_none());
        drift.extend(gaps.map(|file| ("gap", file.version)));
        Ok(drift)
    }

    pub(crate) fn way_up(&self, to: Option<u64>, ahead: bool) -> Result<Way<Migration>, Refusal> {
        let drift = self.drift(ahead)?;
        if !drift.is_empty() {
            return Err(Refusal::Drift(drift));
        }
        let mut pending = self.directory()?;
        pending.retain(|file| self.row(file.version).is_none());
        pending.retain(|file| to.is_none_or(|to| file.version <= to));
        Ok(until(pending, |file| file.up.kind == Kind::Fails))
    }

    pub(crate) fn way_back(&self, back: Back) -> Result<Way<(u64, Down)>, Refusal> {
        let files = self.directory()?;
        let newest_first = self.applied.iter().rev();
        let rows: Vec<&Migration> = match back {
            Back::Steps(steps) => newest_first.take(steps).collect(),
            Back::All => newest_first.collect(),
            Back::To(version) => newest_first
                .take_while(|row| row.version > version)
                .collect(),
            Back::Only(version) => match self.applied.last() {
                _ if self.row(version).is_none() => return Err(Refusal::NotApplied),
                Some(last) if last.version > version => return Err(Refusal::LaterApplied),
                last => last.into_iter().collect(),
            },
        };
        let downs = rows.iter().map(|row| {
            let known = known(&files, row).and_then(|file| file.down);
            known.or(row.down).map(|down| (row.version, down))
        });
        let missing = downs.clone().filter(Option::is_none).count();
        match missing {
            0 => Ok(until(downs.flatten().collect(), |(_, down)| down.fails)),
            _ => Err(Refusal::NoDown(missing)),
        }
    }

    /// The newest migration as its file is now, if it can be undone; nothing
    /// without one.
    pub(crate) fn way_again(&self) -> Result<Option<Again>, Refusal> {
        let files = self.directory()?;
        let way = self.way_back(Back::Steps(1))?;
        let Some(row) = self.applied.last() else {
            return Ok(None);
        };
        let file = files.iter().find(|file| file.version == row.version);
        match file {
            Some(file) => Ok(Some((file.clone(), way))),
            None => Err(Refusal::NotKnown),
        }
    }

    pub(crate) fn apply(&mut self, migration: &Migration) {
        if migration.up.kind == Kind::Table {
            self.tables.insert(migration.up.id);
        }
        self.log.push(i64::from(migration.up.id));
        self.applied.push(migration.clone());
        self.applied.sort_by_key(|row| row.version);
    }

    pub(crate) fn undo(&mut self, (version, down): (u64, Down)) {
        self.tables.remove(&down.of);
        self.log.push(-i64::from(down.id));
        self.applied.retain(|row| row.version != version);
    }

    /// Whether `verify` has nothing to say.
    pub(crate) fn is_clean(&self) -> bool {
        let is_current = self.files.len() == self.applied.len();
        let same_downs = self.applied.iter().all(|row| {
            let mut files = self.files.iter();
            files.any(|file| file.version == row.version && file.down == row.down)
        });
        self.drift(false) == Ok(Vec::new()) && is_current && same_downs
    }

    fn row(&self, version: u64) -> Option<&Migration> {
        self.applied.iter().find(|row| row.version == version)
    }
}

/// The file of an applied migration, if it is still the same.
fn known<'a>(files: &'a [Migration], row: &Migration) -> Option<&'a Migration> {
    files
        .iter()
        .find(|file| file.version == row.version && file.name == row.name && file.up == row.up)
}

fn until<T>(mut steps: Vec<T>, fails: impl Fn(&T) -> bool) -> Way<T> {
    let end = steps.iter().position(fails);
    if let Some(end) = end {
        steps.truncate(end);
    }
    Way {
        steps,
        fails: end.is_some(),
    }
}
