//! Everything that is known of a migrations directory without a database: what
//! the compiler rejects, its warnings, and what a replay finds.

#[cfg(feature = "testing")]
use crate::directory::find;
#[cfg(feature = "testing")]
use migrate_model::Numbering;
#[cfg(feature = "testing")]
use migrate_prove::{Options, Subject};
#[cfg(feature = "testing")]
use migrate_scan::Engine;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::lint::Level;
#[cfg(feature = "testing")]
use migrate_source::lint::by_level;
use migrate_source::render::render;
use std::fmt;
#[cfg(feature = "testing")]
use std::path::Path;

/// What the check of a directory found. `Display` shows it as the compiler does.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Check {
    /// What has to be mended.
    pub errors: Vec<Diagnostic>,
    /// What should be looked at.
    pub warnings: Vec<Diagnostic>,
    /// What was not tried, and why: migrations in Rust cannot run here.
    pub notes: Vec<String>,
}

/// Checks a directory as the compiler does, and replays its migrations on an
/// SQLite in memory, with rows in every table.
///
/// The replay stops before a migration in Rust: its function is in the program
/// that embeds it, and the test that the macro generates goes on there. A
/// directory with errors is not replayed.
///
/// It needs the feature `testing`. Only with the feature `check` it finds every syntax
/// error; without that the replay stops at the first one.
///
/// ```
/// use migrate_runtime::{Numbering, check_directory};
///
/// let check = check_directory("../migrations", Numbering::DEFAULT);
/// assert!(check.errors.is_empty(), "{check}");
/// ```
#[cfg(feature = "testing")]
pub fn check_directory(directory: impl AsRef<Path>, numbering: Numbering) -> Check {
    #[cfg(feature = "check")]
    let checker = migrate_prove::SyntaxChecker::default();
    #[cfg(feature = "check")]
    let syntax = |statement: &str| checker.check(statement);
    #[cfg(feature = "check")]
    let found = find(directory.as_ref(), Engine::Sqlite, numbering, Some(&syntax));
    #[cfg(not(feature = "check"))]
    let found = find(directory.as_ref(), Engine::Sqlite, numbering, None);
    let mut check = Check {
        errors: found.diagnostics,
        warnings: found.warnings,
        notes: Vec::new(),
    };
    if !check.errors.is_empty() {
        let note = "the migrations are replayed when these errors are mended";
        check.notes.push(note.to_owned());
        return check;
    }
    let subjects: Vec<Subject<'_>> = found.migrations.iter().map(Subject::from).collect();
    match migrate_prove::prove(&subjects, &Options::default()) {
        Ok(proof) => {
            let (errors, warnings) = by_level(proof.findings);
            check.errors = errors;
            check.warnings.extend(warnings);
            check.notes = proof.notes;
        }
        Err(error) => check
            .notes
            .push(format!("the replay did not come to its end: {error}")),
    }
    check
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings = self.errors.iter().chain(&self.warnings).map(shown);
        let notes = self.notes.iter().map(|note| format!("note: {note}"));
        let all: Vec<String> = findings.chain(notes).collect();
        match all.is_empty() {
            true => f.write_str("nothing is wrong"),
            false => f.write_str(&all.join("\n\n")),
        }
    }
}

/// A finding as it is shown outside of the compiler.
pub(crate) fn shown(finding: &Diagnostic) -> String {
    let level = match finding.code.level() {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    format!("{level}: {}", render(finding))
}
