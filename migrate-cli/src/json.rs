//! Conversion of values to JSON, as documented in docs/guide/src/json.md and its
//! schema.

use migrate_runtime::{
    Applied, DownScript, Drift, Migration, Report, StatusEntry, StatusKind, Undo, Undone, Version,
};
use migrate_source::diagnostic::Diagnostic;
use serde_json::{Value, json};

/// Converts a slice to an array.
pub(crate) fn list<T>(items: &[T], value: impl Fn(&T) -> Value) -> Value {
    items.iter().map(value).collect()
}

pub(crate) fn applied(applied: &Applied) -> Value {
    json!({
        "version": applied.version.get(),
        "label": applied.label,
        "duration_ms": milliseconds(applied.duration),
        "script_ms": milliseconds(applied.timings.script),
        "checks_ms": milliseconds(applied.timings.checks),
        "commit_ms": milliseconds(applied.timings.commit),
    })
}

pub(crate) fn undone(undone: &Undone) -> Value {
    json!({
        "version": undone.version.get(),
        "label": undone.label,
        "duration_ms": milliseconds(undone.duration),
        "script_ms": milliseconds(undone.timings.script),
        "checks_ms": milliseconds(undone.timings.checks),
        "commit_ms": milliseconds(undone.timings.commit),
    })
}

/// Milliseconds with a fraction, because small migrations take microseconds.
pub(crate) fn milliseconds(duration: std::time::Duration) -> f64 {
    // The cast is exact: `f64` holds the microseconds of 285 years.
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    micros as f64 / 1000.0
}

pub(crate) fn drift(drift: &Drift) -> Value {
    let kind = match drift {
        Drift::Modified { .. } => "modified",
        Drift::Renamed { .. } => "renamed",
        Drift::Replaced { .. } => "replaced",
        Drift::Missing { .. } => "missing",
        Drift::Ahead { .. } => "ahead",
        Drift::Gap { .. } => "gap",
        Drift::Dirty { .. } => "dirty",
        _ => "other",
    };
    json!({ "kind": kind, "message": drift.to_string() })
}

pub(crate) fn status_kind(kind: StatusKind) -> &'static str {
    match kind {
        StatusKind::Applied => "applied",
        StatusKind::Pending => "pending",
        StatusKind::Modified => "modified",
        StatusKind::Unknown => "unknown",
        StatusKind::Started => "started",
        _ => "other",
    }
}

pub(crate) fn entry(entry: &StatusEntry, known: Option<&Migration>) -> Value {
    let row = entry.row.as_ref();
    json!({
        "version": entry.version.get(),
        "label": entry.label,
        "state": status_kind(entry.kind),
        "checksum": known.map(|known| known.checksum.to_string()),
        "recorded_checksum": row.map(|row| &row.checksum),
        "applied_at": row.map(|row| &row.applied_at),
        "execution_ms": row.map(|row| row.execution_ms),
        "release": row.and_then(|row| row.release.as_ref()),
        "git_commit": row.and_then(|row| row.git_commit.as_ref()),
        "origin": row.and_then(|row| row.origin.as_ref()),
        "note": row.and_then(|row| row.note.as_ref()),
        "path": known.map(|known| known.up.path()),
        "has_down": known.map(|known| known.down.is_some()),
        "is_frozen": known.map(|known| known.is_frozen),
    })
}

pub(crate) fn report(database: &str, report: &Report) -> Value {
    json!({
        "database": database,
        "applied": list(report.applied(), applied),
        "undone": list(report.undone(), undone),
        "backup": report.backup(),
        "elapsed_ms": milliseconds(report.elapsed()),
    })
}

pub(crate) fn up(migration: &Migration) -> Value {
    let script = DownScript::Embedded(migration.up);
    step("up", migration.version, migration.label, Some(script))
}

pub(crate) fn down(undo: &Undo) -> Value {
    step("down", undo.version, &undo.label, undo.script())
}

fn step(direction: &str, version: Version, label: &str, script: Option<DownScript<'_>>) -> Value {
    let (embedded, stored) = match script {
        Some(DownScript::Embedded(script)) => (Some(script), None),
        Some(DownScript::Stored(sql)) => (None, Some(sql)),
        None => (None, None),
    };
    let sql = embedded.filter(|it| !it.is_rust()).map(|it| it.sql());
    json!({
        "direction": direction,
        "version": version.get(),
        "label": label,
        "path": embedded.map(|it| it.path()),
        "is_rust": embedded.is_some_and(|it| it.is_rust()),
        "in_transaction": embedded.is_none_or(|it| it.in_transaction()),
        "sql": sql.or(stored),
    })
}

pub(crate) fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.excerpt.as_ref();
    json!({
        "code": diagnostic.code.as_str(),
        "message": diagnostic.message,
        "path": diagnostic.path,
        "line": place.map(|place| place.position.line),
        "column": place.map(|place| place.position.column),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
    })
}
