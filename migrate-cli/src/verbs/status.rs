//! `status`: shows what is applied and what is pending.

use crate::args::Status;
use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::json;
use crate::outcome::{Exit, Outcome};
use crate::session::{self, Access, Session};
use crate::style::{DIM, GREEN, RED, YELLOW, styled};
use crate::table::{Cell, Table};
use anstyle::Style;
use migrate_model::history::short_time;
use migrate_runtime::{StatusEntry, StatusKind};
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Status) -> Result<Outcome, Failure> {
    let migrator = context.migrator()?;
    let mut session = session::open(context, migrator, Access::Read)?;
    let status = session.status()?;
    let output = context.output;
    output.result(table(output.verbose, status.entries(), &*session));
    output.result(format_args!(
        "\nTotal: {} | Applied: {} | Pending: {}",
        status.entries().len(),
        status.applied(),
        status.pending()
    ));
    for message in status.messages() {
        let message = escape::lines(&message);
        output.result(format_args!("{} {message}", styled(RED, "drift:")));
    }
    let exit = match Exit::of_drift(status.drift()) {
        Exit::Fine if status.pending() > 0 => Exit::Pending,
        exit => exit,
    };
    let entry = |entry: &StatusEntry| json::entry(entry, session.migration(entry.version));
    Ok(Outcome {
        exit: if args.exit_code { exit } else { Exit::Fine },
        facts: json!({
            "database": session.shown(),
            "exists": session.exists(),
            "migrations": json::list(status.entries(), entry),
            "applied": status.applied(),
            "pending": status.pending(),
            "drift": json::list(status.drift(), json::drift),
        }),
    })
}

fn table(verbose: bool, entries: &[StatusEntry], session: &dyn Session) -> String {
    let mut table = Table::new(&[
        "migration",
        "state",
        "applied",
        "took",
        "checksum",
        "origin",
    ]);
    for entry in entries {
        let row = entry.row.as_ref();
        let (state, style) = state(entry.kind);
        let known = session.migration(entry.version);
        let checksum = match (row, known) {
            (Some(row), _) if verbose => Cell::plain(&row.checksum),
            (Some(row), Some(known)) if known.checksum.matches(row.checksum.as_bytes()) => {
                Cell::styled(GREEN, "ok")
            }
            (Some(_), Some(_)) => Cell::styled(RED, "differs"),
            (Some(_), None) => Cell::styled(YELLOW, "unknown"),
            (None, _) => Cell::none(),
        };
        // The time of an unfinished migration may be that of its up.
        let row = row.filter(|row| !row.is_started());
        table.row([
            Cell::plain(&entry.label),
            Cell::styled(style, state),
            row.map_or(Cell::none(), |row| Cell::plain(short_time(&row.applied_at))),
            row.map_or(Cell::none(), |row| {
                Cell::plain(format!("{} ms", row.execution_ms))
            }),
            checksum,
            row.and_then(|row| row.origin.as_deref())
                .map_or(Cell::empty(), |origin| Cell::styled(DIM, origin)),
        ]);
    }
    table.to_string()
}

fn state(kind: StatusKind) -> (&'static str, Style) {
    let style = match kind {
        StatusKind::Applied => GREEN,
        StatusKind::Pending => YELLOW,
        _ => RED,
    };
    (json::status_kind(kind), style)
}
