use crate::args::{Run, Until};
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::output::{BOLD, DIM, styled};
use crate::target::resolve;
use crate::verbs::Outcome;
use crate::visible;
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Ahead, Migration, Migrator, Version};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, until: &Until, run: &Run) -> Result<Outcome, Failure> {
    let migrator = configured(context, run)?;
    let (database, reading) = context.open_to_read()?;
    let migrator = until_target(migrator, &reading.conn, until)?;
    let plan = migrator.plan(&reading.conn)?;
    for migration in plan.pending() {
        context.output.result(shown(context, migration));
    }
    if plan.is_empty() {
        context.output.result("nothing is pending");
    }
    let steps = plan.pending().iter().map(|it| json::up(it));
    Ok(Outcome::fine(json!({
        "database": database.shown(),
        "steps": steps.collect::<Vec<_>>(),
    })))
}

/// The migrator with the options that `plan` and `up` share.
pub(crate) fn configured(context: &Context<'_>, run: &Run) -> Result<Migrator<Version>, Failure> {
    let mut migrator = context.patient_migrator(&run.patience)?;
    if run.allow_ahead {
        migrator = migrator.ahead(Ahead::Allow);
    }
    if run.beside_other_tools {
        migrator = migrator.beside_other_tools();
    }
    Ok(migrator)
}

/// With the migration at which the run ends.
pub(crate) fn until_target(
    migrator: Migrator<Version>,
    conn: &Connection,
    until: &Until,
) -> Result<Migrator<Version>, Failure> {
    if let Some(to) = &until.to {
        let target = resolve(to, migrator.registry(), &[])?;
        return Ok(migrator.to(target));
    }
    let Some(steps) = until.steps else {
        return Ok(migrator);
    };
    let plan = migrator.plan(conn)?;
    let last = plan.pending().get(steps - 1).or(plan.pending().last());
    Ok(match last {
        Some(last) => migrator.to(last.version),
        None => migrator,
    })
}

/// What would be done, and where its script is, above the lines of that.
pub(crate) fn heading(what: &str, origin: &str) -> String {
    let origin = format!("({origin})");
    format!("{} {}", styled(BOLD, what), styled(DIM, origin))
}

/// Adds a line of a script, below its heading.
pub(crate) fn push_line(text: &mut String, line: &str) {
    *text += &format!("\n    {}", visible::lines(line));
    text.truncate(text.trim_end().len());
}

/// How much of a script is shown to somebody who did not ask for more.
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
    let most = if context.output.verbose {
        lines.len()
    } else {
        LINES
    };
    for line in lines.iter().take(most) {
        push_line(&mut text, line);
    }
    if lines.len() > most {
        let more = lines.len() - most;
        let more = format!("... {more} more lines; --verbose shows them");
        text += &format!("\n    {}", styled(DIM, more));
    }
    text + "\n"
}
