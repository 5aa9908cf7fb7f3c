//! Adopting the history of another tool.

use super::connection::check_writable;
use super::deadline::{Deadline, WRITE_LOCK};
use super::run_state::RunState;
use super::session::Session;
use crate::adoption::{matched, refuse_history};
use crate::error::{Error, Kind};
use crate::history_write::{HistoryWrite, Record};
use crate::migrator::Settings;
use crate::{Adopted, Baseline, BoxError, Migrator};
use migrate_sqlite::authorizer::Scope;
use rusqlite::Connection;
use std::time::Instant;

impl<M> Migrator<M> {
    /// Records as applied the migrations that another tool has applied, without
    /// running them. From then on, this program migrates the database.
    ///
    /// `find` reads the other tool's history. It is called in the transaction
    /// that writes our history, under the write lock, so what it reads cannot
    /// change. It may write only one thing: it may rename the other tool's
    /// table if that table has the name of ours. It must return the first
    /// migrations of the registry, in order. Otherwise the other tool's tables
    /// are left as they are.
    ///
    /// ```
    /// # use migrate_runtime::{Adopted, Checksum, Migration, Migrator, Registry, Script, Version};
    /// # static REGISTRY: Registry = Registry::new(&[Migration::new(
    /// #     Version::new(1),
    /// #     "001_a",
    /// #     Checksum::from_hex([b'0'; 64]),
    /// #     Script::single("001_a.sql", "CREATE TABLE a(x)"),
    /// # )]);
    /// # let migrator = Migrator::<Version>::new(&REGISTRY);
    /// # let mut db = migrate_runtime::rusqlite::Connection::open_in_memory()?;
    /// db.execute_batch(
    ///     "CREATE TABLE a(x); CREATE TABLE applied(name, at);
    ///      INSERT INTO applied VALUES ('a', '2024-01-01T12:00:00Z')",
    /// )?;
    /// let adopted = migrator.adopt(&mut db, |conn| {
    ///     let mut adopted = Adopted::new(Version::new(1), "our own tool a");
    ///     adopted.applied_at = Some(conn.query_row("SELECT at FROM applied", [], |row| row.get(0))?);
    ///     Ok(vec![adopted])
    /// })?;
    /// assert_eq!(adopted.labels(), ["001_a"]);
    /// assert!(migrator.up(&mut db)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the database already has a history of this crate, if `find`
    /// fails (its error is the source) or finds nothing, if what it finds is
    /// not the beginning of the registry, and for the reasons for which
    /// [`up`](Migrator::up) fails. Then nothing is written.
    pub fn adopt(
        &self,
        conn: &mut Connection,
        find: impl FnOnce(&Connection) -> Result<Vec<Adopted>, BoxError>,
    ) -> Result<Baseline, Error> {
        self.check_reading("adopt")?;
        self.check_entry(conn)?;
        adopt(conn, &self.settings, find)
    }

    /// The name of the history table.
    pub fn get_history_table(&self) -> &str {
        self.settings.engine.table.name()
    }
}

const WHAT: &str = "an adoption";

fn adopt(
    conn: &mut Connection,
    settings: &Settings,
    find: impl FnOnce(&Connection) -> Result<Vec<Adopted>, BoxError>,
) -> Result<Baseline, Error> {
    let deadline = Deadline::starting(Instant::now(), settings);
    check_writable(conn, 0)?;
    let session = Session::start(conn, settings, 0, deadline)?;
    let mut run = RunState::new(&session);
    let mut find = Some(find);
    run.locked(|run, _| {
        // The other tool's table may have the name of ours until `find` renames
        // it.
        let is_taken = match run.history() {
            Err(error) if error.is_foreign_history() => true,
            history => {
                refuse_history(WHAT, &history?)?;
                false
            }
        };
        // A reader of the same shared cache made the transaction restart, and
        // what `find` read in the first one may no longer be true.
        let Some(find) = find.take() else {
            return Err(deadline.locked(run.conn, WRITE_LOCK).into());
        };
        let adopted = {
            let _entered = run.authorizer.enter(Scope::Adoption);
            find(run.conn).map_err(|error| Error::with_source(Kind::NotAdopted, error))?
        };
        run.check_open("the adoption")?;
        if is_taken {
            refuse_history(WHAT, &run.history()?)?;
        }
        let migrations = matched(settings.registry, &adopted)?;
        run.make_history()?;
        for (migration, adopted) in migrations.iter().zip(&adopted) {
            let row = HistoryWrite::Insert(migration, Record::adopted(adopted));
            run.write(&row, "recording the adoption")?;
        }
        run.commit("the adoption", &|history| history.len() == migrations.len())?;
        Ok(Baseline::of(&migrations))
    })
}
