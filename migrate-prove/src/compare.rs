//! Comparing two schemas: what differs, and not merely how it is written.

use crate::catalogue::{Catalogue, Kind, Object};
use crate::table::{is_constraint, items};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

impl Catalogue {
    /// What is another way in `now`, in words.
    pub(crate) fn differences(&self, now: &Catalogue) -> Vec<String> {
        let (before, after) = (self.keyed(), now.keyed());
        let mut differences = Vec::new();
        for ((kind, name), object) in &before {
            let kind = kind.as_str();
            match after.get(&(object.kind, name.clone())) {
                None => differences.push(format!("the {kind} `{name}` is gone")),
                Some(found) if !is_same(object, found) => differences.push(format!(
                    "the {kind} `{name}` was `{}`, and is `{}`",
                    one_line(&object.sql),
                    one_line(&found.sql)
                )),
                Some(_) => {}
            }
        }
        let added = after.keys().filter(|key| !before.contains_key(*key));
        differences.extend(
            added.map(|(kind, name)| format!("the {} `{name}` stays behind", kind.as_str())),
        );
        differences
    }

    fn keyed(&self) -> BTreeMap<(Kind, String), &Rc<Object>> {
        self.objects()
            .map(|object| ((object.kind, object.name.to_ascii_lowercase()), object))
            .collect()
    }
}

/// Whether two definitions mean the same. `ALTER TABLE … ADD COLUMN` puts a
/// column behind the constraints of the table.
fn is_same(a: &Object, b: &Object) -> bool {
    a.tokens == b.tokens
        || a.kind == Kind::Table
            && b.kind == Kind::Table
            && normal(&a.tokens).is_some_and(|normal_a| Some(normal_a) == normal(&b.tokens))
}

/// The columns of a table in their order, its constraints and its options.
type Normal<'t> = (Vec<Vec<&'t str>>, BTreeSet<Vec<&'t str>>, BTreeSet<&'t str>);

fn normal(tokens: &[String]) -> Option<Normal<'_>> {
    let (mut columns, mut constraints) = (Vec::new(), BTreeSet::new());
    let items = items(tokens);
    let close = items.last()?.end;
    for item in items {
        let words: Vec<&str> = tokens[item].iter().map(String::as_str).collect();
        match words.first() {
            Some(first) if is_constraint(first) => drop(constraints.insert(words)),
            _ => columns.push(words),
        }
    }
    let options = tokens[close + 1..].iter().map(String::as_str);
    Some((columns, constraints, options.collect()))
}

fn one_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
