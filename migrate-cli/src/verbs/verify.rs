use crate::args::Verify;
use crate::context::Context;
use crate::failure::{Exit, Failure, exit_of_drift};
use crate::json;
use crate::output::{GREEN, RED, YELLOW, styled};
use crate::verbs::Outcome;
use migrate_adopt::left_behind;
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{Migrator, Version};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Verify) -> Result<Outcome, Failure> {
    let migrator = context.migrator()?;
    let (database, reading) = context.open_to_read()?;
    let found = migrator.verify(&reading.conn)?;
    let schema = match args.no_schema {
        true => None,
        false => schema(context, &migrator, &reading.conn)?,
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
    for pending in found.pending() {
        let label = pending.label;
        output.result(format_args!("{} `{label}`", styled(YELLOW, "pending:")));
    }
    let differs = !found.changed_downs().is_empty()
        || !found.broken().is_empty()
        || schema.as_ref().is_some_and(|schema| !schema.is_empty());
    let exit = match exit_of_drift(found.drift()) {
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
            "database": database.shown(),
            "drift": found.drift().iter().map(json::drift).collect::<Vec<_>>(),
            "pending": pending.collect::<Vec<_>>(),
            "changed_downs": downs.collect::<Vec<_>>(),
            "broken": found.broken(),
            "schema": schema,
        }),
    })
}

/// What is another way than the migrations make it; `None` where they cannot be
/// replayed.
fn schema(
    context: &Context<'_>,
    migrator: &Migrator<Version>,
    conn: &Connection,
) -> Result<Option<Vec<String>>, Failure> {
    let mut migrations = migrator.registry().migrations().iter();
    if !context.has_functions() && migrations.any(|it| it.up.is_rust()) {
        context.output.note(
            "the schema was not compared, because some of the migrations are written in Rust: \
             run this from the program that embeds them",
        );
        return Ok(None);
    }
    let ignored = left_behind(migrator, conn)?;
    let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
    Ok(Some(migrator.compare_schema(conn, None, &ignored)?))
}
