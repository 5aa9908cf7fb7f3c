//! A run from its beginning to its end, over more than one connection if one is
//! lost.

use super::connector::Connector;
use super::server::rows;
use super::transaction::{Failure, Unsettled};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::{Applied, Direction, Event, Postgres, Report, Undone};
use migrate_model::Migration;
use migrate_model::history::Row;
use migrate_model::plan::Undo;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_postgres::Client;

/// What a transaction of a run has done.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    pub(super) applied: Vec<Applied>,
    pub(super) undone: Vec<Undone>,
    /// The row of a migration that was undone and applied again: the new one
    /// has another time.
    pub(super) before: Option<Row>,
    pub(super) then: Then,
}

/// What comes after a transaction of a run.
#[derive(Clone, Debug, Default)]
pub(super) enum Then {
    /// The run is over.
    #[default]
    End,
    /// Another one.
    Again,
    /// This migration, which runs without one.
    Up(&'static Migration),
    /// The way down of one that runs without one.
    Down(Box<Undo>),
}

impl Done {
    /// Whether a history shows it.
    fn is_in(&self, history: &[Row]) -> bool {
        let find = |version| history.iter().find(|row| row.version == version);
        let is_applied = |done: &Applied| {
            find(done.version).is_some_and(|row| Some(row) != self.before.as_ref())
        };
        let is_undone = |done: &Undone| {
            find(done.version).is_none()
                || self
                    .applied
                    .iter()
                    .any(|applied| applied.version == done.version)
        };
        self.applied.iter().all(is_applied) && self.undone.iter().all(is_undone)
    }
}

/// A run, whatever connection it has.
pub(super) struct Work<'a> {
    pub(super) settings: &'a Settings<Postgres>,
    direction: Direction,
    started: Instant,
    pub(super) report: Report,
    /// What a commit may have done whose answer never came.
    doubt: Option<Unsettled<Done>>,
    has_begun: bool,
}

/// What a run does on one connection; it begins anew on another.
pub(super) trait Trip: Sync {
    fn run(
        &self,
        client: &mut Client,
        work: &mut Work<'_>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<'a> Work<'a> {
    pub(super) fn new(
        settings: &'a Settings<Postgres>,
        direction: Direction,
        started: Instant,
    ) -> Work<'a> {
        Work {
            settings,
            direction,
            started,
            report: Report::default(),
            doubt: None,
            has_begun: false,
        }
    }

    /// Tells that it begins, once.
    pub(super) fn begin(&mut self, count: usize) {
        if !self.has_begun {
            self.has_begun = true;
            let direction = self.direction;
            let listeners = self.settings.listeners();
            listeners.tell(&Event::RunStarted { direction, count });
        }
    }

    /// Takes into the report what a transaction has done; says what comes next.
    pub(super) fn take(&mut self, result: Result<Done, Failure<Done>>) -> Result<Then, Error> {
        match result {
            Ok(mut done) => {
                let then = std::mem::take(&mut done.then);
                self.report(done);
                Ok(then)
            }
            Err(failure) => {
                self.doubt = failure.unsettled;
                Err(failure.error)
            }
        }
    }

    fn report(&mut self, done: Done) {
        self.report.applied.extend(done.applied);
        self.report.undone.extend(done.undone);
    }

    /// Looks whether a commit in doubt took effect. A history that was read
    /// under the lock is final: nobody else can be at it.
    pub(super) fn settle(&mut self, history: &[Row], is_final: bool) {
        match self.doubt.take() {
            Some(doubt) if doubt.value.is_in(history) => self.report(doubt.value),
            doubt if !is_final => self.doubt = doubt,
            _ => {}
        }
    }

    /// Does what a run does until it has ended. After a connection was lost, and with
    /// the means to make another, it begins anew with that.
    pub(super) async fn run(
        mut self,
        client: &mut Client,
        trip: &impl Trip,
    ) -> Result<Report, Error> {
        let mut attempts = 1;
        let result = loop {
            let error = match trip.run(client, &mut self).await {
                Ok(()) => break Ok(()),
                Err(error) => error,
            };
            let connector = self.settings.own.connector.as_ref();
            let Some(connector) = connector.filter(|_| {
                error.is_lost() && !error.stays() && attempts < self.settings.own.attempts
            }) else {
                break Err(error);
            };
            attempts += 1;
            self.settings.listeners().tell(&Event::Waiting {
                doing: "to connect again",
                waited: self.started.elapsed(),
            });
            match self.connect(connector).await {
                Ok(again) => *client = again,
                // What became of the commit is more than why nobody can ask.
                Err(_) if self.doubt.is_some() => break Err(error),
                Err(again) => break Err(again),
            }
        };
        self.report.elapsed = self.started.elapsed();
        let direction = self.direction;
        let count = self.report.applied.len() + self.report.undone.len();
        let listeners = self.settings.listeners();
        let result = result.map_err(|error| error.on_the_way(direction));
        if self.has_begun {
            listeners.tell(&Event::RunEnded {
                direction,
                count,
                duration: self.started.elapsed(),
                error: result.as_ref().err(),
            });
        }
        match result {
            Ok(()) => Ok(self.report),
            Err(error) => Err(error.with_report(self.report)),
        }
    }

    /// Another connection, on which a commit in doubt has come to its end.
    async fn connect(&self, connector: &Connector) -> Result<Client, Error> {
        let client = connector.connect().await?;
        if let Some(doubt) = &self.doubt {
            wait_for(&client, doubt, self.settings.lock_deadline).await?;
        }
        Ok(client)
    }
}

/// Waits until a transaction has ended, if the server can tell; how it has, the
/// history shows: after a failover the number may be that of another one.
async fn wait_for(
    client: &Client,
    doubt: &Unsettled<Done>,
    patience: Duration,
) -> Result<(), Error> {
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
            // A server that was promoted may not have come to this number.
            return Ok(());
        }
        let rows = rows(answer, "asking what became of a commit")?;
        if rows.first().and_then(|row| row.get(0)) != Some("in progress") {
            return Ok(());
        }
        if started.elapsed() >= patience {
            let label = doubt.label.clone();
            let why = "its transaction is still in progress";
            return Err(Error::with_source(Kind::CommitUnknown { label }, why));
        }
        sleep(Duration::from_millis(100)).await;
    }
}
