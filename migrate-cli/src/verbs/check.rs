use crate::args::{Check as Args, Report};
use crate::context::Context;
use crate::database::Database;
use crate::failure::{Exit, Failure};
use crate::json;
use crate::output::{GREEN, styled};
use crate::report::{github, sarif};
use crate::verbs::Outcome;
use migrate_model::Engine;
use migrate_runtime::{Check, Numbering, check_directory, postgres};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(context: &Context<'_>, args: &Args) -> Result<Outcome, Failure> {
    let numbering = context.numbering()?;
    let directory = &context.global.dir;
    let mut check = match context.engine()? {
        Engine::Postgres => on_postgres(context, directory, numbering)?,
        _ => check_directory(directory, numbering),
    };
    if let Some(hint) = context.hint_of_engine(check.errors.len()) {
        check.notes.push(hint.to_owned());
    }
    if numbering == Numbering::Timestamp && context.global.numbering.is_none() {
        let note = "the versions are timestamps, which a call of the macro has to say: \
                    `numbering = \"timestamp\"`";
        check.notes.push(note.to_owned());
    }
    let output = context.output;
    match args.report {
        Some(Report::Sarif) => output.text(&format!("{:#}\n", sarif::document(&check))),
        Some(Report::Github) => {
            for line in github::lines(&check) {
                output.text(&(line + "\n"));
            }
        }
        None => {
            output.diagnostics(&check.errors, &check.warnings);
            for note in &check.notes {
                output.note(note);
            }
            if check.errors.is_empty() && check.warnings.is_empty() {
                output.done(styled(GREEN, "nothing is wrong"));
            } else {
                output.result(format_args!(
                    "{}, {}",
                    counted(check.errors.len(), "error"),
                    counted(check.warnings.len(), "warning"),
                ));
            }
        }
    }
    let fails = !check.errors.is_empty() || (args.deny_warnings && !check.warnings.is_empty());
    Ok(Outcome {
        exit: if fails { Exit::Failed } else { Exit::Fine },
        facts: json!({
            "errors": check.errors.iter().map(json::diagnostic).collect::<Vec<_>>(),
            "warnings": check.warnings.iter().map(json::diagnostic).collect::<Vec<_>>(),
            "notes": check.notes,
        }),
    })
}

/// Replays the migrations in scratch databases, if a server was named for that: one
/// that a variable names may be that of production.
fn on_postgres(
    context: &Context<'_>,
    directory: &Path,
    numbering: Numbering,
) -> Result<Check, Failure> {
    let named = context.global.database.as_deref();
    if let Some(Database::Postgres(server)) = named.map(Database::parse).transpose()? {
        let mut db = server.connect(context, None)?;
        let connector = &server.connector;
        let proved =
            db.run(async |_| postgres::prove_directory(directory, numbering, connector).await);
        return Ok(proved?);
    }
    let mut check = postgres::check_directory(directory, numbering);
    check.notes = vec![
        "the migrations were not replayed: name a PostgreSQL server with `--database`, on which \
         scratch databases can be made and dropped"
            .to_owned(),
    ];
    Ok(check)
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
