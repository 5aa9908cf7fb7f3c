use crate::args::{Change, Down as Args};
use crate::confirm::confirm;
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::session::{self, Access, Session};
use crate::verbs::plan::{heading, push_line};
use crate::verbs::up::refuse_rust;
use crate::version_argument::{resolve, rows};
use migrate_runtime::{Down, DownPlan, DownScript, Report, Undo};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Args) -> Result<Outcome, Failure> {
    let mut work = Work::new(context, &args.change)?;
    let down = down(&mut *work.session, args)?;
    let plan = work.session.plan_down(down)?;
    if args.dry_run {
        for undo in plan.undos() {
            context.output.result(shown(undo));
        }
        if plan.is_empty() {
            context.output.result("there is nothing to undo");
        }
        let steps = plan.undos().iter().map(json::down);
        return Ok(Outcome::fine(json!({
            "database": work.session.shown(),
            "steps": steps.collect::<Vec<_>>(),
        })));
    }
    undo(work, &plan, down, "this undoes")
}

pub(crate) fn reset(context: &Context<'_>, change: &Change) -> Result<Outcome, Failure> {
    let mut work = Work::new(context, change)?;
    let plan = work.session.plan_down(Down::All)?;
    undo(work, &plan, Down::All, "this undoes all migrations:")
}

pub(crate) fn redo(context: &Context<'_>, change: &Change) -> Result<Outcome, Failure> {
    let mut work = Work::new(context, change)?;
    let plan = work.session.plan_down(Down::Steps(1))?;
    let again = plan.undos().iter();
    let again = again.filter_map(|undo| work.session.migration(undo.version));
    if !context.has_functions() {
        refuse_rust(again, "redo")?;
    }
    work.ask(&plan, "this undoes and applies again")?;
    work.run(false, |session| session.redo())
}

fn undo(work: Work<'_>, plan: &DownPlan, down: Down, what: &str) -> Result<Outcome, Failure> {
    if !work.context.has_functions() {
        let rust = plan.undos().iter().filter_map(|undo| match undo.script() {
            Some(DownScript::Embedded(down)) if down.is_rust() => undo.migration,
            _ => None,
        });
        refuse_rust(rust, "down")?;
    }
    work.ask(plan, what)?;
    work.run(true, |session| session.down(down))
}

/// A change that undoes something, before it is agreed to.
struct Work<'a> {
    context: &'a Context<'a>,
    change: &'a Change,
    session: Box<dyn Session>,
}

impl<'a> Work<'a> {
    fn new(context: &'a Context<'a>, change: &'a Change) -> Result<Work<'a>, Failure> {
        let mut migrator = context.migrator_with_timeout(&change.patience)?;
        if let Some(backup) = &change.backup {
            migrator = migrator.backup_to(backup)?;
        }
        Ok(Work {
            context,
            change,
            session: session::open(context, migrator, Access::Read)?,
        })
    }

    fn ask(&self, plan: &DownPlan, what: &str) -> Result<(), Failure> {
        if plan.is_empty() {
            return Ok(());
        }
        let labels = plan.undos().iter().map(|undo| format!("`{}`", undo.label));
        let labels: Vec<String> = labels.collect();
        let database = self.session.shown();
        let copy = self.session.backup_command();
        let what = match (&self.change.backup, plan.undos().len()) {
            (Some(backup), _) => format!(
                "on `{database}`, {what} {}, after a backup to `{}`",
                labels.join(", "),
                backup.display()
            ),
            (None, count) => format!(
                "on `{database}`, {what} {}; the data in what {} is lost (`{copy}` keeps a copy)",
                labels.join(", "),
                if count == 1 {
                    "that drops"
                } else {
                    "they drop"
                },
            ),
        };
        confirm(self.context, &what, self.change.yes)
    }

    fn run(
        self,
        tells: bool,
        verb: impl FnOnce(&mut dyn Session) -> Result<Report, migrate_runtime::Error>,
    ) -> Result<Outcome, Failure> {
        let mut session = self.session;
        session.stop_on_signals();
        let progress = Progress::new(self.context.output, tells);
        session.show(&progress);
        session.reopen_to_undo()?;
        let report = verb(&mut *session);
        progress.end();
        let report = report?;
        let output = self.context.output;
        if report.is_empty() || !tells {
            output.done(&report);
        } else if let Some(backup) = report.backup() {
            output.done(format_args!("backed up to {}", backup.display()));
        }
        Ok(Outcome::fine(json::report(&session.shown(), &report)))
    }
}

fn down(session: &mut dyn Session, args: &Args) -> Result<Down, Failure> {
    let mut find = |text: &str| {
        let status = session.status()?;
        resolve(text, session.migrations(), &rows(&status))
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
