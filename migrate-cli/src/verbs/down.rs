//! `down`, `redo` and `reset`: undo migrations.

use crate::args::{Change, Down as Args};
use crate::confirm::confirm;
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::outcome::Outcome;
use crate::output::quoted_list;
use crate::progress::Progress;
use crate::session::{self, Access, Session};
use crate::verbs::plan::{heading, push_line};
use crate::verbs::up::{refuse_rust, show_backup};
use crate::version_argument::resolve;
use migrate_runtime::{Down, DownPlan, DownScript, Report, Undo};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Args) -> Result<Outcome, Failure> {
    let mut session = open(context, &args.change)?;
    let down = down(&mut *session, args)?;
    let plan = session.plan_down(down)?;
    if !args.dry_run {
        return undo(context, &args.change, session, &plan, down, "this undoes");
    }
    for undo in plan.undos() {
        context.output.result(shown(undo));
    }
    if plan.is_empty() {
        context.output.result("there is nothing to undo");
    }
    Ok(Outcome::fine(json!({
        "database": session.shown(),
        "steps": json::list(plan.undos(), json::down),
    })))
}

pub(crate) fn reset(context: &Context<'_>, change: &Change) -> Result<Outcome, Failure> {
    let mut session = open(context, change)?;
    let plan = session.plan_down(Down::All)?;
    let what = "this undoes all migrations:";
    undo(context, change, session, &plan, Down::All, what)
}

pub(crate) fn redo(context: &Context<'_>, change: &Change) -> Result<Outcome, Failure> {
    let mut session = open(context, change)?;
    let plan = session.plan_down(Down::Steps(1))?;
    let undos = plan.undos().iter();
    let again = undos.filter_map(|undo| session.migration(undo.version));
    refuse_rust(context, again, "redo")?;
    let what = "this undoes and applies again";
    ask(context, change, &*session, &plan, what)?;
    change_schema(context, session, false, |session| session.redo())
}

fn undo(
    context: &Context<'_>,
    change: &Change,
    session: Box<dyn Session>,
    plan: &DownPlan,
    down: Down,
    what: &str,
) -> Result<Outcome, Failure> {
    let in_rust = plan.undos().iter().filter_map(|undo| match undo.script() {
        Some(DownScript::Embedded(down)) if down.is_rust() => undo.migration,
        _ => None,
    });
    refuse_rust(context, in_rust, "down")?;
    ask(context, change, &*session, plan, what)?;
    change_schema(context, session, true, |session| session.down(down))
}

/// Opens the database for reading: nothing is changed before confirmation.
fn open(context: &Context<'_>, change: &Change) -> Result<Box<dyn Session>, Failure> {
    let mut migrator = context
        .migrator_to_run()?
        .without_target()
        .with_lock_options(&change.lock_options);
    if let Some(backup) = &change.backup {
        migrator = migrator.backup_to(backup)?;
    }
    session::open(context, migrator, Access::Read)
}

fn ask(
    context: &Context<'_>,
    change: &Change,
    session: &dyn Session,
    plan: &DownPlan,
    what: &str,
) -> Result<(), Failure> {
    if plan.is_empty() {
        return Ok(());
    }
    let labels = quoted_list(plan.undos().iter().map(|undo| &undo.label));
    let risk = match (&change.backup, plan.undos().len()) {
        (Some(backup), _) => format!(", after a backup to `{}`", backup.display()),
        (None, count) => format!(
            "; the data in what {} is lost (`{}` keeps a copy)",
            if count == 1 { "it drops" } else { "they drop" },
            session.backup_command()
        ),
    };
    let question = format!("on `{}`, {what} {labels}{risk}", session.shown());
    confirm(context, &question, change.yes)
}

/// Runs a verb that undoes something. With `commits_each`, a line is printed
/// for each migration as it is committed; a redo commits only at its end.
fn change_schema(
    context: &Context<'_>,
    mut session: Box<dyn Session>,
    commits_each: bool,
    verb: impl FnOnce(&mut dyn Session) -> Result<Report, migrate_runtime::Error>,
) -> Result<Outcome, Failure> {
    session.stop_on_signals();
    let progress = Progress::new(context.output, commits_each);
    session.show(&progress);
    session.reopen_to_undo()?;
    let result = verb(&mut *session);
    progress.end();
    let report = result?;
    if report.is_empty() || !commits_each {
        context.output.report(&report);
    } else {
        show_backup(context, &report);
    }
    Ok(Outcome::fine(json::report(&session.shown(), &report)))
}

fn down(session: &mut dyn Session, args: &Args) -> Result<Down, Failure> {
    let mut find = |text: &str| {
        let status = session.status()?;
        resolve(text, session.migrations(), Some(&status))
    };
    match (&args.name, &args.to) {
        (Some(name), _) => find(name).map(Down::Only),
        (None, Some(to)) if to.parse() == Ok(0_u64) => Ok(Down::All),
        (None, Some(to)) => find(to).map(Down::To),
        (None, None) => Ok(Down::Steps(args.steps.unwrap_or(1))),
    }
}

fn shown(undo: &Undo) -> String {
    let (path, sql) = match undo.script() {
        Some(DownScript::Embedded(down)) if down.is_rust() => (down.path(), "(a function in Rust)"),
        Some(DownScript::Embedded(down)) => (down.path(), down.sql()),
        Some(DownScript::Stored(sql)) => ("from the history", sql),
        None => ("", ""),
    };
    let mut text = heading(&format!("would undo {}", undo.label), path);
    for line in sql.trim().lines() {
        push_line(&mut text, line);
    }
    text + "\n"
}
