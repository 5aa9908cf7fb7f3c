//! The state of the connection for a run, put back when it ends.

use super::failed;
use super::lock::{Deadline, Failure, is_busy, journal_mode};
use crate::error::{Error, Kind};
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode, OptionalExtension};

/// Settings of the connection that a run or a migration may change, and that
/// a rollback does not put back: <https://sqlite.org/pragma.html>. Those that
/// are missing here cannot be read or put back, and are refused in a migration.
const SAVED: [&str; 25] = [
    "foreign_keys",
    "synchronous",
    "legacy_alter_table",
    "recursive_triggers",
    "ignore_check_constraints",
    "writable_schema",
    "query_only",
    "cache_size",
    "trusted_schema",
    "defer_foreign_keys",
    "analysis_limit",
    "automatic_index",
    "cache_spill",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "empty_result_callbacks",
    "full_column_names",
    "fullfsync",
    "journal_size_limit",
    "mmap_size",
    "read_uncommitted",
    "reverse_unordered_selects",
    "short_column_names",
    "threads",
];

/// Those that the run itself holds, and that a migration cannot change.
const HELD: [&str; 2] = ["foreign_keys", "synchronous"];

/// `PRAGMA synchronous` of a commit that survives a loss of power.
const FULL: i64 = 2;

const DOUBLE_QUOTED_STRINGS: [DbConfig; 2] = [
    DbConfig::SQLITE_DBCONFIG_DQS_DDL,
    DbConfig::SQLITE_DBCONFIG_DQS_DML,
];

/// A connection that is set up for migrating. Dropping it rolls an open
/// transaction back and restores every setting, after a panic too.
pub(super) struct Session<'c> {
    pub(super) conn: &'c mut Connection,
    saved: Vec<(&'static str, i64)>,
    double_quoted_strings: [bool; 2],
    deadline: Deadline,
}

impl<'c> Session<'c> {
    pub(super) fn start(
        conn: &'c mut Connection,
        pending: usize,
        deadline: Deadline,
    ) -> Result<Session<'c>, Error> {
        // The application's would judge the checks as well, until the first
        // migration replaces it.
        remove_guard(conn);
        let mut session = Session {
            saved: deadline.retry(conn, "for a read", || save(conn))?,
            double_quoted_strings: [true; 2],
            deadline,
            conn,
        };
        for (config, was_on) in DOUBLE_QUOTED_STRINGS
            .into_iter()
            .zip(&mut session.double_quoted_strings)
        {
            *was_on = session
                .conn
                .db_config(config)
                .map_err(failed("reading a setting"))?;
        }
        if session.saved("query_only") == Some(1) {
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
        if self.saved("synchronous").is_some_and(|level| level < FULL) {
            write(self.conn, "synchronous", FULL).map_err(Failure::new(DOING))?;
        }
        // A misspelt column in double quotes would become a text, and would be
        // written into the data.
        for config in DOUBLE_QUOTED_STRINGS {
            self.conn
                .set_db_config(config, false)
                .map_err(Failure::new(DOING))?;
        }
        Ok(())
    }

    /// Allows double-quoted strings again if the schema has some, as one from
    /// before this crate may: without them no `ALTER TABLE … RENAME` of any
    /// table would work, because it compiles the whole schema. To be called in
    /// a transaction; what is tried is rolled back.
    pub(super) fn allow_old_strings(&self) -> rusqlite::Result<()> {
        const TRY: &str = "SAVEPOINT migrate_try; CREATE TABLE main.migrate_try(a); \
                           ALTER TABLE main.migrate_try RENAME TO migrate_tried";
        let is_fine = self.conn.execute_batch(TRY).is_ok();
        // An interrupt or a full disk may have ended the whole transaction.
        if !self.conn.is_autocommit() {
            self.conn
                .execute_batch("ROLLBACK TO migrate_try; RELEASE migrate_try")?;
        }
        if !is_fine {
            self.restore_strings();
        }
        Ok(())
    }

    fn restore_strings(&self) {
        for (config, was_on) in DOUBLE_QUOTED_STRINGS
            .into_iter()
            .zip(self.double_quoted_strings)
        {
            let _ = self.conn.set_db_config(config, was_on);
        }
    }

    /// Puts back what a migration may have changed, so that the next one finds
    /// what it would find in a run of its own.
    pub(super) fn reset(&self, deadline: &Deadline) {
        for (pragma, value) in &self.saved {
            if !HELD.contains(pragma) {
                let _ = self.restore(pragma, *value, deadline);
            }
        }
    }

    /// Puts a setting back, if it is another one now. Where another connection
    /// of a shared cache changes the schema, not even that can be prepared.
    fn restore(&self, pragma: &str, value: i64, deadline: &Deadline) -> rusqlite::Result<()> {
        loop {
            let restored = match read(self.conn, pragma) {
                Ok(found) if found == Some(value) => Ok(()),
                Ok(_) => write(self.conn, pragma, value),
                Err(error) => Err(error),
            };
            match restored {
                Err(error) if is_busy(&error) && deadline.pause() => {}
                restored => return restored,
            }
        }
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
            let _ = self.conn.progress_handler(0, None::<fn() -> bool>);
            let _ = act(self);
        }
    }

    fn saved(&self, pragma: &str) -> Option<i64> {
        self.saved
            .iter()
            .find(|(name, _)| *name == pragma)
            .map(|(_, value)| *value)
    }

    pub(super) fn remove_guard(&mut self) {
        remove_guard(self.conn);
    }

    pub(super) fn roll_back(&self) {
        let _ = self.try_roll_back();
    }

    fn try_roll_back(&self) -> rusqlite::Result<()> {
        // SQLite may have rolled back by itself, as it does on a full disk. A
        // second ROLLBACK would only hide the first error.
        match self.conn.is_autocommit() {
            true => Ok(()),
            false => self.conn.execute_batch("ROLLBACK"),
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.remove_guard();
        self.undisturbed(Session::try_roll_back);
        self.restore_strings();
        let deadline = self.deadline.anew();
        for (pragma, value) in std::mem::take(&mut self.saved) {
            self.undisturbed(|session| session.restore(pragma, value, &deadline));
        }
    }
}

fn remove_guard(conn: &mut Connection) {
    // It fails only while a statement runs, and none does.
    let _ = conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>);
}

/// Every setting that is put back in the end.
fn save(conn: &Connection) -> Result<Vec<(&'static str, i64)>, Failure> {
    let mut saved = Vec::with_capacity(SAVED.len());
    for pragma in SAVED {
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
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::{Duration, Instant};

    /// rusqlite catches the panics of functions and hooks, so that none comes
    /// through a run today; a migration in Rust could.
    #[test]
    fn a_panic_puts_the_connection_back() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; CREATE TABLE a(x)",
        )
        .unwrap();
        let before = save(&conn).ok();
        let deadline = Deadline::starting(Instant::now(), Duration::from_secs(1));
        let run = catch_unwind(AssertUnwindSafe(|| {
            let session = Session::start(&mut conn, 1, deadline).unwrap();
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
