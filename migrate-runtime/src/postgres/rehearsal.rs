//! Single migrations on a scratch database, for the proof; not part of the public
//! interface.

use super::Lock;
use super::rules::check_step;
use super::server::Server;
use super::session::Session;
use super::transaction::{Commit, End, LockedTransaction, LockedUnit, locked};
use crate::error::Error;
use crate::migrator::Settings;
use crate::next_step::{Goal, NextStep, Steps};
use crate::run_report::Done;
use crate::{Direction, Migrator, Postgres, Report, Version};
use tokio_postgres::{Client, Transaction};

/// Runs migrations one at a time, each in one transaction, on a database that nobody
/// else uses.
///
/// The lock of a transaction is enough there, and what a run asks about its connection
/// is asked once. A migration without a transaction is not run: it needs the lock of a
/// session.
#[derive(Debug)]
pub struct Rehearsal {
    migrator: Migrator<Version, Postgres>,
    server: Server,
}

/// Looks at a database inside the transaction of a rehearsal.
pub trait Look: Send {
    /// Called after each step. Returns whether the next step is to run.
    fn look(
        &mut self,
        tx: &Transaction<'_>,
        direction: Direction,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Looks at nothing.
struct Blind;

impl Look for Blind {
    async fn look(&mut self, _: &Transaction<'_>, _: Direction) -> Result<bool, Error> {
        Ok(true)
    }
}

impl Rehearsal {
    /// Takes a migrator for a scratch database.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer.
    pub async fn new(
        mut migrator: Migrator<Version, Postgres>,
        client: &Client,
    ) -> Result<Rehearsal, Error> {
        let lock = &mut migrator.settings.engine.lock;
        if *lock == Lock::Session {
            *lock = Lock::Transaction;
        }
        let server = Server::of(client).await?;
        Ok(Rehearsal { migrator, server })
    }

    /// Applies the next migration, which has this version, and commits it.
    ///
    /// # Errors
    ///
    /// Fails as [`Migrator::up`] does, but never continues on another connection.
    pub async fn up(&self, client: &mut Client, version: Version) -> Result<(), Error> {
        let result = self.run(client, version, Goal::Up, &mut Blind).await;
        result.map_err(|(_, error)| error)
    }

    /// Undoes the newest migration, which has this version, and applies it again, in
    /// one transaction that is rolled back.
    ///
    /// # Errors
    ///
    /// Fails as [`Migrator::redo`] does, with the direction that failed, and if the
    /// look fails.
    pub async fn redo(
        &self,
        client: &mut Client,
        version: Version,
        look: &mut impl Look,
    ) -> Result<(), (Direction, Error)> {
        self.run(client, version, Goal::Redo, look).await
    }

    async fn run(
        &self,
        client: &mut Client,
        version: Version,
        goal: Goal,
        look: &mut impl Look,
    ) -> Result<(), (Direction, Error)> {
        let migrator = self.migrator.clone().to(version);
        let mut unit = Unit {
            settings: &migrator.settings,
            goal,
            look,
            direction: goal.direction(),
        };
        let session = Session::start(client, &migrator.settings, self.server.clone()).await;
        let mut session = session.map_err(|error| (unit.direction, error))?;
        let result = locked(&mut session, &mut unit).await;
        session.end().await;
        result.map_err(|failure| (unit.direction, failure.error))
    }
}

struct Unit<'u, L> {
    settings: &'u Settings<Postgres>,
    goal: Goal,
    look: &'u mut L,
    /// The direction of the current step.
    direction: Direction,
}

impl<L: Look> LockedUnit for Unit<'_, L> {
    type Value = ();

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<()>, Error> {
        let settings = self.settings;
        let history = locked.history().await?;
        let mut steps = Steps::new(settings, self.goal);
        let next = steps.next(&history, &Report::default(), |step| {
            check_step(settings, &locked.state.server, step)
        })?;
        let NextStep::Transaction(steps) = next else {
            return Ok(End::RollBack(()));
        };
        let mut done = Done::default();
        for step in &steps {
            self.direction = step.direction;
            step.check_stop(settings)?;
            // Each is judged as if it were committed here.
            let timings = locked.perform(step, true).await?;
            done.add(step, timings);
            if !self.look.look(locked.tx, step.direction).await? {
                return Ok(End::RollBack(()));
            }
        }
        if matches!(self.goal, Goal::Redo) {
            return Ok(End::RollBack(()));
        }
        let label = done.label().to_owned();
        Ok(End::Commit(Commit { label, done }, ()))
    }
}
