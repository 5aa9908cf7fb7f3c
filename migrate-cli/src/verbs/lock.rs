use crate::args::Lock;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::version_argument::resolve;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Lock) -> Result<Outcome, Failure> {
    let (directory, numbering) = (&context.global.dir, context.numbering()?);
    let scripts = context.scripts()?;
    let updated = scripts.update_lock(directory, numbering);
    let mut changes = vec![updated.map_err(|error| context.with_hint_of_engine(error))?];
    if args.freeze {
        let up_to = match &args.to {
            None => None,
            // What is new is listed by now.
            Some(to) => Some(resolve(to, context.migrator()?.migrations(), &[])?),
        };
        changes.push(scripts.freeze(directory, numbering, up_to)?);
    }
    changes.retain(|changes| !changes.is_empty());
    for changes in &changes {
        context.output.done(changes);
    }
    if changes.is_empty() {
        context.output.done("the lock file is up to date");
    }
    let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
    let lines: Vec<&str> = lines.iter().flat_map(|text| text.lines()).collect();
    Ok(Outcome::fine(json!({ "changes": lines })))
}
