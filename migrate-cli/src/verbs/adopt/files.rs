//! Conversion of the old tool's files, or of the schema, into migrations.

use super::{tool, undetected};
use crate::args::Adopt;
use crate::context::Context;
use crate::database::Database;
use crate::failure::Failure;
use crate::files::{shell_quoted, shown};
use crate::json;
use crate::outcome::Outcome;
use migrate_adopt::files::{self, Change, Conversion, Squash};
use migrate_adopt::{Tool, applied, detect};
use migrate_runtime::rusqlite::Connection;
use migrate_tools::is_same_file;
use serde_json::json;
use std::path::Path;

pub(super) fn convert(context: &Context<'_>, args: &Adopt, old: &Path) -> Result<Outcome, Failure> {
    // The database may show which tool the files belong to.
    let tool = tool(context, args, || match context.database() {
        Ok(database) => detect_without_migrations(context, database),
        Err(_) => Err(
            Failure::usage("the tool that these files belong to is not known")
                .help("name the tool with `--from`"),
        ),
    })?;
    let mut options = files::Options::default();
    options.table.clone_from(&args.table);
    options.shown = shown(&context.global.dir);
    options.engine = context.engine()?;
    let source = files::read_source(tool, old)?;
    let conversion = files::convert(&source, &options)?;
    finish(context, args, tool, &conversion, Some(old))
}

pub(super) fn squash(context: &Context<'_>, args: &Adopt) -> Result<Outcome, Failure> {
    let conn = open(context)?;
    let tool = tool(context, args, || detect(&conn).map_err(undetected))?;
    let ids = applied(&conn, tool, args.table.as_deref())?;
    let mut squash = Squash::new(tool, &ids);
    squash.table.clone_from(&args.table);
    context.history_table().clone_into(&mut squash.history);
    squash.shown = shown(&context.global.dir);
    let conversion = files::squash(&conn, &squash)?;
    finish(context, args, tool, &conversion, None)
}

/// The tools whose histories the database has, found without any migrations.
fn detect_without_migrations(
    context: &Context<'_>,
    database: Database,
) -> Result<Vec<Tool>, Failure> {
    let detected = match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(place) => detect(&place.open_existing(&context.connect)?),
        #[cfg(feature = "postgres")]
        Database::Postgres(server) => {
            let mut db = server.connect(&context.connect, None)?;
            db.run(async |client| migrate_adopt::postgres::detect(client, &[]).await)
        }
    };
    detected.map_err(undetected)
}

/// Opens an existing SQLite file; only its schema can be squashed.
#[cfg(feature = "sqlite")]
fn open(context: &Context<'_>) -> Result<Connection, Failure> {
    match context.database()? {
        Database::Sqlite(place) => place.open_existing(&context.connect),
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => Err(Failure::usage(
            "`migrate adopt --squash` is not available for PostgreSQL yet",
        )
        .help("name an SQLite database with `--database`")),
    }
}

#[cfg(not(feature = "sqlite"))]
fn open(context: &Context<'_>) -> Result<Connection, Failure> {
    context.database()?;
    Err(crate::features::missing_engine(
        migrate_scan::Engine::Sqlite,
    ))
}

fn finish(
    context: &Context<'_>,
    args: &Adopt,
    tool: Tool,
    conversion: &Conversion,
    old: Option<&Path>,
) -> Result<Outcome, Failure> {
    let output = context.output;
    let written = if args.dry_run {
        Vec::new()
    } else {
        files::write(conversion, &context.global.dir)?
    };
    output.result(conversion.to_string().trim_end());
    if output.verbose {
        for line in &written {
            output.done(line);
        }
    } else if !args.dry_run {
        let shown = shown(&context.global.dir);
        output.done(match (written.len(), conversion.files.len()) {
            (0, _) => format!("everything is already in `{shown}`"),
            (_, 1) => format!("1 file is now in `{shown}`"),
            (_, count) => format!("{count} files are now in `{shown}`"),
        });
        if written.iter().any(|line| line.starts_with("moved ")) {
            output.done(format_args!("the old files are in `{shown}/archive`"));
        }
    }
    let is_elsewhere = old.filter(|old| !is_same_file(old, &context.global.dir));
    let originals = is_elsewhere.map_or(String::new(), |old| {
        format!(" --originals {}", shell_quoted(&old.display().to_string()))
    });
    if args.dry_run {
        output.note("nothing was written; to write it, omit `--dry-run`");
    } else {
        let first = if conversion.diagnostics.is_empty() {
            ""
        } else {
            "fix the problems above until `migrate check` finds none; then "
        };
        output.note(format_args!(
            "the next step: {first}run `migrate adopt --from {tool}{originals}` on each database \
             that {} has migrated",
            tool.called()
        ));
    }
    let change = |change: &Change| {
        json!({
            "file": change.file,
            "line": change.line,
            "what": change.what,
            "removed": change.removed,
            "added": change.added,
            "why": change.why,
        })
    };
    Ok(Outcome::fine(json!({
        "tool": tool.name(),
        "files": json::list(&conversion.files, |file| json!(file.path)),
        "changes": json::list(&conversion.changes, change),
        "diagnostics": json::list(&conversion.diagnostics, json::diagnostic),
        "notes": conversion.notes,
        "is_applied": !args.dry_run,
    })))
}

impl From<files::Error> for Failure {
    fn from(error: files::Error) -> Failure {
        Failure::new(error.message()).with_causes(&error)
    }
}
