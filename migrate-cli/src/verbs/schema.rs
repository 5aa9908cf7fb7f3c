use crate::args::Schema;
use crate::context::Context;
use crate::failure::{Exit, Failure, io};
use crate::output::{GREEN, RED, styled};
use crate::verbs::Outcome;
use crate::verbs::up::refuse_rust;
use migrate_runtime::rusqlite::{self, Connection};
use serde_json::json;
use similar::{ChangeTag, TextDiff};
use std::io::ErrorKind;
use std::path::Path;

pub(crate) fn run(context: &Context<'_>, args: &Schema) -> Result<Outcome, Failure> {
    let table = context.history_table();
    let failed = |error: rusqlite::Error| Failure::new("the schema cannot be read").because(&error);
    let text = match args.replay {
        true => {
            let conn = replay(context)?;
            dump(&conn, table).map_err(failed)?
        }
        false => {
            let database = context.database()?;
            let reading = database.open_to_read(context)?;
            if !reading.exists {
                let shown = database.shown();
                return Err(Failure::new(format!("there is no database `{shown}`"))
                    .help("say `--replay` for the schema that the migrations make"));
            }
            dump(&reading.conn, table).map_err(failed)?
        }
    };
    match &args.check {
        Some(path) => compare(context, path, &text),
        None => {
            context.output.text(&text);
            Ok(Outcome::fine(json!({ "schema": text })))
        }
    }
}

/// A database in memory after all migrations.
fn replay(context: &Context<'_>) -> Result<Connection, Failure> {
    let migrator = context.migrator()?;
    if !context.has_functions() {
        refuse_rust(migrator.registry().migrations().iter(), "schema --replay")?;
    }
    Ok(migrator.replay()?)
}

fn compare(context: &Context<'_>, path: &Path, text: &str) -> Result<Outcome, Failure> {
    let shown = path.display();
    let wanted = std::fs::read_to_string(path).map_err(|error| {
        let failure = io("read", path, &error);
        match error.kind() {
            ErrorKind::NotFound => failure.help(format!("`migrate schema > {shown}` makes it")),
            _ => failure,
        }
    })?;
    let wanted = wanted.replace("\r\n", "\n");
    let (wanted, text) = (wanted.trim_end(), text.trim_end());
    if wanted == text {
        let agrees = format!("the schema is that of `{shown}`");
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

/// The statements that make the schema, tables first, each kind by name, so
/// that the order does not tell in which order they were made. What SQLite and
/// virtual tables make by themselves is left out, and so is the history.
fn dump(conn: &Connection, history: &str) -> rusqlite::Result<String> {
    let mut statement = conn.prepare(
        "SELECT sql FROM main.sqlite_schema AS object
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'
         AND tbl_name <> ?1 COLLATE NOCASE
         AND NOT EXISTS (SELECT 1 FROM pragma_table_list AS listed
             WHERE listed.schema = 'main' AND listed.type = 'shadow'
             AND listed.name = object.tbl_name COLLATE NOCASE)
         ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END,
         name COLLATE BINARY",
    )?;
    let rows = statement.query_map([history], |row| row.get::<_, String>(0))?;
    let statements = rows.map(|sql| {
        let sql = sql?;
        let sql = sql.trim_end();
        // SQLite keeps the comment at the end of a view.
        let ends_in_comment = sql.lines().last().is_some_and(|line| line.contains("--"));
        let end = if ends_in_comment { "\n;\n" } else { ";\n" };
        Ok(sql.to_owned() + end)
    });
    let statements: Vec<String> = statements.collect::<rusqlite::Result<_>>()?;
    Ok(statements.join("\n"))
}
