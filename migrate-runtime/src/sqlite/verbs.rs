//! The verbs of a migrator on SQLite.

use super::db_error::{Failure, failed};
use super::deadline::{Deadline, READ};
use super::missing_tables::without_later_tables;
use super::{caller_transaction, history, in_transaction, repair, run, wal};
use crate::error::{Error, Kind};
use crate::migrator::check_unused;
use crate::next_step::{Change, Goal, Steps, pending};
use crate::run_report::RunReport;
use crate::{
    Baseline, Direction, Down, DownPlan, Migrator, Plan, Repair, Repaired, Report, Status,
    Verification,
};
use migrate_model::Version;
use migrate_model::history::Row;
use migrate_sqlite::integrity::{self, Problems};
use migrate_sqlite::library;
use rusqlite::{Connection, Transaction};
use std::collections::BTreeSet;
use std::time::Instant;

impl<M> Migrator<M> {
    /// Applies every pending migration up to the target, in order.
    ///
    /// Each one commits together with its row in the history, exactly once,
    /// even if several processes start at once. If nothing is pending, it takes
    /// no lock and writes nothing.
    ///
    /// During the run, foreign keys are off (references are checked before each
    /// commit instead), `synchronous` is at least FULL, and double-quoted
    /// strings are not accepted unless the schema already contains some. All
    /// settings are restored at the end, after an error and a panic too. An
    /// authorizer of the application is replaced and must be set again, and
    /// with migrations in Rust or an observer its commit hook too. A progress
    /// handler is removed if it interrupts even the cleanup.
    ///
    /// A migration with the directive `-- migrate: no-transaction` runs one
    /// statement at a time, on a separate connection, while all other
    /// connections are kept out. With write-ahead logging it runs on this
    /// connection, and keeps out only other runs: other connections can read,
    /// and write between the statements. If it is interrupted, the history
    /// records that, every later run is refused with an error that names the
    /// statement, and [`repair`](Migrator::repair) resolves it.
    ///
    /// # Errors
    ///
    /// Fails if a migration fails (it is rolled back; those before it stay
    /// applied and are in [`Error::report`]), if the database and the registry
    /// disagree, if the history is damaged or another tool's, if the lock is
    /// not released in time, if something is pending on a read-only database,
    /// or if the connection is in use. [`Error::kind`] tells which.
    pub fn up(&self, conn: &mut Connection) -> Result<Report, Error> {
        self.run(conn, "up", Goal::Up)
    }

    /// Like [`up`](Migrator::up), inside a transaction of the caller: all
    /// pending migrations, with their rows, take effect when it commits, and
    /// none if it is rolled back. After an error the transaction is as it was
    /// before the call.
    ///
    /// It supports only SQL, and foreign keys must be off, which can only be
    /// set before the transaction begins. The caller takes the lock and waits
    /// for it: begin with `IMMEDIATE`.
    ///
    /// ```
    /// use migrate_runtime::{embed_migrations, rusqlite};
    /// use rusqlite::{Connection, TransactionBehavior};
    ///
    /// embed_migrations!("../migrations", watch = false);
    ///
    /// let mut db = Connection::open_in_memory()?;
    /// db.pragma_update(None, "foreign_keys", false)?;
    /// let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    /// Migration::migrator().up_in(&tx)?;
    /// tx.execute("INSERT INTO nodes (title, url, source_domain) VALUES ('a', 'https://b.c', 'b.c')", [])?;
    /// tx.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails as `up` does, and also if a pending migration is written in Rust
    /// or runs without a transaction, if foreign keys are on, or if a backup is
    /// configured.
    pub fn up_in(&self, tx: &Transaction<'_>) -> Result<Report, Error> {
        let settings = &self.settings;
        let mut report = RunReport::new(settings, Direction::Up, Instant::now());
        #[cfg(feature = "tracing")]
        let _span = crate::trace::run(Direction::Up, tx.path()).entered();
        let result = self.check_program().and_then(|()| {
            if self.is_current(tx) {
                return Ok(());
            }
            caller_transaction::up(tx, settings, &mut report)
        });
        report.end(result)
    }

    /// Undoes migrations, newest first.
    ///
    /// Each commits together with the removal of its row. If a migration on the
    /// way has no down, nothing is undone, and the error names it. If the registry
    /// contains the migration as it was applied, its down runs; otherwise the one
    /// that the history stores, so that an older binary can undo a migration that
    /// it does not contain:
    /// `down(&mut db, Down::To(Migration::LATEST))`.
    ///
    /// ```
    /// use migrate_runtime::{Down, embed_migrations};
    ///
    /// embed_migrations!("../migrations", watch = false);
    ///
    /// let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    /// Migration::migrator().up(&mut db)?;
    /// let report = Migration::migrator().down(&mut db, Down::Steps(1))?;
    /// assert_eq!(report.undone()[0].label, "003_add_tree_indexes");
    /// Migration::migrator().down(&mut db, Down::To(Migration::V001InitialSchema))?;
    /// Migration::migrator().down(&mut db, Down::All)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails as [`up`](Migrator::up) does, and also if there is no way back
    /// ([`ErrorKind::Irreversible`](crate::ErrorKind::Irreversible)), if the one to undo is not applied
    /// ([`ErrorKind::NotApplied`](crate::ErrorKind::NotApplied)) or not the newest
    /// ([`ErrorKind::OutOfOrder`](crate::ErrorKind::OutOfOrder)).
    pub fn down(&self, conn: &mut Connection, down: Down<M>) -> Result<Report, Error>
    where
        M: Into<Version>,
    {
        self.run(conn, "down", Goal::Down(down.untyped()))
    }

    /// Undoes the newest migration and applies it again in its current form: in
    /// one transaction, if neither runs without one. So an edited migration
    /// that is not applied elsewhere takes effect; the down of its old text
    /// runs.
    ///
    /// # Errors
    ///
    /// Fails as [`down`](Migrator::down) does, and also if the registry has no
    /// such version.
    pub fn redo(&self, conn: &mut Connection) -> Result<Report, Error> {
        self.run(conn, "redo", Goal::Redo)
    }

    /// Undoes all migrations, newest first. **The data is deleted with the tables.**
    ///
    /// # Errors
    ///
    /// Fails as [`down`](Migrator::down) does.
    pub fn reset(&self, conn: &mut Connection) -> Result<Report, Error> {
        self.run(conn, "reset", Goal::Down(Down::All))
    }

    /// What [`up`](Migrator::up) would apply; nothing is written.
    ///
    /// # Errors
    ///
    /// Fails if the database and the registry disagree, or if the history cannot
    /// be read.
    pub fn plan(&self, conn: &Connection) -> Result<Plan, Error> {
        self.settings.check_source()?;
        let history = self.read_history(conn)?;
        let settings = &self.settings;
        let pending = pending(settings, &history)?;
        if history.is_empty() && !settings.allows_foreign_history {
            run::refuse_foreign_history(conn, &Deadline::starting(Instant::now(), settings))?;
        }
        Ok(Plan { pending })
    }

    /// What [`down`](Migrator::down) would undo, and with which scripts;
    /// nothing is written.
    ///
    /// ```
    /// # use migrate_runtime::{Down, embed_migrations};
    /// # embed_migrations!("../migrations", watch = false);
    /// # let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    /// Migration::migrator().up(&mut db)?;
    /// let plan = Migration::migrator().plan_down(&db, Down::Steps(1))?;
    /// assert_eq!(plan.to_string(), "would undo 003_add_tree_indexes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if a migration cannot be undone, or if the history cannot be read.
    pub fn plan_down(&self, conn: &Connection, down: Down<M>) -> Result<DownPlan, Error>
    where
        M: Into<Version>,
    {
        let mut steps = Steps::new(&self.settings, Goal::Down(down.untyped()));
        let mut plan = || {
            self.settings.check_source()?;
            self.settings.check_no_target("plan_down")?;
            let history = self.read_history(conn)?;
            let changes = steps.plan(&history, &Report::default())?;
            steps.check(&history, &changes, |_| Ok(()))?;
            Ok(Change::down_plan(changes))
        };
        plan().map_err(|error: Error| error.on_the_way(Direction::Down))
    }

    /// The status of the database; nothing is written. Disagreements are part
    /// of the status, not an error.
    ///
    /// # Errors
    ///
    /// Fails if the history cannot be read or understood.
    pub fn status(&self, conn: &Connection) -> Result<Status, Error> {
        self.check_reading("status")?;
        let history = self.read_history(conn)?;
        let settings = &self.settings;
        Ok(Status::new(settings.registry, history, settings.plan.ahead))
    }

    /// Every difference between the database and the registry; nothing is
    /// written. Broken references and schema objects are found too, which takes
    /// time in proportion to the number of referencing rows.
    ///
    /// ```
    /// # use migrate_runtime::{embed_migrations, rusqlite::Connection};
    /// # embed_migrations!("../migrations", watch = false);
    /// let mut db = Connection::open_in_memory()?;
    /// assert_eq!(Migration::migrator().verify(&db)?.pending().len(), 3);
    /// Migration::migrator().up(&mut db)?;
    /// assert!(Migration::migrator().verify(&db)?.is_clean());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the history cannot be read or understood.
    pub fn verify(&self, conn: &Connection) -> Result<Verification, Error> {
        self.check_reading("verify")?;
        let history = self.read_history(conn)?;
        let problems =
            integrity::check(conn, &BTreeSet::new()).map_err(failed("checking the schema"))?;
        let registry = self.settings.registry;
        let problems = without_later_tables(problems, registry, &history);
        let nothing = Problems::default();
        Ok(Verification::new(
            registry,
            &history,
            [
                in_transaction::texts(&problems.new_schema(&nothing)),
                in_transaction::texts(&problems.new_violations(&nothing)),
            ]
            .concat(),
            wal::wal_reset_warning(conn).into_iter().collect(),
        ))
    }

    /// Records all migrations up to a version as applied, without running them:
    /// for a database whose schema was created in another way. The origin of
    /// the rows is `baseline`.
    ///
    /// ```
    /// # use migrate_runtime::{embed_migrations, rusqlite::Connection};
    /// # embed_migrations!("../migrations", watch = false);
    /// let mut db = Connection::open_in_memory()?;
    /// db.execute_batch(Migration::V001InitialSchema.get().up.sql())?; // by hand, long ago
    /// Migration::migrator().baseline(&mut db, Migration::V001InitialSchema)?;
    /// assert_eq!(Migration::migrator().up(&mut db)?.applied().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the database has a history already, if the registry has no
    /// such version, and as [`up`](Migrator::up) does.
    pub fn baseline(
        &self,
        conn: &mut Connection,
        version: impl Into<Version>,
    ) -> Result<Baseline, Error> {
        self.check_reading("baseline")?;
        self.check_entry(conn)?;
        repair::baseline(conn, &self.settings, version.into())
    }

    /// Repairs a row of the history that stops every run.
    ///
    /// ```
    /// # use migrate_runtime::{Checksum, Migration, Migrator, Registry, Repair, Script, Version};
    /// # const fn registry(hex: u8) -> Migration {
    /// #     let up = Script::single("001_a.sql", "CREATE TABLE a(x)");
    /// #     Migration::new(Version::new(1), "001_a", Checksum::from_hex([hex; 64]), up)
    /// # }
    /// # static BEFORE: Registry = Registry::new(&[registry(b'0')]);
    /// # static NOW: Registry = Registry::new(&[registry(b'1')]);
    /// # let (old, new) = (Migrator::<Version>::new(&BEFORE), Migrator::<Version>::new(&NOW));
    /// # let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    /// old.up(&mut db)?;
    /// assert_eq!(new.up(&mut db).unwrap_err().kind(), migrate_runtime::ErrorKind::Drift);
    /// let repaired = new.repair(&mut db, Version::new(1), Repair::Restamp("a comment was added"))?;
    /// println!("{repaired}"); // restamped 001_a: sha256:00… became sha256:11…
    /// new.up(&mut db)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the repair does not apply to the row, if the reason is empty,
    /// if an executed statement of a migration to resume was edited, and for
    /// the reasons for which [`up`](Migrator::up) fails.
    pub fn repair(
        &self,
        conn: &mut Connection,
        version: impl Into<Version>,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        self.settings.check_no_target("repair")?;
        if !matches!(repair, Repair::Resume) {
            self.check_no_backup("repair")?;
        }
        self.check_entry(conn)?;
        repair::repair(conn, &self.settings, version.into(), &repair)
    }

    /// Runs, unless the fast path shows that there is nothing to do.
    fn run(&self, conn: &mut Connection, verb: &'static str, goal: Goal) -> Result<Report, Error> {
        let settings = &self.settings;
        let report = RunReport::new(settings, goal.direction(), Instant::now());
        let is_up = matches!(goal, Goal::Up);
        let prepared = self.check_entry(conn).and_then(|()| {
            if !is_up {
                return settings.check_no_target(verb);
            }
            if settings.engine.wal {
                wal::enable_wal(conn, &Deadline::starting(report.started, settings))?;
                wal::warn_of_wal_reset(conn, settings.listeners());
            }
            Ok(())
        });
        if prepared.is_err() || is_up && self.is_current(conn) {
            return report.end(prepared);
        }
        run::run(conn, settings, goal, report)
    }

    fn is_current(&self, conn: &Connection) -> bool {
        let settings = &self.settings;
        history::is_current(
            conn,
            &settings.engine.table,
            settings.registry,
            &settings.plan,
        )
    }

    pub(super) fn read_history(&self, conn: &Connection) -> Result<Vec<Row>, Error> {
        let settings = &self.settings;
        let deadline = Deadline::starting(Instant::now(), settings);
        let read = || -> Result<_, Failure> { history::read(conn, &settings.engine.table) };
        deadline.retry(conn, READ, read)
    }

    /// The checks of a verb that runs no migration.
    pub(super) fn check_reading(&self, verb: &'static str) -> Result<(), Error> {
        self.settings.check_source()?;
        self.settings.check_no_target(verb)?;
        self.check_no_backup(verb)
    }

    fn check_no_backup(&self, verb: &'static str) -> Result<(), Error> {
        let backup = self.settings.engine.backup.as_ref();
        check_unused(backup, "backup_to", verb, "")
    }

    /// Checks what depends only on the program.
    fn check_program(&self) -> Result<(), Error> {
        self.settings.check_source()?;
        let needed = self.settings.engine.min_sqlite.max(library::MINIMUM);
        let found = library::version();
        if needed > found {
            let (needed, found) = (library::display(needed), library::display(found));
            return Err(Kind::TooOld { needed, found }.into());
        }
        self.settings.check_attached(&self.settings.engine.attached)
    }

    pub(super) fn check_entry(&self, conn: &Connection) -> Result<(), Error> {
        self.check_program()?;
        if !conn.is_autocommit() {
            return Err(Kind::InUse("is inside of a transaction").into());
        }
        if conn.is_busy() {
            return Err(Kind::InUse("has a statement that is still running").into());
        }
        Ok(())
    }
}
