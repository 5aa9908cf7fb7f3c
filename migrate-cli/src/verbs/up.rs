//! `up`: applies pending migrations.

use crate::args::Up;
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::migrator::map;
use crate::outcome::Outcome;
use crate::output::quoted_list;
use crate::progress::Progress;
use crate::session::{self, Access, Session};
use crate::verbs::plan::{self, configured, set_target};
use migrate_runtime::{Error, Migration, Report, Transactions};
use std::time::Duration;

pub(crate) fn run(context: &Context<'_>, args: &Up) -> Result<Outcome, Failure> {
    if args.dry_run {
        return plan::run(context, &args.target, &args.run);
    }
    let mut migrator = configured(context, &args.run)?;
    if let Some(backup) = &args.backup {
        migrator = migrator.backup_to(backup)?;
    }
    // Environment variables are often set to an empty string.
    if let Some(release) = args.release.as_ref().filter(|it| !it.is_empty()) {
        migrator = map!(migrator, it => it.release(release.clone()));
    }
    if let Some(commit) = args.git_commit.as_ref().filter(|it| !it.is_empty()) {
        migrator = map!(migrator, it => it.git_commit(commit.clone()));
    }
    if args.all_or_nothing {
        migrator = map!(migrator, it => it.transactions(Transactions::All));
    }
    // This connection creates no file: a refused run must leave nothing behind.
    let mut session = session::open(context, migrator, Access::Apply { wait: args.wait })?;
    set_target(&mut *session, &args.target)?;
    if !context.has_functions() {
        refuse_rust(context, session.plan()?.pending().iter().copied(), "up")?;
    }
    // In a shared transaction, nothing is committed before the last migration.
    let progress = Progress::new(context.output, !args.all_or_nothing);
    session.show(&progress);
    session.reopen_to_apply(args.wait.unwrap_or(Duration::ZERO))?;
    let result = session.up();
    progress.end();
    let report = result.map_err(|error| with_adoption_hint(error, &mut *session))?;
    show_backup(context, &report);
    if report.is_empty() {
        context.output.done("nothing is pending");
    } else if args.all_or_nothing {
        context.output.report(&report);
    }
    Ok(Outcome::fine(json::report(&session.shown(), &report)))
}

/// Tells where the backup is, if one was made.
pub(crate) fn show_backup(context: &Context<'_>, report: &Report) {
    if let Some(backup) = report.backup() {
        let backup = backup.display();
        context.output.done(format_args!("backed up to {backup}"));
    }
}

/// Adds a hint about adoption. If the first migration fails on a database
/// without a history, another tool has most likely created its schema.
fn with_adoption_hint(error: Error, session: &mut dyn Session) -> Failure {
    let has_failed_in_sql = error.location().is_some();
    let failure = Failure::from(error);
    if has_failed_in_sql
        && let Ok(status) = session.status()
        && status.entries().iter().all(|entry| entry.row.is_none())
        && let Some(hint) = session.adoption_hint()
    {
        return failure.help(hint);
    }
    failure
}

/// Fails before anything is run if there are Rust migrations whose functions
/// are not available.
pub(crate) fn refuse_rust<'m>(
    context: &Context<'_>,
    migrations: impl IntoIterator<Item = &'m Migration>,
    verb: &str,
) -> Result<(), Failure> {
    let in_rust = migrations.into_iter().filter(|it| it.up.is_rust());
    let paths: Vec<&str> = in_rust.map(|it| it.up.path()).collect();
    if paths.is_empty() || context.has_functions() {
        return Ok(());
    }
    let (are, them) = match paths.len() {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    Err(Failure::new(format!(
        "{} {are} written in Rust, and `migrate` reads only SQL; nothing was changed",
        quoted_list(paths)
    ))
    .help(format!(
        "run {them} from the program that embeds {them}: give it this command line with \
         `migrate_cli::Program::embedded(Migration::migrator())`, then run `myapp migrate {verb}`"
    )))
}
