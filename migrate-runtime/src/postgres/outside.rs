//! Migrations without a transaction: one statement at a time, with the progress
//! in the history.
//!
//! The lock of the session is held from the first to the last, and the server
//! gives it up with the session. So whoever finds a row that was started, while
//! it has the lock itself, knows that nobody is at work.

use super::cause::failed;
use super::run::{Task, hook, tell_ended, tell_started};
use super::script::{check_stop, step};
use super::session::{Session, own_settings, set};
use super::settings::{Custom, back_to};
use super::transaction::{Act, Closing, End, Within, locked};
use super::work::{Done, Then};
use super::{down, history, indexes, up};
use crate::error::{Error, Kind, PostgresKind};
use crate::history_write::HistoryWrite;
use crate::observer::Hook;
use crate::repair::{find, nothing};
use crate::script::Sql;
use crate::steps::{applied, pending, undone};
use migrate_model::history::{Progress, Row};
use migrate_model::plan::Undo;
use migrate_model::{Migration, Version};
use migrate_scan::postgres::Head;
use std::time::{Duration, Instant};

/// Applies a migration, unless a sibling has been faster.
pub(super) async fn apply(
    session: &mut Session<'_>,
    migration: &'static Migration,
) -> Result<Done, Error> {
    let settings = session.hold.settings;
    let task = up::task(settings, migration)?;
    let is_next = |history: &[Row]| {
        let pending = pending(settings, history)?;
        Ok(pending
            .first()
            .is_some_and(|next| next.version == migration.version))
    };
    let duration = start(session, &task, is_next).await?;
    let applied = duration.map(|duration| applied(migration, duration));
    Ok(Done {
        applied: applied.into_iter().collect(),
        then: Then::Again,
        ..Done::default()
    })
}

/// Undoes a migration, unless a sibling has been faster.
pub(super) async fn undo(session: &mut Session<'_>, undo: &Undo) -> Result<Done, Error> {
    let settings = session.hold.settings;
    let task = down::task(settings, undo)?;
    let is_there = |history: &[Row]| Ok(history.contains(&undo.row));
    let duration = start(session, &task, is_there).await?;
    let undone = duration.map(|duration| undone(undo, duration));
    Ok(Done {
        undone: undone.into_iter().collect(),
        then: Then::Again,
        ..Done::default()
    })
}

/// Records that a migration was started, and runs it; none, if there is nothing
/// to do any more.
async fn start(
    session: &mut Session<'_>,
    task: &Task<'_>,
    is_wanted: impl Fn(&[Row]) -> Result<bool, Error> + Sync,
) -> Result<Option<Duration>, Error> {
    let statements = task.outside().map_or(0, |sql| sql.statements.len());
    let progress = Progress::start(task.direction, statements);
    let start = Start {
        task,
        progress,
        is_wanted,
    };
    let started = locked(session, &start).await;
    if !started.map_err(|failure| failure.error)? {
        return Ok(None);
    }
    go_on(session, task, progress, true).await.map(Some)
}

struct Start<'a, F> {
    task: &'a Task<'a>,
    progress: Progress,
    is_wanted: F,
}

impl<F: Fn(&[Row]) -> Result<bool, Error> + Sync> Act for Start<'_, F> {
    type Value = bool;

    async fn act(&self, within: &Within<'_>) -> Result<End<bool>, Error> {
        let task = self.task;
        let history = within.history().await?;
        if !(self.is_wanted)(&history)? {
            return Ok(End::RollBack(false));
        }
        within.may_begin(task.label)?;
        let (tx, table) = (within.tx, &within.hold.settings.own.table);
        history::create(tx, table).await?;
        let start = task.record_start(within.hold.settings, self.progress);
        let recorded = history::write(tx, table, &start).await;
        recorded.map_err(failed("recording the start of the migration"))?;
        Ok(End::Commit(Closing::quiet(task.label), true))
    }
}

/// Goes on with a migration that was cut off.
pub(super) async fn resume(
    session: &mut Session<'_>,
    task: &Task<'_>,
    version: Version,
) -> Result<Duration, Error> {
    let progress = locked(session, &Resume { task, version }).await;
    let progress = progress.map_err(|failure| failure.error)?;
    go_on(session, task, progress, false).await
}

struct Resume<'a> {
    task: &'a Task<'a>,
    version: Version,
}

impl Act for Resume<'_> {
    type Value = Progress;

    async fn act(&self, within: &Within<'_>) -> Result<End<Progress>, Error> {
        let (task, version) = (self.task, self.version);
        let history = within.history().await?;
        let row = find(within.hold.settings, &history, version)?;
        let Some(mut progress) = row.progress.filter(|_| row.is_started()) else {
            return Err(nothing(row));
        };
        let statements = || task.outside().map(Sql::texts).into_iter().flatten();
        if !progress.is_beginning_of(statements()) {
            let label = task.label.to_owned();
            return Err(Kind::Edited { label }.into());
        }
        // What has not run yet may be more or less than it was.
        progress.of = statements().count();
        let (tx, table) = (within.tx, &within.hold.settings.own.table);
        if let Some(change) = task.record_new_text(row) {
            let restamped = history::write(tx, table, &change).await;
            restamped.map_err(failed("recording the migration"))?;
        }
        let change = HistoryWrite::SetProgress(version, progress);
        let recorded = history::write(tx, table, &change).await;
        recorded.map_err(failed("recording how far the migration got"))?;
        Ok(End::Commit(Closing::quiet(task.label), progress))
    }
}

/// Runs the statements that are left, and records the end.
async fn go_on(
    session: &mut Session<'_>,
    task: &Task<'_>,
    mut progress: Progress,
    is_new: bool,
) -> Result<Duration, Error> {
    tell_started(&session.hold, task);
    let started = Instant::now();
    let result = statements(session, task, &mut progress, is_new).await;
    let result = match (result, restore(session).await) {
        (Ok(()), Err(error)) => Err(error.outside(progress)),
        (result, _) => result,
    };
    let result = match result {
        Ok(()) => finish(session, task, started.elapsed())
            .await
            .map_err(|error| error.outside(progress)),
        Err(error) => Err(error),
    };
    let result = result.map_err(|error| error.on_the_way(task.direction));
    let duration = started.elapsed();
    tell_ended(&session.hold, task, duration, result.as_ref().err());
    result.map(|()| duration)
}

async fn statements(
    session: &mut Session<'_>,
    task: &Task<'_>,
    progress: &mut Progress,
    is_new: bool,
) -> Result<(), Error> {
    let Some(sql) = task.outside() else {
        return Ok(());
    };
    if let Err(error) = prepare(session, task, sql, *progress, is_new).await {
        return Err(stopped(session, task, *progress, error, false).await);
    }
    let hold = &session.hold;
    let table = &hold.settings.own.table;
    while progress.done < sql.statements.len() {
        let index = progress.done;
        let text = sql.statements.get(index).map_or("", |at| sql.text(*at));
        // Nothing of it has taken effect yet.
        if index == 0
            && let Err(error) = check_stop(hold.settings.stop.as_ref(), task.label)
        {
            return Err(stopped(session, task, *progress, error, false).await);
        }
        if let Err(error) = step(&*session.client, hold, task.label, sql, index).await {
            let leaves_something = is_in_parts(text);
            return Err(stopped(session, task, *progress, error, leaves_something).await);
        }
        // `IF NOT EXISTS` is content with an index that is not valid. It counts as
        // a statement that has not ended, so that it is not passed over later.
        if is_in_parts(text) {
            let indexes = indexes::named(session.client, [text]).await;
            let indexes = indexes.map_err(|error| error.outside(*progress))?;
            if !indexes.is_empty() {
                let label = task.label.to_owned();
                let error = Error::from(PostgresKind::Invalid { label, indexes });
                return Err(error.outside(*progress));
            }
        }
        let mut next = *progress;
        next.advance(text);
        let change = HistoryWrite::SetProgress(task.version, next);
        let recorded = history::write(&*session.client, table, &change).await;
        recorded
            .map_err(failed("recording how far the migration got"))
            .map_err(|error| error.outside(*progress))?;
        *progress = next;
    }
    hook(hold, task, Hook::After).map_err(|error| error.outside(*progress))?;
    Ok(())
}

/// Puts back what the script has set for the session.
async fn restore(session: &mut Session<'_>) -> Result<(), Error> {
    let Some(sql) = session.hold.restore.clone() else {
        return Ok(());
    };
    let restored = session.client.batch_execute(&sql).await;
    session.hold.restore = None;
    restored.map_err(failed("putting the settings of the connection back"))
}

/// Sets the session up for the statements, of which some may have run on another
/// one.
async fn prepare(
    session: &mut Session<'_>,
    task: &Task<'_>,
    sql: &Sql<'_>,
    progress: Progress,
    is_new: bool,
) -> Result<(), Error> {
    let Session { client, hold, .. } = session;
    if is_new {
        hook(hold, task, Hook::Before)?;
    }
    // An index that is made concurrently waits for every transaction that is
    // older; to give up there would leave it half-made.
    let mut wanted = vec![
        ("lock_timeout", "0".to_owned()),
        ("statement_timeout", "0".to_owned()),
    ];
    let path = hold.settings.own.search_path.clone();
    wanted.extend(path.map(|path| ("search_path", path)));
    set(client, hold, &wanted).await?;
    let custom = Custom::read(&**client, sql.texts()).await?;
    hold.restore = Some(back_to(&own_settings(&**client).await?, &custom));
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

/// Whether a statement takes effect in several transactions, so that some of its
/// work stays if it fails.
fn is_in_parts(text: &str) -> bool {
    let head = Head::of(text);
    let upper = text.to_ascii_uppercase();
    matches!(
        head.word(0),
        "CALL" | "CLUSTER" | "DO" | "REINDEX" | "VACUUM"
    ) || upper.contains("CONCURRENTLY")
}

/// A statement that reports an error has done nothing, but for those that work
/// in parts. If it was the first, the migration has done nothing, and is not
/// left as started.
async fn stopped(
    session: &mut Session<'_>,
    task: &Task<'_>,
    progress: Progress,
    error: Error,
    leaves_something: bool,
) -> Error {
    if error.is_lost() {
        return error.outside(progress);
    }
    if progress.done == 0 && !leaves_something {
        return match locked(session, &TakeBack(task)).await {
            Ok(()) => error,
            Err(_) => error.outside(progress),
        };
    }
    let error = error.outside(progress);
    let Some(sql) = task.outside() else {
        return error;
    };
    match indexes::named(session.client, sql.texts()).await {
        Ok(indexes) if !indexes.is_empty() => {
            let (index, is, it) = match indexes.len() {
                1 => ("index", "is", "it"),
                _ => ("indexes", "are", "them"),
            };
            error.aside(&format!(
                "; the {index} `{}` {is} INVALID: drop {it} first, because `IF NOT EXISTS` would \
                 leave {it} so",
                indexes.join("`, `")
            ))
        }
        _ => error,
    }
}

async fn finish(
    session: &mut Session<'_>,
    task: &Task<'_>,
    duration: Duration,
) -> Result<(), Error> {
    let finished = locked(session, &Finish(task, duration)).await;
    finished.map_err(|failure| failure.error)
}

/// A migration of which all has run is recorded.
struct Finish<'a>(&'a Task<'a>, Duration);

impl Act for Finish<'_> {
    type Value = ();

    async fn act(&self, within: &Within<'_>) -> Result<End<()>, Error> {
        let (tx, table) = (within.tx, &within.hold.settings.own.table);
        let task = self.0;
        let finished = history::write(tx, table, &task.record_end(self.1)).await;
        finished.map_err(failed("recording the migration"))?;
        Ok(End::Commit(Closing::quiet(task.label), ()))
    }
}

/// A migration that has done nothing was not started.
struct TakeBack<'a>(&'a Task<'a>);

impl Act for TakeBack<'_> {
    type Value = ();

    async fn act(&self, within: &Within<'_>) -> Result<End<()>, Error> {
        let (tx, table) = (within.tx, &within.hold.settings.own.table);
        let task = self.0;
        let written = history::write(tx, table, &task.record_nothing()).await;
        written.map_err(failed("taking the start of the migration back"))?;
        Ok(End::Commit(Closing::quiet(task.label), ()))
    }
}
