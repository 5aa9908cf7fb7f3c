//! The verbs of a migrator on PostgreSQL.

use super::repair::Finding;
use super::rules::check_step;
use super::server::Server;
use super::{foreign_history, history, repair};
use crate::error::Error;
use crate::migrator::Settings;
use crate::next_step::{Change, Goal, Steps, pending};
use crate::run_report::RunReport;
use crate::{
    Baseline, Direction, Down, DownPlan, Migrator, Plan, Postgres, Repair, Repaired, Report,
    Status, Verification, Version,
};
use migrate_model::history::Row;
use std::time::Instant;
use tokio_postgres::{Client, Transaction};

impl<M> Migrator<M, Postgres> {
    /// Applies every pending migration up to the target, in order.
    ///
    /// Each one commits together with its row in the history, exactly once,
    /// even if several processes start at once. If nothing is pending, it sends
    /// one query, takes no lock and writes nothing.
    ///
    /// The client may come from a pool: `&mut client` of deadpool-postgres or
    /// bb8 works. It needs a tokio runtime; [`Blocking`](super::Blocking) has
    /// its own.
    ///
    /// A statement waits for a table lock no longer than
    /// [`table_lock_timeout`](Migrator::table_lock_timeout); then the migration
    /// is rolled back and tried again. A session-level advisory lock keeps
    /// other runs out; a run polls for it and never waits inside the server.
    /// The settings that a script changes for the session (role, `search_path`,
    /// and any other setting) are restored before its commit.
    ///
    /// **If the future is dropped**, the running statement is cancelled, the
    /// transaction is rolled back and the lock is released, without waiting.
    /// The client can be used again.
    ///
    /// A migration with the directive `-- migrate: no-transaction` runs one
    /// statement at a time. If it is interrupted, the history records that,
    /// every later run is refused with an error that names the statement and
    /// the invalid indexes, and [`repair`](Migrator::repair) resolves it.
    ///
    /// # Errors
    ///
    /// Fails if a migration fails (it is rolled back; those before it stay
    /// applied and are in [`Error::report`]), if the database and the registry
    /// disagree, if the history is damaged or another tool's, if the server is
    /// older than PostgreSQL 13
    /// ([`ErrorKind::TooOld`](crate::ErrorKind::TooOld)), if the lock is not
    /// released in time, or if something is pending on a standby or with a role
    /// that may not write. After a lost connection, the run continues on
    /// another one if there is a [`connector`](Migrator::connector).
    pub async fn up(&self, client: &mut Client) -> Result<Report, Error> {
        run(client, &self.settings, "up", Goal::Up).await
    }

    /// Undoes migrations, newest first.
    ///
    /// Each commits together with the removal of its row. If a migration on the
    /// way has no down, nothing is undone, and the error names it. If the registry
    /// contains the migration as it was applied, its down runs; otherwise the one
    /// that the history stores, so that an older binary can undo a migration that
    /// it does not contain.
    ///
    /// # Errors
    ///
    /// Fails as [`up`](Migrator::up) does, and also if there is no way back
    /// ([`ErrorKind::Irreversible`](crate::ErrorKind::Irreversible)), if the one to undo is not applied
    /// ([`ErrorKind::NotApplied`](crate::ErrorKind::NotApplied)) or not the newest
    /// ([`ErrorKind::OutOfOrder`](crate::ErrorKind::OutOfOrder)).
    pub async fn down(&self, client: &mut Client, down: Down<M>) -> Result<Report, Error>
    where
        M: Into<Version>,
    {
        run(client, &self.settings, "down", Goal::Down(down.untyped())).await
    }

    /// Undoes the newest migration and applies it again in its current form: in
    /// one transaction, if neither runs without one.
    ///
    /// # Errors
    ///
    /// Fails as [`down`](Migrator::down) does, and also if the registry has no
    /// such version.
    pub async fn redo(&self, client: &mut Client) -> Result<Report, Error> {
        run(client, &self.settings, "redo", Goal::Redo).await
    }

    /// Undoes all migrations, newest first. **The data is deleted with the tables.**
    ///
    /// # Errors
    ///
    /// Fails as [`down`](Migrator::down) does.
    pub async fn reset(&self, client: &mut Client) -> Result<Report, Error> {
        run(client, &self.settings, "reset", Goal::Down(Down::All)).await
    }

    /// What [`up`](Migrator::up) would apply; nothing is written.
    ///
    /// # Errors
    ///
    /// Fails if the database and the registry disagree, or if the history cannot
    /// be read.
    pub async fn plan(&self, client: &Client) -> Result<Plan, Error> {
        let settings = &self.settings;
        let history = self.read_history(client).await?;
        let pending = pending(settings, &history)?;
        if history.is_empty() && !settings.allows_foreign_history {
            foreign_history::refuse(client, settings.engine.table.schema()).await?;
        }
        Ok(Plan { pending })
    }

    /// What [`down`](Migrator::down) would undo, and with which scripts;
    /// nothing is written.
    ///
    /// # Errors
    ///
    /// Fails if a migration cannot be undone, or if the history cannot be read.
    pub async fn plan_down(&self, client: &Client, down: Down<M>) -> Result<DownPlan, Error>
    where
        M: Into<Version>,
    {
        let settings = &self.settings;
        let mut steps = Steps::new(settings, Goal::Down(down.untyped()));
        let plan = async {
            settings.check_no_target("plan_down")?;
            let history = self.read_history(client).await?;
            let changes = steps.plan(&history, &Report::default())?;
            let server = Server::of(client).await?;
            steps.check(&history, &changes, |step| {
                check_step(settings, &server, step)
            })?;
            Ok(Change::down_plan(changes))
        };
        let plan: Result<DownPlan, Error> = plan.await;
        plan.map_err(|error| error.on_the_way(Direction::Down))
    }

    /// The status of the database; nothing is written. Disagreements are part
    /// of the status, not an error.
    ///
    /// # Errors
    ///
    /// Fails if the history cannot be read or understood.
    pub async fn status(&self, client: &Client) -> Result<Status, Error> {
        self.settings.check_no_target("status")?;
        let history = self.read_history(client).await?;
        let settings = &self.settings;
        Ok(Status::new(settings.registry, history, settings.plan.ahead))
    }

    /// Every difference between the database and the registry; nothing is
    /// written. Invalid indexes are found too.
    ///
    /// # Errors
    ///
    /// Fails if the history cannot be read or understood.
    pub async fn verify(&self, client: &Client) -> Result<Verification, Error> {
        self.settings.check_no_target("verify")?;
        let history = self.read_history(client).await?;
        let problems = super::invalid_indexes::all(client).await?;
        let problems = problems
            .into_iter()
            .map(|(schema, name)| format!("the index `{schema}.{name}` is INVALID"));
        Ok(Verification::new(
            self.settings.registry,
            &history,
            problems.collect(),
            Vec::new(),
        ))
    }

    /// Records all migrations up to a version as applied, without running them:
    /// for a database whose schema was created in another way. The origin of
    /// the rows is `baseline`.
    ///
    /// # Errors
    ///
    /// Fails if the database has a history already, if the registry has no
    /// such version, and as [`up`](Migrator::up) does.
    pub async fn baseline(
        &self,
        client: &mut Client,
        version: impl Into<Version>,
    ) -> Result<Baseline, Error> {
        check_program(&self.settings)?;
        self.settings.check_no_target("baseline")?;
        repair::baseline(client, &self.settings, version.into()).await
    }

    /// Repairs a row of the history that stops every run.
    ///
    /// # Errors
    ///
    /// Fails if the repair does not apply to the row, if the reason is empty,
    /// if an executed statement of a migration to resume was edited, and for
    /// the reasons for which [`up`](Migrator::up) fails.
    pub async fn repair(
        &self,
        client: &mut Client,
        version: impl Into<Version>,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        check_program(&self.settings)?;
        self.settings.check_no_target("repair")?;
        repair::repair(client, &self.settings, version.into(), &repair).await
    }

    /// Records as applied the migrations that another tool has applied, without
    /// running them. From then on, this program migrates the database.
    ///
    /// `find` (a closure such as `|tx| Box::pin(find(tx))`) reads the other
    /// tool's history. It is called in the transaction that writes our history,
    /// under the lock. It may write only one thing: it may rename the other
    /// tool's table if that table has the name of ours. It must return the
    /// first migrations of the registry, in order.
    ///
    /// # Errors
    ///
    /// Fails if the database already has a history of this crate, if `find`
    /// fails (its error is the source) or finds nothing, if what it finds is
    /// not the beginning of the registry, and for the reasons for which
    /// [`up`](Migrator::up) fails. Then nothing is written.
    pub async fn adopt(
        &self,
        client: &mut Client,
        find: impl for<'t> Fn(&'t Transaction<'t>) -> Finding<'t> + Send + Sync,
    ) -> Result<Baseline, Error> {
        check_program(&self.settings)?;
        self.settings.check_no_target("adopt")?;
        repair::adopt(client, &self.settings, find).await
    }

    async fn read_history(&self, client: &Client) -> Result<Vec<Row>, Error> {
        self.settings.check_source()?;
        history::read(client, &self.settings.engine.table).await
    }
}

/// Runs, unless the fast path shows that there is nothing to do.
async fn run(
    client: &mut Client,
    settings: &Settings<Postgres>,
    verb: &'static str,
    goal: Goal,
) -> Result<Report, Error> {
    let report = RunReport::new(settings, goal.direction(), Instant::now());
    let is_up = matches!(goal, Goal::Up);
    let mut checked = check_program(settings);
    if checked.is_ok() && !is_up {
        checked = settings.check_no_target(verb);
    }
    if checked.is_err() {
        return report.end(checked);
    }
    let (table, plan) = (&settings.engine.table, &settings.plan);
    if is_up && history::is_current(client, table, settings.registry, plan).await {
        return report.end(Ok(()));
    }
    super::run::run(client, settings, goal, report).await
}

/// Checks what depends only on the program.
fn check_program(settings: &Settings<Postgres>) -> Result<(), Error> {
    settings.check_source()?;
    settings.check_attached(&settings.engine.attached)
}
