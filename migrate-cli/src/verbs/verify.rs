use crate::args::Verify;
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::outcome::{Exit, Outcome};
use crate::session::Session;
use crate::style::{GREEN, RED, YELLOW, styled};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Verify) -> Result<Outcome, Failure> {
    let migrator = context.migrator()?;
    let mut session = Session::to_read(context, migrator)?;
    let found = session.verify()?;
    let schema = match args.no_schema {
        true => None,
        false => session.compare_schema()?,
    };
    let output = context.output;
    for sentence in found.sentences() {
        output.result(format_args!("{} {sentence}", styled(RED, "drift:")));
    }
    for down in found.changed_downs() {
        output.result(format_args!(
            "{} the down of `{}` is another one than when it was applied",
            styled(YELLOW, "down:"),
            down.label
        ));
    }
    for broken in found.broken() {
        output.result(format_args!("{} {broken}", styled(RED, "broken:")));
    }
    for difference in schema.iter().flatten() {
        output.result(format_args!("{} {difference}", styled(RED, "schema:")));
    }
    for warning in found.warnings() {
        output.warning(warning);
    }
    for pending in found.pending() {
        let label = pending.label;
        output.result(format_args!("{} `{label}`", styled(YELLOW, "pending:")));
    }
    let differs = !found.changed_downs().is_empty()
        || !found.broken().is_empty()
        || schema.as_ref().is_some_and(|schema| !schema.is_empty());
    let exit = match Exit::of_drift(found.drift()) {
        Exit::Fine if differs => Exit::Drift,
        Exit::Fine if args.exit_code && !found.pending().is_empty() => Exit::Pending,
        exit => exit,
    };
    if exit == Exit::Fine && found.pending().is_empty() {
        output.result(match &schema {
            Some(_) => styled(GREEN, "history, schema and migrations agree"),
            None => styled(GREEN, "history and migrations agree"),
        });
    }
    let pending = found.pending().iter().map(|it| it.label);
    let downs = found.changed_downs().iter().map(|it| it.label);
    Ok(Outcome {
        exit,
        facts: json!({
            "database": session.shown(),
            "drift": found.drift().iter().map(json::drift).collect::<Vec<_>>(),
            "pending": pending.collect::<Vec<_>>(),
            "changed_downs": downs.collect::<Vec<_>>(),
            "broken": found.broken(),
            "schema": schema,
            "warnings": found.warnings(),
        }),
    })
}
