//! The check of a migrations directory without a database: what the compiler
//! rejects, its warnings, and the findings of a replay.

use crate::directory::find;
use migrate_model::{EngineType, Numbering};
use migrate_scan::Engine;
use migrate_source::coverage::Coverage;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::lint::{by_level, without_repeats};
use migrate_source::render::render_with_level;
use migrate_source::{SourceMigration, SqliteVersion};
use std::fmt;
use std::path::Path;

/// What a directory is checked for, besides what always holds.
///
/// ```
/// use migrate_runtime::{Numbering, Sqlite};
/// use migrate_tools::{CheckOptions, SqliteVersion, check_directory};
///
/// let mut options = CheckOptions::from(Numbering::DEFAULT);
/// options.min_sqlite = Some(SqliteVersion::minor(38));
/// let check = check_directory::<Sqlite>("../migrations", options);
/// assert!(check.errors.is_empty(), "{check}");
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CheckOptions {
    /// How the versions are numbered.
    pub numbering: Numbering,
    /// The oldest SQLite that must run the migrations.
    pub min_sqlite: Option<SqliteVersion>,
}

impl From<Numbering> for CheckOptions {
    fn from(numbering: Numbering) -> CheckOptions {
        CheckOptions {
            numbering,
            min_sqlite: None,
        }
    }
}

/// The result of a check of a directory. `Display` shows it as the compiler does.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Check {
    /// Errors, which must be fixed.
    pub errors: Vec<Diagnostic>,
    /// Warnings, which should be looked at.
    pub warnings: Vec<Diagnostic>,
    /// What was not tried, and why: for example, migrations in Rust cannot run here.
    pub notes: Vec<String>,
    /// How much a replay tried; `None` if there was none.
    pub coverage: Option<Coverage>,
}

/// Checks a directory as the compiler does.
///
/// Migrations for SQLite are also replayed on a database in memory, with rows in every
/// table. The replay stops before a migration in Rust, because its function is in the
/// program that embeds it; the test that the macro generates replays the rest. A
/// directory with errors of another kind than the findings of rules is not replayed.
/// Migrations for PostgreSQL are not run here: that requires a server, see
/// [`postgres::prove_directory`](crate::postgres::prove_directory).
///
/// ```
/// use migrate_runtime::{Numbering, Sqlite};
/// use migrate_tools::check_directory;
///
/// let check = check_directory::<Sqlite>("../migrations", Numbering::DEFAULT);
/// assert!(check.errors.is_empty(), "{check}");
/// ```
pub fn check_directory<E: EngineType>(
    directory: impl AsRef<Path>,
    options: impl Into<CheckOptions>,
) -> Check {
    let options = options.into();
    let (mut check, migrations) = judged(directory.as_ref(), E::ENGINE, options);
    match E::ENGINE {
        Engine::Postgres => {
            let note = "the migrations were not replayed: that requires a PostgreSQL server";
            check.notes.push(note.to_owned());
        }
        Engine::Sqlite if check.is_readable() => replay(&mut check, &migrations, options),
        Engine::Sqlite => check.notes.push(NOT_REPLAYED.to_owned()),
    }
    check
}

/// The number of errors that make a directory unreadable: of its files and of the syntax.
///
/// If another engine has fewer, the scripts are probably written for it. The findings of rules
/// do not count, because they say nothing about the dialect.
#[doc(hidden)]
pub fn count_unreadable<E: EngineType>(directory: impl AsRef<Path>, numbering: Numbering) -> usize {
    let (check, _) = judged(directory.as_ref(), E::ENGINE, numbering.into());
    check.unreadable().count()
}

/// The note for a directory that cannot be replayed.
pub(crate) const NOT_REPLAYED: &str = "the migrations are replayed once these errors are fixed";

/// The compiler's diagnostics for a directory, with its migrations.
pub(crate) fn judged(
    directory: &Path,
    engine: Engine,
    options: CheckOptions,
) -> (Check, Vec<SourceMigration>) {
    let found = match engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => {
            let checker = migrate_prove::SyntaxChecker::default();
            let syntax = |statement: &str| checker.check(statement);
            find(directory, engine, options, Some(&syntax))
        }
        #[cfg(feature = "postgres")]
        Engine::Postgres => {
            let checker = migrate_prove::postgres::SyntaxChecker::default();
            let syntax = |statement: &str| checker.check(statement);
            find(directory, engine, options, Some(&syntax))
        }
        #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
        _ => find(directory, engine, options, None),
    };
    let mut check = Check {
        errors: found.diagnostics,
        warnings: found.warnings,
        notes: Vec::new(),
        coverage: None,
    };
    if check.is_readable() {
        check.add(lint(engine, &found.migrations));
    }
    (check, found.migrations)
}

/// The findings of the rules that need a parser.
fn lint(engine: Engine, migrations: &[SourceMigration]) -> Vec<Diagnostic> {
    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => migrate_prove::postgres::lint(migrations),
        _ => {
            let _ = migrations;
            Vec::new()
        }
    }
}

#[cfg(feature = "sqlite")]
fn replay(check: &mut Check, migrations: &[SourceMigration], options: CheckOptions) {
    use migrate_prove::{Options, Subject, prove};
    use migrate_source::diagnostic::Code;
    let subjects: Vec<Subject<'_>> = migrations.iter().map(Subject::from).collect();
    let mut of_proof = Options::default();
    of_proof.min_sqlite = options.min_sqlite;
    match prove(&subjects, &of_proof) {
        Ok(proof) => {
            check.add(proof.findings);
            check.notes.extend(proof.notes);
            check.coverage = Some(proof.coverage);
        }
        Err(error) => {
            let path = migrations.first().map_or("", |first| &first.up.path);
            let message = format!("the replay did not start: {error}");
            let help = "this is no fault of the migrations: try them on a copy of a real database";
            check.add(vec![Diagnostic::of_path(
                Code::ReplayFailed,
                path,
                message,
                help,
            )]);
        }
    }
}

#[cfg(not(feature = "sqlite"))]
fn replay(check: &mut Check, _: &[SourceMigration], _: CheckOptions) {
    let note =
        "the migrations were not replayed: that requires the feature `sqlite` of migrate-tools";
    check.notes.push(note.to_owned());
}

impl Check {
    /// The errors that no rule reports.
    fn unreadable(&self) -> impl Iterator<Item = &Diagnostic> {
        self.errors.iter().filter(|it| it.code.rule().is_none())
    }

    /// Whether the migrations can be replayed in spite of the errors.
    pub(crate) fn is_readable(&self) -> bool {
        self.unreadable().next().is_none()
    }

    /// Adds findings as errors or warnings, by their levels.
    pub(crate) fn add(&mut self, findings: Vec<Diagnostic>) {
        let findings = without_repeats(findings, &self.errors);
        let (errors, warnings) = by_level(without_repeats(findings, &self.warnings));
        self.errors.extend(errors);
        self.warnings.extend(warnings);
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings = self
            .errors
            .iter()
            .chain(&self.warnings)
            .map(render_with_level);
        let notes = self.notes.iter().map(|note| format!("note: {note}"));
        let all: Vec<String> = findings.chain(notes).collect();
        if all.is_empty() {
            f.write_str("nothing is wrong")?;
        } else {
            f.write_str(&all.join("\n\n"))?;
        }
        let coverage = self.coverage.as_ref();
        coverage.map_or(Ok(()), |coverage| write!(f, "\n\n{coverage}"))
    }
}
