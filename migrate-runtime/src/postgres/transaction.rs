//! A transaction of a run: it has the lock, and is tried again if it failed only
//! because of others.

use super::cause::{Cause, failed, is_lost, is_passing};
use super::run::Task;
use super::script::check_stop;
use super::session::{Hold, Session};
use super::settings::Settings as Before;
use super::wait::Wait;
use super::{history, lease, lock};
use crate::error::{Error, Kind};
use crate::postgres::Lock;
use crate::stop::Stop;
use crate::{Direction, Event};
use migrate_model::Version;
use migrate_model::history::Row;
use std::time::Duration;
use tokio_postgres::{IsolationLevel, Transaction};

/// A transaction of a run: it has the lock.
pub(super) struct Within<'t> {
    pub(super) tx: &'t Transaction<'t>,
    pub(super) hold: &'t Hold<'t>,
    /// The settings that the connection had when it began.
    pub(super) before: Before,
}

/// What is done in a transaction that has the lock. It may be called several
/// times.
pub(super) trait Act: Sync {
    type Value: Send;

    // Not `async fn`, and no closure: whoever spawns a run needs a future that
    // can go to another thread.
    fn act(
        &self,
        within: &Within<'_>,
    ) -> impl Future<Output = Result<End<Self::Value>, Error>> + Send;
}

/// What becomes of a transaction.
pub(super) enum End<T> {
    /// It commits.
    Commit(Closing, T),
    /// There was nothing to do in it.
    RollBack(T),
}

/// What is told of a commit.
pub(super) struct Closing {
    pub(super) label: String,
    /// The migration whose end is told, if it is one.
    step: Option<(Version, Direction, Duration)>,
}

impl Closing {
    /// The end of a migration, which was the last one in its transaction.
    pub(super) fn of(task: &Task<'_>, duration: Duration) -> Closing {
        Closing {
            label: task.label.to_owned(),
            step: Some((task.version, task.direction, duration)),
        }
    }

    /// A change of the history alone.
    pub(super) fn quiet(label: impl Into<String>) -> Closing {
        Closing {
            label: label.into(),
            step: None,
        }
    }

    pub(super) fn tell(&self, hold: &Hold<'_>, error: Option<&Error>) {
        if let Some((version, direction, duration)) = self.step {
            hold.settings.listeners().tell(&Event::MigrationEnded {
                version,
                label: &self.label,
                direction,
                duration,
                error,
            });
        }
    }
}

/// A commit of which nobody knows whether it took effect.
#[derive(Clone, Debug)]
pub(super) struct Unsettled<T> {
    pub(super) label: String,
    /// The number of the transaction, if the server numbers them.
    pub(super) transaction: Option<String>,
    /// What was done, if it did.
    pub(super) value: T,
}

/// Why a transaction came to nothing.
pub(super) struct Failure<T> {
    pub(super) error: Error,
    pub(super) unsettled: Option<Unsettled<T>>,
}

impl<T> From<Error> for Failure<T> {
    fn from(error: Error) -> Failure<T> {
        Failure {
            error,
            unsettled: None,
        }
    }
}

pub(super) const BEGINNING: &str = "beginning a transaction";

/// Does something in a transaction that has the lock, and ends it. What failed only
/// because of others is tried again, from the beginning.
pub(super) async fn locked<A: Act>(
    session: &mut Session<'_>,
    act: &A,
) -> Result<A::Value, Failure<A::Value>> {
    let Session { client, hold, .. } = session;
    let hold: &Hold<'_> = hold;
    let mut wait = Wait::for_the_lock(hold.settings, &hold.server.database);
    let mut again = Wait::for_another_attempt(hold.settings, &hold.server.database);
    let mut attempts = 0;
    loop {
        // Another level would read a history from before the lock was had.
        let tx = client
            .build_transaction()
            .isolation_level(IsolationLevel::ReadCommitted)
            .read_only(false)
            .start()
            .await
            .map_err(failed(BEGINNING))?;
        let before = match begin(&tx, hold).await {
            Ok(Some(before)) => before,
            Ok(None) => {
                tx.rollback().await.map_err(failed(BEGINNING))?;
                if let Err(error) = wait.pause().await {
                    return Err(lock::with_holder(client, hold.key, error).await.into());
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let number = number(&tx, hold).await?;
        let within = Within {
            tx: &tx,
            hold,
            before,
        };
        let acted = act.act(&within).await;
        attempts += 1;
        let error = match acted {
            Ok(End::RollBack(value)) => {
                let _ = tx.rollback().await;
                return Ok(value);
            }
            Ok(End::Commit(closing, value)) => {
                let label = closing.label.clone();
                match tx.commit().await {
                    Ok(()) => {
                        closing.tell(hold, None);
                        return Ok(value);
                    }
                    Err(error) if is_lost(&error) => {
                        let kind = Kind::CommitUnknown { label };
                        let error = Error::with_source(kind, Cause(error));
                        closing.tell(hold, Some(&error));
                        let unsettled = Unsettled {
                            label: closing.label,
                            transaction: number,
                            value,
                        };
                        return Err(Failure {
                            error,
                            unsettled: Some(unsettled),
                        });
                    }
                    Err(error) => {
                        let error = Error::with_source(Kind::Commit { label }, Cause(error));
                        closing.tell(hold, Some(&error));
                        error
                    }
                }
            }
            Err(error) => {
                // What ended the transaction of a script has also ended that of
                // the next attempt.
                let _ = tx.rollback().await;
                error
            }
        };
        if !is_passing(&error) || attempts >= hold.settings.own.attempts {
            return Err(error.into());
        }
        again.pause().await?;
    }
}

/// Takes the lock, if it is one of the transaction, or sees that it is there;
/// none, if somebody else has it.
async fn begin(tx: &Transaction<'_>, hold: &Hold<'_>) -> Result<Option<Before>, Error> {
    let own = &hold.settings.own;
    match own.lock {
        Lock::Session => lock::check(tx, hold).await?,
        Lock::Transaction => {
            if !lock::try_in(tx, hold.key).await? {
                return Ok(None);
            }
        }
        Lock::Table => lease::check(tx, hold).await?,
    }
    Before::read(tx, hold).await.map(Some)
}

/// The number of the transaction, by which the server knows later what became of
/// it.
async fn number(tx: &Transaction<'_>, hold: &Hold<'_>) -> Result<Option<String>, Error> {
    if !hold.server.has_transactional_ddl() {
        return Ok(None);
    }
    let sql = "SELECT pg_catalog.pg_current_xact_id()";
    let rows = super::server::rows(tx.simple_query(sql).await, BEGINNING)?;
    Ok(rows.first().and_then(|row| row.get(0)).map(str::to_owned))
}

impl Within<'_> {
    pub(super) async fn history(&self) -> Result<Vec<Row>, Error> {
        history::read(self.tx, &self.hold.settings.own.table).await
    }

    /// Whether another migration may begin.
    pub(super) fn may_begin(&self, label: &str) -> Result<(), Error> {
        check_stop(self.stop(), label)
    }

    fn stop(&self) -> Option<&Stop> {
        self.hold.settings.stop.as_ref()
    }
}
