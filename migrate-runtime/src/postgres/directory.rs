//! A directory for PostgreSQL that is read at run time.

#[cfg(feature = "testing")]
use crate::directory::find;
use crate::directory::{registry, sound};
use crate::error::Error;
use migrate_core::{Engine, Numbering, Postgres, Registry};
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
/// its syntax, and by the rules, with the feature `check`. To replay it takes a
/// server, which is not asked here.
///
/// ```
/// use migrate_runtime::{Numbering, postgres};
///
/// let check = postgres::check_directory("../migrations-postgres", Numbering::DEFAULT);
/// assert_eq!(check.errors[0].code.as_str(), "M001");   // it is not there
/// ```
#[cfg(feature = "testing")]
pub fn check_directory(directory: impl AsRef<Path>, numbering: Numbering) -> crate::Check {
    #[cfg(feature = "check")]
    let checker = migrate_prove::postgres::SyntaxChecker::default();
    #[cfg(feature = "check")]
    let syntax = |statement: &str| checker.check(statement);
    #[cfg(feature = "check")]
    let found = find(
        directory.as_ref(),
        Engine::Postgres,
        numbering,
        Some(&syntax),
    );
    #[cfg(not(feature = "check"))]
    let found = find(directory.as_ref(), Engine::Postgres, numbering, None);
    let mut check = crate::Check::default();
    check.errors = found.diagnostics;
    check.warnings = found.warnings;
    #[cfg(feature = "check")]
    if check.errors.is_empty() {
        let findings = migrate_prove::postgres::lint(&found.migrations);
        let (errors, warnings) = migrate_core::lint::by_level(findings);
        check.errors = errors;
        check.warnings.extend(warnings);
    }
    check.notes =
        vec!["the migrations were not replayed: that takes a PostgreSQL server".to_owned()];
    check
}
