//! `lock`: updates the lock file, and freezes released migrations.

use crate::args::Lock;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::version_argument::resolve;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Lock) -> Result<Outcome, Failure> {
    let directory = context.directory()?;
    let updated = directory.update_lock();
    let mut changes = vec![updated.map_err(|failure| context.with_engine_hint(failure))?];
    if args.freeze {
        // Reads the directory after the new migrations were listed.
        let find = |to| resolve(to, context.migrator()?.migrations(), None);
        let up_to = args.to.as_deref().map(find).transpose()?;
        changes.push(directory.freeze(up_to)?);
    }
    changes.retain(|changes| !changes.is_empty());
    for changes in &changes {
        context.output.done(changes);
    }
    if changes.is_empty() {
        context.output.done("the lock file is up to date");
    }
    let texts: Vec<String> = changes.iter().map(ToString::to_string).collect();
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    Ok(Outcome::fine(json!({ "changes": lines })))
}
