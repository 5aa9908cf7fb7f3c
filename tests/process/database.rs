//! A database file, and what must be true of it at any moment.

use crate::worker::{Outcome, Worker, command};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// How a database keeps its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    Rollback,
    Wal,
}

/// A file in a directory of its own, which goes when the value does.
pub(crate) struct Database {
    directory: TempDir,
    journal: Journal,
}

impl Database {
    /// With a rollback journal there is no file yet; the mode of a WAL
    /// database stands in its file.
    pub(crate) fn new(journal: Journal) -> Database {
        Database::within(tempfile::tempdir().unwrap(), journal)
    }

    /// As [`Database::new`], in a directory that a test has prepared.
    pub(crate) fn within(directory: TempDir, journal: Journal) -> Database {
        let database = Database { directory, journal };
        if journal == Journal::Wal {
            drop(database.open());
        }
        database
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory().join("app.db")
    }

    pub(crate) fn open(&self) -> Connection {
        migrate_tests::open(&self.path(), self.journal == Journal::Wal).unwrap()
    }

    /// The journal's file, which is there while a transaction writes, or after
    /// one was killed.
    pub(crate) fn journal(&self) -> PathBuf {
        self.directory().join(match self.journal {
            Journal::Rollback => "app.db-journal",
            Journal::Wal => "app.db-wal",
        })
    }

    pub(crate) fn command(&self, set: &str, settings: &[&str]) -> Command {
        let mut command = command(set, &self.path(), settings);
        // Should the system keep the memory of a process that aborts, it goes
        // with the directory.
        command.current_dir(self.directory());
        command
    }

    pub(crate) fn start(&self, set: &str, settings: &[&str]) -> Worker {
        Worker::start(self.command(set, settings))
    }

    pub(crate) fn run(&self, set: &str, settings: &[&str]) -> Outcome {
        self.start(set, settings).finish()
    }

    /// The file as it stands, with its journals but without the shared memory
    /// that belongs to processes which may be dead.
    pub(crate) fn copy(&self) -> Database {
        let copy = Database {
            directory: tempfile::tempdir().unwrap(),
            journal: self.journal,
        };
        for name in ["app.db", "app.db-journal", "app.db-wal"] {
            let from = self.directory().join(name);
            if from.exists() {
                std::fs::copy(from, copy.directory().join(name)).unwrap();
            }
        }
        copy
    }

    /// Checks that the file is sound, and that the history says exactly what
    /// took effect of `steps:<count>:<rows>`. Returns how many did.
    #[track_caller]
    pub(crate) fn check_steps(&self, rows: i64) -> u64 {
        let conn = self.open();
        let number = |sql: &str| -> i64 { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
        let integrity: String = conn
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(integrity, "ok");
        let tables = number(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name <> '_migrations'",
        );
        if number("SELECT count(*) FROM sqlite_schema WHERE name = '_migrations'") == 0 {
            assert_eq!(tables, 0, "tables without a history");
            return 0;
        }
        let applied = number("SELECT count(*) FROM _migrations WHERE state = 'applied'");
        if applied == 0 {
            assert_eq!(tables, 0, "tables beside an empty history");
            return 0;
        }
        assert_eq!(number("SELECT max(version) FROM _migrations"), applied);
        assert_eq!(tables, applied + 1, "tables beside the history");
        for n in 1..=applied {
            assert_eq!(number(&format!("SELECT count(*) FROM t{n}")), rows, "t{n}");
        }
        assert_eq!(number("SELECT min(touched) FROM t1"), applied - 1);
        assert_eq!(number("SELECT max(touched) FROM t1"), applied - 1);
        assert_eq!(number("SELECT count(*) FROM ledger"), 1);
        let power = u32::try_from(applied - 1).unwrap();
        assert_eq!(number("SELECT balance FROM ledger"), 3_i64.pow(power));
        u64::try_from(applied).unwrap()
    }
}
