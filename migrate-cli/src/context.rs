//! What every verb works with.

use crate::args::{Global, Numbers, Patience};
use crate::database::{Database, Reading, connect, is_absent};
use crate::failure::Failure;
use crate::numbering;
use crate::output::Output;
use crate::program::{Migrations, Program};
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
    pub(crate) fn migrator(&self) -> Result<Migrator<Version>, Failure> {
        let migrator = match &self.program.migrations {
            Migrations::Embedded(migrator) => Migrator::clone(migrator),
            Migrations::Directory => {
                refuse_cut_off(&self.global.dir)?;
                let registry = read_directory(&self.global.dir, self.numbering()?)?;
                Migrator::new(registry).release(concat!("migrate ", env!("CARGO_PKG_VERSION")))
            }
        };
        match self.global.history_table.as_deref() {
            // It would be a table without a name; the variable of an environment
            // is often set to nothing.
            Some("") => Err(Failure::usage("the name of the history table is empty")
                .help("name it with `--history-table`, or unset `MIGRATE_HISTORY_TABLE`")),
            Some(table) => Ok(migrator.history_table(table)),
            None => Ok(migrator),
        }
    }

    /// The same, for a verb that waits for locks as long as it was told to.
    pub(crate) fn patient_migrator(
        &self,
        patience: &Patience,
    ) -> Result<Migrator<Version>, Failure> {
        let migrator = self.migrator()?;
        Ok(match patience.lock_timeout {
            Some(timeout) => migrator.lock_deadline(timeout),
            None => migrator,
        })
    }

    /// The name of the history table, for a verb that needs no migrations.
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
                    .help("say `--database sqlite:app.db`"))
            }
            Err(std::env::VarError::NotPresent) => Err(Failure::usage("no database was named")
                .help("say `--database sqlite:app.db`, or set `DATABASE_URL`")),
        }
    }

    pub(crate) fn open_to_read(&self) -> Result<(Database, Reading), Failure> {
        let database = self.database()?;
        let reading = database.open_to_read(self)?;
        if !reading.exists {
            let shown = database.shown();
            self.output
                .note(format!("the database `{shown}` does not exist yet"));
        }
        Ok((database, reading))
    }

    /// Opens a database that has to be there: a wrong path must not make one.
    pub(crate) fn open_existing(&self) -> Result<(Database, Connection), Failure> {
        let database = self.database()?;
        match &database {
            Database::File(path) if is_absent(path) => {
                let shown = database.shown();
                Err(Failure::new(format!("there is no database `{shown}`"))
                    .help("correct the path; `migrate up` makes a new one"))
            }
            _ => {
                let conn = database.open(self)?;
                Ok((database, conn))
            }
        }
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
