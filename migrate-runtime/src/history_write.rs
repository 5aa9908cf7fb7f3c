//! Changes of the history as values. Their SQL is built here, and engines
//! differ only by a small dialect.

use crate::migrator::Settings;
use crate::{Adopted, Engine};
use migrate_model::history::{COLUMNS, Progress, State};
use migrate_model::{Migration, Version};
use std::borrow::Cow;
use std::time::Duration;

/// The columns of a row that do not come from the migration itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Record<'a> {
    pub(crate) execution_ms: u64,
    pub(crate) release: Option<&'a str>,
    pub(crate) git_commit: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
    /// `None` means now.
    pub(crate) applied_at: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
    /// Set for a migration without a transaction that has only been started.
    pub(crate) progress: Option<Progress>,
}

impl<'a> Record<'a> {
    /// The columns that every row takes from the settings of the application.
    pub(crate) fn of_release<E: Engine>(settings: &'a Settings<E>) -> Record<'a> {
        Record {
            release: settings.release.as_deref(),
            git_commit: settings.git_commit.as_deref(),
            ..Record::default()
        }
    }

    /// The columns for a migration that another tool has applied.
    pub(crate) fn adopted(adopted: &'a Adopted) -> Record<'a> {
        Record {
            execution_ms: adopted.execution_ms,
            origin: Some(&adopted.origin),
            applied_at: adopted.applied_at.as_deref(),
            note: adopted.note.as_deref(),
            ..Record::default()
        }
    }
}

/// One change of the history.
pub(crate) enum HistoryWrite<'a> {
    /// Records a migration, in the transaction that applied or started it.
    Insert(&'a Migration, Record<'a>),
    /// Removes a migration that was undone, or whose first statement failed.
    Delete(Version),
    /// Sets the progress of a script without a transaction.
    SetProgress(Version, Progress),
    /// Marks a started migration as applied.
    Finish(Version, Duration),
    /// Marks a started migration as applied as it was before, with a line for
    /// its note.
    Reopen(Version, Option<String>),
    /// Updates a row from the registry, with a line for its note.
    Restamp(&'a Migration, String),
}

/// The differences in the SQL of an engine.
pub(crate) struct Dialect {
    /// The character before the number of a parameter.
    pub(crate) parameter: char,
    /// The expression for the current time: RFC 3339, UTC.
    pub(crate) now: &'static str,
    pub(crate) line_end: &'static str,
    /// The types of integers and texts.
    pub(crate) types: [&'static str; 2],
    /// The options after the column list of a table.
    pub(crate) table_options: &'static str,
}

/// A statement, and the values of its parameters in order.
pub(crate) struct Statement<'a> {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value<'a>>,
}

pub(crate) enum Value<'a> {
    Integer(i64),
    Text(Option<Cow<'a, str>>),
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Value<'a> {
        Value::Text(text.map(Cow::Borrowed))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Some(text).into()
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Some(Cow::Owned(text)))
    }
}

impl From<Version> for Value<'_> {
    fn from(version: Version) -> Self {
        Value::Integer(version.get().cast_signed())
    }
}

impl Value<'_> {
    fn milliseconds(number: u128) -> Self {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl Dialect {
    /// Creates the history table.
    pub(crate) fn create_table(&self, table: &str) -> String {
        let [integer, text] = self.types;
        let columns = COLUMNS.map(|(name, kind)| {
            let kind = kind.replace("INTEGER", integer).replace("TEXT", text);
            format!("\n    {name} {kind}")
        });
        let (columns, options) = (columns.join(","), self.table_options);
        format!("CREATE TABLE {table} ({columns}\n){options}")
    }

    /// Appends a line with the time to a note.
    fn append_note(&self, parameter: usize) -> String {
        let Dialect {
            parameter: p,
            now,
            line_end,
            ..
        } = self;
        format!(
            "note = CASE WHEN note IS NULL THEN '' ELSE note || {line_end} END \
             || {now} || ' ' || {p}{parameter}"
        )
    }
}

impl HistoryWrite<'_> {
    /// The statement for a table, given its quoted name.
    pub(crate) fn statement(&self, dialect: &Dialect, table: &str) -> Statement<'_> {
        let (p, now) = (dialect.parameter, dialect.now);
        let applied = "state = 'applied', progress = NULL";
        let (version, change, mut values) = match self {
            HistoryWrite::Insert(migration, record) => {
                return insert(dialect, table, migration, record);
            }
            HistoryWrite::Delete(version) => {
                return Statement {
                    sql: format!("DELETE FROM {table} WHERE version = {p}1"),
                    values: vec![(*version).into()],
                };
            }
            HistoryWrite::SetProgress(version, progress) => (
                version,
                format!("state = 'started', progress = {p}2"),
                vec![progress.to_string().into()],
            ),
            HistoryWrite::Finish(version, duration) => (
                version,
                format!("{applied}, applied_at = {now}, execution_ms = {p}2"),
                vec![Value::milliseconds(duration.as_millis())],
            ),
            HistoryWrite::Reopen(version, None) => (version, applied.to_owned(), Vec::new()),
            HistoryWrite::Reopen(version, Some(note)) => (
                version,
                format!("{applied}, {}", dialect.append_note(2)),
                vec![note.as_str().into()],
            ),
            HistoryWrite::Restamp(migration, note) => (
                &migration.version,
                format!(
                    "name = {p}2, checksum = {p}3, down_sql = {p}4, {}",
                    dialect.append_note(5)
                ),
                vec![
                    migration.name.into(),
                    migration.checksum.to_string().into(),
                    stored_down(migration).into(),
                    note.as_str().into(),
                ],
            ),
        };
        values.insert(0, (*version).into());
        Statement {
            sql: format!("UPDATE {table} SET {change} WHERE version = {p}1"),
            values,
        }
    }
}

/// The columns of a new row, in the order of the table, and their values.
pub(crate) fn columns<'a>(
    migration: &'a Migration,
    record: &Record<'a>,
) -> [(&'static str, Value<'a>); COLUMNS.len()] {
    let state = match record.progress {
        None => State::Applied,
        Some(_) => State::Started,
    };
    let progress = record.progress.map(|progress| progress.to_string());
    [
        ("version", migration.version.into()),
        ("name", migration.name.into()),
        ("checksum", migration.checksum.to_string().into()),
        ("state", state.as_str().into()),
        ("applied_at", record.applied_at.into()),
        (
            "execution_ms",
            Value::milliseconds(record.execution_ms.into()),
        ),
        ("release", record.release.into()),
        ("git_commit", record.git_commit.into()),
        ("down_sql", stored_down(migration).into()),
        ("origin", record.origin.into()),
        ("progress", Value::Text(progress.map(Cow::Owned))),
        ("note", record.note.into()),
    ]
}

fn insert<'a>(
    dialect: &Dialect,
    table: &str,
    migration: &'a Migration,
    record: &Record<'a>,
) -> Statement<'a> {
    let (p, now) = (dialect.parameter, dialect.now);
    let mut sql = String::with_capacity(256);
    sql.extend(["INSERT INTO ", table, " ("]);
    let mut parameters = String::with_capacity(128);
    let mut values = Vec::with_capacity(COLUMNS.len());
    for (name, value) in columns(migration, record) {
        // A shorter statement costs less.
        let is_nothing = matches!(value, Value::Text(None));
        let is_now = is_nothing && name == "applied_at";
        if is_nothing && !is_now {
            continue;
        }
        if !parameters.is_empty() {
            sql.push_str(", ");
            parameters.push_str(", ");
        }
        sql.push_str(name);
        if is_now {
            parameters.push_str(now);
        } else {
            values.push(value);
            parameters.push(p);
            parameters.push_str(&values.len().to_string());
        }
    }
    sql.push_str(") VALUES (");
    sql.push_str(&parameters);
    sql.push(')');
    Statement { sql, values }
}

/// The down that a row stores. One in Rust cannot be stored.
fn stored_down(migration: &Migration) -> Option<&'static str> {
    let down = migration.down.filter(|down| !down.is_rust());
    down.map(|down| down.sql())
}
