//! A schema in a comparable form: its user-defined objects, each with its definition
//! as the server writes it.

use crate::Error;
use crate::postgres::tools::{Table, failed, literal};
use futures_util::future::{join, join3};
use std::collections::BTreeMap;
use tokio_postgres::{Client, Row, SimpleQueryMessage, Statement, Transaction};

/// The objects of a database, except those of the system, of extensions and of the
/// history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Catalog {
    objects: BTreeMap<Key, Object>,
}

/// Objects are ordered roughly as they can be created.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rank: usize,
    kind: String,
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Object {
    /// The table that it belongs to; for a table, the table itself.
    table: String,
    definition: String,
}

const KINDS: [&str; 18] = [
    "schema",
    "extension",
    "enum",
    "domain",
    "type",
    "sequence",
    "table",
    "foreign table",
    "column",
    "constraint",
    "index",
    "view",
    "materialized view",
    "function",
    "procedure",
    "aggregate",
    "trigger",
    "policy",
];

/// The existing roles differ between servers.
const GRANT: &str = "grant";

const READING: &str = "reading the schema";

impl Key {
    fn new(kind: String, name: String) -> Key {
        let rank = KINDS.iter().position(|it| *it == kind);
        Key {
            rank: rank.unwrap_or(KINDS.len()),
            kind,
            name,
        }
    }

    fn shown(&self) -> String {
        format!("the {} `{}`", self.kind, self.name)
    }
}

impl Catalog {
    /// Reads the objects of a database. Names in the schema of the history, which is the
    /// schema of the migrations, are shown unqualified.
    ///
    /// The connection keeps its settings, and a transaction of the caller stays open.
    pub(super) async fn read(client: &Client, history: &Table) -> Result<Catalog, Error> {
        // One message is one transaction, so the setting ends with it; in a
        // transaction of the caller it is restored. The setting makes the server
        // qualify every name in a definition.
        let sql = format!(
            "SELECT pg_catalog.current_setting('search_path'), \
             pg_catalog.set_config('search_path', '', true); {}",
            query(history)
        );
        let mut saved = None;
        let mut objects = Vec::new();
        for message in client.simple_query(&sql).await.map_err(failed(READING))? {
            let SimpleQueryMessage::Row(row) = message else {
                continue;
            };
            let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
            match row.len() {
                2 => saved = Some(text(0)),
                _ => objects.push([text(0), text(1), text(2), text(3)]),
            }
        }
        // Outside a transaction this does nothing.
        if let Some(saved) = saved {
            let saved = literal(&saved);
            let sql = format!("SELECT pg_catalog.set_config('search_path', {saved}, true)");
            client.batch_execute(&sql).await.map_err(failed(READING))?;
        }
        Ok(Catalog::new(objects, history))
    }

    fn new(rows: Vec<[String; 4]>, history: &Table) -> Catalog {
        let mut catalog = Catalog::default();
        for [kind, name, table, definition] in rows {
            let key = Key::new(kind, name);
            catalog.objects.insert(key, Object { table, definition });
        }
        let lease = format!("{}_lock", history.name());
        for table in [history.name(), &lease] {
            catalog.leave_out(table);
        }
        catalog.leave_out_schema(history.schema());
        catalog
    }

    /// Whether a function or a rule may delete rows.
    pub(super) fn has_deleting_code(&self) -> bool {
        let code = |kind: &str| matches!(kind, "function" | "procedure" | "rule");
        self.objects.iter().any(|(key, object)| {
            let text = object.definition.to_ascii_lowercase();
            code(&key.kind) && (text.contains("delete") || text.contains("truncate"))
        })
    }

    /// Removes a table and everything on it.
    pub(super) fn leave_out(&mut self, table: &str) {
        self.objects.retain(|_, object| {
            let is_it = object.table == table
                || object
                    .table
                    .rsplit_once('.')
                    .is_some_and(|(_, name)| name == table);
            !is_it
        });
    }

    /// Removes a table in the schema of the history, and everything on it.
    pub(super) fn leave_out_at_home(&mut self, table: &str) {
        self.objects.retain(|_, object| object.table != table);
    }

    /// Whether a schema, other than that of the history, contains anything.
    pub(super) fn has_in(&self, schema: &str) -> bool {
        let lies_in = |name: &str| name.split_once('.').is_some_and(|(it, _)| it == schema);
        let mut objects = self.objects.iter();
        objects.any(|(key, object)| lies_in(&key.name) || lies_in(&object.table))
    }

    pub(super) fn leave_out_schema(&mut self, schema: &str) {
        self.objects
            .remove(&Key::new("schema".to_owned(), schema.to_owned()));
    }

    pub(super) fn without_grants(&mut self) {
        self.objects.retain(|key, _| key.kind != GRANT);
    }

    pub(super) fn has(&self, kind: &str, name: &str) -> bool {
        let key = Key::new(kind.to_owned(), name.to_owned());
        self.objects.contains_key(&key)
    }

    /// The kinds and names of objects that are incomplete or not validated.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = (&str, &str)> {
        let ends = |object: &Object, end| object.definition.ends_with(end);
        let all = self.objects.iter();
        let unfinished = all.filter(move |(key, object)| {
            key.kind == "index" && ends(object, "(INVALID)")
                || key.kind == "constraint" && ends(object, "NOT VALID")
        });
        unfinished.map(|(key, _)| (key.kind.as_str(), key.name.as_str()))
    }

    /// The differences in `now`, in words.
    pub(super) fn differences(&self, now: &Catalog) -> Vec<String> {
        self.compare(now, |object, difference| match difference {
            Difference::Gone => format!("{object} is gone"),
            Difference::Changed(was, is) => format!("{object} was `{was}`, and is `{is}`"),
            Difference::Added => format!("{object} is left over"),
        })
    }

    /// The differences in `now` that have an effect and could be undone: not the name of a
    /// constraint or of the sequence of a `serial` column, and not the values that an enum has
    /// gained.
    pub(super) fn differences_that_matter(&self, now: &Catalog) -> Vec<String> {
        let mut now = now.clone();
        let mut sequences = Vec::new();
        for (key, object) in &self.objects {
            if let Some(found) = now.objects.get_mut(key) {
                if key.kind == "enum" && has_all(&found.definition, &object.definition) {
                    found.definition.clone_from(&object.definition);
                }
                continue;
            }
            let is_renamed = |(other, it): &(&Key, &Object)| {
                other.kind == key.kind && *it == object && !self.objects.contains_key(other)
            };
            let renamed = now.objects.iter().find(is_renamed);
            let renamed = renamed.map(|(other, _)| other.clone());
            let has_name_alone = key.kind == "constraint"
                || key.kind == "sequence" && object.definition.contains("OWNED BY");
            if let Some(other) = renamed.filter(|_| has_name_alone) {
                now.objects.remove(&other);
                now.objects.insert(key.clone(), object.clone());
                if key.kind == "sequence" {
                    sequences.push((other.name, key.name.clone()));
                }
            }
        }
        for object in now.objects.values_mut() {
            for (new, old) in &sequences {
                let (new, old) = (format!("{new}'::regclass"), format!("{old}'::regclass"));
                object.definition = object.definition.replace(&new, &old);
            }
        }
        self.differences(&now)
    }

    /// The differences between a database and the schema that the migrations produce, in
    /// words.
    pub(super) fn differences_of(&self, found: &Catalog) -> Vec<String> {
        self.compare(found, |object, difference| match difference {
            Difference::Gone => format!("{object} is missing"),
            Difference::Changed(expected, found) => {
                format!("{object} is `{found}`, and the migrations make it `{expected}`")
            }
            Difference::Added => format!("{object} is not made by the migrations"),
        })
    }

    /// Describes the removed and changed objects, then the added ones. An object that is
    /// removed or added with its table is not reported separately.
    fn compare(
        &self,
        now: &Catalog,
        describe: impl Fn(String, Difference) -> String,
    ) -> Vec<String> {
        let mut differences = Vec::new();
        for (key, object) in &self.objects {
            let difference = match now.objects.get(key) {
                None if self.has_table(key, object) && !now.is_relation(&object.table) => continue,
                None => Difference::Gone,
                Some(found) if found.definition == object.definition => continue,
                Some(found) => {
                    Difference::Changed(one_line(&object.definition), one_line(&found.definition))
                }
            };
            differences.push(describe(key.shown(), difference));
        }
        for (key, object) in &now.objects {
            let comes_along = now.has_table(key, object) && !self.is_relation(&object.table);
            if !self.objects.contains_key(key) && !comes_along {
                differences.push(describe(key.shown(), Difference::Added));
            }
        }
        differences
    }

    /// Whether an object is on a table that is in this catalog too.
    fn has_table(&self, key: &Key, object: &Object) -> bool {
        key.name != object.table && self.is_relation(&object.table)
    }

    fn is_relation(&self, name: &str) -> bool {
        let kinds = ["table", "foreign table", "view", "materialized view"];
        kinds.iter().any(|kind| self.has(kind, name))
    }
}

fn query(history: &Table) -> String {
    include_str!("catalog.sql").replace("HOME", &literal(history.schema()))
}

/// A prepared query that reads the schema of a scratch database many times. Planning
/// the query costs more than running it.
pub(super) struct Reader(Statement);

impl Reader {
    pub(super) async fn new(client: &Client, history: &Table) -> Result<Reader, Error> {
        let statement = Reader::alone(client, client.prepare(&query(history))).await?;
        Ok(Reader(statement))
    }

    pub(super) async fn read(&self, client: &Client, history: &Table) -> Result<Catalog, Error> {
        let rows = Reader::alone(client, client.query(&self.0, &[])).await?;
        Ok(catalog_of(&rows, history))
    }

    /// Reads the schema as an open transaction sees it, and changes its `search_path`.
    pub(super) async fn read_in(
        &self,
        tx: &Transaction<'_>,
        history: &Table,
    ) -> Result<Catalog, Error> {
        let set = tx.batch_execute("SET LOCAL search_path = ''");
        let (set, rows) = join(set, tx.query(&self.0, &[])).await;
        set.map_err(failed(READING))?;
        Ok(catalog_of(&rows.map_err(failed(READING))?, history))
    }

    /// Runs a query in a transaction in which the server qualifies every name in a
    /// definition.
    async fn alone<T>(
        client: &Client,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Error> {
        let begin = client.batch_execute("BEGIN; SET LOCAL search_path = ''");
        let end = client.batch_execute("ROLLBACK");
        // They are sent at once, in this order.
        let (begun, done, ended) = join3(begin, work, end).await;
        begun.map_err(failed(READING))?;
        ended.map_err(failed(READING))?;
        done.map_err(failed(READING))
    }
}

fn catalog_of(rows: &[Row], history: &Table) -> Catalog {
    let text = |row: &Row, at: usize| -> String {
        let text: Option<String> = row.try_get(at).ok();
        text.unwrap_or_default()
    };
    let rows = rows.iter().map(|row| [0, 1, 2, 3].map(|at| text(row, at)));
    Catalog::new(rows.collect(), history)
}

enum Difference {
    Gone,
    Changed(String, String),
    Added,
}

fn one_line(definition: &str) -> String {
    let line = definition.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        "nothing".to_owned()
    } else {
        line
    }
}

/// Whether a list of labels contains all labels of another one, in the same order.
fn has_all(labels: &str, others: &str) -> bool {
    let mut labels = labels.split(", ");
    others
        .split(", ")
        .all(|other| labels.any(|label| label == other))
}
