//! `adopt`: takes over the history or the files of another tool.

mod files;
mod history;

use crate::args::Adopt;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::output::quoted_list;
use migrate_adopt::{Error, Tool};

pub(crate) fn run(context: &Context<'_>, args: &Adopt) -> Result<Outcome, Failure> {
    match &args.files {
        Some(old) => files::convert(context, args, old),
        None if args.squash => files::squash(context, args),
        None => history::adopt(context, args),
    }
}

/// The tool given with `--from`, or else the only one whose history the database
/// has. `detect` finds all tools that have a history there.
fn tool(
    context: &Context<'_>,
    args: &Adopt,
    detect: impl FnOnce() -> Result<Vec<Tool>, Failure>,
) -> Result<Tool, Failure> {
    if let Some(named) = args.from.as_deref().and_then(Tool::parse) {
        return Ok(named);
    }
    let found = detect()?;
    match found[..] {
        [tool] => {
            let note = format!("the database has the history of {tool}");
            context.output.note(note);
            Ok(tool)
        }
        [] => Err(
            Failure::new("the database has no history of a known tool").help(
                "name the tool with `--from`; rusqlite_migration has no table and must always be \
             named; `migrate status` shows what was adopted before",
            ),
        ),
        _ => {
            let names = quoted_list(found.iter().map(|tool| tool.name()));
            Err(Failure::usage(format!(
                "the database has the histories of several tools: {names}"
            ))
            .help("choose one with `--from`"))
        }
    }
}

fn undetected(error: Error) -> Failure {
    Failure::new("the tables of the database cannot be read").because(&error)
}
