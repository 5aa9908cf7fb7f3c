//! Comparing the schema of a database with the one that the migrations produce.

use super::db_error::{Failure, failed};
use super::deadline::{Deadline, READ};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::repair::not_known;
use crate::{Migrator, Version};
use migrate_model::history::State;
use rusqlite::Connection;
use std::time::Instant;

impl<M> Migrator<M> {
    /// The differences between the schema of a database and the one that the
    /// migrations produce, one text for each object.
    ///
    /// The migrations are replayed in memory, up to the given version or else
    /// up to the newest one that is applied and in the registry. The history
    /// table, the tables named in `ignored`, and what SQLite creates itself are
    /// left out.
    ///
    /// ```
    /// # use migrate_runtime::{embed_migrations, rusqlite::Connection};
    /// # embed_migrations!("../migrations", watch = false);
    /// let mut db = Connection::open_in_memory()?;
    /// Migration::migrator().up(&mut db)?;
    /// assert!(Migration::migrator().compare_schema(&db, None, &[])?.is_empty());
    /// db.execute_batch("CREATE INDEX by_hand ON nodes(title)")?;
    /// let differences = Migration::migrator().compare_schema(&db, None, &[])?;
    /// assert_eq!(differences, ["the index `by_hand` is not made by the migrations"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the registry has no such version, if the migrations cannot be
    /// replayed, or if the history or the schema cannot be read.
    pub fn compare_schema(
        &self,
        conn: &Connection,
        up_to: Option<Version>,
        ignored: &[&str],
    ) -> Result<Vec<String>, Error> {
        self.check_reading("compare_schema")?;
        let settings = &self.settings;
        let up_to = match up_to {
            Some(version) if settings.registry.get(version).is_none() => {
                return Err(not_known(&version.to_string()));
            }
            Some(version) => Some(version),
            None => self
                .read_history(conn)?
                .iter()
                .filter(|row| row.state == State::Applied)
                .map(|row| row.version)
                .rfind(|version| settings.registry.get(*version).is_some()),
        };
        let expected = replay(settings, up_to)?;
        let ignored = [ignored, &[settings.engine.table.name()]].concat();
        let deadline = Deadline::starting(Instant::now(), settings);
        deadline.retry(conn, READ, || {
            migrate_prove::schema_differences(&expected, conn, &ignored)
                .map_err(Failure::new("comparing the schema"))
        })
    }

    /// A database in memory with all migrations applied, as
    /// [`compare_schema`](Migrator::compare_schema) builds it: with the
    /// stand-ins and the [`setup`](Migrator::setup) of the application, but
    /// without its observer.
    ///
    /// # Errors
    ///
    /// Fails if a migration fails.
    pub fn replay(&self) -> Result<Connection, Error> {
        self.settings.check_source()?;
        let last = self.settings.registry.migrations().last();
        replay(&self.settings, last.map(|last| last.version))
    }
}

/// A database in memory with the migrations up to a version; an empty one if
/// there is no version.
fn replay(settings: &Settings, up_to: Option<Version>) -> Result<Connection, Error> {
    const SWITCH: &str = "replaying the migrations";
    let mut conn = Connection::open_in_memory().map_err(failed(SWITCH))?;
    let Some(version) = up_to else {
        return Ok(conn);
    };
    let functions = settings.engine.stand_ins.functions.iter().copied();
    migrate_prove::stand_in(&conn, functions, settings.engine.stand_ins.collations)
        .map_err(failed(SWITCH))?;
    if let Some(setup) = &settings.engine.setup {
        setup.0(&conn).map_err(failed(SWITCH))?;
    }
    // Only the settings that affect the result: no listeners, no backup.
    let mut replayed = Migrator::<Version>::new(settings.registry).to(version);
    replayed.settings.engine.table = settings.engine.table.clone();
    replayed.settings.engine.functions = settings.engine.functions;
    replayed.settings.engine.attached = settings.engine.attached.clone();
    replayed
        .up(&mut conn)
        .map_err(|error| Error::with_source(Kind::Database(SWITCH), error))?;
    Ok(conn)
}
