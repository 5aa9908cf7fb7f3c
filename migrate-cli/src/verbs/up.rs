use crate::args::Up;
use crate::context::Context;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::verbs::plan::{configured, until_target};
use crate::verbs::{Outcome, plan};
use crate::{json, signals};
use migrate_runtime::rusqlite::{self, Connection};
use migrate_runtime::{Error, Migration, Migrator, Transactions, Version};
use std::time::Duration;

pub(crate) fn run(context: &Context<'_>, args: &Up) -> Result<Outcome, Failure> {
    if args.dry_run {
        return plan::run(context, &args.until, &args.run);
    }
    let migrator = configured(context, &args.run)?;
    let database = context.database()?;
    let (mut migrator, _listening) = signals::stopping(migrator);
    if let Some(patience) = args.wait {
        drop(database.wait(context, patience)?);
    }
    // On a connection that makes no file: what is refused must leave nothing.
    let reading = database.open_to_read(context)?;
    migrator = until_target(migrator, &reading.conn, &args.until)?;
    if !context.has_functions() {
        let plan = migrator.plan(&reading.conn)?;
        refuse_rust(plan.pending().iter().copied(), "up")?;
    }
    drop(reading);
    if let Some(backup) = &args.backup {
        migrator = migrator.backup_to(backup);
    }
    // The variable of an environment is often set to nothing.
    if let Some(release) = args.release.as_ref().filter(|it| !it.is_empty()) {
        migrator = migrator.release(release.clone());
    }
    if let Some(commit) = args.git_commit.as_ref().filter(|it| !it.is_empty()) {
        migrator = migrator.git_commit(commit.clone());
    }
    if args.all_or_nothing {
        migrator = migrator.transactions(Transactions::All);
    }
    // What shares a transaction is not applied before the last one is.
    let progress = Progress::new(context.output, !args.all_or_nothing);
    let migrator = migrator.add_observer(progress.clone());
    let mut conn = database.wait(context, args.wait.unwrap_or(Duration::ZERO))?;
    let report = migrator.up(&mut conn);
    progress.end();
    let report = report.map_err(|error| with_way_out(error, &migrator, &conn))?;
    if let Some(backup) = report.backup() {
        let backup = backup.display();
        context.output.done(format_args!("backed up to {backup}"));
    }
    if report.is_empty() {
        context.output.done("nothing is pending");
    } else if args.all_or_nothing {
        context.output.done(&report);
    }
    Ok(Outcome::fine(json::report(&database, &report)))
}

/// Where the first migration fails on a database without a history, somebody else
/// has made its schema most likely.
fn with_way_out(error: Error, migrator: &Migrator<Version>, conn: &Connection) -> Failure {
    let has_failed_in_sql = error.location().is_some();
    let failure = Failure::from(error);
    let has_no_history = || {
        let status = migrator.status(conn);
        status.is_ok_and(|it| it.entries().iter().all(|entry| entry.row.is_none()))
    };
    if !has_failed_in_sql || !has_no_history() || !matches!(has_schema(conn, migrator), Ok(true)) {
        return failure;
    }
    let count: i64 = conn
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap_or_default();
    failure.help(match count {
        ..=0 => {
            "the database had a schema and no history of ours: take over that of the tool which \
                 made it with `migrate adopt`, or record what is applied already with `migrate \
                 baseline`"
                .to_owned()
        }
        _ => format!(
            "the database had a schema and no history of ours, and its `PRAGMA user_version` is \
             {count}: if rusqlite_migration made it, take it over with `migrate adopt --from \
             rusqlite_migration`; or record what is applied already with `migrate baseline`"
        ),
    })
}

fn has_schema(conn: &Connection, migrator: &Migrator<Version>) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 COLLATE NOCASE)";
    conn.query_row(sql, [migrator.history_table_name()], |row| row.get(0))
}

/// Without their functions, migrations in Rust stop everything before it
/// begins.
pub(crate) fn refuse_rust<'m>(
    migrations: impl Iterator<Item = &'m Migration>,
    verb: &str,
) -> Result<(), Failure> {
    let rust: Vec<String> = migrations
        .filter(|it| it.up.is_rust())
        .map(|it| format!("`{}`", it.up.path()))
        .collect();
    if rust.is_empty() {
        return Ok(());
    }
    let (are, they) = match rust.len() {
        1 => ("is", "it"),
        _ => ("are", "they"),
    };
    Err(Failure::new(format!(
        "{} {are} written in Rust, and `migrate` reads SQL alone; nothing was changed",
        rust.join(", ")
    ))
    .help(format!(
        "run {they} from the program that embeds {they}: give it this command line with \
         `migrate_cli::Program::embedded(Migration::migrator())`, then say `myapp migrate {verb}`",
        they = if rust.len() == 1 { they } else { "them" },
    )))
}
