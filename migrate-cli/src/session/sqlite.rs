//! The verbs on an SQLite file.

use super::adoption;
use crate::context::Context;
use crate::database::sqlite::{Place, Reading, is_absent};
use crate::failure::Failure;
use migrate_runtime::rusqlite::{self, Connection};
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migrator, Plan, Repair, Repaired, Report, Status,
    Verification, Version,
};
use std::time::Duration;

pub(super) struct File<'a> {
    pub(super) context: &'a Context<'a>,
    place: Place,
    pub(super) conn: Connection,
    exists: bool,
    pub(super) migrator: Migrator<Version>,
}

impl<'a> File<'a> {
    pub(super) fn to_read(
        context: &'a Context<'a>,
        place: &Place,
        migrator: Migrator<Version>,
    ) -> Result<File<'a>, Failure> {
        let Reading { conn, exists } = place.open_to_read(&context.connect)?;
        Ok(File {
            context,
            place: place.clone(),
            conn,
            exists,
            migrator,
        })
    }

    pub(super) fn existing(
        context: &'a Context<'a>,
        place: &Place,
        migrator: Migrator<Version>,
    ) -> Result<File<'a>, Failure> {
        Ok(File {
            context,
            place: place.clone(),
            conn: place.open_existing(&context.connect)?,
            exists: true,
            migrator,
        })
    }

    /// Opens it anew: a connection that only reads makes no file, and a second
    /// one would be in the way of a migration that needs the file for itself.
    pub(super) fn make(self, patience: Duration) -> Result<File<'a>, Failure> {
        drop(self.conn);
        let conn = self.place.wait(&self.context.connect, patience)?;
        Ok(File { conn, ..self })
    }

    pub(super) fn open(self) -> Result<File<'a>, Failure> {
        drop(self.conn);
        let conn = match &self.place {
            Place::File(path) if is_absent(path) => Place::Memory.open(&self.context.connect)?,
            place => place.open(&self.context.connect)?,
        };
        Ok(File { conn, ..self })
    }

    pub(super) fn exists(&self) -> bool {
        self.exists
    }

    pub(super) fn status(&self) -> Result<Status, Error> {
        self.migrator.status(&self.conn)
    }

    pub(super) fn plan(&self) -> Result<Plan, Error> {
        self.migrator.plan(&self.conn)
    }

    pub(super) fn plan_down(&self, down: Down<Version>) -> Result<DownPlan, Error> {
        self.migrator.plan_down(&self.conn, down)
    }

    pub(super) fn up(&mut self) -> Result<Report, Error> {
        self.migrator.up(&mut self.conn)
    }

    pub(super) fn down(&mut self, down: Down<Version>) -> Result<Report, Error> {
        self.migrator.down(&mut self.conn, down)
    }

    pub(super) fn redo(&mut self) -> Result<Report, Error> {
        self.migrator.redo(&mut self.conn)
    }

    pub(super) fn verify(&self) -> Result<Verification, Error> {
        self.migrator.verify(&self.conn)
    }

    pub(super) fn compare_schema(&self) -> Result<Option<Vec<String>>, Failure> {
        let mut migrations = self.migrator.registry().migrations().iter();
        if !self.context.has_functions() && migrations.any(|it| it.up.is_rust()) {
            self.context.output.note(super::IN_RUST);
            return Ok(None);
        }
        let Some(ignored) = adoption::left_in_file(self)? else {
            return Ok(None);
        };
        let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
        let found = self.migrator.compare_schema(&self.conn, None, &ignored)?;
        Ok(Some(found))
    }

    pub(super) fn baseline(&mut self, version: Version) -> Result<Baseline, Error> {
        self.migrator.baseline(&mut self.conn, version)
    }

    pub(super) fn repair(
        &mut self,
        version: Version,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        self.migrator.repair(&mut self.conn, version, repair)
    }

    pub(super) fn way_out(&self) -> Option<String> {
        let history = self.status().ok()?;
        let is_without = history.entries().iter().all(|entry| entry.row.is_none());
        let table = self.migrator.history_table_name();
        if !is_without || !matches!(has_schema(&self.conn, table), Ok(true)) {
            return None;
        }
        let count: i64 = self
            .conn
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap_or_default();
        Some(match count {
            ..=0 => super::ADOPT.to_owned(),
            _ => format!(
                "the database had a schema and no history of ours, and its `PRAGMA user_version` \
                 is {count}: if rusqlite_migration made it, take it over with `migrate adopt \
                 --from rusqlite_migration`; or record what is applied already with `migrate \
                 baseline`"
            ),
        })
    }
}

fn has_schema(conn: &Connection, history: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 COLLATE NOCASE)";
    conn.query_row(sql, [history], |row| row.get(0))
}
