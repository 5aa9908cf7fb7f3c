//! What a loss of power may leave of the files.
//!
//! The rules are those that SQLite itself expects of a disk, at their worst
//! (<https://sqlite.org/atomiccommit.html>): what was synced stays. Of what was
//! written since, any part may be missing, in any order, down to sectors of
//! 512 bytes; where a file grew, a missing part may be anything. A name that
//! was made or deleted is safe once the folder was synced, and before that the
//! changes of names are kept up to some point, in their order, as a journaling
//! file system does.

use crate::log::{Event, Log, Place};
use fastrand::Rng;
use std::path::Path;

/// Disks write these as a whole.
const SECTOR: usize = 512;

/// How the power is lost.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// How many states to make.
    pub images: usize,
    /// The same seed makes the same states of the same log.
    pub seed: u64,
    /// Whether the disk keeps its promises.
    pub syncs: Syncs,
    /// What becomes of deleted files.
    pub unlinks: Unlinks,
}

/// Whether what was synced is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syncs {
    /// As it should be.
    Kept,
    /// The disk says that it has synced, and has not. With it a test can show
    /// that it would see a damage.
    Ignored,
}

/// When a change of names in the folder is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinks {
    /// At once.
    AtOnce,
    /// When the folder is synced: until then a deleted file may come back.
    WithTheFolder,
}

/// What a loss of power left.
#[derive(Debug)]
pub struct Image {
    /// How many successes the user had been told of.
    pub acknowledged: usize,
    /// After how many events of the log the power was lost.
    pub at: usize,
    files: [Option<Vec<u8>>; 3],
}

impl Image {
    /// Writes the files of the database and its journals.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be written.
    pub fn write(&self, database: &Path) -> std::io::Result<()> {
        for place in Place::ALL {
            if let Some(bytes) = &self.files[place as usize] {
                std::fs::write(place.path(database), bytes)?;
            }
        }
        Ok(())
    }

    /// Whether a journal is there, from which SQLite has to recover.
    #[must_use]
    pub fn has_journal(&self) -> bool {
        let journals = [Place::Journal, Place::Wal].map(|place| &self.files[place as usize]);
        journals
            .into_iter()
            .flatten()
            .any(|bytes| !bytes.is_empty())
    }
}

impl Log {
    /// Makes the states that `loss` describes, at moments by chance, and hands
    /// over each of them.
    pub fn images(&self, loss: &Loss, mut each: impl FnMut(&Image)) {
        let mut rng = Rng::with_seed(loss.seed);
        let turns = self.turns();
        let mut moments: Vec<usize> = (0..loss.images)
            .map(|_| match rng.choice(&turns) {
                Some(turn) if rng.bool() => (turn + rng.usize(0..=2)).min(self.events.len()),
                _ => rng.usize(0..=self.events.len()),
            })
            .collect();
        moments.sort_unstable();
        let mut disk = Disk::new(self);
        let mut at = 0;
        for moment in moments {
            for event in &self.events[at..moment] {
                disk.apply(event, loss);
            }
            at = moment;
            each(&Image {
                acknowledged: disk.acknowledged,
                at,
                files: disk.after_a_loss(&mut rng),
            });
        }
    }

    /// The moments at a sync, a deletion or an acknowledgement are those that
    /// matter, and few among the many writes; so half are drawn from them.
    fn turns(&self) -> Vec<usize> {
        let is_write = |event: &Event| matches!(event, Event::Write { .. });
        let turns = (0..self.events.len()).filter(|at| !is_write(&self.events[*at]));
        turns.collect()
    }
}

/// A file, whatever its name is or was.
#[derive(Default)]
struct File {
    safe: Vec<u8>,
    pending: Vec<Change>,
}

enum Change {
    Write { offset: usize, data: Vec<u8> },
    Truncate(usize),
}

/// Which file each name means.
type Names = [Option<usize>; 3];

#[derive(Default)]
struct Disk {
    files: Vec<File>,
    names: Names,
    safe_names: Names,
    pending_names: Vec<(Place, Option<usize>)>,
    acknowledged: usize,
}

impl Disk {
    fn new(log: &Log) -> Disk {
        let mut disk = Disk::default();
        for place in Place::ALL {
            if let Some(bytes) = &log.start[place as usize] {
                disk.names[place as usize] = Some(disk.files.len());
                disk.files.push(File {
                    safe: bytes.clone(),
                    pending: Vec::new(),
                });
            }
        }
        disk.safe_names = disk.names;
        disk
    }

    fn apply(&mut self, event: &Event, loss: &Loss) {
        let is_synced = match event {
            Event::Create(place) => {
                self.files.push(File::default());
                self.rename(*place, Some(self.files.len() - 1));
                false
            }
            Event::Write {
                place,
                offset,
                data,
            } => {
                self.change(
                    *place,
                    Change::Write {
                        offset: *offset,
                        data: data.clone(),
                    },
                );
                false
            }
            Event::Truncate { place, size } => {
                self.change(*place, Change::Truncate(*size));
                false
            }
            Event::Sync { place, folder } => {
                if loss.syncs == Syncs::Kept
                    && let Some(file) = self.names[*place as usize]
                {
                    self.files[file].sync();
                }
                *folder
            }
            Event::Delete { place, folder } => {
                self.rename(*place, None);
                *folder
            }
            Event::Acknowledge => {
                self.acknowledged += 1;
                false
            }
        };
        if is_synced && loss.syncs == Syncs::Kept || loss.unlinks == Unlinks::AtOnce {
            self.safe_names = self.names;
            self.pending_names.clear();
        }
    }

    fn rename(&mut self, place: Place, file: Option<usize>) {
        self.names[place as usize] = file;
        self.pending_names.push((place, file));
    }

    fn change(&mut self, place: Place, change: Change) {
        if let Some(file) = self.names[place as usize] {
            self.files[file].pending.push(change);
        }
    }

    fn after_a_loss(&self, rng: &mut Rng) -> [Option<Vec<u8>>; 3] {
        let mut names = self.safe_names;
        let kept = rng.usize(0..=self.pending_names.len());
        for (place, file) in &self.pending_names[..kept] {
            names[*place as usize] = *file;
        }
        names.map(|file| file.map(|file| self.files[file].after_a_loss(rng)))
    }
}

impl File {
    fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.safe);
        }
    }

    fn after_a_loss(&self, rng: &mut Rng) -> Vec<u8> {
        let mut bytes = self.safe.clone();
        // Nothing, everything, a beginning, or any part of what is pending.
        let (reached, is_any) = match rng.u8(0..4) {
            0 => (0, false),
            1 => (self.pending.len(), false),
            2 => (rng.usize(0..=self.pending.len()), false),
            _ => (self.pending.len(), true),
        };
        for (at, change) in self.pending[..reached].iter().enumerate() {
            match rng.u8(0..4) {
                0 if is_any => change.lose(&mut bytes, rng),
                1 if is_any || at + 1 == reached => change.tear(&mut bytes, rng),
                _ => change.apply(&mut bytes),
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Write { offset, data } => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(data);
            }
            Change::Truncate(size) => bytes.resize(*size, 0),
        }
    }

    /// Only some sectors of it reach the disk.
    fn tear(&self, bytes: &mut Vec<u8>, rng: &mut Rng) {
        let Change::Write { offset, data } = self else {
            return;
        };
        let mut from = 0;
        while from < data.len() {
            let to = (from + SECTOR - (offset + from) % SECTOR).min(data.len());
            let sector = Change::Write {
                offset: offset + from,
                data: data[from..to].to_vec(),
            };
            if rng.bool() {
                sector.apply(bytes);
            } else {
                sector.lose(bytes, rng);
            }
            from = to;
        }
    }

    /// It does not reach the disk; but the length of a file may be there before
    /// its content is, which then is whatever the disk held before.
    fn lose(&self, bytes: &mut Vec<u8>, rng: &mut Rng) {
        let Change::Write { offset, data } = self else {
            return;
        };
        let end = offset + data.len();
        if bytes.len() < end && rng.bool() {
            let old = rng.u8(..);
            bytes.resize(end, old);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const LOSS: Loss = Loss {
        images: 2000,
        seed: 1,
        syncs: Syncs::Kept,
        unlinks: Unlinks::WithTheFolder,
    };

    /// A journal that is made, synced with its folder, written again, deleted.
    fn log() -> Log {
        let mut log = Log::default();
        log.opened(Place::Journal);
        log.wrote(Place::Journal, 0, &[1; 1024]);
        log.synced(Place::Journal, true);
        log.acknowledge();
        log.wrote(Place::Journal, 0, &[2; 1024]);
        log.deleted(Place::Journal, false);
        log
    }

    fn journals(loss: &Loss) -> HashSet<(usize, Option<Vec<u8>>)> {
        let mut seen = HashSet::new();
        log().images(loss, |image| {
            let journal = image.files[Place::Journal as usize].clone();
            seen.insert((image.acknowledged, journal));
        });
        seen
    }

    fn halves(first: u8, second: u8) -> Option<Vec<u8>> {
        Some([[first; 512], [second; 512]].concat())
    }

    #[test]
    fn what_was_synced_stays_and_the_rest_may_be_torn() {
        let synced: HashSet<_> = journals(&LOSS)
            .into_iter()
            .filter_map(|(acknowledged, journal)| (acknowledged == 1).then_some(journal))
            .collect();
        // The deletion may have happened or not.
        let expected = [halves(1, 1), halves(1, 2), halves(2, 1), halves(2, 2), None];
        assert_eq!(synced, HashSet::from(expected));
    }

    #[test]
    fn a_deletion_can_be_final_at_once() {
        let mut log = log();
        log.acknowledge();
        let unlinks = Unlinks::AtOnce;
        log.images(&Loss { unlinks, ..LOSS }, |image| {
            assert!(image.acknowledged < 2 || image.files == [None, None, None]);
        });
    }

    #[test]
    fn a_disk_that_lies_loses_what_was_synced() {
        let syncs = Syncs::Ignored;
        assert!(journals(&Loss { syncs, ..LOSS }).contains(&(1, None)));
        let unlinks = Unlinks::AtOnce;
        let at_once = journals(&Loss {
            syncs,
            unlinks,
            ..LOSS
        });
        assert!(at_once.contains(&(1, Some(Vec::new()))));
    }

    #[test]
    fn what_a_file_grew_by_may_be_anything() {
        let grown = journals(&LOSS).into_iter().any(|(acknowledged, journal)| {
            let strange = |byte: &u8| ![0, 1].contains(byte);
            acknowledged == 0 && journal.is_some_and(|bytes| bytes.iter().any(strange))
        });
        assert!(grown);
    }
}
