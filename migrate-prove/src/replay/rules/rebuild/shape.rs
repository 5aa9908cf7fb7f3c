//! The definition of a table, column by column and constraint by constraint.

use crate::replay::catalogue::{Catalogue, Object};
use crate::replay::table::{Column, Table, is_constraint, items, pragma};
use rusqlite::{Connection, Result};

/// A table, before or after. Names are in lower case.
pub(super) struct Shape<'o> {
    pub(super) object: &'o Object,
    pub(super) table: Table,
    pub(super) checks: Vec<Vec<String>>,
    pub(super) references: Vec<ForeignKey>,
    /// Its primary key, and all indexes.
    pub(super) keys: Vec<Key>,
}

/// A foreign key.
pub(super) struct ForeignKey {
    pub(super) from: Vec<String>,
    pub(super) parent: String,
    /// The words from `REFERENCES` on.
    words: Vec<String>,
}

impl ForeignKey {
    /// The action on an event, `delete` or `update`.
    pub(super) fn action(&self, event: &str) -> Option<String> {
        let at = self.words.windows(2).position(|it| it == ["on", event])? + 2;
        let first = self.words.get(at)?;
        let is_long = matches!(first.as_str(), "set" | "no");
        let end = if is_long { at + 2 } else { at + 1 };
        Some(self.words.get(at..end)?.join(" ").to_ascii_uppercase())
    }

    pub(super) fn is_deferred(&self) -> bool {
        self.words.iter().any(|it| it == "deferred")
    }
}

/// An index, or the primary key.
pub(super) struct Key {
    /// The name of an index with SQL.
    pub(super) name: Option<String>,
    pub(super) terms: Vec<Term>,
    /// The words of the `WHERE` of a partial index.
    pub(super) condition: Vec<String>,
    pub(super) is_unique: bool,
    pub(super) is_primary: bool,
}

/// A column or an expression of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) words: Vec<String>,
    pub(super) collation: String,
    pub(super) is_descending: bool,
}

impl<'o> Shape<'o> {
    pub(super) fn read(
        conn: &Connection,
        object: &'o Object,
        catalogue: &Catalogue,
    ) -> Result<Shape<'o>> {
        let tokens = &object.tokens;
        let items: Vec<&[String]> = items(tokens).into_iter().map(|it| &tokens[it]).collect();
        let table = Table::read(conn, object)?;
        let mut keys = keys(conn, &object.name, catalogue)?;
        if !keys.iter().any(|key| key.is_primary) {
            let columns = table.primary_key();
            let terms: Vec<Term> = columns.iter().map(|it| Term::of(it)).collect();
            keys.extend((!terms.is_empty()).then_some(Key {
                name: None,
                terms,
                condition: Vec::new(),
                is_unique: true,
                is_primary: true,
            }));
        }
        Ok(Shape {
            object,
            table,
            checks: items.iter().flat_map(|item| checks(item)).collect(),
            references: items.iter().filter_map(|item| reference(item)).collect(),
            keys,
        })
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        let columns = self.table.columns.iter();
        columns.map(|it| it.name.to_ascii_lowercase()).collect()
    }

    /// The words of a column outside parentheses, without its name.
    pub(super) fn words_of(&self, column: &str) -> Vec<&'o str> {
        let tokens = &self.object.tokens;
        let mut items = items(tokens).into_iter().map(|it| &tokens[it]);
        let item = items.find(|item| item.first().is_some_and(|it| it == column));
        let words = item.map_or(Vec::new(), outside);
        words.into_iter().skip(1).map(|(_, word)| word).collect()
    }

    /// The definition without `NOT NULL` and without the name of the table.
    pub(super) fn without_not_null(&self) -> Vec<&'o str> {
        let words: Vec<&str> = self.object.tokens.iter().map(String::as_str).collect();
        let open = words.iter().position(|it| *it == "(").unwrap_or(0);
        let mut kept = Vec::new();
        let mut rest = &words[open..];
        while let Some((first, others)) = rest.split_first() {
            // `IS NOT NULL` belongs to an expression.
            if rest.starts_with(&["not", "null"]) && kept.last() != Some(&"is") {
                rest = &rest[2..];
                continue;
            }
            kept.push(*first);
            rest = others;
        }
        kept
    }

    pub(super) fn is_never_null(&self, column: &Column) -> bool {
        column.is_not_null || self.table.is_rowid(column)
    }
}

impl Term {
    fn of(column: &str) -> Term {
        Term {
            words: vec![column.to_ascii_lowercase()],
            collation: "binary".to_owned(),
            is_descending: false,
        }
    }
}

/// The words outside parentheses, with their positions.
fn outside(words: &[String]) -> Vec<(usize, &str)> {
    let mut depth = 0;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            word if depth == 0 => found.push((at, word)),
            _ => {}
        }
    }
    found
}

/// The words between the parenthesis at a position and the one that closes it.
fn group(words: &[String], open: usize) -> &[String] {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return words.get(open + 1..at).unwrap_or_default();
        }
    }
    &[]
}

fn checks(item: &[String]) -> Vec<Vec<String>> {
    let starts = outside(item)
        .into_iter()
        .filter(|(at, word)| *word == "check" && item.get(at + 1).is_some_and(|next| next == "("));
    starts.map(|(at, _)| group(item, at + 1).to_vec()).collect()
}

fn reference(item: &[String]) -> Option<ForeignKey> {
    let words = outside(item);
    let (at, _) = *words
        .iter()
        .skip(1)
        .find(|(_, word)| *word == "references")?;
    let key = words.iter().find(|(at, word)| {
        *word == "key" && *at > 0 && item[at - 1] == "foreign" && is_constraint(&item[0])
    });
    let from = match key {
        Some((key, _)) => {
            let columns = group(item, key + 1).iter();
            columns.filter(|it| *it != ",").cloned().collect()
        }
        None => vec![item.first()?.clone()],
    };
    Some(ForeignKey {
        from,
        parent: item.get(at + 1)?.clone(),
        words: item[at..].to_vec(),
    })
}

fn keys(conn: &Connection, table: &str, catalogue: &Catalogue) -> Result<Vec<Key>> {
    let mut list = pragma(conn, "index_list", table)?;
    let mut rows = list.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, origin): (String, String) = (row.get("name")?, row.get("origin")?);
        let lower = name.to_ascii_lowercase();
        let object = catalogue.named(&lower);
        let object = object.filter(|it| origin == "c" && it.name == name).last();
        let tokens = object.map_or(&[][..], |it| &it.tokens[..]);
        let items = items(tokens);
        let end = items.last().map_or(tokens.len(), |last| last.end + 1);
        let condition = tokens.get(end..).unwrap_or_default().to_vec();
        let mut columns = pragma(conn, "index_xinfo", &name)?;
        let mut columns = columns.query([])?;
        let mut terms = Vec::new();
        while let Some(column) = columns.next()? {
            if !column.get::<_, bool>("key")? {
                continue;
            }
            let written = items.get(terms.len()).map(|it| &tokens[it.clone()]);
            let words = match column.get::<_, Option<String>>("name")? {
                Some(name) => vec![name.to_ascii_lowercase()],
                None => written.unwrap_or_default().to_vec(),
            };
            let collation: Option<String> = column.get("coll")?;
            terms.push(Term {
                words,
                collation: collation.unwrap_or_default().to_ascii_lowercase(),
                is_descending: column.get("desc")?,
            });
        }
        keys.push(Key {
            name: (origin == "c").then_some(name),
            terms,
            condition,
            is_unique: row.get("unique")?,
            is_primary: origin == "pk",
        });
    }
    Ok(keys)
}
