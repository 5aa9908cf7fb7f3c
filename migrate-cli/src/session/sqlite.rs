//! A session with an SQLite file.

use super::*;
use crate::database::sqlite::{Place, is_absent};
#[cfg(feature = "adopt")]
use migrate_adopt as adopt;
use migrate_runtime::rusqlite::{self, Connection};

pub(super) struct SqliteSession {
    options: ConnectOptions,
    place: Place,
    exists: bool,
    migrator: Migrator<Version>,
    conn: Connection,
    /// Must be the last field: signals are handled until the connection is
    /// closed.
    signals: Option<SignalGuard>,
}

/// Calls a method of the migrator with the connection.
macro_rules! run {
    ($session:ident, $migrator:ident, $conn:ident => $call:expr) => {{
        let ($migrator, $conn) = (&$session.migrator, &mut $session.conn);
        $call
    }};
}

impl SqliteSession {
    pub(super) fn open(
        options: ConnectOptions,
        place: Place,
        migrator: Migrator<Version>,
        access: Access,
    ) -> Result<SqliteSession, Failure> {
        let (migrator, signals) = match access {
            Access::Apply { .. } => signals::stop_on_signals(migrator),
            _ => (migrator, None),
        };
        if let Access::Apply { wait: Some(wait) } = access {
            drop(place.wait(&options, wait)?);
        }
        let found = if access == Access::Existing {
            Some(place.open_existing(&options)?)
        } else {
            place.open_to_read(&options)?
        };
        let exists = found.is_some();
        // An empty database instead of one that does not exist creates no file.
        let conn = found.map_or_else(|| Place::Memory.open(&options), Ok)?;
        if !exists && access == Access::Read {
            let shown = place.shown();
            let note = format!("the database `{shown}` does not exist yet");
            options.output.note(note);
        }
        Ok(SqliteSession {
            options,
            place,
            exists,
            migrator,
            conn,
            signals,
        })
    }

    /// Closes the connection: a second one would block a migration that needs
    /// exclusive access to the file.
    fn close(&mut self) -> Result<(), Failure> {
        self.conn = Place::Memory.open(&self.options)?;
        Ok(())
    }
}

impl Session for SqliteSession {
    methods_of_the_migrator!(run);

    fn shown(&self) -> String {
        self.place.shown()
    }

    fn backup_command(&self) -> &'static str {
        "--backup PATH"
    }

    fn exists(&self) -> bool {
        self.exists
    }

    fn reopen_to_apply(&mut self, wait: Duration) -> Result<(), Failure> {
        self.close()?;
        self.conn = self.place.wait(&self.options, wait)?;
        Ok(())
    }

    fn reopen_to_undo(&mut self) -> Result<(), Failure> {
        self.close()?;
        if !matches!(&self.place, Place::File(path) if is_absent(path)) {
            self.conn = self.place.open(&self.options)?;
        }
        Ok(())
    }

    fn status(&mut self) -> Result<Status, Error> {
        // Repairing needs both: the status first, and a backup when it resumes.
        let migrator = self.migrator.clone().without_backup();
        migrator.status(&self.conn)
    }

    fn compare_schema(&mut self, ignored: &[&str]) -> Result<Vec<String>, Failure> {
        Ok(self.migrator.compare_schema(&self.conn, None, ignored)?)
    }

    fn adoption_hint(&mut self) -> Option<String> {
        let table = self.migrator.get_history_table();
        if !matches!(has_tables(&self.conn, table), Ok(true)) {
            return None;
        }
        let user_version: i64 = self
            .conn
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap_or_default();
        Some(match user_version {
            ..=0 => ADOPTION_HINT.to_owned(),
            _ => format!(
                "the database had a schema but no history of ours, and its `PRAGMA user_version` \
                 is {user_version}: if rusqlite_migration created it, adopt it with `migrate adopt \
                 --from rusqlite_migration`; otherwise, record what is already applied with \
                 `migrate baseline`"
            ),
        })
    }

    #[cfg(feature = "adopt")]
    fn detect_tools(&mut self) -> Result<Vec<Tool>, AdoptError> {
        migrate_adopt::detect(&self.conn)
    }
}

/// Whether there are tables besides the history.
fn has_tables(conn: &Connection, history: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 COLLATE NOCASE)";
    conn.query_row(sql, [history], |row| row.get(0))
}
