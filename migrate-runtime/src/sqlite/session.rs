//! The settings of the connection during a run, restored when it ends.

use super::connection::journal_mode;
use super::db_error::{Failure, failed, is_busy};
use super::deadline::{Deadline, READ};
use super::interrupt::Interrupt;
use crate::error::{Error, Kind};
use crate::migrator::Settings;
use migrate_sqlite::authorizer::Authorizer;
use migrate_sqlite::compat;
use migrate_sqlite::settings::{
    SavedSettings, is_set_by_the_run, read_pragma, refuse_double_quoted_strings, restore_pragma,
    write_pragma,
};
use rusqlite::{Connection, ErrorCode};

/// The value of `PRAGMA synchronous` for a commit that survives a loss of
/// power. With a rollback journal, `FULL` is not enough: until the directory is
/// synced too, the deleted journal can come back, and its rollback undoes the
/// commit.
const EXTRA: i64 = 3;

/// A connection that is set up for migrating. Dropping it rolls an open
/// transaction back and restores every setting, after a panic too.
pub(super) struct Session<'c> {
    pub(super) conn: &'c mut Connection,
    pub(super) authorizer: Authorizer,
    pub(super) interrupt: Interrupt,
    pub(super) settings: &'c Settings,
    has_code: bool,
    pub(super) saved: SavedSettings,
    pub(super) deadline: Deadline<'c>,
}

impl<'c> Session<'c> {
    pub(super) fn start(
        conn: &'c mut Connection,
        settings: &'c Settings,
        pending: usize,
        deadline: Deadline<'c>,
    ) -> Result<Session<'c>, Error> {
        // It replaces the authorizer of the application, which would also check
        // the statements of the runner.
        let has_code = !settings.observers.is_empty() || settings.engine.has_functions();
        let authorizer = Authorizer::new(settings.engine.table.name());
        authorizer
            .install(conn)
            .and_then(|()| {
                if has_code {
                    authorizer.install_commit_hook(conn)?;
                }
                Ok(())
            })
            .map_err(failed("installing the authorizer"))?;
        let interrupt = Interrupt::new(settings.stop.as_ref());
        let saved = match saved_settings(conn, &deadline) {
            Ok(saved) => saved,
            Err(error) => {
                remove_authorizer(conn, has_code);
                return Err(error);
            }
        };
        let session = Session {
            saved,
            authorizer,
            interrupt,
            settings,
            has_code,
            deadline,
            conn,
        };
        // From here on the drop removes it.
        session
            .interrupt
            .install(session.conn)
            .map_err(failed("installing the progress handler"))?;
        if session.saved.pragma("query_only") == Some(1) {
            return Err(Kind::ReadOnly { pending }.into());
        }
        check_journal(session.conn, &deadline)?;
        deadline.retry(session.conn, READ, || session.prepare())?;
        Ok(session)
    }

    fn prepare(&self) -> Result<(), Failure> {
        const SWITCH: &str = "preparing the connection";
        // Dropping a table deletes its rows, and with foreign keys on, that
        // cascades into other tables, even in the rebuild that SQLite's manual
        // recommends. The setting can only be changed outside a transaction:
        // https://sqlite.org/lang_altertable.html#otheralter
        write_pragma(self.conn, "foreign_keys", 0).map_err(Failure::new(SWITCH))?;
        if read_pragma(self.conn, "foreign_keys").map_err(Failure::new(SWITCH))? == Some(1) {
            return Err(Kind::Database("switching foreign keys off").into());
        }
        if self
            .saved
            .pragma("synchronous")
            .is_some_and(|level| level < EXTRA)
        {
            write_pragma(self.conn, "synchronous", EXTRA).map_err(Failure::new(SWITCH))?;
        }
        refuse_double_quoted_strings(self.conn).map_err(Failure::new(SWITCH))
    }

    /// Calls `act`, also if the application interrupts it: an application that
    /// cancels a run with a progress handler or an interrupt would also cancel
    /// this, and be left with an open transaction. If there is no other way,
    /// its handler is removed.
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

/// Reads the settings, and waits for a lock until the deadline.
pub(super) fn saved_settings(
    conn: &Connection,
    deadline: &Deadline<'_>,
) -> Result<SavedSettings, Error> {
    deadline.retry(conn, READ, || {
        SavedSettings::read(conn).map_err(Failure::new("reading a setting"))
    })
}

/// Fails if the connection has no journal: nothing could be rolled back.
pub(super) fn check_journal(conn: &Connection, deadline: &Deadline<'_>) -> Result<(), Error> {
    let mode = deadline.retry(conn, READ, || {
        journal_mode(conn).map_err(Failure::new("reading the journal mode"))
    })?;
    if mode == "off" {
        return Err(Kind::NoJournal.into());
    }
    Ok(())
}

/// Restores the settings that a migration may have changed. If a setting cannot
/// be restored by the deadline, it is left as it is.
pub(super) fn restore(saved: &SavedSettings, conn: &Connection, deadline: &Deadline<'_>) {
    let _ = saved.restore(conn, |error| is_busy(error) && deadline.pause());
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        remove_authorizer(self.conn, self.has_code);
        self.interrupt.remove(self.conn);
        self.undisturbed(|session| roll_back(session.conn));
        self.saved.restore_double_quoted_strings(self.conn);
        let deadline = self.deadline.restarted();
        let saved = self.saved.clone();
        let is_sure = !self.authorizer.may_have_set();
        for (pragma, value) in saved.pragmas() {
            if is_sure && !is_set_by_the_run(pragma) {
                continue;
            }
            self.undisturbed(|session| {
                restore_pragma(session.conn, pragma, value, |error| {
                    is_busy(error) && deadline.pause()
                })
            });
        }
    }
}

/// Rolls an open transaction back.
pub(super) fn roll_back(conn: &Connection) -> rusqlite::Result<()> {
    // SQLite may have rolled back itself, as it does on a full disk. A second
    // ROLLBACK would only hide the first error.
    if conn.is_autocommit() {
        return Ok(());
    }
    conn.execute_batch("ROLLBACK")
}

fn remove_authorizer(conn: &mut Connection, has_code: bool) {
    // It fails only while a statement is running, and none is.
    let _ = compat::remove_authorizer(conn);
    if has_code {
        let _ = compat::remove_commit_hook(conn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Migrator;
    use migrate_sqlite::authorizer::Scope;
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

    /// Panics in functions, hooks and migrations in Rust are caught where they
    /// are called. A panic in an observer is not.
    #[test]
    fn a_panic_puts_the_connection_back() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; CREATE TABLE a(x)",
        )
        .unwrap();
        let before = SavedSettings::read(&conn).ok();
        let settings = settings();
        let deadline = Deadline::starting(Instant::now(), &settings);
        let run = catch_unwind(AssertUnwindSafe(|| {
            let session = Session::start(&mut conn, &settings, 1, deadline).unwrap();
            let during = SavedSettings::read(session.conn).ok();
            assert_ne!(during, before);
            let conn = &session.conn;
            conn.execute_batch("BEGIN IMMEDIATE").unwrap();
            let _entered = session.authorizer.enter(Scope::Transaction);
            conn.execute_batch("INSERT INTO a VALUES (1); PRAGMA cache_size = 7")
                .unwrap();
            panic!("in the middle");
        }));
        let message = run.unwrap_err();
        assert_eq!(message.downcast_ref(), Some(&"in the middle"));
        assert!(conn.is_autocommit());
        assert_eq!(SavedSettings::read(&conn).ok(), before);
        let rows: i64 = conn
            .query_row("SELECT count(*) FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }
}
