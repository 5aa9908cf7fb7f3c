//! What does happen on PostgreSQL: a folder of files, a database of a server, and
//! runs of which the server ends the session.

use crate::case::System;
use crate::model::{Back, Migration, Model, ROWS, Refusal};
use crate::system::{Done, done, pending, refusal};
use crate::worker::Outcome;
use migrate_model::Checksum;
use migrate_runtime::postgres::{Blocking, Connector};
use migrate_runtime::{
    Ahead, Down, Error, Migrator, Numbering, Registry, Report, Transactions, Version,
};
use migrate_servers::{Database, Server};
use migrate_tools::read_directory;
use proptest::prelude::*;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

type OnPostgres = Migrator<Version, migrate_runtime::Postgres>;

pub(crate) struct Postgres {
    // Before the database, which is dropped when nobody is connected.
    db: Blocking,
    database: Database,
    folder: TempDir,
    has_timestamps: bool,
    /// As it was read after the last change.
    registry: Result<&'static Registry<migrate_runtime::Postgres>, Refusal>,
}

impl Postgres {
    pub(crate) fn new(has_timestamps: bool) -> Postgres {
        let database = Server::shared().unwrap().database();
        database.psql(
            "CREATE TABLE log(at bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line int NOT NULL)",
        );
        Postgres {
            db: connect(&database),
            database,
            folder: tempfile::tempdir().unwrap(),
            has_timestamps,
            registry: Err(Refusal::Directory),
        }
    }

    fn migrator(&self) -> Result<OnPostgres, Refusal> {
        self.registry.clone().map(Migrator::new)
    }

    /// Several runs at once, of which the server ends the first.
    fn start(&self, settings: &[&str], starters: usize, crash: Option<u16>) -> Vec<Outcome> {
        let mut migrator = self.migrator().unwrap();
        if settings.contains(&"transactions=all") {
            migrator = migrator.transactions(Transactions::All);
        }
        let steps = setting(settings, "steps=").map(usize::from);
        let barrier = Barrier::new(starters);
        thread::scope(|scope| {
            let starters: Vec<_> = (0..starters)
                .map(|n| {
                    let mut db = connect(&self.database);
                    let process = process(&mut db);
                    let killing = crash.filter(|_| n == 0);
                    let (migrator, barrier) = (&migrator, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        let killer = killing.map(|after| {
                            scope.spawn(move || {
                                thread::sleep(Duration::from_micros(u64::from(after) * 400));
                                let end = format!("SELECT pg_terminate_backend({process})");
                                self.database.psql(&end);
                            })
                        });
                        let result = db.run(async |client| match steps {
                            Some(steps) => migrator.down(client, Down::Steps(steps)).await,
                            None => migrator.up(client).await,
                        });
                        if let Some(killer) = killer {
                            killer.join().unwrap();
                        }
                        outcome(&result)
                    })
                })
                .collect();
            let outcomes = starters.into_iter().map(|starter| starter.join().unwrap());
            outcomes.collect()
        })
    }

    /// The verbs that only look.
    fn check_questions(&mut self, model: &Model) -> Result<(), TestCaseError> {
        let migrator = match self.migrator() {
            Ok(migrator) => migrator,
            Err(refusal) => {
                prop_assert_eq!(Err(refusal), model.directory().map(drop));
                return Ok(());
            }
        };
        let plan = self.db.run(async |client| migrator.plan(client).await);
        let plan = plan.map(|plan| {
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
        let verification = self
            .db
            .run(async |client| migrator.verify(client).await)
            .unwrap();
        prop_assert_eq!(
            verification.is_clean(),
            model.is_clean(),
            "{}",
            verification
        );
        Ok(())
    }

    /// What the history says, with the downs in hexadecimal digits.
    fn history(&self) -> String {
        let exists = "SELECT to_regclass('_migrations')";
        if self.database.psql(exists).is_empty() {
            return String::new();
        }
        self.database.psql(
            "SELECT version, name, state, checksum, encode(convert_to(down_sql, 'UTF8'), 'hex') \
             FROM _migrations ORDER BY version",
        )
    }
}

impl System for Postgres {
    fn write(&mut self, files: &[Migration]) {
        let directory = self.folder.path().join("migrations");
        let _ = fs::remove_dir_all(&directory);
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
        self.db = connect(&self.database);
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
        done(self.db.run(async |client| migrator.up(client).await))
    }

    fn down(&mut self, back: Back) -> Done {
        let down = match back {
            Back::Steps(steps) => Down::Steps(steps),
            Back::To(version) => Down::To(Version::new(version)),
            Back::Only(version) => Down::Only(Version::new(version)),
            Back::All => Down::All,
        };
        let migrator = self.migrator()?;
        done(
            self.db
                .run(async |client| migrator.down(client, down).await),
        )
    }

    fn redo(&mut self) -> Done {
        let migrator = self.migrator()?;
        done(self.db.run(async |client| migrator.redo(client).await))
    }

    fn run(&mut self, settings: &[&str]) -> Outcome {
        let crash = setting(settings, "abort_after=");
        self.start(settings, 1, crash).remove(0)
    }

    fn together(&mut self, starters: usize, crash: Option<u16>) -> Vec<Outcome> {
        self.start(&[], starters, crash)
    }

    fn applied(&mut self) -> usize {
        self.history().lines().count()
    }

    fn check(&mut self, model: &Model) -> Result<(), TestCaseError> {
        let history: Vec<String> = model
            .applied
            .iter()
            .map(|row| {
                let (version, name) = (row.version, row.name);
                let checksum = Checksum::of(&row.up.text());
                let down: String = row
                    .down
                    .map(super::model::Down::text)
                    .unwrap_or_default()
                    .bytes()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                format!("{version}|m{name}|applied|{checksum}|{down}")
            })
            .collect();
        prop_assert_eq!(self.history(), history.join("\n"), "the history");
        let tables = self.database.psql(
            "SELECT tablename FROM pg_tables WHERE tablename ~ '^t[0-9]' AND schemaname = 'public' \
             ORDER BY substr(tablename, 2)::int",
        );
        let expected: Vec<String> = model.tables.iter().map(|id| format!("t{id}")).collect();
        prop_assert_eq!(&tables, &expected.join("\n"), "the tables");
        for table in expected {
            let count = format!("SELECT count(*) FROM {table}");
            prop_assert_eq!(self.database.psql(&count), ROWS.to_string(), "{}", table);
        }
        let log = self.database.psql("SELECT line FROM log ORDER BY at");
        let expected: Vec<String> = model.log.iter().map(i64::to_string).collect();
        prop_assert_eq!(log, expected.join("\n"), "what ran");
        self.check_questions(model)
    }
}

fn connect(database: &Database) -> Blocking {
    Blocking::connect(&Connector::parse(database.url()).unwrap()).unwrap()
}

/// The process of a session on the server.
fn process(db: &mut Blocking) -> i32 {
    let row = db.run(async |client| client.query_one("SELECT pg_backend_pid()", &[]).await);
    row.unwrap().get(0)
}

fn setting(settings: &[&str], name: &str) -> Option<u16> {
    let mut settings = settings.iter();
    let value = settings.find_map(|setting| setting.strip_prefix(name))?;
    value.parse().ok()
}

/// As of a process: one whose session was ended counts as killed.
fn outcome(result: &Result<Report, Error>) -> Outcome {
    let report = match result {
        Ok(report) => report,
        Err(error) => error.report(),
    };
    let message = result
        .as_ref()
        .err()
        .map(|error| migrate_tests::chain(error))
        .unwrap_or_default();
    let (status, kind) = match result {
        Ok(_) => (0, "ok"),
        Err(error) if error.is_ahead() => (1 << 8, "ahead"),
        Err(error) if !error.drift().is_empty() => (1 << 8, "drift"),
        Err(_) if message.contains("connection") => (9, ""),
        Err(_) => (1 << 8, "other"),
    };
    Outcome {
        status: ExitStatus::from_raw(status),
        applied: report
            .applied()
            .iter()
            .map(|done| done.version.get())
            .collect(),
        undone: report
            .undone()
            .iter()
            .map(|done| done.version.get())
            .collect(),
        result: kind.to_owned(),
        message,
        elapsed: report.elapsed(),
    }
}
