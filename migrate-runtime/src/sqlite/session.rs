//! The state of the connection for a run, put back when it ends.

use super::brake::Brake;
use super::failed;
use super::guard::Guard;
use super::lock::{Deadline, Failure, is_busy, journal_mode};
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use migrate_model::pragma::SETTINGS;
use migrate_sqlite::compat;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OptionalExtension};

pub(super) fn is_saved(pragma: &str) -> bool {
    SETTINGS.contains(&pragma)
}

/// Those that the run itself holds, and that a migration cannot change.
const HELD: [&str; 2] = ["foreign_keys", "synchronous"];

/// `PRAGMA synchronous` of a commit that survives a loss of power. With a
/// rollback journal, `FULL` is not enough: until the folder is synced too, the
/// deleted journal can come back, and with it the state of before.
const EXTRA: i64 = 3;

const DOUBLE_QUOTED_STRINGS: [DbConfig; 2] = [
    DbConfig::SQLITE_DBCONFIG_DQS_DDL,
    DbConfig::SQLITE_DBCONFIG_DQS_DML,
];

/// A connection that is set up for migrating. Dropping it rolls an open
/// transaction back and restores every setting, after a panic too.
pub(super) struct Session<'c> {
    pub(super) conn: &'c mut Connection,
    pub(super) guard: Guard,
    pub(super) brake: Brake,
    has_code: bool,
    saved: Saved,
    deadline: Deadline<'c>,
}

/// Settings of a connection as they were.
pub(super) struct Saved {
    pragmas: Vec<(&'static str, i64)>,
    double_quoted_strings: [bool; 2],
}

impl<'c> Session<'c> {
    pub(super) fn start(
        conn: &'c mut Connection,
        settings: &Settings,
        pending: usize,
        deadline: Deadline<'c>,
    ) -> Result<Session<'c>, Error> {
        // It takes the place of the application's, which would judge the
        // checks of the runner as well.
        let guard = Guard::new(settings.own.table.name());
        guard
            .install(conn, settings.has_code())
            .map_err(failed("installing the authorizer"))?;
        let brake = Brake::new(settings.stop.as_ref());
        let saved = match Saved::read(conn, &deadline) {
            Ok(saved) => saved,
            Err(error) => {
                remove_guard(conn, settings.has_code());
                return Err(error);
            }
        };
        let session = Session {
            saved,
            guard,
            brake,
            has_code: settings.has_code(),
            deadline,
            conn,
        };
        // From here on it is taken off again, whatever happens.
        session
            .brake
            .install(session.conn)
            .map_err(failed("installing the progress handler"))?;
        if session.saved.pragma("query_only") == Some(1) {
            return Err(Kind::ReadOnly { pending }.into());
        }
        let mode = deadline.retry(session.conn, "for a read", || {
            journal_mode(session.conn).map_err(Failure::new("reading the journal mode"))
        })?;
        if mode == "off" {
            return Err(Kind::NoJournal.into());
        }
        deadline.retry(session.conn, "for a read", || session.prepare())?;
        Ok(session)
    }

    fn prepare(&self) -> Result<(), Failure> {
        const DOING: &str = "preparing the connection";
        // Dropping a table deletes its rows, and with foreign keys on that
        // cascades into other tables, even in the rebuild that SQLite's manual
        // recommends. It can only be switched outside of a transaction:
        // https://sqlite.org/lang_altertable.html#otheralter
        write(self.conn, "foreign_keys", 0).map_err(Failure::new(DOING))?;
        if read(self.conn, "foreign_keys").map_err(Failure::new(DOING))? == Some(1) {
            return Err(Kind::Database("switching foreign keys off").into());
        }
        if self
            .saved
            .pragma("synchronous")
            .is_some_and(|level| level < EXTRA)
        {
            write(self.conn, "synchronous", EXTRA).map_err(Failure::new(DOING))?;
        }
        refuse_strings(self.conn).map_err(Failure::new(DOING))
    }

    /// What the connection was set to.
    pub(super) fn saved(&self) -> &Saved {
        &self.saved
    }

    /// An application that cancels a run by a progress handler or an interrupt
    /// would cancel this too, and be left with an open transaction. Its handler
    /// is taken off where there is no other way.
    fn undisturbed(&mut self, mut act: impl FnMut(&Session<'c>) -> rusqlite::Result<()>) {
        let is_interrupted = |result: rusqlite::Result<()>| {
            result.is_err_and(|error| {
                error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
            })
        };
        if is_interrupted(act(self)) && is_interrupted(act(self)) {
            let _ = compat::remove_progress_handler(self.conn);
            let _ = act(self);
        }
    }
}

impl Saved {
    pub(super) fn read(conn: &Connection, deadline: &Deadline<'_>) -> Result<Saved, Error> {
        let mut saved = Saved {
            pragmas: deadline.retry(conn, "for a read", || save(conn))?,
            double_quoted_strings: [true; 2],
        };
        for (config, was_on) in DOUBLE_QUOTED_STRINGS
            .into_iter()
            .zip(&mut saved.double_quoted_strings)
        {
            *was_on = conn
                .db_config(config)
                .map_err(failed("reading a setting"))?;
        }
        Ok(saved)
    }

    pub(super) fn pragma(&self, pragma: &str) -> Option<i64> {
        self.pragmas
            .iter()
            .find(|(name, _)| *name == pragma)
            .map(|(_, value)| *value)
    }

    /// Allows double-quoted strings again if the schema has some, as one from
    /// before this crate may: without them no `ALTER TABLE … RENAME` of any
    /// table would work, because it compiles the whole schema. To be called in
    /// a transaction; what is tried is rolled back.
    pub(super) fn allow_old_strings(&self, conn: &Connection) -> rusqlite::Result<()> {
        const TRY: &str = "SAVEPOINT migrate_try; CREATE TABLE main.migrate_try(a); \
                           ALTER TABLE main.migrate_try RENAME TO migrate_tried";
        let tried = conn.execute_batch(TRY);
        // An interrupt or an error of the disk ends the whole transaction, and
        // without it nothing of the migration may run.
        if conn.is_autocommit() {
            return tried;
        }
        conn.execute_batch("ROLLBACK TO migrate_try; RELEASE migrate_try")?;
        if tried.is_err() {
            self.restore_strings(conn);
        }
        Ok(())
    }

    pub(super) fn restore_strings(&self, conn: &Connection) {
        for (config, was_on) in DOUBLE_QUOTED_STRINGS
            .into_iter()
            .zip(self.double_quoted_strings)
        {
            let _ = conn.set_db_config(config, was_on);
        }
    }

    /// Puts back what a migration may have changed, so that the next one finds
    /// what it would find in a run of its own.
    pub(super) fn reset(&self, conn: &Connection, deadline: &Deadline<'_>) {
        for (pragma, value) in &self.pragmas {
            if !HELD.contains(pragma) {
                let _ = restore(conn, pragma, *value, deadline);
            }
        }
    }
}

/// Puts a setting back, if it is another one now. Where another connection
/// of a shared cache changes the schema, not even that can be prepared.
fn restore(
    conn: &Connection,
    pragma: &str,
    value: i64,
    deadline: &Deadline<'_>,
) -> rusqlite::Result<()> {
    loop {
        let restored = match read(conn, pragma) {
            Ok(found) if found == Some(value) => Ok(()),
            Ok(_) => write(conn, pragma, value),
            Err(error) => Err(error),
        };
        match restored {
            Err(error) if is_busy(&error) && deadline.pause() => {}
            restored => return restored,
        }
    }
}

/// A misspelt column in double quotes would become a text, and would be written
/// into the data.
pub(super) fn refuse_strings(conn: &Connection) -> rusqlite::Result<()> {
    for config in DOUBLE_QUOTED_STRINGS {
        conn.set_db_config(config, false)?;
    }
    Ok(())
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        remove_guard(self.conn, self.has_code);
        self.brake.remove(self.conn);
        self.undisturbed(|session| roll_back(session.conn));
        self.saved.restore_strings(self.conn);
        let deadline = self.deadline.anew();
        for (pragma, value) in std::mem::take(&mut self.saved.pragmas) {
            self.undisturbed(|session| restore(session.conn, pragma, value, &deadline));
        }
    }
}

/// Ends a transaction that is open.
pub(super) fn roll_back(conn: &Connection) -> rusqlite::Result<()> {
    // SQLite may have rolled back by itself, as it does on a full disk. A
    // second ROLLBACK would only hide the first error.
    match conn.is_autocommit() {
        true => Ok(()),
        false => conn.execute_batch("ROLLBACK"),
    }
}

fn remove_guard(conn: &mut Connection, has_code: bool) {
    // It fails only while a statement runs, and none does.
    let _ = compat::remove_authorizer(conn);
    if has_code {
        let _ = compat::remove_commit_hook(conn);
    }
}

/// Every setting that is put back in the end.
fn save(conn: &Connection) -> Result<Vec<(&'static str, i64)>, Failure> {
    let mut saved = Vec::with_capacity(SETTINGS.len());
    for pragma in SETTINGS {
        let value = read(conn, pragma).map_err(Failure::new("reading a setting"))?;
        saved.extend(value.map(|value| (pragma, value)));
    }
    Ok(saved)
}

/// The value of a pragma, or `None` if this SQLite does not know it.
fn read(conn: &Connection, pragma: &str) -> rusqlite::Result<Option<i64>> {
    conn.query_row(&format!("PRAGMA main.{pragma}"), [], |row| row.get(0))
        .optional()
}

fn write(conn: &Connection, pragma: &str, value: i64) -> rusqlite::Result<()> {
    conn.execute_batch(&format!("PRAGMA main.{pragma} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Migrator;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Instant;

    fn settings() -> Settings {
        use migrate_model::{Checksum, Migration, Registry, Script, Version};
        static REGISTRY: Registry = Registry::new(&[Migration::new(
            Version::new(1),
            "001_a",
            Checksum::from_hex([b'0'; 64]),
            Script::single("001_a.sql", "SELECT 1"),
        )]);
        Migrator::<Version>::new(&REGISTRY).settings
    }

    /// Panics of functions, hooks and migrations in Rust are caught where they
    /// are called; an observer's comes through.
    #[test]
    fn a_panic_puts_the_connection_back() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; CREATE TABLE a(x)",
        )
        .unwrap();
        let before = save(&conn).ok();
        let settings = settings();
        let deadline = Deadline::starting(Instant::now(), &settings);
        let run = catch_unwind(AssertUnwindSafe(|| {
            let session = Session::start(&mut conn, &settings, 1, deadline).unwrap();
            let during = save(session.conn).ok();
            assert_ne!(during, before);
            let script = "BEGIN IMMEDIATE; INSERT INTO a VALUES (1); PRAGMA cache_size = 7";
            session.conn.execute_batch(script).unwrap();
            panic!("in the middle");
        }));
        let message = run.unwrap_err();
        assert_eq!(message.downcast_ref(), Some(&"in the middle"));
        assert!(conn.is_autocommit());
        assert_eq!(save(&conn).ok(), before);
        let rows: i64 = conn
            .query_row("SELECT count(*) FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }
}
