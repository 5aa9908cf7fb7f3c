//! `verify`: compares the database with the migrations.

use crate::args::Verify;
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::outcome::{Exit, Outcome};
use crate::session::{self, Access, Session};
use crate::style::{GREEN, RED, YELLOW, styled};
use migrate_runtime::Migration;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Verify) -> Result<Outcome, Failure> {
    let migrator = context.migrator()?;
    let mut session = session::open(context, migrator, Access::Read)?;
    let found = session.verify()?;
    let schema = if args.no_schema {
        None
    } else {
        compare_schema(context, &mut *session)?
    };
    let output = context.output;
    let line = |style, kind: &str, text: &str| {
        output.result(format_args!("{} {text}", styled(style, kind)));
    };
    for sentence in found.messages() {
        line(RED, "drift:", &sentence);
    }
    for down in found.changed_downs() {
        let label = down.label;
        let text = format!("the down of `{label}` has changed since it was applied");
        line(YELLOW, "down:", &text);
    }
    for broken in found.broken() {
        line(RED, "broken:", broken);
    }
    for difference in schema.iter().flatten() {
        line(RED, "schema:", difference);
    }
    for warning in found.warnings() {
        output.warning(warning);
    }
    for pending in found.pending() {
        line(YELLOW, "pending:", &format!("`{}`", pending.label));
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
    let label = |migration: &&Migration| json!(migration.label);
    Ok(Outcome {
        exit,
        facts: json!({
            "database": session.shown(),
            "drift": json::list(found.drift(), json::drift),
            "pending": json::list(found.pending(), label),
            "changed_downs": json::list(found.changed_downs(), label),
            "broken": found.broken(),
            "schema": schema,
            "warnings": found.warnings(),
        }),
    })
}

/// The differences between the schema and the one that the migrations produce;
/// `None`, with a note, if they cannot be found.
fn compare_schema(
    context: &Context<'_>,
    session: &mut dyn Session,
) -> Result<Option<Vec<String>>, Failure> {
    let is_in_rust = session.migrations().iter().any(|it| it.up.is_rust());
    let obstacle = if is_in_rust && !context.has_functions() {
        Some(IN_RUST)
    } else {
        session.obstacle_to_compare()
    };
    if let Some(obstacle) = obstacle {
        let note = format!("the schema was not compared: {obstacle}");
        context.output.note(note);
        return Ok(None);
    }
    let Some(ignored) = leftover_tables(context, session)? else {
        return Ok(None);
    };
    let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
    session.compare_schema(&ignored).map(Some)
}

const IN_RUST: &str = "some of the migrations are written in Rust; run this from the program that \
                       embeds them";

/// The tables of other tools, which the comparison ignores.
#[cfg(feature = "adopt")]
fn leftover_tables(
    _: &Context<'_>,
    session: &mut dyn Session,
) -> Result<Option<Vec<String>>, Failure> {
    Ok(Some(session.leftover_tables()?))
}

/// Without the feature `adopt`, these tables are unknown unless the history has
/// no adopted rows.
#[cfg(not(feature = "adopt"))]
fn leftover_tables(
    context: &Context<'_>,
    session: &mut dyn Session,
) -> Result<Option<Vec<String>>, Failure> {
    let status = session.status()?;
    let mut rows = status.entries().iter().filter_map(|it| it.row.as_ref());
    if rows.all(|row| row.origin.is_none()) {
        return Ok(Some(Vec::new()));
    }
    context.output.note(
        "the schema was not compared: the history was taken over from another tool, and this \
         program does not know which tables that tool has left; enable the feature `adopt` of \
         migrate-cli",
    );
    Ok(None)
}
