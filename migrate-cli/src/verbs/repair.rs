//! `repair`: corrects a row of the history.

use crate::args::Repair as Args;
use crate::confirm::confirm;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::session::{self, Access};
use crate::version_argument::resolve;
use migrate_runtime::Repair;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Args) -> Result<Outcome, Failure> {
    // Resuming runs statements, with the backup of the program.
    let migrator = if args.kind.resume {
        context.migrator_to_run()?.without_target()
    } else {
        context.migrator()?
    };
    let mut session = session::open(context, migrator, Access::Existing)?;
    let status = session.status()?;
    let version = resolve(&args.version, session.migrations(), Some(&status))?;
    let (repair, what) = repair(args)?;
    let entry = status.entries().iter().find(|it| it.version == version);
    let label = entry.map_or_else(|| version.to_string(), |it| it.label.clone());
    let what = format!("on `{}`, this {what} migration `{label}`", session.shown());
    confirm(context, &what, args.yes)?;
    // Resuming runs statements, which may take long.
    session.stop_on_signals();
    let progress = Progress::new(context.output, false);
    session.show(&progress);
    let result = session.repair(version, repair);
    progress.end();
    let repaired = result?;
    context.output.done(&repaired);
    Ok(Outcome::fine(json!({
        "database": session.shown(),
        "version": repaired.version.get(),
        "label": repaired.label,
        "old_checksum": repaired.old,
        "new_checksum": repaired.new,
    })))
}

/// The repair to make. The default is a restamp, the most common repair.
fn repair(args: &Args) -> Result<(Repair<'_>, &'static str), Failure> {
    let reason = || {
        let given = args.reason.as_deref().filter(|it| !it.trim().is_empty());
        given.ok_or_else(|| {
            Failure::usage("this repair needs a reason, which is recorded in the history")
                .help("use `--reason \"why it is right\"`")
        })
    };
    if args.kind.resume {
        Ok((Repair::Resume, "resumes"))
    } else if args.kind.pending {
        Ok((Repair::MarkPending, "marks as not applied:"))
    } else if args.kind.applied {
        Ok((Repair::MarkApplied(reason()?), "marks as applied:"))
    } else {
        Ok((
            Repair::Restamp(reason()?),
            "gives a new checksum and name to",
        ))
    }
}
