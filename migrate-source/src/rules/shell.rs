//! Commands of a database shell.

use crate::diagnostic::{Code, Diagnostic, MOST};
use crate::section::Section;
use crate::text::shortened;
use migrate_scan::Engine;

/// Reports commands that only a database shell understands.
pub(super) fn check(section: &Section<'_>, out: &mut Vec<Diagnostic>) {
    for range in section.scan.shell_commands.iter().take(MOST) {
        let line = section.text()[range.clone()].trim_end();
        let command = line.split_whitespace().next().unwrap_or_default();
        let (what, help) = match section.engine {
            Engine::Sqlite => ("a database shell", "remove it, or write the equivalent SQL"),
            Engine::Postgres => ("psql", alternative(command, line)),
        };
        out.push(section.diagnostic(
            Code::ShellCommand,
            range.start..range.start + command.len(),
            format!("`{}` is a command of {what}, not SQL", shortened(command)),
            help,
        ));
    }
}

/// The help for a psql command: what to write instead.
fn alternative(command: &str, line: &str) -> &'static str {
    match command {
        "\\c" | "\\connect" => {
            "remove it: a migration runs in the database and as the role of the runner's connection"
        }
        "\\i" | "\\ir" | "\\include" | "\\include_relative" => {
            "remove it, and write the SQL of that file here, or as a migration of its own"
        }
        "\\set" if line.contains("ON_ERROR_STOP") => {
            "remove it: the runner stops at the first error"
        }
        "\\set" | "\\unset" | "\\prompt" | "\\getenv" | "\\gset" => {
            "remove it, and write the value in place of the variable; in a block `DO $$ … \
             $$`, `SELECT … INTO` stores a value"
        }
        "\\restrict" | "\\unrestrict" => "remove it: pg_dump writes it only for psql",
        "\\copy" => {
            "write the rows as `INSERT` statements, or load them with `copy_in` in a Rust migration"
        }
        "\\." => "replace it and the rows before it with `INSERT` statements",
        "\\if" | "\\elif" | "\\else" | "\\endif" => {
            "decide in SQL: `DO $$ BEGIN IF … THEN … END IF; END $$`"
        }
        "\\gexec" => {
            "run the selected statements with `EXECUTE`, in a loop in a `DO $$ … $$` block"
        }
        "\\g" | "\\gx" => "end the statement with a semicolon",
        _ => "remove it, or write the equivalent SQL",
    }
}
