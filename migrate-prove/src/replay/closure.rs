//! The part of a schema that a migration involves.
//!
//! A migration is tried on a copy of that part, because the work of SQLite on
//! a change grows with the whole schema: with a thousand tables, a copy of all
//! of them for each migration would take minutes.
//!
//! A table that is only referred to is copied without its dependents: its columns, the indexes that
//! make the reference valid, and the rows that migrations inserted. With foreign keys off, SQLite
//! needs nothing else of it.

use crate::replay::catalogue::{Catalogue, Kind, Object, as_name};
use crate::replay::subject::{Part, Subject};
use std::collections::BTreeSet;

/// A part of a schema, by rowids.
pub(crate) struct Closure {
    pub(crate) objects: BTreeSet<i64>,
    /// The tables among them that are only named as parents, and need no generated rows.
    pub(crate) referred: BTreeSet<i64>,
}

/// The objects that a migration may involve. Every named object counts: too many do no harm.
pub(crate) fn closure(catalogue: &Catalogue, subject: &Subject<'_>) -> Closure {
    let mut search = Search {
        catalogue,
        found: BTreeSet::new(),
        waiting: Vec::new(),
        dependents_of: BTreeSet::new(),
    };
    let mut parents = Vec::new();
    for words in subject.parts().flat_map(Part::words) {
        let mut before = "";
        for word in words.iter() {
            if let Some(name) = as_name(word) {
                for object in catalogue.named(&name) {
                    match before {
                        "references" => parents.push(object),
                        _ => search.add_changed(&object.table),
                    }
                }
            }
            before = word;
        }
    }
    search.finish();
    // With foreign keys off, SQLite only needs what makes the reference to a parent valid.
    let is_new = |place: &i64| !search.found.contains(place);
    let referred = parents.iter().map(|it| it.place).filter(is_new).collect();
    for parent in parents {
        search.add(parent);
    }
    search.finish();
    Closure {
        objects: search.found,
        referred,
    }
}

/// Whether a script reads the schema itself, so that a part is not enough.
pub(crate) fn needs_everything(subject: &Subject<'_>) -> bool {
    subject.parts().any(|part| {
        let mut words = part.all_words();
        part.is_rust || words.any(|it| it.starts_with("sqlite_") || it.starts_with("pragma_"))
    })
}

struct Search<'c> {
    catalogue: &'c Catalogue,
    found: BTreeSet<i64>,
    waiting: Vec<i64>,
    dependents_of: BTreeSet<String>,
}

impl Search<'_> {
    /// Adds a table or view that the migration may change, with everything that depends on it.
    fn add_changed(&mut self, table: &str) {
        if !self.dependents_of.insert(table.to_owned()) {
            return;
        }
        let catalogue = self.catalogue;
        for object in catalogue.on_table(table) {
            self.add(object);
            self.add_parents(object);
        }
        for object in catalogue.mentioning(table) {
            self.add(object);
            // What depends on the view is affected too.
            if object.kind == Kind::View {
                self.add_changed(&object.name.to_ascii_lowercase());
            }
        }
    }

    fn add(&mut self, object: &Object) {
        if self.found.insert(object.place) {
            self.waiting.push(object.place);
        }
    }

    /// Adds the tables that a table refers to, so that its rows have parents.
    fn add_parents(&mut self, object: &Object) {
        let catalogue = self.catalogue;
        let tables = object
            .tokens
            .iter()
            .filter_map(|word| catalogue.table(word));
        for parent in tables {
            self.add(parent);
        }
    }

    /// Adds what the objects need to be compiled. That does not include the parents
    /// of a table: with foreign keys off SQLite does not look for them.
    fn finish(&mut self) {
        let catalogue = self.catalogue;
        while let Some(place) = self.waiting.pop() {
            let Some(object) = catalogue.at(place) else {
                continue;
            };
            match object.kind {
                // What makes a foreign key to it valid.
                Kind::Table => {
                    let indexes = catalogue.on_table(&object.table);
                    for index in indexes.filter(|it| it.is_unique_index()) {
                        self.add(index);
                    }
                }
                Kind::Index => {
                    if let Some(table) = catalogue.table(&object.table) {
                        self.add(table);
                    }
                }
                Kind::Virtual | Kind::View => self.add_mentioned(object),
                Kind::Trigger => {
                    for on in catalogue.named(&object.table) {
                        self.add(on);
                    }
                    self.add_mentioned(object);
                    self.add_fired(object);
                }
            }
        }
    }

    fn add_mentioned(&mut self, object: &Object) {
        let catalogue = self.catalogue;
        for word in object.tokens.iter() {
            for named in as_name(word).iter().flat_map(|word| catalogue.named(word)) {
                if named.kind != Kind::Trigger {
                    self.add(named);
                }
            }
        }
    }

    /// Adds the triggers of the tables that a trigger writes to, the parents that its rows need
    /// and, if it may delete rows, the tables that refer to them.
    fn add_fired(&mut self, trigger: &Object) {
        let catalogue = self.catalogue;
        // `ON CONFLICT DO UPDATE` and `REPLACE` do more than their first word says.
        let mut words = trigger.tokens.iter();
        let is_any = words.any(|word| word == "conflict" || word == "replace");
        for (verb, table) in written(&trigger.tokens) {
            let event = match verb {
                "into" => "insert",
                "from" => "delete",
                other => other,
            };
            for other in catalogue.on_table(table) {
                match other.kind {
                    Kind::Trigger if is_any || event_of(other) == Some(event) => self.add(other),
                    Kind::Table => self.add_parents(other),
                    _ => {}
                }
            }
            if verb == "into" {
                continue;
            }
            for child in catalogue.mentioning(table) {
                let refers = child.tokens.iter().any(|word| word == "references");
                if child.kind == Kind::Table && refers {
                    self.add(child);
                }
            }
        }
    }
}

/// The event that fires a trigger.
fn event_of(trigger: &Object) -> Option<&str> {
    let mut words = trigger.tokens.iter().skip(3).map(String::as_str);
    words.find(|word| matches!(*word, "insert" | "update" | "delete"))
}

/// The tables that a trigger writes to, with the word before: `INSERT INTO a`, `UPDATE OR IGNORE
/// b`, `DELETE FROM c`.
fn written(tokens: &[String]) -> impl Iterator<Item = (&str, &str)> {
    (0..tokens.len()).filter_map(|at| {
        let verb = tokens[at].as_str();
        let next = |ahead: usize| tokens.get(at + ahead).map(String::as_str);
        let table = match (verb, next(1)?) {
            ("update", "or") => next(3)?,
            ("into" | "update" | "from", table) => table,
            _ => return None,
        };
        Some((verb, table))
    })
}
