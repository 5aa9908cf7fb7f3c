//! A file of SQLite.

use crate::database::{Database, On, Work};
use migrate_runtime::{
    Adopted, Baseline, BoxError, Direction, Down, DownPlan, Error, Migrator, Numbering, Plan,
    Repair, Repaired, Report, Status, Verification, Version,
};
use migrate_tools::read_directory;
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Sqlite {
    conn: Connection,
    folder: Arc<TempDir>,
}

impl Sqlite {
    fn open(folder: Arc<TempDir>) -> Sqlite {
        let path: PathBuf = folder.path().join("app.db");
        let conn = Connection::open(path).unwrap();
        Sqlite { conn, folder }
    }
}

fn work(tx: &Transaction<'_>, work: Work) -> Result<(), BoxError> {
    match work {
        Work::Runs(sql) => Ok(tx.execute_batch(sql)?),
        Work::Fails(sql, words) => {
            tx.execute_batch(sql)?;
            Err(words.into())
        }
        Work::Panics(sql, words) => {
            tx.execute_batch(sql)?;
            panic!("{words}")
        }
    }
}

impl Database for Sqlite {
    type Engine = migrate_runtime::Sqlite;

    const ENDLESS: &'static str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
                                   SELECT i + 1 FROM n WHERE i < 100000000000) \
                                   SELECT max(i) FROM n;";

    fn new() -> Option<Sqlite> {
        Some(Sqlite::open(Arc::new(tempfile::tempdir().unwrap())))
    }

    fn another(&self) -> Sqlite {
        Sqlite::open(Arc::clone(&self.folder))
    }

    fn read(directory: &Path) -> Result<On<Self>, migrate_tools::Error> {
        read_directory(directory, Numbering::DEFAULT).map(Migrator::new)
    }

    fn history_table(migrator: On<Self>, name: &str) -> On<Self> {
        migrator.history_table(name)
    }

    fn attach(migrator: On<Self>, version: u64, direction: Direction, what: Work) -> On<Self> {
        let version = Version::new(version);
        match direction {
            Direction::Up => migrator.with_up(version, move |tx| work(tx, what)),
            Direction::Down => migrator.with_down(version, move |tx| work(tx, what)),
        }
    }

    fn up(&mut self, migrator: &On<Self>) -> Result<Report, Error> {
        migrator.up(&mut self.conn)
    }

    fn down(&mut self, migrator: &On<Self>, down: Down<Version>) -> Result<Report, Error> {
        migrator.down(&mut self.conn, down)
    }

    fn redo(&mut self, migrator: &On<Self>) -> Result<Report, Error> {
        migrator.redo(&mut self.conn)
    }

    fn reset(&mut self, migrator: &On<Self>) -> Result<Report, Error> {
        migrator.reset(&mut self.conn)
    }

    fn plan(&mut self, migrator: &On<Self>) -> Result<Plan, Error> {
        migrator.plan(&self.conn)
    }

    fn plan_down(&mut self, migrator: &On<Self>, down: Down<Version>) -> Result<DownPlan, Error> {
        migrator.plan_down(&self.conn, down)
    }

    fn status(&mut self, migrator: &On<Self>) -> Result<Status, Error> {
        migrator.status(&self.conn)
    }

    fn verify(&mut self, migrator: &On<Self>) -> Result<Verification, Error> {
        migrator.verify(&self.conn)
    }

    fn baseline(&mut self, migrator: &On<Self>, version: u64) -> Result<Baseline, Error> {
        migrator.baseline(&mut self.conn, Version::new(version))
    }

    fn repair(
        &mut self,
        migrator: &On<Self>,
        version: u64,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        migrator.repair(&mut self.conn, Version::new(version), repair)
    }

    fn adopt(
        &mut self,
        migrator: &On<Self>,
        script: &'static str,
        found: Result<Vec<Adopted>, &'static str>,
    ) -> Result<Baseline, Error> {
        migrator.adopt(&mut self.conn, |conn| {
            conn.execute_batch(script)?;
            Ok(found?)
        })
    }

    fn execute(&mut self, sql: &str) {
        self.conn.execute_batch(sql).expect(sql);
    }

    fn rows(&mut self, sql: &str) -> String {
        let mut statement = self.conn.prepare(sql).expect(sql);
        let width = statement.column_count();
        let rows = statement
            .query_map([], |row| {
                let values = (0..width).map(|at| row.get(at).map(shown));
                Ok(values.collect::<Result<Vec<String>, _>>()?.join("|"))
            })
            .unwrap();
        rows.collect::<Result<Vec<String>, _>>().unwrap().join("\n")
    }

    fn dump(&mut self) -> String {
        let mut text =
            self.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
        for table in self.tables() {
            let table = table.replace('"', "\"\"");
            text += &format!("\n{table}\n");
            text += &self.rows(&format!("SELECT * FROM \"{table}\""));
        }
        text
    }

    fn tables(&mut self) -> Vec<String> {
        let rows = self.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
        rows.lines().map(str::to_owned).collect()
    }

    fn assert_free(&mut self) {
        assert!(self.conn.is_autocommit() && !self.conn.is_busy());
        let other = self.another();
        other.conn.busy_timeout(Duration::ZERO).unwrap();
        for conn in [&other.conn, &self.conn] {
            conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
        }
    }
}

fn shown(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:02x?}"),
    }
}
