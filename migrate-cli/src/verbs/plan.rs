//! `plan`: shows what `up` would do.

use crate::args::{RunOptions, Target};
use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::json;
use crate::migrator::{AnyMigrator, map};
use crate::outcome::Outcome;
use crate::session::{self, Access, Session};
use crate::style::{BOLD, DIM, styled};
use crate::version_argument::resolve;
use migrate_runtime::{Ahead, Migration};
use serde_json::json;

pub(crate) fn run(
    context: &Context<'_>,
    target: &Target,
    run: &RunOptions,
) -> Result<Outcome, Failure> {
    let migrator = configured(context, run)?;
    let mut session = session::open(context, migrator, Access::Read)?;
    set_target(&mut *session, target)?;
    let plan = session.plan()?;
    for migration in plan.pending() {
        context.output.result(shown(context, migration));
    }
    if plan.is_empty() {
        context.output.result("nothing is pending");
    }
    Ok(Outcome::fine(json!({
        "database": session.shown(),
        "steps": json::list(plan.pending(), |it| json::up(it)),
    })))
}

/// The migrator with the options that `plan` and `up` share.
pub(crate) fn configured(context: &Context<'_>, run: &RunOptions) -> Result<AnyMigrator, Failure> {
    let mut migrator = context
        .migrator_to_run()?
        .with_lock_options(&run.lock_options);
    if run.allow_ahead {
        migrator = map!(migrator, it => it.ahead(Ahead::Allow));
    }
    if run.allow_foreign_history {
        migrator = map!(migrator, it => it.allow_foreign_history());
    }
    Ok(migrator)
}

/// Sets the migration after which the run stops.
pub(crate) fn set_target(session: &mut dyn Session, target: &Target) -> Result<(), Failure> {
    if let Some(to) = &target.to {
        let version = resolve(to, session.migrations(), None)?;
        session.stop_after(version);
    } else if let Some(steps) = target.steps {
        let plan = session.plan()?;
        let last = plan.pending().get(steps - 1).or(plan.pending().last());
        if let Some(last) = last {
            session.stop_after(last.version);
        }
    }
    Ok(())
}

/// The heading of a script: what would be done, and the origin of the script.
pub(crate) fn heading(what: &str, origin: &str) -> String {
    let origin = format!("({origin})");
    format!("{} {}", styled(BOLD, what), styled(DIM, origin))
}

pub(crate) fn push_line(text: &mut String, line: &str) {
    *text += &format!("\n    {}", escape::lines(line));
    text.truncate(text.trim_end().len());
}

/// The number of lines of a script that are shown without `--verbose`.
const LINES: usize = 60;

fn shown(context: &Context<'_>, migration: &Migration) -> String {
    let up = migration.up;
    let mut text = heading(&format!("would apply {}", migration.label), up.path());
    if up.is_rust() {
        return text + "\n    (a function in Rust)\n";
    }
    if !up.in_transaction() {
        text += ", without a transaction";
    }
    let lines: Vec<&str> = up.sql().trim_end().lines().collect();
    let is_cut = lines.len() > LINES && !context.output.verbose;
    for line in lines.iter().take(if is_cut { LINES } else { lines.len() }) {
        push_line(&mut text, line);
    }
    if is_cut {
        let count = lines.len() - LINES;
        let note = format!("... {count} more lines; --verbose shows them");
        text += &format!("\n    {}", styled(DIM, note));
    }
    text + "\n"
}
