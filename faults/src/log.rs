//! What was done to the files of one database, in order.

use std::path::{Path, PathBuf};

/// The files of a database that live on after a loss of power. The index of
/// the write-ahead log does not: SQLite makes it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Database,
    Journal,
    Wal,
}

impl Place {
    pub(crate) const ALL: [Place; 3] = [Place::Database, Place::Journal, Place::Wal];

    pub(crate) fn path(self, database: &Path) -> PathBuf {
        let mut path = database.as_os_str().to_owned();
        path.push(match self {
            Place::Database => "",
            Place::Journal => "-journal",
            Place::Wal => "-wal",
        });
        path.into()
    }

    /// The place of a file by its name; databases of tests have no such names.
    pub(crate) fn of(name: &[u8]) -> Place {
        match name {
            name if name.ends_with(b"-journal") => Place::Journal,
            name if name.ends_with(b"-wal") => Place::Wal,
            _ => Place::Database,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Event {
    Create(Place),
    Write {
        place: Place,
        offset: usize,
        data: Vec<u8>,
    },
    Truncate {
        place: Place,
        size: usize,
    },
    /// `folder`: the names in the folder are safe from here on, too.
    Sync {
        place: Place,
        folder: bool,
    },
    Delete {
        place: Place,
        folder: bool,
    },
    Acknowledge,
}

/// Everything that happened to a database and its journals, from which the
/// states can be made that a loss of power may leave.
#[derive(Debug, Default)]
pub struct Log {
    pub(crate) start: [Option<Vec<u8>>; 3],
    pub(crate) events: Vec<Event>,
    exists: [bool; 3],
}

impl Log {
    pub(crate) fn starting_with(database: &Path) -> std::io::Result<Log> {
        let mut log = Log::default();
        for place in Place::ALL {
            let path = place.path(database);
            if path.exists() {
                log.start[place as usize] = Some(std::fs::read(path)?);
                log.exists[place as usize] = true;
            }
        }
        Ok(log)
    }

    /// A file was opened, and made if it was not there.
    pub(crate) fn opened(&mut self, place: Place) {
        if !std::mem::replace(&mut self.exists[place as usize], true) {
            self.events.push(Event::Create(place));
        }
    }

    pub(crate) fn wrote(&mut self, place: Place, offset: usize, data: &[u8]) {
        self.events.push(Event::Write {
            place,
            offset,
            data: data.to_vec(),
        });
    }

    pub(crate) fn truncated(&mut self, place: Place, size: usize) {
        self.events.push(Event::Truncate { place, size });
    }

    pub(crate) fn synced(&mut self, place: Place, folder: bool) {
        self.events.push(Event::Sync { place, folder });
    }

    pub(crate) fn deleted(&mut self, place: Place, folder: bool) {
        self.exists[place as usize] = false;
        self.events.push(Event::Delete { place, folder });
    }

    pub(crate) fn acknowledge(&mut self) {
        self.events.push(Event::Acknowledge);
    }

    /// The number of things that happened.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
