//! What does happen on SQLite: a folder of files, a database, and processes.

use crate::case::System;
use crate::model::{Back, Migration, Model, ROWS, Refusal};
use crate::worker::{Outcome, Worker, together};
use migrate_model::Checksum;
use migrate_runtime::{
    Ahead, Drift, Error, ErrorKind, Migrator, Numbering, Registry, Report, Transactions, Version,
};
use migrate_tools::read_directory;
use proptest::prelude::*;
use rusqlite::Connection;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

pub(crate) struct Sqlite {
    folder: TempDir,
    has_timestamps: bool,
    conn: Connection,
    /// As it was read after the last change.
    registry: Result<&'static Registry, Refusal>,
}

/// The versions that something was done to.
pub(crate) type Done = Result<Vec<u64>, Refusal>;

impl Sqlite {
    pub(crate) fn new(wal: bool, has_timestamps: bool) -> Sqlite {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("migrations")).unwrap();
        let conn = migrate_tests::open(&folder.path().join("app.db"), wal).unwrap();
        conn.execute_batch("CREATE TABLE log(at INTEGER PRIMARY KEY, line INTEGER NOT NULL)")
            .unwrap();
        Sqlite {
            folder,
            has_timestamps,
            conn,
            registry: Err(Refusal::Directory),
        }
    }

    fn command(&self, settings: &[&str]) -> Command {
        let numbering = if self.has_timestamps {
            "timestamps"
        } else {
            "sequence"
        };
        let directory = self.folder.path().join("migrations");
        let set = format!("{numbering}:{}", directory.display());
        let mut command = crate::worker::command(&set, &self.path(), settings);
        // Should the system keep the memory of a process that aborts, it goes
        // with the folder.
        command.current_dir(self.folder.path());
        command
    }

    fn migrator(&self) -> Result<Migrator<Version>, Refusal> {
        self.registry.clone().map(Migrator::new)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    /// The verbs that only look.
    fn check_questions(&self, model: &Model) -> Result<(), TestCaseError> {
        let registry = match &self.registry {
            Ok(registry) => registry,
            Err(refusal) => {
                prop_assert_eq!(Err(refusal.clone()), model.directory().map(drop));
                return Ok(());
            }
        };
        let migrator = Migrator::<Version>::new(registry);
        let plan = migrator.plan(&self.conn).map(|plan| {
            let pending = plan.pending().iter();
            pending.map(|migration| migration.version.get()).collect()
        });
        let expected = model.drift(false).and_then(|drift| {
            if drift.is_empty() {
                Ok(pending(model))
            } else {
                Err(Refusal::Drift(drift))
            }
        });
        prop_assert_eq!(plan.map_err(|error| refusal(&error)), expected, "the plan");
        let verification = migrator.verify(&self.conn).unwrap();
        let is_clean = verification.is_clean();
        prop_assert_eq!(is_clean, model.is_clean(), "{}", verification);
        Ok(())
    }

    fn history(&self) -> Vec<(u64, String, String, Option<String>)> {
        let exists = "SELECT 1 FROM sqlite_schema WHERE name = '_migrations'";
        if self.all(exists, |_| Ok(())).is_empty() {
            return Vec::new();
        }
        // One that is not `applied` is none that the model knows.
        let rows = "SELECT version, name || iif(state = 'applied', '', state), checksum, down_sql \
                    FROM _migrations ORDER BY version";
        self.all(rows, |row| {
            let version: i64 = row.get(0)?;
            let (name, checksum, down) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((version.unsigned_abs(), name, checksum, down))
        })
    }

    fn all<T>(
        &self,
        sql: &str,
        read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let mut statement = self.conn.prepare(sql).unwrap();
        let rows = statement.query_map([], read).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

impl System for Sqlite {
    fn write(&mut self, files: &[Migration]) {
        let directory = self.folder.path().join("migrations");
        fs::remove_dir_all(&directory).unwrap();
        fs::create_dir(&directory).unwrap();
        for file in files {
            let label = format!("{:03}_m{}", file.version, file.name);
            fs::write(directory.join(format!("{label}.sql")), file.up.text()).unwrap();
            if let Some(down) = file.down {
                fs::write(directory.join(format!("{label}.down.sql")), down.text()).unwrap();
            }
        }
        let numbering = if self.has_timestamps {
            Numbering::Timestamp
        } else {
            Numbering::DEFAULT
        };
        self.registry = read_directory(directory, numbering).map_err(|error| {
            assert!(error.is_invalid_directory(), "{error}");
            Refusal::Directory
        });
    }

    fn reopen(&mut self) {
        self.conn = Connection::open(self.path()).unwrap();
    }

    fn up(&mut self, to: Option<u64>, ahead: bool, whole: bool) -> Done {
        let mut migrator = self.migrator()?;
        if let Some(to) = to {
            migrator = migrator.to(Version::new(to));
        }
        if ahead {
            migrator = migrator.ahead(Ahead::Allow);
        }
        if whole {
            migrator = migrator.transactions(Transactions::All);
        }
        done(migrator.up(&mut self.conn))
    }

    fn down(&mut self, back: Back) -> Done {
        let down = match back {
            Back::Steps(steps) => migrate_runtime::Down::Steps(steps),
            Back::To(version) => migrate_runtime::Down::To(Version::new(version)),
            Back::Only(version) => migrate_runtime::Down::Only(Version::new(version)),
            Back::All => migrate_runtime::Down::All,
        };
        done(self.migrator()?.down(&mut self.conn, down))
    }

    fn redo(&mut self) -> Done {
        done(self.migrator()?.redo(&mut self.conn))
    }

    fn run(&mut self, settings: &[&str]) -> Outcome {
        Worker::start(self.command(settings)).finish()
    }

    fn together(&mut self, starters: usize, crash: Option<u16>) -> Vec<Outcome> {
        let crash = crash.map(|after| format!("abort_after={after}"));
        let commands = (0..starters).map(|n| match &crash {
            Some(crash) if n == 0 => self.command(&[crash]),
            _ => self.command(&[]),
        });
        together(commands)
    }

    fn applied(&mut self) -> usize {
        self.history().len()
    }

    fn check(&mut self, model: &Model) -> Result<(), TestCaseError> {
        let history: Vec<_> = model
            .applied
            .iter()
            .map(|row| {
                let checksum = Checksum::of(&row.up.text()).to_string();
                let down = row.down.map(super::model::Down::text);
                (row.version, format!("m{}", row.name), checksum, down)
            })
            .collect();
        prop_assert_eq!(self.history(), history, "the history");
        let tables = "SELECT name FROM sqlite_schema \
                      WHERE type = 'table' AND name GLOB 't[0-9]*' ORDER BY +substr(name, 2) + 0";
        let tables: Vec<String> = self.all(tables, |row| row.get(0));
        let expected: Vec<String> = model.tables.iter().map(|id| format!("t{id}")).collect();
        prop_assert_eq!(&tables, &expected, "the tables");
        for table in tables {
            let rows: Vec<i64> =
                self.all(&format!("SELECT count(*) FROM {table}"), |row| row.get(0));
            prop_assert_eq!(rows, [ROWS], "the rows of {}", table);
        }
        let log: Vec<i64> = self.all("SELECT line FROM log ORDER BY at", |row| row.get(0));
        prop_assert_eq!(&log, &model.log, "what ran");
        let integrity: Vec<String> = self.all("PRAGMA integrity_check", |row| row.get(0));
        prop_assert_eq!(integrity, ["ok"]);
        self.check_questions(model)
    }
}

pub(crate) fn pending(model: &Model) -> Vec<u64> {
    let mut versions: Vec<u64> = model.files.iter().map(|file| file.version).collect();
    versions.retain(|version| model.applied.iter().all(|row| row.version != *version));
    versions.sort_unstable();
    versions
}

pub(crate) fn done(result: Result<Report, Error>) -> Done {
    result
        .map(|report| versions(&report))
        .map_err(|error| refusal(&error))
}

/// What was undone, and then what was applied.
pub(crate) fn versions(report: &Report) -> Vec<u64> {
    let undone = report.undone().iter().map(|undone| undone.version.get());
    let applied = report.applied().iter().map(|applied| applied.version.get());
    undone.chain(applied).collect()
}

pub(crate) fn refusal(error: &Error) -> Refusal {
    match error {
        error if !error.drift().is_empty() => {
            Refusal::Drift(error.drift().iter().map(drift).collect())
        }
        error if error.location().is_some() => Refusal::Failed(versions(error.report())),
        error if error.is_irreversible() => {
            Refusal::NoDown(error.to_string().matches('`').count() / 2)
        }
        error if error.kind() == ErrorKind::NotApplied => Refusal::NotApplied,
        error if error.kind() == ErrorKind::OutOfOrder => Refusal::LaterApplied,
        error if error.to_string().contains("does not contain") => Refusal::NotKnown,
        error => panic!("{}", migrate_tests::chain(error)),
    }
}

fn drift(drift: &Drift) -> (&'static str, u64) {
    let number = |label: &str| label.split('_').next().unwrap().parse().unwrap();
    match drift {
        Drift::Modified { label, .. } => ("modified", number(label)),
        Drift::Renamed { label, .. } => ("renamed", number(label)),
        Drift::Replaced { label, .. } => ("replaced", number(label)),
        Drift::Gap { label, .. } => ("gap", number(label)),
        Drift::Missing { version, .. } => ("missing", version.get()),
        Drift::Ahead { version, .. } => ("ahead", version.get()),
        other => panic!("{other}"),
    }
}
