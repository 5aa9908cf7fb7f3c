//! What every verb works with.

use crate::args::{EngineName, Global, Numbers, Patience};
use crate::database::{Database, EXAMPLE, EXAMPLES, engine_of};
use crate::engine::{self, Scripts};
use crate::failure::Failure;
use crate::migrator::{AnyMigrator, tell};
use crate::numbering;
use crate::output::Output;
use crate::program::{Migrations, Program};
use migrate_runtime::{Numbering, Version};
use migrate_scan::Engine;
use std::path::Path;

pub(crate) struct Context<'a> {
    pub(crate) program: &'a Program,
    /// The command line of the process, if it is this one and no more.
    #[cfg_attr(
        not(feature = "shell"),
        expect(dead_code, reason = "only `completions` reads it")
    )]
    pub(crate) whole: Option<&'a clap::Command>,
    pub(crate) global: &'a Global,
    pub(crate) output: Output,
}

impl Context<'_> {
    /// The migrations, ready to run.
    pub(crate) fn migrator(&self) -> Result<AnyMigrator, Failure> {
        let migrator = match &self.program.migrations {
            Migrations::Embedded(migrator) => AnyMigrator::clone(migrator),
            Migrations::Directory => {
                refuse_cut_off(&self.global.dir)?;
                let read = self.scripts()?.read(&self.global.dir, self.numbering()?);
                let migrator = read.map_err(|error| self.with_hint_of_engine(error))?;
                let release = concat!("migrate ", env!("CARGO_PKG_VERSION"));
                tell!(migrator, it => it.release(release))
            }
        };
        migrator.configured(self.global)
    }

    /// The same, for a verb that waits for locks as long as it was told to.
    pub(crate) fn patient_migrator(&self, patience: &Patience) -> Result<AnyMigrator, Failure> {
        let migrator = self.migrator()?;
        Ok(match patience.lock_timeout {
            Some(timeout) => tell!(migrator, it => it.lock_deadline(timeout)),
            None => migrator,
        })
    }

    /// What handles the scripts of the directory.
    pub(crate) fn scripts(&self) -> Result<&'static dyn Scripts, Failure> {
        engine::scripts(self.named_engine()?)
    }

    /// Which database the scripts are for, which is one that is built in.
    pub(crate) fn engine(&self) -> Result<Engine, Failure> {
        let engine = self.named_engine()?;
        engine::scripts(engine).map(|_| engine)
    }

    /// What was said, or what follows from the URL. A program knows that of its
    /// own.
    fn named_engine(&self) -> Result<Engine, Failure> {
        let said = self.global.engine.map(|engine| match engine {
            EngineName::Sqlite => Engine::Sqlite,
            EngineName::Postgres => Engine::Postgres,
        });
        if let Migrations::Embedded(migrator) = &self.program.migrations {
            let own = migrator.engine();
            return match said.filter(|said| *said != own) {
                Some(said) => Err(Failure::usage(format!(
                    "the migrations of this program are for {own}, and not for {said}"
                ))
                .help("leave `--engine` out, and unset `MIGRATE_ENGINE`")),
                None => Ok(own),
            };
        }
        let url = self.global.database.as_deref();
        match (said, url.and_then(engine_of)) {
            (Some(said), Some(other)) if said != other => Err(Failure::usage(format!(
                "`--database` names a database that is {other}, and the scripts are said to be \
                 for {said}"
            ))
            .help("leave `--engine` out, and unset `MIGRATE_ENGINE`: the database tells it")),
            (Some(said), _) => Ok(said),
            (None, _) => Ok(self.engine_of_url().unwrap_or(engine::DEFAULT)),
        }
    }

    /// That of the database, if one is named. What is wrong with its URL is told
    /// when it is needed.
    fn engine_of_url(&self) -> Option<Engine> {
        let named = self.global.database.clone();
        let named = named.or_else(|| self.program.database.clone());
        engine_of(&named.or_else(|| std::env::var("DATABASE_URL").ok())?)
    }

    /// What to say of so many errors in scripts of which nobody said for which
    /// database they are, if there were fewer on the other one.
    pub(crate) fn hint_of_engine(&self, errors: usize) -> Option<&'static str> {
        let is_guessed = self.global.engine.is_none()
            && self.engine_of_url().is_none()
            && matches!(self.program.migrations, Migrations::Directory);
        if !is_guessed || errors == 0 || engine::IS_ONLY {
            return None;
        }
        let scripts = engine::scripts(Engine::Postgres).ok()?;
        let numbering = self.numbering().ok()?;
        let found = scripts.check(self, &self.global.dir, numbering).ok()?;
        (found.errors.len() < errors).then_some(
            "the scripts were read as SQLite's, and look like PostgreSQL's: say `--engine \
             postgres`, or set `MIGRATE_ENGINE=postgres`",
        )
    }

    pub(crate) fn with_hint_of_engine(&self, error: migrate_tools::Error) -> Failure {
        let hint = self.hint_of_engine(error.diagnostics().len());
        let failure = Failure::from(error);
        match hint {
            Some(hint) => failure.help(hint),
            None => failure,
        }
    }

    /// The name of the history table, for a verb that needs no migrations.
    #[cfg(any(feature = "adopt", feature = "sqlite"))]
    pub(crate) fn history_table(&self) -> &str {
        match (&self.global.history_table, &self.program.migrations) {
            (Some(table), _) => table,
            (None, Migrations::Embedded(migrator)) => migrator.history_table_name(),
            (None, Migrations::Directory) => "_migrations",
        }
    }

    /// Whether the functions of migrations in Rust are here.
    pub(crate) fn has_functions(&self) -> bool {
        matches!(self.program.migrations, Migrations::Embedded(_))
    }

    /// How the versions of the directory follow each other.
    pub(crate) fn numbering(&self) -> Result<Numbering, Failure> {
        let wanted = match self.global.numbering {
            Some(numbers) => numbers,
            None => numbering::guess(&self.global.dir),
        };
        match (wanted, self.global.first) {
            (Numbers::Sequential, None) => Ok(Numbering::DEFAULT),
            (Numbers::Sequential, Some(first)) => match Version::from_u64(first) {
                Some(first) => Ok(Numbering::Sequential { first }),
                None => Err(Failure::usage(format!(
                    "{first} is too large for a version"
                ))),
            },
            (Numbers::Timestamp, None) => Ok(Numbering::Timestamp),
            (Numbers::Timestamp, Some(_)) => Err(Failure::usage(
                "versions that are timestamps have no first number",
            )
            .help("leave `--first` out, or say `--numbering sequential`")),
        }
    }

    /// The database that is meant. The program's own stands before the
    /// environment: a variable of another project must not move it.
    pub(crate) fn database(&self) -> Result<Database, Failure> {
        if let Some(url) = &self.global.database {
            return Database::parse(url);
        }
        if let Some(url) = &self.program.database {
            return Database::parse(url);
        }
        match std::env::var("DATABASE_URL") {
            Ok(url) => Database::parse(&url),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::usage("`DATABASE_URL` is not UTF-8")
                    .help(format!("say `--database URL`, such as {EXAMPLES}")))
            }
            Err(std::env::VarError::NotPresent) => Err(Failure::usage("no database was named")
                .help(format!("say `--database {EXAMPLE}`, or set `DATABASE_URL`"))),
        }
    }
}

/// What a conversion of `migrate adopt` leaves in a directory when it is cut off.
/// It is noticed without the feature `adopt`, too.
const CUT_OFF: &str = ".adopting/originals";

/// What lies in it is neither the old migrations nor the new ones.
fn refuse_cut_off(directory: &Path) -> Result<(), Failure> {
    if !directory.join(CUT_OFF).exists() {
        return Ok(());
    }
    let shown = directory.display();
    Err(
        Failure::new(format!("the conversion of `{shown}` was cut off")).help(format!(
            "`migrate adopt --from TOOL --files {shown}`, with the tool as before, ends it"
        )),
    )
}

#[cfg(all(test, feature = "adopt"))]
mod tests {
    #[test]
    fn a_conversion_that_was_cut_off_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!migrate_adopt::files::is_cut_off(folder.path()));
        let left = folder.path().join(super::CUT_OFF);
        std::fs::create_dir(left.parent().unwrap()).unwrap();
        std::fs::write(left, "").unwrap();
        assert!(migrate_adopt::files::is_cut_off(folder.path()));
    }
}
