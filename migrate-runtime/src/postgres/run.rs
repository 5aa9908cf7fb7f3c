//! A run from start to end, over several connections if one is lost.

use super::connector::Connector;
use super::rules::check_step;
use super::server::{Server, rows};
use super::session::Session;
use super::transaction::{Commit, CommitInDoubt, End, LockedTransaction, LockedUnit, locked};
use super::{foreign_history, history, no_transaction};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::next_step::{Acted, Goal, NextStep, Steps};
use crate::run_report::{Done, RunReport};
use crate::{Direction, Event, Postgres, Report};
use migrate_model::history::Row;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_postgres::Client;

/// Applies or undoes migrations. If the connection is lost and there is a
/// connector, the run starts again on a new connection.
pub(super) async fn run<'s>(
    client: &mut Client,
    settings: &'s Settings<Postgres>,
    goal: Goal,
    report: RunReport<'s>,
) -> Result<Report, Error> {
    let mut run = Run {
        settings,
        steps: Steps::new(settings, goal),
        report,
        doubt: None,
        direction: goal.direction(),
    };
    let result = run.on_connections(client).await;
    run.report.end(result)
}

/// A run, independent of its connection.
pub(super) struct Run<'s> {
    settings: &'s Settings<Postgres>,
    pub(super) steps: Steps<'s, Postgres>,
    pub(super) report: RunReport<'s>,
    direction: Direction,
    /// A commit without an answer.
    doubt: Option<CommitInDoubt>,
}

impl<'s> Run<'s> {
    async fn on_connections(&mut self, client: &mut Client) -> Result<(), Error> {
        let own = &self.settings.engine;
        let mut attempts = 1;
        loop {
            let Err(error) = self.on_connection(client).await else {
                return Ok(());
            };
            let can_go_on = error.is_lost() && !error.stays() && attempts < own.attempts;
            let Some(connector) = own.connector.as_ref().filter(|_| can_go_on) else {
                return Err(error);
            };
            attempts += 1;
            self.settings.listeners().emit(&Event::Waiting {
                waiting_for: "another attempt to connect",
                waited: self.report.started.elapsed(),
            });
            match self.connect(connector).await {
                Ok(again) => *client = again,
                // The unknown commit is more important than the failed
                // reconnect.
                Err(_) if self.doubt.is_some() => return Err(error),
                Err(again) => return Err(again),
            }
        }
    }

    async fn on_connection(&mut self, client: &mut Client) -> Result<(), Error> {
        let settings = self.settings;
        let history = history::read(&*client, &settings.engine.table).await?;
        self.settle(&history, false);
        if self.steps.is_over(&self.report.report) {
            return Ok(());
        }
        // Another process may be running a started migration. Only a read under
        // the lock shows that none is.
        let is_settled = !history.iter().any(Row::is_started);
        let mut changes = Vec::new();
        if is_settled {
            changes = self.steps.plan(&history, &self.report.report)?;
            if changes.is_empty() {
                return Ok(());
            }
            let is_new = history.is_empty() && self.direction == Direction::Up;
            if is_new && !settings.allows_foreign_history {
                foreign_history::refuse(client, settings.engine.table.schema()).await?;
            }
        }
        let server = Server::of(client).await?;
        self.steps.check(&history, &changes, |step| {
            check_step(settings, &server, step)
        })?;
        server.check_writable(changes.len())?;
        if is_settled {
            self.report.begin(self.steps.count);
        }
        let mut session = Session::start(client, settings, server).await?;
        let result = self.under_the_lock(&mut session).await;
        session.end().await;
        result
    }

    async fn under_the_lock(&mut self, session: &mut Session<'_>) -> Result<(), Error> {
        while !self.steps.is_over(&self.report.report) {
            match locked(session, &mut Unit(self)).await {
                Ok(Acted::Done(done)) => done.report(&mut self.report.report),
                Ok(Acted::NoTransaction(step)) => no_transaction::run(session, self, &step).await?,
                Ok(Acted::Nothing) => return Ok(()),
                Err(failure) => {
                    self.doubt = failure.doubt;
                    return Err(self.steps.explain(failure.error));
                }
            }
        }
        Ok(())
    }

    /// Checks whether a commit in doubt took effect. A history that was read
    /// under the lock is final: no other run can change it.
    fn settle(&mut self, history: &[Row], is_final: bool) {
        match self.doubt.take() {
            Some(doubt) if doubt.done.is_in(history) => {
                doubt.done.report(&mut self.report.report);
            }
            doubt if !is_final => self.doubt = doubt,
            _ => {}
        }
    }

    /// Connects again, and waits until a commit in doubt has ended.
    async fn connect(&self, connector: &Connector) -> Result<Client, Error> {
        let client = connector.connect().await?;
        if let Some(doubt) = &self.doubt {
            wait_for(&client, doubt, self.settings.lock_timeout).await?;
        }
        Ok(client)
    }
}

/// The migrations of the next transaction.
struct Unit<'r, 's>(&'r mut Run<'s>);

impl<'s> LockedUnit for Unit<'_, 's> {
    type Value = Acted<'s, Postgres>;

    async fn act(
        &mut self,
        locked: &mut LockedTransaction<'_>,
    ) -> Result<End<Acted<'s, Postgres>>, Error> {
        let run = &mut *self.0;
        let settings = run.settings;
        let history = locked.history().await?;
        run.settle(&history, true);
        let server = &locked.state.server;
        let next = run.steps.next(&history, &run.report.report, |step| {
            check_step(settings, server, step)
        })?;
        drop(history);
        let steps = match next {
            NextStep::Done => return Ok(End::RollBack(Acted::Nothing)),
            NextStep::NoTransaction(step) => {
                run.report.begin(run.steps.count);
                return Ok(End::RollBack(Acted::NoTransaction(step)));
            }
            NextStep::Transaction(steps) => steps,
        };
        run.report.begin(run.steps.count);
        let mut done = Done::default();
        for (at, step) in steps.iter().enumerate() {
            step.check_stop(settings)?;
            let is_last = at + 1 == steps.len();
            let timings = locked.perform(step, is_last).await?;
            if !is_last {
                step.emit_ended(settings.listeners(), timings, None);
            }
            done.add(step, timings);
        }
        let (label, value) = (done.label().to_owned(), Acted::Done(done.clone()));
        Ok(End::Commit(Commit { label, done }, value))
    }

    fn add_commit(value: &mut Self::Value, duration: Duration) {
        if let Acted::Done(done) = value {
            done.add_commit(duration);
        }
    }
}

/// Waits until a transaction has ended, if the server can tell. The history
/// shows its outcome: after a failover the number may belong to another
/// transaction.
async fn wait_for(client: &Client, doubt: &CommitInDoubt, timeout: Duration) -> Result<(), Error> {
    let Some(number) = &doubt.transaction else {
        return Ok(());
    };
    let started = Instant::now();
    let sql = format!("SELECT pg_catalog.pg_xact_status('{number}')");
    loop {
        let answer = client.simple_query(&sql).await;
        if answer
            .as_ref()
            .is_err_and(|error| error.as_db_error().is_some())
        {
            // A promoted server may not have reached this number.
            return Ok(());
        }
        let rows = rows(answer, "asking for the outcome of a commit")?;
        if rows.first().and_then(|row| row.get(0)) != Some("in progress") {
            return Ok(());
        }
        if started.elapsed() >= timeout {
            let label = doubt.label.clone();
            let why = "its transaction is still in progress";
            return Err(Error::with_source(Kind::CommitUnknown { label }, why));
        }
        sleep(Duration::from_millis(100)).await;
    }
}
