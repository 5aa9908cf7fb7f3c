//! Reading histories from PostgreSQL.

use super::place::{Found, Place, locate, reading, schemas, tables};
use crate::Tool;
use crate::error::{Error, Kind};
use crate::history::{
    OldHistory, Rows, check_shape, is_readable, query_applied, table_of, understand, wanted,
};
use migrate_runtime::rusqlite::types::Value;
use migrate_scan::sqlite::quote;
use tokio_postgres::{Client, GenericClient, SimpleQueryMessage, SimpleQueryRow};

/// The versions that a tool has applied, in its order and notation. For a tool
/// that records only the newest version, it is that version.
///
/// The table is searched in these schemas, or in those of the connection if none
/// are given, unless its name includes a schema.
///
/// # Errors
///
/// Fails if there is no history of this tool, or if it cannot be read.
pub async fn applied(
    client: &Client,
    schemas: &[&str],
    tool: Tool,
    table: Option<&str>,
) -> Result<Vec<String>, Error> {
    let old = read(client, &place(schemas), tool, table).await?;
    Ok(old.ids())
}

/// The tools whose histories a database has: those with a row in a table with
/// the right name and columns, in one of these schemas, or in those of the
/// connection if none are given.
///
/// # Errors
///
/// Fails if the database cannot be read.
pub async fn detect(client: &Client, schemas: &[&str]) -> Result<Vec<Tool>, Error> {
    detect_in(client, &place(schemas)).await
}

/// The tables of these schemas, or of those of the connection if none are given,
/// that can be the history of a tool, whatever their names: `public.before`.
///
/// # Errors
///
/// Fails if the database cannot be read.
pub async fn histories(
    client: &Client,
    schemas: &[&str],
    tool: Tool,
) -> Result<Vec<String>, Error> {
    let schemas = self::schemas(client, &place(schemas)).await?;
    let tables = tables(client, &schemas, None).await?;
    let own = tables.iter().filter(|table| may_be_of(tool, table));
    Ok(own.map(Found::shown).collect())
}

/// Whether a table can be the history of a tool, whatever its name.
fn may_be_of(tool: Tool, table: &Found) -> bool {
    // The columns of `metadata` are those of any key-value table.
    (tool != Tool::Metadata || table.name == "metadata") && is_readable(tool, &table.columns)
}

/// The tables that these tools can have left, and those of other tools with
/// their default names.
pub(super) async fn leftover(
    client: &Client,
    place: &Place,
    tools: &[Tool],
) -> Result<Vec<(Tool, Found)>, Error> {
    let schemas = schemas(client, place).await?;
    let tables = tables(client, &schemas, None).await?;
    let whose = |table: &Found| {
        let is_usual = |tool: &Tool| {
            *tool != Tool::Metadata
                && tool.table() == Some(table.name.as_str())
                && is_readable(*tool, &table.columns)
        };
        let usual = Tool::ALL.into_iter().find(is_usual);
        usual.or_else(|| tools.iter().copied().find(|tool| may_be_of(*tool, table)))
    };
    Ok(tables
        .into_iter()
        .filter_map(|table| whose(&table).map(|tool| (tool, table)))
        .collect())
}

/// The schemas that a reader without a migrator searches.
fn place(schemas: &[&str]) -> Place {
    Place {
        schemas: schemas.iter().map(|&schema| schema.to_owned()).collect(),
        schema: String::new(),
        table: String::new(),
    }
}

async fn detect_in(
    client: &(impl GenericClient + Sync),
    place: &Place,
) -> Result<Vec<Tool>, Error> {
    let mut found = Vec::new();
    for tool in Tool::ALL {
        let Some(table) = tool.table() else { continue };
        let Some(table) = locate(client, place, tool, table).await? else {
            continue;
        };
        let Some(applied) = query_applied(tool, &table.sql(), &table.columns) else {
            continue;
        };
        if !rows(client, &table.shown(), &applied).await?.is_empty() {
            found.push(tool);
        }
    }
    Ok(found)
}

/// The table of a tool, which must exist.
pub(super) async fn located(
    client: &(impl GenericClient + Sync),
    place: &Place,
    tool: Tool,
    table: Option<&str>,
) -> Result<Found, Error> {
    let Some(table) = table_of(tool, table)? else {
        return Err(Kind::OnlyInSqlite(tool).into());
    };
    match locate(client, place, tool, table).await? {
        Some(found) => Ok(found),
        None => Err(Kind::NoTable {
            tool,
            table: table.to_owned(),
            schemas: if table.contains('.') {
                Vec::new()
            } else {
                schemas(client, place).await?
            },
            others: detect_in(client, place).await?,
        }
        .into()),
    }
}

/// Reads the history of a tool, from its default table or the given one.
pub(super) async fn read(
    client: &(impl GenericClient + Sync),
    place: &Place,
    tool: Tool,
    table: Option<&str>,
) -> Result<OldHistory, Error> {
    let found = located(client, place, tool, table).await?;
    let shown = found.shown();
    check_shape(tool, &shown, &found.columns)?;
    let wanted = wanted(tool, &found.columns);
    let all = wanted.columns.iter();
    let columns: Vec<(String, Parse)> = all.filter_map(|name| found.column(name)).collect();
    let selected: Vec<&str> = columns.iter().map(|(sql, _)| sql.as_str()).collect();
    let condition = wanted.only.and_then(|(column, text)| {
        let (sql, _) = found.column(column)?;
        Some(format!("WHERE {sql} = '{text}'"))
    });
    let sql = format!(
        "SELECT {} FROM {} {}",
        selected.join(", "),
        found.sql(),
        condition.unwrap_or_default()
    );
    let value = |text: Option<&str>, parse: Parse| match text {
        Some(text) => parse(text).unwrap_or_else(|| Value::Text(text.to_owned())),
        None => Value::Null,
    };
    let rows = rows(client, &shown, &sql).await?;
    let values = rows.iter().map(|row| {
        let columns = columns.iter().enumerate();
        let values = columns.map(|(at, (_, parse))| value(row.get(at), *parse));
        values.collect()
    });
    let rows = Rows {
        table: &shown,
        wanted,
        values: values.collect(),
    };
    understand(tool, rows)
}

/// Parses the text of a column; `None` if its value is the text itself.
type Parse = fn(&str) -> Option<Value>;

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = (0..digits.len()).step_by(2);
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    pairs.map(byte).collect()
}

impl Found {
    /// The expression that selects a column, independent of the settings of the
    /// connection. Tools differ in the case of names.
    fn column(&self, name: &str) -> Option<(String, Parse)> {
        let mut columns = self.columns.iter();
        let at = columns.position(|column| column.eq_ignore_ascii_case(name))?;
        let column = quote(&self.columns[at]);
        let text = format!("{column}::pg_catalog.text");
        Some(match self.types[at].as_str() {
            "smallint" | "integer" | "bigint" => {
                (text, |text| text.parse().ok().map(Value::Integer))
            }
            "real" | "double precision" => (text, |text| text.parse().ok().map(Value::Real)),
            "bytea" => {
                let digits = format!("pg_catalog.encode({column}, 'hex')");
                (digits, |digits| bytes(digits).map(Value::Blob))
            }
            "date" | "timestamp without time zone" | "timestamp with time zone" => {
                let time = format!(
                    "pg_catalog.to_char({column}::pg_catalog.timestamptz AT TIME ZONE 'UTC', \
                     'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
                );
                (time, |_| None)
            }
            _ => (text, |_| None),
        })
    }
}

pub(super) async fn rows(
    client: &(impl GenericClient + Sync),
    table: &str,
    sql: &str,
) -> Result<Vec<SimpleQueryRow>, Error> {
    let messages = client.simple_query(sql).await.map_err(reading(table))?;
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows.collect())
}
