use crate::args::{Change, Down as Args};
use crate::confirm::confirm;
use crate::context::Context;
use crate::database::{Database, is_absent};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::target::{resolve, rows};
use crate::verbs::Outcome;
use crate::verbs::plan::{heading, push_line};
use crate::verbs::up::refuse_rust;
use crate::{json, signals};
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Down, DownPlan, DownScript, Migrator, Report, Undo, Version};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Args) -> Result<Outcome, Failure> {
    let work = Work::new(context, &args.change)?;
    let down = down(&work, args)?;
    let plan = work.migrator.plan_down(&work.reading, down)?;
    if args.dry_run {
        for undo in plan.undos() {
            context.output.result(shown(undo));
        }
        if plan.is_empty() {
            context.output.result("there is nothing to undo");
        }
        let steps = plan.undos().iter().map(json::down);
        return Ok(Outcome::fine(json!({
            "database": work.database.shown(),
            "steps": steps.collect::<Vec<_>>(),
        })));
    }
    undo(work, &plan, down, "this undoes")
}

pub(crate) fn reset(context: &Context<'_>, change: &Change) -> Result<Outcome, Failure> {
    let work = Work::new(context, change)?;
    let plan = work.migrator.plan_down(&work.reading, Down::All)?;
    undo(work, &plan, Down::All, "this undoes all migrations:")
}

pub(crate) fn redo(context: &Context<'_>, change: &Change) -> Result<Outcome, Failure> {
    let work = Work::new(context, change)?;
    let plan = work.migrator.plan_down(&work.reading, Down::Steps(1))?;
    let again = plan.undos().iter().filter_map(|undo| {
        let registry = work.migrator.registry();
        registry.get(undo.version)
    });
    if !context.has_functions() {
        refuse_rust(again, "redo")?;
    }
    work.ask(&plan, "this undoes and applies again")?;
    work.run(false, |migrator, conn| migrator.redo(conn))
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
    work.run(true, |migrator, conn| migrator.down(conn, down))
}

/// A change that undoes something, before it is agreed to.
struct Work<'a> {
    context: &'a Context<'a>,
    change: &'a Change,
    migrator: Migrator<Version>,
    database: Database,
    reading: Connection,
}

impl<'a> Work<'a> {
    fn new(context: &'a Context<'a>, change: &'a Change) -> Result<Work<'a>, Failure> {
        let migrator = context.patient_migrator(&change.patience)?;
        let (database, reading) = context.open_to_read()?;
        Ok(Work {
            context,
            change,
            migrator,
            database,
            reading: reading.conn,
        })
    }

    fn ask(&self, plan: &DownPlan, what: &str) -> Result<(), Failure> {
        if plan.is_empty() {
            return Ok(());
        }
        let labels = plan.undos().iter().map(|undo| format!("`{}`", undo.label));
        let labels: Vec<String> = labels.collect();
        let database = self.database.shown();
        let what = match (&self.change.backup, plan.undos().len()) {
            (Some(backup), _) => format!(
                "on `{database}`, {what} {}, after a backup to `{}`",
                labels.join(", "),
                backup.display()
            ),
            (None, count) => format!(
                "on `{database}`, {what} {}; the data in what {} is lost (`--backup PATH` keeps a \
                 copy)",
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
        verb: impl FnOnce(&Migrator<Version>, &mut Connection) -> Result<Report, migrate_runtime::Error>,
    ) -> Result<Outcome, Failure> {
        drop(self.reading);
        let (migrator, _listening) = signals::stopping(self.migrator);
        let progress = Progress::new(self.context.output, tells);
        let mut migrator = migrator.add_observer(progress.clone());
        if let Some(backup) = &self.change.backup {
            migrator = migrator.backup_to(backup);
        }
        let mut conn = match &self.database {
            // A file that is not there is not made for this.
            Database::File(path) if is_absent(path) => Database::Memory.open(self.context)?,
            database => database.open(self.context)?,
        };
        let report = verb(&migrator, &mut conn);
        progress.end();
        let report = report?;
        let output = self.context.output;
        if report.is_empty() || !tells {
            output.done(&report);
        } else if let Some(backup) = report.backup() {
            output.done(format_args!("backed up to {}", backup.display()));
        }
        Ok(Outcome::fine(json::report(&self.database, &report)))
    }
}

fn down(work: &Work<'_>, args: &Args) -> Result<Down, Failure> {
    let find = |text: &str| {
        let status = work.migrator.status(&work.reading)?;
        resolve(text, work.migrator.registry(), &rows(&status))
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
