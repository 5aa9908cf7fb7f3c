//! Findings of a proof, reported by a test.

use migrate_source::coverage::Coverage;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::lint::by_level;
use migrate_source::render::render_with_level;
use std::io::Write;

/// Writes warnings, notes and what was not tried to standard error, and fails with the errors.
pub(crate) fn reported(
    findings: Vec<Diagnostic>,
    mut notes: Vec<String>,
    coverage: &Coverage,
) -> Result<(), String> {
    if !coverage.not_tried.is_empty() {
        notes.push(coverage.to_string());
    }
    let (errors, warnings) = by_level(findings);
    // Not `eprintln!`: the output of a test is shown only if it fails.
    let mut stderr = std::io::stderr();
    for warning in &warnings {
        let _ = writeln!(stderr, "{}\n", render_with_level(warning));
    }
    for note in &notes {
        let _ = writeln!(stderr, "note: {note}");
    }
    if errors.is_empty() {
        return Ok(());
    }
    let errors: Vec<String> = errors.iter().map(render_with_level).collect();
    Err(format!(
        "the migrations are not sound\n\n{}\n",
        errors.join("\n\n")
    ))
}
