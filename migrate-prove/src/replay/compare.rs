//! Comparing two schemas, independent of their spelling.

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::table::{is_constraint, items};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Describes the differences between the schema of a database and the expected one. The tables
/// in `ignored` are left out, with everything on them, and so are SQLite's own.
///
/// Objects are compared by their tokens. So spelling does not matter, nor whether a column was
/// added with its table or later.
///
/// ```
/// use migrate_prove::schema_differences;
/// use rusqlite::Connection;
///
/// let (expected, found) = (Connection::open_in_memory()?, Connection::open_in_memory()?);
/// expected.execute_batch("CREATE TABLE a(x); ALTER TABLE a ADD COLUMN y TEXT")?;
/// found.execute_batch("create table A ( x, y text ); CREATE INDEX i ON a(x)")?;
/// let differences = schema_differences(&expected, &found, &[])?;
/// assert_eq!(differences, ["the index `i` is not made by the migrations"]);
/// # Ok::<(), rusqlite::Error>(())
/// ```
///
/// # Errors
///
/// Fails if one of the schemas cannot be read.
pub fn schema_differences(
    expected: &Connection,
    found: &Connection,
    ignored: &[&str],
) -> rusqlite::Result<Vec<String>> {
    let expected = Catalogue::of_database(expected, ignored)?;
    let found = Catalogue::of_database(found, ignored)?;
    Ok(expected.compare(&found, |object, how| {
        let (kind, name) = (object.kind.as_str(), &object.name);
        match how {
            How::Gone => format!("the {kind} `{name}` is missing"),
            How::Changed(now) => format!(
                "the {kind} `{name}` is `{}`, and the migrations make it `{}`",
                one_line(&now.sql),
                one_line(&object.sql)
            ),
            How::Added => format!("the {kind} `{name}` is not made by the migrations"),
        }
    }))
}

/// How an object differs.
enum How<'c> {
    Gone,
    Changed(&'c Object),
    Added,
}

impl Catalogue {
    /// The differences in `now`, in words.
    pub(crate) fn differences(&self, now: &Catalogue) -> Vec<String> {
        self.compare(now, |object, how| {
            let (kind, name) = (object.kind.as_str(), object.name.to_ascii_lowercase());
            match how {
                How::Gone => format!("the {kind} `{name}` is gone"),
                How::Changed(now) => format!(
                    "the {kind} `{name}` was `{}`, and is `{}`",
                    one_line(&object.sql),
                    one_line(&now.sql)
                ),
                How::Added => format!("the {kind} `{name}` is left over"),
            }
        })
    }

    /// Describes what is gone or changed, then what was added.
    fn compare(&self, now: &Catalogue, text: impl Fn(&Object, How<'_>) -> String) -> Vec<String> {
        let (before, after) = (self.keyed(), now.keyed());
        let mut differences = Vec::new();
        for (key, object) in &before {
            match after.get(key) {
                None => differences.push(text(object, How::Gone)),
                Some(found) if is_same(object, found) => {}
                Some(found) => differences.push(text(object, How::Changed(found))),
            }
        }
        let added = after.iter().filter(|(key, _)| !before.contains_key(*key));
        differences.extend(added.map(|(_, object)| text(object, How::Added)));
        differences
    }

    fn keyed(&self) -> BTreeMap<(Kind, String), &Rc<Object>> {
        self.objects()
            .map(|object| ((object.kind, object.name.to_ascii_lowercase()), object))
            .collect()
    }
}

/// Whether two definitions mean the same. `ALTER TABLE … ADD COLUMN` puts a
/// column after the constraints of the table.
pub(crate) fn is_same(a: &Object, b: &Object) -> bool {
    a.tokens == b.tokens
        || a.kind == Kind::Table
            && b.kind == Kind::Table
            && normal(&a.tokens).is_some_and(|normal_a| Some(normal_a) == normal(&b.tokens))
}

/// The columns of a table in their order, each with its constraints, then the constraints of the
/// table, with the checks of the columns, and its options.
type Normal<'t> = (
    Vec<(Vec<&'t str>, Constraints<'t>)>,
    Constraints<'t>,
    BTreeSet<&'t str>,
);

type Constraints<'t> = BTreeSet<Vec<&'t str>>;

/// The words of a column: its name and type, then each of its constraints.
fn column_parts<'t>(words: &[&'t str]) -> Vec<Vec<&'t str>> {
    let mut parts: Vec<Vec<&str>> = Vec::new();
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        let mut starts = match *word {
            "constraint" | "primary" | "unique" | "check" | "collate" | "references"
            | "generated" => true,
            "not" => words.get(at + 1) == Some(&"null"),
            "null" => !matches!(before, "not" | "set" | "default"),
            "default" => before != "set",
            "as" => before != "always",
            _ => false,
        };
        if let Some([.., "constraint", _]) = parts.last().map(Vec::as_slice) {
            // The constraint follows its name.
            starts = false;
        }
        match parts.last_mut() {
            Some(part) if depth > 0 || !starts => part.push(word),
            _ => parts.push(vec![word]),
        }
        match *word {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
    }
    parts
}

fn is_check(part: &[&str]) -> bool {
    matches!(part, ["check", ..] | ["constraint", _, "check", ..])
}

/// `SET NOT NULL` puts `NOT NULL` after the other constraints of a column, and a check that is
/// added again belongs to the table.
fn normal(tokens: &[String]) -> Option<Normal<'_>> {
    let (mut columns, mut constraints) = (Vec::new(), BTreeSet::new());
    let items = items(tokens);
    let close = items.last()?.end;
    for item in items {
        let words: Vec<&str> = tokens[item].iter().map(String::as_str).collect();
        match words.first() {
            Some(first) if is_constraint(first) => drop(constraints.insert(words)),
            _ => {
                let mut parts = column_parts(&words).into_iter();
                let name_and_type = parts.next().unwrap_or_default();
                let (checks, others) = parts.partition(|part| is_check(part));
                constraints.extend::<Constraints<'_>>(checks);
                columns.push((name_and_type, others));
            }
        }
    }
    let options = tokens[close + 1..].iter().map(String::as_str);
    Some((columns, constraints, options.collect()))
}

pub(crate) fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
