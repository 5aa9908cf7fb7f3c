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

/// The tool given with `--from`.
fn named(args: &Adopt) -> Option<Tool> {
    args.from.as_deref().and_then(Tool::parse)
}

/// The only tool whose history the database has.
fn detected(context: &Context<'_>, found: Result<Vec<Tool>, Error>) -> Result<Tool, Failure> {
    let found = found.map_err(|error| {
        Failure::new("the tables of the database cannot be read").because(&error)
    })?;
    match found[..] {
        [tool] => {
            let note = format!("the database has the history of {tool}");
            context.output.note(note);
            Ok(tool)
        }
        [] => Err(Failure::new("the database has the history of no tool that is known here").help(
            "name the tool with `--from`; rusqlite_migration keeps no table, so that it has to be \
             named; what was adopted before is shown by `migrate status`",
        )),
        _ => {
            let names = quoted_list(found.iter().map(|tool| tool.name()));
            Err(Failure::usage(format!(
                "the database has the histories of several tools: {names}"
            ))
            .help("name the one that is meant with `--from`"))
        }
    }
}
