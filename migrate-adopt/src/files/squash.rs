//! Squashing the schema of a database into one migration.

use super::convert::check;
use super::error::{Error, Kind};
use super::{Conversion, NewFile};
use crate::Tool;
use migrate_runtime::rusqlite::{self, Connection};
use migrate_scan::sqlite::{Tokens, quote};
use migrate_scan::{Engine, TokenKind};
use migrate_source::file_name::slug;
use std::collections::BTreeSet;

/// The options of a squash.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Squash {
    /// The tool that created the schema.
    pub tool: Tool,
    /// The tool's history table, if it does not have the default name.
    pub table: Option<String>,
    /// Our history table.
    pub history: String,
    /// The versions that the tool has applied, in its order.
    pub ids: Vec<String>,
    /// The name of the new migration.
    pub name: String,
    /// The path of the new directory in messages.
    pub shown: String,
}

impl Squash {
    /// Options for the schema that this tool created with these migrations.
    pub fn new(tool: Tool, ids: &[String]) -> Squash {
        Squash {
            tool,
            table: None,
            history: "_migrations".to_owned(),
            ids: ids.to_vec(),
            name: "adopted".to_owned(),
            shown: "migrations".to_owned(),
        }
    }
}

/// Turns the schema of a database into the first migration, which replaces
/// everything that the old tool has applied. For tools whose migrations are
/// programs.
///
/// It contains no rows. The history tables, internal objects of SQLite, and
/// tables created by virtual tables are left out.
///
/// ```
/// use migrate_adopt::Tool;
/// use migrate_adopt::files::{Squash, squash};
/// use migrate_runtime::rusqlite::Connection;
///
/// let db = Connection::open_in_memory()?;
/// db.execute_batch("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)")?;
///
/// let ids = ["m20240101_000001_users".to_owned(), "m20240102_000001_names".to_owned()];
/// let conversion = squash(&db, &Squash::new(Tool::SeaOrm, &ids))?;
/// assert_eq!(
///     conversion.files[0].text,
///     "-- migrate: adopted sea-orm \"m20240101_000001_users\"\n\
///      -- migrate: adopted sea-orm \"m20240102_000001_names\"\n\
///      -- migrate: irreversible \"it is the complete schema that sea-orm created\"\n\
///      \n\
///      CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the schema cannot be read, or if there are no tables.
pub fn squash(conn: &Connection, options: &Squash) -> Result<Conversion, Error> {
    if let Some(id) = options.ids.iter().find(|id| id.contains(['"', '\n'])) {
        return Err(Kind::Unspeakable(id.clone()).into());
    }
    let objects = objects(conn, options)
        .map_err(|error| Error::with_source(Kind::UnreadableSchema, error))?;
    if objects.is_empty() {
        return Err(Kind::NoSchema.into());
    }
    let mut text = String::new();
    for id in &options.ids {
        text += &format!("-- migrate: adopted {} \"{id}\"\n", options.tool);
    }
    text += &format!(
        "-- migrate: irreversible \"it is the complete schema that {} created\"\n",
        options.tool
    );
    for object in &objects {
        text += "\n";
        text += &object.sql;
        // On the same line, a semicolon would be part of the comment.
        let last = Tokens::new(&object.sql).last();
        if last.is_some_and(|token| token.kind == TokenKind::LineComment) {
            text.push('\n');
        }
        text += ";\n";
    }
    let path = format!("001_{}.sql", slug(&options.name));
    let mut conversion = Conversion {
        pairs: vec![(Vec::new(), vec![path.clone()])],
        notes: rows(conn, &objects).into_iter().collect(),
        files: vec![NewFile {
            path,
            // Normalized like every text that is read from a directory.
            text: text.replace("\r\n", "\n").replace('\r', "\n"),
            source: String::new(),
        }],
        ..Conversion::default()
    };
    if options.ids.is_empty() {
        conversion.notes.push(format!(
            "it contains no version of {}: no history can be matched with it",
            options.tool
        ));
    }
    check(&mut conversion, &options.shown, Engine::Sqlite);
    Ok(conversion)
}

struct Object {
    kind: String,
    name: String,
    sql: String,
}

fn objects(conn: &Connection, options: &Squash) -> rusqlite::Result<Vec<Object>> {
    let shadows: BTreeSet<String> = conn
        .prepare("SELECT name FROM pragma_table_list WHERE type = 'shadow'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // An application with a counter has other rows in that table.
    let table = match options.tool {
        Tool::Metadata => None,
        tool => options.table.as_deref().or(tool.table()),
    };
    let is_history = |name: &str| {
        name.eq_ignore_ascii_case(&options.history)
            || table.is_some_and(|table| name.eq_ignore_ascii_case(table))
    };
    // A rebuilt table may come after its triggers in the catalog, and rowids may
    // be reused, so objects that others depend on are sorted first.
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema
        WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END,
            rowid";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut objects = Vec::new();
    while let Some(row) = rows.next()? {
        let table: String = row.get(2)?;
        if shadows.contains(&table) || is_history(&table) {
            continue;
        }
        objects.push(Object {
            kind: row.get(0)?,
            name: row.get(1)?,
            sql: row.get(3)?,
        });
    }
    Ok(objects)
}

/// A note on tables with few rows, which migrations may have inserted.
fn rows(conn: &Connection, objects: &[Object]) -> Option<String> {
    const MOST: i64 = 500;
    let mut found = Vec::new();
    for table in objects.iter().filter(|object| object.kind == "table") {
        let name = quote(&table.name);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})",
            MOST + 1
        );
        // A virtual table may need a module that is not available.
        let Ok(count) = conn.query_row(&sql, [], |row| row.get::<_, i64>(0)) else {
            continue;
        };
        if (1..=MOST).contains(&count) {
            let rows = if count == 1 { "row" } else { "rows" };
            found.push(format!("`{}` ({count} {rows})", table.name));
        }
    }
    (!found.is_empty()).then(|| {
        format!(
            "rows are not carried over; if migrations wrote those of {}, add the same `INSERT` \
             after the schema, because a new database will not have them",
            found.join(", ")
        )
    })
}
