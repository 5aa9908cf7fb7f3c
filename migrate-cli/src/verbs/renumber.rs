//! `renumber`: gives drafts the next free numbers.

use crate::args::Renumber;
use crate::confirm::confirm;
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::numbering::numbering;
use crate::outcome::Outcome;
use crate::output::counted;
use migrate_tools::renumber;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Renumber) -> Result<Outcome, Failure> {
    let (directory, numbering) = (&context.global.dir, numbering(context.global)?);
    let plan = if args.all {
        renumber::plan_all(directory, numbering)?
    } else {
        renumber::plan(directory, numbering, args.name.as_deref())?
    };
    let output = context.output;
    let is_applied = !args.dry_run && !plan.is_empty();
    output.result(plan.to_string().trim_end());
    if is_applied {
        let files = match plan.moves().len() {
            0 => "this writes the lock file".to_owned(),
            count => format!("this renames {}", counted(count, "file")),
        };
        confirm(context, &files, args.yes)?;
        let changes = plan.apply()?;
        if args.yes {
            output.done(changes);
        }
    } else if !plan.is_empty() {
        output.note("nothing was renamed; to rename the files, omit `--dry-run`");
    }
    Ok(Outcome::fine(json!({
        "moves": json::list(plan.moves(), |(from, to)| json!({ "from": from, "to": to })),
        "notes": plan.notes(),
        "is_applied": is_applied,
    })))
}
