//! What every verb works with.

use crate::args::{EngineName, Global, Numbers, Patience};
use crate::database::sqlite::{connect, is_absent};
use crate::database::{Database, EXAMPLES, engine_of};
use crate::failure::Failure;
use crate::migrator::{AnyMigrator, ask, history_on_postgres, tell};
use crate::numbering;
use crate::output::Output;
use crate::program::{Migrations, Program};
use migrate_model::Engine;
use migrate_runtime::rusqlite::{self, Connection};
use migrate_runtime::{Migrator, Numbering, Version, read_directory};
use std::path::Path;

pub(crate) struct Context<'a> {
    pub(crate) program: &'a Program,
    /// The command line of the process, if it is this one and no more.
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
                let (dir, numbering) = (&self.global.dir, self.numbering()?);
                let migrator = match self.engine()? {
                    Engine::Postgres => {
                        let registry = migrate_runtime::postgres::read_directory(dir, numbering)?;
                        AnyMigrator::Postgres(Migrator::new(registry))
                    }
                    _ => {
                        let registry = read_directory(dir, numbering);
                        let registry = registry.map_err(|error| self.with_hint_of_engine(error))?;
                        AnyMigrator::Sqlite(Migrator::new(registry))
                    }
                };
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

    /// Which database the scripts are for: what was said, or what follows from
    /// the URL. A program knows that of its own.
    pub(crate) fn engine(&self) -> Result<Engine, Failure> {
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
            (None, _) => Ok(self.engine_of_url().unwrap_or_default()),
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
        if !is_guessed || errors == 0 {
            return None;
        }
        let found =
            migrate_runtime::postgres::check_directory(&self.global.dir, self.numbering().ok()?);
        (found.errors.len() < errors).then_some(
            "the scripts were read as SQLite's, and look like PostgreSQL's: say `--engine \
             postgres`, or set `MIGRATE_ENGINE=postgres`",
        )
    }

    pub(crate) fn with_hint_of_engine(&self, error: migrate_runtime::Error) -> Failure {
        let hint = self.hint_of_engine(error.diagnostics().len());
        let failure = Failure::from(error);
        match hint {
            Some(hint) => failure.help(hint),
            None => failure,
        }
    }

    /// The name of the history table, for a verb that needs no migrations.
    pub(crate) fn history_table(&self) -> &str {
        match (&self.global.history_table, &self.program.migrations) {
            (Some(table), _) => table,
            (None, Migrations::Embedded(migrator)) => {
                ask!(&**migrator, it => it.history_table_name())
            }
            (None, Migrations::Directory) => "_migrations",
        }
    }

    /// The same on PostgreSQL, with its schema.
    pub(crate) fn history_on_postgres(&self) -> Result<(String, String), Failure> {
        let (schema, table) = history_on_postgres(self.global)?;
        let own = match &self.program.migrations {
            Migrations::Embedded(migrator) => match &**migrator {
                AnyMigrator::Postgres(own) => {
                    Some((own.history_schema_name(), own.history_table_name()))
                }
                AnyMigrator::Sqlite(_) => None,
            },
            Migrations::Directory => None,
        };
        let (own_schema, own_table) = own.unwrap_or(("public", "_migrations"));
        Ok((
            schema.unwrap_or(own_schema).to_owned(),
            table.unwrap_or(own_table).to_owned(),
        ))
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
                .help("say `--database sqlite:app.db`, or set `DATABASE_URL`")),
        }
    }

    /// Opens an SQLite file that has to be there, for what no other database
    /// has.
    pub(crate) fn open_sqlite(&self, what: &str) -> Result<(Database, Connection), Failure> {
        let database = self.database()?;
        let conn = match &database {
            Database::Sqlite(place) => place.open_existing(self)?,
            Database::Postgres(_) => return Err(not_on_postgres(what)),
        };
        Ok((database, conn))
    }

    /// A connection as the program makes its own.
    pub(crate) fn connect(&self, path: &Path, creates: bool) -> rusqlite::Result<Connection> {
        match &self.program.connect {
            // It would make a file that is not there.
            Some(own) if creates || !is_absent(path) => own(path),
            _ => connect(path, creates),
        }
    }
}

/// A path as it is shown, and as the compiler shows it.
pub(crate) fn shown(path: &Path) -> String {
    let shown = path.to_string_lossy().replace('\\', "/");
    shown.trim_end_matches('/').to_owned()
}

fn not_on_postgres(what: &str) -> Failure {
    Failure::usage(format!("`{what}` is not there for PostgreSQL yet"))
        .help("name an SQLite database with `--database`")
}

/// What lies in it is neither the old migrations nor the new ones.
fn refuse_cut_off(directory: &Path) -> Result<(), Failure> {
    if !migrate_adopt::files::is_cut_off(directory) {
        return Ok(());
    }
    let shown = directory.display();
    Err(
        Failure::new(format!("the conversion of `{shown}` was cut off")).help(format!(
            "`migrate adopt --from TOOL --files {shown}`, with the tool as before, ends it"
        )),
    )
}
