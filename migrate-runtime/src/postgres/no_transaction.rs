//! Migrations without a transaction: one statement at a time, with the progress
//! in the history.
//!
//! The session-level lock is held from the first to the last statement, and the
//! server releases it with the session. So a run that has the lock and finds a
//! started row knows that the migration was interrupted.

use super::classify::failed;
use super::rules::{PlannedStep, check_step};
use super::run::Run;
use super::script::step;
use super::session::{Session, own_settings, set};
use super::session_settings::{Custom, back_to};
use super::transaction::{Commit, End, LockedTransaction, LockedUnit, locked};
use super::{history, invalid_indexes};
use crate::error::{Error, Hook, PostgresKind};
use crate::history_write::HistoryWrite;
use crate::migrator::Settings;
use crate::planned_step::Resumed;
use crate::run_report::Done;
use crate::script::Sql;
use crate::stopwatch::{Part, Stopwatch};
use crate::{Postgres, Repaired, Timings};
use migrate_model::Version;
use migrate_model::history::Progress;
use migrate_scan::postgres::Head;

/// Runs a migration, unless another process was faster.
pub(super) async fn run<'s>(
    session: &mut Session<'_>,
    run: &mut Run<'s>,
    step: &PlannedStep<'s>,
) -> Result<(), Error> {
    let mut stopwatch = Stopwatch::start(Timings::default());
    stopwatch.begin(Part::Script);
    let Some(progress) = locked(session, &mut Start { run, step }).await? else {
        return Ok(());
    };
    let timings = run_statements(session, step, progress, Some(stopwatch)).await?;
    Done::of(step, timings).report(&mut run.report.report);
    Ok(())
}

/// Records that a migration was started. The result is `None` if it is no
/// longer pending.
struct Start<'r, 's> {
    run: &'r mut Run<'s>,
    step: &'r PlannedStep<'s>,
}

impl LockedUnit for Start<'_, '_> {
    type Value = Option<Progress>;

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<Self::Value>, Error> {
        let Start { run, step } = self;
        let history = locked.history().await?;
        if !run.steps.is_due(step, &history, &run.report.report)? {
            return Ok(End::RollBack(None));
        }
        let settings = locked.state.settings;
        step.check_stop(settings)?;
        history::create(locked.tx, &settings.engine.table).await?;
        let (progress, start) = step.start(settings);
        let doing = "recording the start of the migration";
        locked.write(&start, doing).await?;
        let commit = Commit::of_history(&*step.label);
        Ok(End::Commit(commit, Some(progress)))
    }
}

pub(super) async fn resume(session: &mut Session<'_>, version: Version) -> Result<Repaired, Error> {
    let settings = session.state.settings;
    let resumed = locked(session, &mut Resume { settings, version }).await?;
    run_statements(session, &resumed.step, resumed.progress, None).await?;
    Ok(resumed.repaired)
}

struct Resume<'s> {
    settings: &'s Settings<Postgres>,
    version: Version,
}

impl<'s> LockedUnit for Resume<'s> {
    type Value = Resumed<'s, Postgres>;

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<Self::Value>, Error> {
        let history = locked.history().await?;
        let resumed = Resumed::plan(self.settings, &history, self.version)?;
        check_step(self.settings, &locked.state.server, &resumed.step)?;
        for change in &resumed.writes {
            let doing = "recording how far the migration got";
            locked.write(change, doing).await?;
        }
        let commit = Commit::of_history(&*resumed.step.label);
        Ok(End::Commit(commit, resumed))
    }
}

/// Runs the remaining statements, and records the end. `new` is the time of a
/// migration that is not resumed.
async fn run_statements(
    session: &mut Session<'_>,
    step: &PlannedStep<'_>,
    mut progress: Progress,
    new: Option<Stopwatch>,
) -> Result<Timings, Error> {
    let listeners = session.state.settings.listeners();
    let is_new = new.is_some();
    let mut stopwatch = new.unwrap_or_else(|| Stopwatch::start(Timings::default()));
    stopwatch.without(|| step.emit_started(listeners));
    stopwatch.begin(Part::Checks);
    let mut result = statements(session, step, &mut progress, is_new, &mut stopwatch).await;
    if let Err(error) = restore(session).await {
        result = result.and(Err(error.outside(progress)));
    }
    if result.is_ok() {
        let end = step.record_end(stopwatch.elapsed());
        stopwatch.begin(Part::Commit);
        let finished = locked(session, &mut Write(end, &step.label)).await;
        result = finished.map_err(|failure| failure.error.outside(progress));
    }
    let timings = stopwatch.timings();
    let result = result.map_err(|error| error.on_the_way(step.direction));
    step.emit_ended(listeners, timings, result.as_ref().err());
    result.map(|()| timings)
}

async fn statements(
    session: &mut Session<'_>,
    planned: &PlannedStep<'_>,
    progress: &mut Progress,
    is_new: bool,
    stopwatch: &mut Stopwatch,
) -> Result<(), Error> {
    let Some(sql) = planned.no_transaction() else {
        return Ok(());
    };
    let before = is_new.then_some(&mut *stopwatch);
    if let Err(error) = prepare(session, planned, sql, *progress, before).await {
        return Err(stopped(session, planned, *progress, error, false).await);
    }
    let state = &session.state;
    let table = &state.settings.engine.table;
    while progress.done < sql.count() {
        stopwatch.begin(Part::Script);
        let index = progress.done;
        let text = sql.statement(index).map_or("", |at| sql.text(at));
        // None of its statements has taken effect yet.
        if index == 0
            && let Err(error) = planned.check_stop(state.settings)
        {
            return Err(stopped(session, planned, *progress, error, false).await);
        }
        if let Err(error) = step(&*session.client, state, &planned.label, sql, index).await {
            let leaves_something = is_in_parts(text);
            return Err(stopped(session, planned, *progress, error, leaves_something).await);
        }
        // `IF NOT EXISTS` accepts an invalid index. The statement then counts
        // as not completed, so that it is not skipped later.
        if is_in_parts(text) {
            stopwatch.begin(Part::Checks);
            let indexes = invalid_indexes::named(session.client, [text]).await;
            stopwatch.begin(Part::Script);
            let indexes = indexes.map_err(|error| error.outside(*progress))?;
            if !indexes.is_empty() {
                let label = planned.label.to_string();
                let error = Error::from(PostgresKind::Invalid { label, indexes });
                return Err(error.outside(*progress));
            }
        }
        let mut next = *progress;
        next.advance(text);
        let change = HistoryWrite::SetProgress(planned.version, next);
        let recorded = history::write(&*session.client, table, &change).await;
        recorded
            .map_err(failed("recording how far the migration got"))
            .map_err(|error| error.outside(*progress))?;
        *progress = next;
    }
    stopwatch.begin(Part::Checks);
    let listeners = state.settings.listeners();
    let asked = stopwatch.without(|| listeners.ask(&planned.asked(), Hook::After));
    asked.map_err(|error| error.outside(*progress))
}

/// Restores the settings that the script has changed.
async fn restore(session: &mut Session<'_>) -> Result<(), Error> {
    let Some(sql) = session.state.restore.clone() else {
        return Ok(());
    };
    let restored = session.client.batch_execute(&sql).await;
    session.state.restore = None;
    restored.map_err(failed("restoring the settings of the connection"))
}

/// Prepares the session for the statements. Some of them may have run in
/// another session.
async fn prepare(
    session: &mut Session<'_>,
    planned: &PlannedStep<'_>,
    sql: &Sql,
    progress: Progress,
    new: Option<&mut Stopwatch>,
) -> Result<(), Error> {
    let Session { client, state, .. } = session;
    if let Some(stopwatch) = new {
        let listeners = state.settings.listeners();
        stopwatch.without(|| listeners.ask(&planned.asked(), Hook::Before))?;
    }
    // A concurrent index build waits for every older transaction. A timeout
    // would leave an invalid index.
    let mut wanted = vec![
        ("lock_timeout", "0".to_owned()),
        ("statement_timeout", "0".to_owned()),
    ];
    let path = state.settings.engine.search_path.clone();
    wanted.extend(path.map(|path| ("search_path", path)));
    set(client, state, &wanted).await?;
    let custom = Custom::read(&**client, sql.texts()).await?;
    state.restore = Some(back_to(&own_settings(&**client).await?, &custom));
    for text in sql.texts().take(progress.done) {
        let head = Head::of(text);
        let is_local = matches!(head.word(1), "LOCAL" | "TRANSACTION" | "CONSTRAINTS");
        if head.word(0) == "SET" && !is_local {
            let again = client.batch_execute(text).await;
            again.map_err(failed("repeating a setting"))?;
        }
    }
    Ok(())
}

/// Whether a statement uses several transactions, so that part of its effect
/// remains if it fails.
fn is_in_parts(text: &str) -> bool {
    let head = Head::of(text);
    let upper = text.to_ascii_uppercase();
    matches!(
        head.word(0),
        "CALL" | "CLUSTER" | "DO" | "REINDEX" | "VACUUM"
    ) || upper.contains("CONCURRENTLY")
}

/// A failed statement has changed nothing, unless it uses several transactions.
/// If it was the first, the migration has changed nothing, and its row is
/// removed again.
async fn stopped(
    session: &mut Session<'_>,
    planned: &PlannedStep<'_>,
    progress: Progress,
    error: Error,
    leaves_something: bool,
) -> Error {
    if error.is_lost() {
        return error.outside(progress);
    }
    if progress.done == 0 && !leaves_something {
        return match locked(
            session,
            &mut Write(planned.record_nothing(), &planned.label),
        )
        .await
        {
            Ok(()) => error,
            Err(_) => error.outside(progress),
        };
    }
    let error = error.outside(progress);
    let Some(sql) = planned.no_transaction() else {
        return error;
    };
    match invalid_indexes::named(session.client, sql.texts()).await {
        Ok(indexes) if !indexes.is_empty() => {
            let (index, is, it) = match indexes.len() {
                1 => ("index", "is", "it"),
                _ => ("indexes", "are", "them"),
            };
            error.aside(&format!(
                "; the {index} `{}` {is} INVALID: drop {it} first, because `IF NOT EXISTS` would \
                 skip {it}",
                indexes.join("`, `")
            ))
        }
        _ => error,
    }
}

struct Write<'a>(HistoryWrite<'static>, &'a str);

impl LockedUnit for Write<'_> {
    type Value = ();

    async fn act(&mut self, locked: &mut LockedTransaction<'_>) -> Result<End<()>, Error> {
        locked.write(&self.0, "recording the migration").await?;
        Ok(End::Commit(Commit::of_history(self.1), ()))
    }
}
