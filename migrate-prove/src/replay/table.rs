//! A table as the schema pragmas describe it.

use crate::replay::catalogue::{Kind, Object};
use migrate_scan::sqlite::{Tokens, name_of, quote};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result, Row, Statement};
use std::collections::BTreeMap;
use std::ops::Range;

/// The parts of a table that matter for generating rows and for comparing.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) is_virtual: bool,
    pub(crate) is_strict: bool,
    pub(crate) has_rowid: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) references: Vec<Reference>,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The declared type, in upper case.
    pub(crate) kind: String,
    pub(crate) is_not_null: bool,
    /// Its place in the primary key, from 1; 0 if it is not part of it.
    pub(crate) key: i64,
    /// Whether it is computed.
    pub(crate) is_generated: bool,
    /// Whether it is the column of a virtual table that rows do not show.
    is_hidden: bool,
}

impl Column {
    /// Whether its type is for texts, by the rules of affinity:
    /// <https://sqlite.org/datatype3.html>. `INT` in a type goes before that.
    pub(crate) fn is_for_texts(&self) -> bool {
        ["CHAR", "CLOB", "TEXT"]
            .iter()
            .any(|it| self.kind.contains(it))
    }
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) parent: String,
    /// Columns of the child, and those of the parent; empty for its primary
    /// key.
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
}

impl Table {
    pub(crate) fn read(conn: &Connection, object: &Object) -> Result<Table> {
        let mut statement = pragma(conn, "table_xinfo", &object.name)?;
        // cid, name, type, notnull, dflt_value, pk, hidden
        let columns = statement.query_map([], |row| {
            let (kind, hidden): (String, i64) = (row.get(2)?, row.get(6)?);
            Ok(Column {
                name: row.get(1)?,
                kind: kind.to_ascii_uppercase(),
                is_not_null: row.get(3)?,
                key: row.get(5)?,
                is_generated: hidden >= 2,
                is_hidden: hidden == 1,
            })
        })?;
        let tail = options_of(&object.tokens);
        Ok(Table {
            is_virtual: object.kind == Kind::Virtual,
            is_strict: tail.iter().any(|word| word == "strict"),
            has_rowid: object.kind != Kind::Virtual && !tail.iter().any(|word| word == "without"),
            columns: columns.collect::<Result<_>>()?,
            references: if object.has_references() {
                references(conn, &object.name)?
            } else {
                Vec::new()
            },
        })
    }

    /// The columns that an `INSERT` can name.
    pub(crate) fn insertable(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|column| !column.is_generated && !column.is_hidden)
    }

    /// The columns of the primary key, in its order.
    pub(crate) fn primary_key(&self) -> Vec<String> {
        let columns = self.columns.iter().filter(|column| column.key > 0);
        let mut columns: Vec<&Column> = columns.collect();
        columns.sort_by_key(|column| column.key);
        columns.iter().map(|column| column.name.clone()).collect()
    }

    /// Whether it has a foreign key to a table.
    pub(crate) fn refers_to(&self, table: &str) -> bool {
        let mut references = self.references.iter();
        references.any(|it| it.parent.eq_ignore_ascii_case(table))
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether a column is an alias of the rowid.
    pub(crate) fn is_rowid(&self, column: &Column) -> bool {
        self.has_rowid
            && column.key == 1
            && column.kind == "INTEGER"
            && self.columns.iter().filter(|it| it.key > 0).count() == 1
    }

    /// Whether its rows have a rowid that no column shows.
    pub(crate) fn has_hidden_rowid(&self) -> bool {
        (self.has_rowid || self.is_virtual)
            && !self.columns.iter().any(|column| self.is_rowid(column))
            && self.column("rowid").is_none()
    }
}

/// The words after the closing parenthesis of a definition.
pub(crate) fn options_of(tokens: &[String]) -> &[String] {
    let end = tokens.iter().rposition(|token| token == ")");
    end.map_or(&[], |end| &tokens[end + 1..])
}

pub(crate) fn references(conn: &Connection, table: &str) -> Result<Vec<Reference>> {
    let mut statement = pragma(conn, "foreign_key_list", table)?;
    // id, seq, table, from, to
    let mut rows = statement.query([])?;
    let mut references: BTreeMap<i64, Reference> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let parent = row.get(2)?;
        let reference = references.entry(row.get(0)?).or_insert(Reference {
            parent,
            from: Vec::new(),
            to: Vec::new(),
        });
        reference.from.push(row.get(3)?);
        reference.to.extend(row.get::<_, Option<String>>(4)?);
    }
    Ok(references.into_values().collect())
}

/// The columns of the primary key, in its order.
pub(crate) fn primary_key(conn: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = pragma(conn, "table_info", table)?;
    let mut columns: Vec<(i64, String)> = statement
        .query_map([], |row| Ok((row.get("pk")?, row.get("name")?)))?
        .collect::<Result<_>>()?;
    columns.retain(|(place, _)| *place > 0);
    columns.sort();
    Ok(columns.into_iter().map(|(_, name)| name).collect())
}

/// An index of a table.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Its columns; an expression has no name.
    pub(crate) columns: Vec<String>,
}

/// The indexes of a table, including those that SQLite creates itself.
pub(crate) fn indexes(conn: &Connection, table: &str) -> Result<Vec<Index>> {
    let mut list = pragma(conn, "index_list", table)?;
    let mut rows = list.query([])?;
    let mut indexes = Vec::new();
    while let Some(row) = rows.next()? {
        let mut statement = pragma(conn, "index_info", &row.get::<_, String>("name")?)?;
        let columns = statement
            .query_map([], |row| row.get::<_, Option<String>>("name"))?
            .map(|column| Ok(column?.unwrap_or_default()));
        indexes.push(Index {
            columns: columns.collect::<Result<_>>()?,
        });
    }
    Ok(indexes)
}

/// Prepares a pragma about an object. It is much cheaper than the table-valued function, which
/// SQLite creates for each connection.
pub(crate) fn pragma<'c>(conn: &'c Connection, name: &str, of: &str) -> Result<Statement<'c>> {
    conn.prepare(&format!("PRAGMA main.{name}({})", quote(of)))
}

/// The values of a row. A text that is no UTF-8 counts as NULL; older versions of rusqlite panic
/// when they make it a value.
pub(crate) fn values(row: &Row<'_>, count: usize) -> Vec<Value> {
    let value = |at| match row.get_ref(at) {
        Ok(ValueRef::Text(text)) if str::from_utf8(text).is_err() => Value::Null,
        Ok(value) => Value::try_from(value).unwrap_or(Value::Null),
        Err(_) => Value::Null,
    };
    (0..count).map(value).collect()
}

/// A name as SQL contains it: with quotes only if SQLite needs them.
pub(crate) fn as_written(conn: &Connection, name: &str) -> String {
    let is_plain = name
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || it == b'_');
    if is_plain && conn.prepare(&format!("SELECT 1 AS {name}")).is_ok() {
        name.to_owned()
    } else {
        quote(name)
    }
}

/// Whether the first word of an item in a table definition starts a constraint. A column starts
/// with its name.
pub(crate) fn is_constraint(word: &str) -> bool {
    const CONSTRAINTS: [&str; 5] = ["constraint", "primary", "unique", "check", "foreign"];
    CONSTRAINTS.iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// The columns and constraints between the parentheses of a definition, as
/// ranges of its words.
pub(crate) fn items(words: &[String]) -> Vec<Range<usize>> {
    let (mut depth, mut start) = (0, 0);
    let mut items = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        match (word.as_str(), depth) {
            ("(", 1) => start = at + 1,
            (",", 1) => {
                items.push(start..at);
                start = at + 1;
            }
            (")", 0) => {
                items.push(start..at);
                break;
            }
            _ => {}
        }
    }
    items
}

/// The column names in the SQL of a table, as written.
pub(crate) fn column_names(sql: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut is_first) = (0, false);
    for token in Tokens::new(sql).filter(|token| !token.kind.is_blank()) {
        let text = &sql[token.range];
        match text {
            "(" => {
                depth += 1;
                is_first = depth == 1;
                continue;
            }
            ")" => depth -= 1,
            "," if depth == 1 => {
                is_first = true;
                continue;
            }
            _ if is_first && depth == 1 && !is_constraint(text) => {
                names.push(name_of(text).into_owned());
            }
            _ => {}
        }
        is_first = false;
    }
    names
}
