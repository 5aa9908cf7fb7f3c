//! The context of a verb: options, output, migrations, engine and database.

use crate::args::{EngineName, Global};
use crate::database::{ConnectOptions, Database, EXAMPLE, EXAMPLES, engine_of};
use crate::directory::Directory;
use crate::failure::Failure;
use crate::features;
use crate::migrator::{AnyMigrator, map};
use crate::numbering::numbering;
use crate::output::Output;
use migrate_scan::Engine;
use std::env::VarError;
use std::path::Path;

pub(crate) struct Context<'a> {
    pub(crate) global: &'a Global,
    pub(crate) output: Output,
    /// The embedded migrations of the program. The command `migrate` has none
    /// and reads the directory.
    pub(crate) embedded: Option<&'a AnyMigrator>,
    /// The URL of the program's default database.
    pub(crate) own_url: Option<&'a str>,
    pub(crate) connect: ConnectOptions,
    /// The command line of the process; `None` if migrations are only one of
    /// its subcommands.
    #[cfg_attr(
        not(feature = "shell"),
        expect(dead_code, reason = "only `completions` reads it")
    )]
    pub(crate) command: Option<&'a clap::Command>,
}

impl Context<'_> {
    /// The migrations, for the verbs that apply none.
    pub(crate) fn migrator(&self) -> Result<AnyMigrator, Failure> {
        let migrator = self.migrator_to_run()?;
        Ok(migrator.without_backup().without_target())
    }

    /// The migrations, with the target and the backup of the program that embeds
    /// them.
    pub(crate) fn migrator_to_run(&self) -> Result<AnyMigrator, Failure> {
        let migrator = if let Some(embedded) = self.embedded {
            embedded.clone()
        } else {
            refuse_cut_off(&self.global.dir)?;
            let read = self.directory()?.read();
            let migrator = read.map_err(|failure| self.with_engine_hint(failure))?;
            map!(migrator, it => it.release(concat!("migrate ", env!("CARGO_PKG_VERSION"))))
        };
        migrator.configured(self.global)
    }

    /// The migrations directory. Fails if its engine is not compiled in.
    pub(crate) fn directory(&self) -> Result<Directory<'_>, Failure> {
        Ok(Directory {
            path: &self.global.dir,
            numbering: numbering(self.global)?,
            engine: self.engine()?,
        })
    }

    /// The engine that the scripts are written for. Fails if it is not compiled
    /// in.
    pub(crate) fn engine(&self) -> Result<Engine, Failure> {
        let engine = self.named_engine()?;
        if !features::has_engine(engine) {
            return Err(features::missing_engine(engine));
        }
        Ok(engine)
    }

    /// The engine from the options, or else from the URL. With embedded
    /// migrations, it is their engine.
    fn named_engine(&self) -> Result<Engine, Failure> {
        let named = self.global.engine.map(|engine| match engine {
            EngineName::Sqlite => Engine::Sqlite,
            EngineName::Postgres => Engine::Postgres,
        });
        if let Some(migrator) = self.embedded {
            let own = migrator.engine();
            return match named.filter(|named| *named != own) {
                Some(named) => Err(Failure::usage(format!(
                    "the migrations of this program are for {own}, not for {named}"
                ))
                .help("omit `--engine`, and unset `MIGRATE_ENGINE`")),
                None => Ok(own),
            };
        }
        let url = self.global.database.as_deref();
        match (named, url.and_then(engine_of)) {
            (Some(named), Some(other)) if named != other => Err(Failure::usage(format!(
                "`--database` names a database of {other}, but the engine is set to {named}"
            ))
            .help("omit `--engine`, and unset `MIGRATE_ENGINE`: the URL determines the engine")),
            (Some(named), _) => Ok(named),
            (None, _) => Ok(self.engine_of_url().unwrap_or(features::DEFAULT_ENGINE)),
        }
    }

    /// The engine of the named database, if any. An error in the URL is
    /// reported later, when the database is needed.
    fn engine_of_url(&self) -> Option<Engine> {
        match self.global.database.as_deref().or(self.own_url) {
            Some(url) => engine_of(url),
            None => engine_of(&std::env::var("DATABASE_URL").ok()?),
        }
    }

    /// A hint for errors in scripts if the engine was guessed and the other engine can read
    /// more of them.
    pub(crate) fn engine_hint(&self) -> Option<&'static str> {
        let is_guessed = self.global.engine.is_none()
            && self.engine_of_url().is_none()
            && self.embedded.is_none();
        if !is_guessed || features::HAS_ONE_ENGINE {
            return None;
        }
        let directory = self.directory().ok()?;
        let unreadable = |engine| {
            let directory = Directory {
                engine,
                ..directory
            };
            directory.count_unreadable().ok()
        };
        let errors = unreadable(Engine::Sqlite)?;
        (errors > 0 && unreadable(Engine::Postgres)? < errors).then_some(
            "the scripts were read as SQLite but look like PostgreSQL: use `--engine postgres`, or \
             set `MIGRATE_ENGINE=postgres`",
        )
    }

    pub(crate) fn with_engine_hint(&self, failure: Failure) -> Failure {
        match self.engine_hint() {
            Some(hint) => failure.help(hint),
            None => failure,
        }
    }

    /// The name of the history table, for a verb that needs no migrations.
    #[cfg(any(feature = "adopt", feature = "sqlite"))]
    pub(crate) fn history_table(&self) -> &str {
        match (&self.global.history_table, self.embedded) {
            (Some(table), _) => table,
            (None, Some(migrator)) => migrator.get_history_table(),
            (None, None) => "_migrations",
        }
    }

    /// Whether the functions of Rust migrations are available.
    pub(crate) fn has_functions(&self) -> bool {
        self.embedded.is_some()
    }

    /// The database to use. The program's own URL takes precedence over
    /// `DATABASE_URL`, which may have been set for another project.
    pub(crate) fn database(&self) -> Result<Database, Failure> {
        if let Some(url) = self.global.database.as_deref().or(self.own_url) {
            return Database::parse(url);
        }
        match std::env::var("DATABASE_URL") {
            Ok(url) => Database::parse(&url),
            Err(VarError::NotUnicode(_)) => Err(Failure::usage("`DATABASE_URL` is not UTF-8")
                .help(format!("use `--database URL`, such as {EXAMPLES}"))),
            Err(VarError::NotPresent) => Err(Failure::usage("no database is given")
                .help(format!("use `--database {EXAMPLE}`, or set `DATABASE_URL`"))),
        }
    }
}

/// The folder that an interrupted conversion by `migrate adopt` leaves in the
/// directory. It is detected even without the feature `adopt`.
const CUT_OFF: &str = ".adopting/originals";

/// Refuses a directory whose conversion was interrupted: its files are neither
/// all old nor all new.
fn refuse_cut_off(directory: &Path) -> Result<(), Failure> {
    if !directory.join(CUT_OFF).exists() {
        return Ok(());
    }
    let shown = directory.display();
    Err(
        Failure::new(format!("the conversion of `{shown}` was interrupted")).help(format!(
            "run `migrate adopt --from TOOL --files {shown}` with the same tool to complete it"
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
