//! `check`: checks a directory the way the compiler does.

use crate::args::{Check as Args, Report};
use crate::context::Context;
use crate::directory::Directory;
use crate::failure::Failure;
use crate::json;
use crate::outcome::{Exit, Outcome};
use crate::output::counted;
use crate::report::{github, sarif};
use crate::style::{GREEN, styled};
use migrate_runtime::Numbering;
use migrate_scan::Engine;
use migrate_source::coverage::Coverage;
use migrate_tools::SqliteVersion;
use serde_json::{Value, json};

pub(crate) fn run(context: &Context<'_>, args: &Args) -> Result<Outcome, Failure> {
    let directory = context.directory()?;
    let min_sqlite = min_sqlite(context, args, &directory)?;
    let url = context.global.database.as_deref();
    let mut check = directory.check(url, &context.connect, min_sqlite)?;
    if !check.errors.is_empty()
        && let Some(hint) = context.engine_hint()
    {
        check.notes.push(hint.to_owned());
    }
    if directory.numbering == Numbering::Timestamp && context.global.numbering.is_none() {
        let note = "the versions are timestamps, and the call of the macro needs `numbering = \
                    \"timestamp\"`";
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
            if let Some(coverage) = &check.coverage {
                output.done(coverage);
            }
            let is_partial = check
                .coverage
                .as_ref()
                .is_some_and(|it| !it.not_tried.is_empty());
            if check.errors.is_empty() && check.warnings.is_empty() {
                let verdict = if is_partial {
                    "nothing is wrong in what was tried"
                } else {
                    "nothing is wrong"
                };
                output.done(styled(GREEN, verdict));
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
            "errors": json::list(&check.errors, json::diagnostic),
            "warnings": json::list(&check.warnings, json::diagnostic),
            "notes": check.notes,
            "coverage": check.coverage.as_ref().map(coverage),
        }),
    })
}

/// The oldest SQLite that must run the migrations: from the arguments, or from the program that
/// embeds them.
fn min_sqlite(
    context: &Context<'_>,
    args: &Args,
    directory: &Directory<'_>,
) -> Result<Option<SqliteVersion>, Failure> {
    if args.min_sqlite.is_some() && directory.engine != Engine::Sqlite {
        return Err(
            Failure::usage("`--min-sqlite` is for SQLite, and these migrations are not")
                .help("omit `--min-sqlite`"),
        );
    }
    let own = || context.embedded?.min_sqlite();
    Ok(args.min_sqlite.or_else(own))
}

fn coverage(coverage: &Coverage) -> Value {
    let not_tried = coverage.not_tried.iter();
    let not_tried = not_tried.map(|(label, why)| json!({"migration": label, "reason": why}));
    json!({
        "migrations": coverage.migrations,
        "released": coverage.released,
        "tried_on_rows": coverage.tried_on_rows,
        "downs": coverage.downs,
        "not_tried": not_tried.collect::<Vec<_>>(),
    })
}
