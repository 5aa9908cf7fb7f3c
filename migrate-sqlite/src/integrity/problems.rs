//! The problems of a database, and which of them are new.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// The problems of a database. Those that existed before a migration do not count
/// against it.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// How often each broken reference occurs; the references of a table without
    /// a rowid cannot be told apart.
    pub(super) violations: HashMap<Violation, usize>,
    /// The root page of each table, by its name in lower case, if there are
    /// broken references. A table that was renamed keeps its root page, and one
    /// that was rebuilt has a new one.
    pub(super) roots: HashMap<String, i64>,
    /// The tables that others refer to and that do not exist, in lower case.
    pub(super) missing: BTreeSet<String>,
    /// The problems of the schema by what identifies a problem.
    schema: BTreeMap<String, Problem>,
}

/// Something in the schema that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub object: Object,
    /// The view; for a foreign key or a trigger, its table.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
}

/// What a problem of the schema is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Object {
    /// A table with a foreign key that cannot be checked.
    Table,
    /// A foreign key to a table that does not exist.
    Reference,
    /// A view.
    View,
    /// One of the triggers of a table, with the names of all of them: SQLite
    /// does not say which one.
    Triggers(Vec<String>),
}

/// A reference to a row that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Violation {
    /// The table of the referring row.
    pub table: String,
    /// The table that lacks the referenced row.
    pub parent: String,
    /// The rowid of the referring row; `None` in a table without a rowid.
    pub rowid: Option<i64>,
}

impl Problems {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty() && self.schema.is_empty()
    }

    /// The broken references that `before` did not have.
    ///
    /// Rows that refer to a missing table do not count: the missing table is the problem, and the
    /// rows are judged when it exists.
    ///
    /// A table that was rebuilt may give its rows new rowids. Its violations count
    /// as new only if it has more broken references to that parent than before. A
    /// table that was renamed counts as the same table.
    pub fn new_violations(&self, before: &Problems) -> Vec<Violation> {
        if self.violations.is_empty() {
            return Vec::new();
        }
        let names: HashMap<i64, &String> = before
            .roots
            .iter()
            .map(|(name, root)| (*root, name))
            .collect();
        let name_before = |name: &str| {
            let name = name.to_ascii_lowercase();
            let root = self.roots.get(&name);
            match root.and_then(|root| names.get(root)) {
                Some(renamed) if !before.roots.contains_key(&name) => (*renamed).clone(),
                _ => name,
            }
        };
        let now = self.counts(name_before);
        let then = before.counts(str::to_ascii_lowercase);
        let (totals_now, totals_then) = (totals(&now), totals(&then));
        let is_new = |violation: &Violation| {
            let key = violation.renamed(name_before);
            if now.get(&key) <= then.get(&key) {
                return false;
            }
            let root = self.roots.get(&violation.table.to_ascii_lowercase());
            let is_rebuilt = root != before.roots.get(&key.table);
            let any_row = key.of_any_row();
            !is_rebuilt || totals_now.get(&any_row) > totals_then.get(&any_row)
        };
        let all = self.violations.keys();
        let mut new: Vec<Violation> = all.filter(|it| is_new(it)).cloned().collect();
        new.sort();
        new
    }

    /// How often each broken reference occurs, with the tables renamed by `name`.
    fn counts(&self, name: impl Fn(&str) -> String + Copy) -> HashMap<Violation, usize> {
        let mut counts = HashMap::new();
        let violations = self.violations.iter();
        for (violation, count) in violations.filter(|(it, _)| !self.is_missing(&it.parent)) {
            *counts.entry(violation.renamed(name)).or_default() += count;
        }
        counts
    }

    /// The problems of these tables and views, by their names in lower case.
    #[must_use]
    pub fn only(mut self, names: &BTreeSet<String>) -> Problems {
        let is_one = |name: &str| names.contains(&name.to_ascii_lowercase());
        self.violations
            .retain(|violation, _| is_one(&violation.table));
        self.schema.retain(|_, problem| is_one(&problem.name));
        self
    }

    /// Leaves out the references to tables that do not exist.
    #[must_use]
    pub fn without_missing_tables(mut self) -> Problems {
        self.schema
            .retain(|_, problem| problem.object != Object::Reference);
        self
    }

    fn is_missing(&self, table: &str) -> bool {
        !self.missing.is_empty() && self.missing.contains(&table.to_ascii_lowercase())
    }

    /// The broken objects that `before` did not have.
    pub fn new_schema(&self, before: &Problems) -> Vec<Problem> {
        let all = self.schema.iter();
        let new = all.filter(|(key, _)| !before.schema.contains_key(*key));
        new.map(|(_, problem)| problem.clone()).collect()
    }

    pub(super) fn add(&mut self, object: Object, name: &str, message: String) {
        // A trigger added to the table does not make an old problem a new one.
        let kind = match object {
            Object::Table => "table",
            Object::Reference => "reference of",
            Object::View => "view",
            Object::Triggers(_) => "triggers of",
        };
        let key = format!("{kind} `{name}`: {message}");
        let name = name.to_owned();
        let problem = Problem {
            object,
            name,
            message,
        };
        self.schema.insert(key, problem);
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { name, message, .. } = self;
        match &self.object {
            Object::Table => write!(f, "table `{name}`: {message}"),
            Object::Reference => write!(f, "table `{name}` {message}"),
            Object::View => write!(f, "view `{name}`: {message}"),
            Object::Triggers(names) => {
                let one = if names.len() == 1 {
                    "trigger"
                } else {
                    "one of the triggers"
                };
                let names = names.join("`, `");
                write!(f, "{one} `{names}` of `{name}`: {message}")
            }
        }
    }
}

/// The number of broken references from each table to each parent.
fn totals(counts: &HashMap<Violation, usize>) -> HashMap<Violation, usize> {
    let mut totals = HashMap::new();
    for (violation, count) in counts {
        *totals.entry(violation.of_any_row()).or_default() += count;
    }
    totals
}

impl Violation {
    /// What the references of a table to a parent have in common.
    fn of_any_row(&self) -> Violation {
        Violation {
            rowid: None,
            ..self.clone()
        }
    }

    fn renamed(&self, name: impl Fn(&str) -> String) -> Violation {
        Violation {
            table: name(&self.table),
            parent: name(&self.parent),
            rowid: self.rowid,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rowid {
            Some(rowid) => write!(f, "row {rowid}")?,
            None => f.write_str("a row")?,
        }
        write!(
            f,
            " of `{}` refers to no row of `{}`",
            self.table, self.parent
        )
    }
}
