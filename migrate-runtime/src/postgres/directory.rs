//! A directory for PostgreSQL that is read at run time.

use crate::check::Check;
use crate::directory::{find, registry, sound};
use crate::error::Error;
use migrate_model::{Numbering, Postgres, Registry};
use migrate_scan::Engine;
use migrate_source::SourceMigration;
use std::path::Path;

/// Reads a directory whose scripts are for PostgreSQL, as
/// [`read_directory`](crate::read_directory) does for SQLite.
///
/// ```
/// use migrate_runtime::{Migrator, Numbering, Postgres, Version, postgres};
///
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path();
/// std::fs::write(directory.join("001_users.sql"), "CREATE TABLE users (id bigint PRIMARY KEY);\n")?;
/// let registry = postgres::read_directory(directory, Numbering::DEFAULT)?;
/// let migrator = Migrator::<Version, Postgres>::new(registry);
/// # drop(migrator);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the directory has any defect; the message shows all of them, as
/// the compiler does.
pub fn read_directory(
    directory: impl AsRef<Path>,
    numbering: Numbering,
) -> Result<&'static Registry<Postgres>, Error> {
    let found = sound(directory.as_ref(), Engine::Postgres, numbering)?;
    let registry = registry(numbering, found).on_engine();
    Ok(Box::leak(Box::new(registry)))
}

/// Checks a directory whose scripts are for PostgreSQL, as the compiler does;
/// its syntax, and by the rules, with the feature `check-postgres`. Nothing is
/// run: only a server can do that, which [`prove_directory`](super::prove_directory) asks.
///
/// ```
/// use migrate_runtime::{Numbering, postgres};
///
/// let check = postgres::check_directory("nowhere", Numbering::DEFAULT);
/// assert_eq!(check.errors[0].code.as_str(), "M001");   // it is not there
/// ```
pub fn check_directory(directory: impl AsRef<Path>, numbering: Numbering) -> Check {
    let (mut check, _) = judged(directory.as_ref(), numbering);
    check.notes =
        vec!["the migrations were not replayed: that takes a PostgreSQL server".to_owned()];
    check
}

/// The same, with the migrations.
pub(super) fn judged(directory: &Path, numbering: Numbering) -> (Check, Vec<SourceMigration>) {
    #[cfg(feature = "check-postgres")]
    let checker = migrate_prove::postgres::SyntaxChecker::default();
    #[cfg(feature = "check-postgres")]
    let syntax = |statement: &str| checker.check(statement);
    #[cfg(feature = "check-postgres")]
    let found = find(directory, Engine::Postgres, numbering, Some(&syntax));
    #[cfg(not(feature = "check-postgres"))]
    let found = find(directory, Engine::Postgres, numbering, None);
    let check = Check {
        errors: found.diagnostics,
        warnings: found.warnings,
        notes: Vec::new(),
    };
    #[cfg(feature = "check-postgres")]
    let check = with_rules(check, &found.migrations);
    (check, found.migrations)
}

#[cfg(feature = "check-postgres")]
fn with_rules(mut check: Check, migrations: &[SourceMigration]) -> Check {
    if check.errors.is_empty() {
        let findings = migrate_prove::postgres::lint(migrations);
        let (errors, warnings) = migrate_source::lint::by_level(findings);
        check.errors = errors;
        check.warnings.extend(warnings);
    }
    check
}
