//! A session with an SQLite file.

use super::{ADOPTION_HINT, Access, Session};
use crate::database::ConnectOptions;
use crate::database::sqlite::{Place, Reading, is_absent};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::signals::{self, SignalGuard};
#[cfg(feature = "adopt")]
use migrate_adopt::{Adoption, Error as AdoptError, Options, Tool};
use migrate_runtime::rusqlite::{self, Connection};
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migration, Migrator, Plan, Repair, Repaired, Report, Status,
    Verification, Version,
};
use std::time::Duration;

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
        let Reading { conn, exists } = if access == Access::Existing {
            let conn = place.open_existing(&options)?;
            Reading { conn, exists: true }
        } else {
            place.open_to_read(&options)?
        };
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
    fn shown(&self) -> String {
        self.place.shown()
    }

    fn backup_command(&self) -> &'static str {
        "--backup PATH"
    }

    fn exists(&self) -> bool {
        self.exists
    }

    fn migrations(&self) -> &'static [Migration] {
        self.migrator.registry().migrations()
    }

    fn stop_on_signals(&mut self) {
        (self.migrator, self.signals) = signals::stop_on_signals(self.migrator.clone());
    }

    fn show(&mut self, progress: &Progress) {
        self.migrator = self.migrator.clone().observer(progress.clone());
    }

    fn stop_after(&mut self, version: Version) {
        self.migrator = self.migrator.clone().to(version);
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

    fn plan(&mut self) -> Result<Plan, Error> {
        self.migrator.plan(&self.conn)
    }

    fn plan_down(&mut self, down: Down) -> Result<DownPlan, Error> {
        self.migrator.plan_down(&self.conn, down)
    }

    fn up(&mut self) -> Result<Report, Error> {
        self.migrator.up(&mut self.conn)
    }

    fn down(&mut self, down: Down) -> Result<Report, Error> {
        self.migrator.down(&mut self.conn, down)
    }

    fn redo(&mut self) -> Result<Report, Error> {
        self.migrator.redo(&mut self.conn)
    }

    fn verify(&mut self) -> Result<Verification, Error> {
        self.migrator.verify(&self.conn)
    }

    fn compare_schema(&mut self, ignored: &[&str]) -> Result<Vec<String>, Failure> {
        Ok(self.migrator.compare_schema(&self.conn, None, ignored)?)
    }

    fn baseline(&mut self, version: Version) -> Result<Baseline, Error> {
        self.migrator.baseline(&mut self.conn, version)
    }

    fn repair(&mut self, version: Version, repair: Repair<'_>) -> Result<Repaired, Error> {
        self.migrator.repair(&mut self.conn, version, repair)
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

    #[cfg(feature = "adopt")]
    fn leftover_tables(&mut self) -> Result<Vec<String>, AdoptError> {
        migrate_adopt::left_behind(&self.migrator, &self.conn)
    }

    #[cfg(feature = "adopt")]
    fn plan_adoption(&mut self, tool: Tool, options: &Options) -> Result<Adoption, AdoptError> {
        migrate_adopt::plan_adoption(&self.migrator, &self.conn, tool, options)
    }

    #[cfg(feature = "adopt")]
    fn adopt(&mut self, tool: Tool, options: &Options) -> Result<Adoption, AdoptError> {
        migrate_adopt::adopt(&self.migrator, &mut self.conn, tool, options)
    }
}

/// Whether there are tables besides the history.
fn has_tables(conn: &Connection, history: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 COLLATE NOCASE)";
    conn.query_row(sql, [history], |row| row.get(0))
}
