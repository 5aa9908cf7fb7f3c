//! `schema`: prints the schema of a database.

#[cfg(feature = "postgres")]
mod pg_dump;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::args::Schema;
use crate::context::Context;
use crate::database::Database;
use crate::failure::{Failure, io};
use crate::migrator::AnyMigrator;
use crate::outcome::{Exit, Outcome};
use crate::style::{GREEN, RED, styled};
#[cfg(feature = "sqlite")]
use crate::verbs::up::refuse_rust;
use serde_json::json;
use similar::{ChangeTag, TextDiff};
use std::io::ErrorKind;
use std::path::Path;

pub(crate) fn run(context: &Context<'_>, args: &Schema) -> Result<Outcome, Failure> {
    let text = if args.replay {
        replay(context)?
    } else {
        dump(context)?
    };
    match &args.check {
        Some(path) => compare(context, path, &text),
        None => {
            context.output.text(&text);
            Ok(Outcome::fine(json!({ "schema": text })))
        }
    }
}

fn dump(context: &Context<'_>) -> Result<String, Failure> {
    match context.database()? {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(place) => {
            let Some(conn) = place.open_to_read(&context.connect)? else {
                let shown = place.shown();
                return Err(Failure::new(format!("there is no database `{shown}`"))
                    .help("use `--replay` for the schema that the migrations produce"));
            };
            sqlite::dump(&conn, context.history_table())
        }
        #[cfg(feature = "postgres")]
        Database::Postgres(server) => pg_dump::dump(context, &server),
    }
}

/// The schema of a database in memory after all migrations have run.
fn replay(context: &Context<'_>) -> Result<String, Failure> {
    match context.migrator()? {
        #[cfg(feature = "sqlite")]
        AnyMigrator::Sqlite(migrator) => {
            let migrations = migrator.registry().migrations();
            refuse_rust(context, migrations, "schema --replay")?;
            sqlite::dump(&migrator.replay()?, migrator.get_history_table())
        }
        #[cfg(feature = "postgres")]
        AnyMigrator::Postgres(_) => Err(Failure::usage(
            "`--replay` builds the schema in an SQLite database in memory, but these migrations \
             are for PostgreSQL",
        )
        .help("apply them to an empty database, and use `--database` without `--replay`")),
    }
}

fn compare(context: &Context<'_>, path: &Path, text: &str) -> Result<Outcome, Failure> {
    let shown = path.display();
    let wanted = std::fs::read_to_string(path).map_err(|error| {
        let failure = io("read", path, &error);
        match error.kind() {
            ErrorKind::NotFound => failure.help(format!("`migrate schema > {shown}` creates it")),
            _ => failure,
        }
    })?;
    let wanted = wanted.replace("\r\n", "\n");
    let (wanted, text) = (wanted.trim_end(), text.trim_end());
    if wanted == text {
        let agrees = format!("the schema matches `{shown}`");
        context.output.done(styled(GREEN, agrees));
        return Ok(Outcome::fine(json!({ "differs": false, "difference": [] })));
    }
    let diff = TextDiff::from_lines(wanted, text);
    let mut lines = Vec::new();
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end();
        match change.tag() {
            ChangeTag::Delete => lines.push((RED, format!("-{line}"))),
            ChangeTag::Insert => lines.push((GREEN, format!("+{line}"))),
            ChangeTag::Equal => {}
        }
    }
    for (style, line) in &lines {
        context.output.result(styled(*style, line));
    }
    context.output.note(format_args!(
        "`-` is only in `{shown}`, `+` only in the schema; `migrate schema > {shown}` accepts it"
    ));
    let lines: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
    Ok(Outcome {
        exit: Exit::Drift,
        facts: json!({ "differs": true, "difference": lines }),
    })
}
