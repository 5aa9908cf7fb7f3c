//! What the catalogue pragmas say of a table.

use crate::catalogue::{Kind, Object, name_of};
use migrate_core::sqlite::Tokens;
use rusqlite::{Connection, Result};

/// A table with what matters for making rows of it, and for comparing it.
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
        let mut statement = conn.prepare_cached(
            "SELECT name, upper(type), \"notnull\", pk, hidden \
             FROM pragma_table_xinfo(?1, 'main')",
        )?;
        let columns = statement.query_map([&object.name], |row| {
            let hidden: i64 = row.get(4)?;
            Ok(Column {
                name: row.get(0)?,
                kind: row.get(1)?,
                is_not_null: row.get(2)?,
                key: row.get(3)?,
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
            references: references(conn, &object.name)?,
        })
    }

    /// The columns that an `INSERT` can name.
    pub(crate) fn insertable(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|column| !column.is_generated && !column.is_hidden)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether a column stands for the rowid.
    pub(crate) fn is_rowid(&self, column: &Column) -> bool {
        self.has_rowid
            && column.key == 1
            && column.kind == "INTEGER"
            && self.columns.iter().filter(|it| it.key > 0).count() == 1
    }

    /// Whether its rows have a number that no column shows.
    pub(crate) fn has_hidden_rowid(&self) -> bool {
        (self.has_rowid || self.is_virtual)
            && !self.columns.iter().any(|column| self.is_rowid(column))
            && self.column("rowid").is_none()
    }
}

/// The words behind the closing parenthesis of a definition.
pub(crate) fn options_of(tokens: &[String]) -> &[String] {
    let end = tokens.iter().rposition(|token| token == ")");
    end.map_or(&[], |end| &tokens[end + 1..])
}

pub(crate) fn references(conn: &Connection, table: &str) -> Result<Vec<Reference>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1, 'main') \
         ORDER BY id, seq",
    )?;
    let mut rows = statement.query([table])?;
    let mut references: Vec<(i64, Reference)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, from, to): (i64, String, Option<String>) = (row.get(0)?, row.get(2)?, row.get(3)?);
        match references.last_mut() {
            Some((last, reference)) if *last == id => {
                reference.from.push(from);
                reference.to.extend(to);
            }
            _ => references.push((
                id,
                Reference {
                    parent: row.get(1)?,
                    from: vec![from],
                    to: to.into_iter().collect(),
                },
            )),
        }
    }
    Ok(references
        .into_iter()
        .map(|(_, reference)| reference)
        .collect())
}

/// The names of the columns in the SQL of a table, as they are written.
pub(crate) fn column_names(sql: &str) -> Vec<String> {
    const CONSTRAINTS: [&str; 5] = ["constraint", "primary", "unique", "check", "foreign"];
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
            _ if is_first && depth == 1 => {
                let is_constraint = CONSTRAINTS.iter().any(|it| text.eq_ignore_ascii_case(it));
                if !is_constraint {
                    names.push(name_of(text).into_owned());
                }
            }
            _ => {}
        }
        is_first = false;
    }
    names
}
