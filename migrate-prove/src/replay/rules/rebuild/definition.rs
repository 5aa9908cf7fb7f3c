//! What the definition of a table loses when it is rebuilt.

use super::shape::{ForeignKey, Key, Shape, Term};
use super::values::Values;
use crate::replay::table::{Column, options_of};

/// The losses in the definition itself.
pub(super) fn of_the_table(
    (old, new): (&Shape<'_>, &Shape<'_>),
    values: &Values<'_, '_>,
) -> Vec<String> {
    let mut lost = Vec::new();
    let tail = |it: &Shape<'_>, word| options_of(&it.object.tokens).iter().any(|it| it == word);
    // A new key that SQLite chooses needs a rowid.
    let is_numbered = new.table.columns.iter().any(|it| {
        let name = it.name.to_ascii_lowercase();
        new.table.is_rowid(it) && !values.kept.values().any(|kept| *kept == name)
    });
    for (word, shown) in [("strict", "STRICT"), ("without", "WITHOUT ROWID")] {
        if tail(old, word) && !tail(new, word) && !(word == "without" && is_numbered) {
            lost.push(format!("it is no longer `{shown}`"));
        }
    }
    // The purpose of a rebuild that changes nothing else.
    let drops_not_null = old.without_not_null() == new.without_not_null();
    for column in &old.table.columns {
        let name = column.name.to_ascii_lowercase();
        let Some(now) = values.kept.get(&name).and_then(|it| new.table.column(it)) else {
            continue;
        };
        lost.extend(of_column((old, column), (new, now), drops_not_null));
    }
    lost.extend(checks(old, new, values));
    lost.extend(references(old, new, values));
    lost.extend(unique(old, new, values));
    lost
}

fn of_column(
    (old, before): (&Shape<'_>, &Column),
    (new, after): (&Shape<'_>, &Column),
    drops_not_null: bool,
) -> Vec<String> {
    let words = old.words_of(&before.name.to_ascii_lowercase());
    let now = new.words_of(&after.name.to_ascii_lowercase());
    let name = &before.name;
    let mut lost = Vec::new();
    if before.is_generated && !after.is_generated {
        lost.push(format!("`{name}` is no longer generated"));
    }
    if words.contains(&"autoincrement") && !now.contains(&"autoincrement") {
        lost.push(format!("`{name}` is no longer `AUTOINCREMENT`"));
    }
    let is_not_null = words.windows(2).any(|it| it == ["not", "null"]);
    if is_not_null && !new.is_never_null(after) && !drops_not_null && !after.is_generated {
        lost.push(format!("`{name}` loses its `NOT NULL`"));
    }
    if has_default(&words) && !now.contains(&"default") && !after.is_generated {
        lost.push(format!("`{name}` loses its `DEFAULT`"));
    }
    let collation = words.windows(2).find(|it| it[0] == "collate");
    if let Some(collation) = collation
        && collation[1] != "binary"
        && !now.contains(&"collate")
    {
        let collation = collation[1].to_ascii_uppercase();
        lost.push(format!("`{name}` loses its `COLLATE {collation}`"));
    }
    lost
}

/// Whether a column has a default other than NULL.
fn has_default(words: &[&str]) -> bool {
    let at = words.iter().position(|it| *it == "default");
    at.is_some_and(|at| words.get(at + 1) != Some(&"null"))
}

/// Lost checks. One that changed is usually the purpose of the rebuild.
fn checks(old: &Shape<'_>, new: &Shape<'_>, values: &Values<'_, '_>) -> Vec<String> {
    let before: Vec<Vec<String>> = old.checks.iter().map(|it| values.renamed(it)).collect();
    let changed = new.checks.iter().filter(|it| !before.contains(it));
    let changed: Vec<&Vec<String>> = changed.collect();
    let names = new.names();
    let is_strict = options_of(&new.object.tokens)
        .iter()
        .any(|it| it == "strict");
    let mut lost = Vec::new();
    for (check, shown) in before.iter().zip(&old.checks) {
        let is_about_gone = shown
            .iter()
            .any(|word| old.names().contains(word) && values.is_gone(word));
        let columns: Vec<&String> = check.iter().filter(|it| names.contains(it)).collect();
        let is_replaced = changed
            .iter()
            .any(|other| columns.iter().all(|column| other.contains(column)));
        let is_typed = is_strict && check.iter().any(|it| it == "typeof");
        let is_not_null = check.ends_with(&["not".to_owned(), "null".to_owned()]);
        let is_not_null = is_not_null
            && columns.iter().all(|it| {
                let column = new.table.column(it);
                column.is_some_and(|column| new.is_never_null(column))
            });
        let is_listed = columns.len() == 1
            && new
                .references
                .iter()
                .any(|it| it.from == [columns[0].clone()])
            && old
                .references
                .iter()
                .all(|it| values.renamed(&it.from) != [columns[0].clone()]);
        if new.checks.contains(check)
            || is_about_gone
            || is_replaced
            || is_typed
            || is_not_null
            || is_listed
        {
            continue;
        }
        lost.push(format!("`CHECK ({})` is gone", shown.join(" ")));
    }
    lost
}

/// Lost foreign keys, and what they lose.
fn references(old: &Shape<'_>, new: &Shape<'_>, values: &Values<'_, '_>) -> Vec<String> {
    let mut lost = Vec::new();
    for reference in &old.references {
        if reference.from.iter().any(|column| values.is_gone(column)) {
            continue;
        }
        let (from, shown) = (values.renamed(&reference.from), reference.from.join("`, `"));
        let same: Vec<&ForeignKey> = new.references.iter().filter(|it| it.from == from).collect();
        let now = same.iter().find(|it| it.parent == reference.parent);
        let Some(now) = now.or_else(|| same.first()) else {
            // One of several columns may begin with these.
            if !new
                .references
                .iter()
                .any(|it| from.iter().all(|column| it.from.contains(column)))
            {
                let parent = &reference.parent;
                lost.push(format!(
                    "the foreign key of `{shown}` to `{parent}` is gone"
                ));
            }
            continue;
        };
        for event in ["delete", "update"] {
            let action = reference.action(event).filter(|it| it != "NO ACTION");
            if let Some(action) = action
                && now.action(event).is_none()
            {
                let event = event.to_ascii_uppercase();
                lost.push(format!(
                    "the foreign key of `{shown}` loses its `ON {event} {action}`"
                ));
            }
        }
        if reference.is_deferred() && !now.is_deferred() {
            lost.push(format!(
                "the foreign key of `{shown}` is no longer deferred"
            ));
        }
    }
    lost
}

/// Lost `UNIQUE` constraints and primary keys, which are not indexes with a name.
fn unique(old: &Shape<'_>, new: &Shape<'_>, values: &Values<'_, '_>) -> Vec<String> {
    let mut lost = Vec::new();
    let added = values.added();
    for key in old
        .keys
        .iter()
        .filter(|it| it.is_unique && it.name.is_none())
    {
        let is_about_gone = key.columns().any(|column| values.is_gone(column));
        let mut primary = new.keys.iter().filter(|it| it.is_primary);
        let is_wider = key.is_primary
            && primary.any(|it| {
                it.contains(key, values) && (!it.is_about(&added) || it.is_extended(&added, new))
            });
        if !is_about_gone && !is_wider && !is_still_unique(key, new, values) {
            let columns: Vec<String> = key.terms.iter().map(|it| it.words.join(" ")).collect();
            let columns = columns.join("`, `");
            let kind = if key.is_primary {
                "`PRIMARY KEY`"
            } else {
                "`UNIQUE`"
            };
            let mut wider = new.keys.iter().filter(|it| it.is_unique);
            let is_nullable = wider.any(|it| it.contains(key, values) && it.is_about(&added));
            let how = if is_nullable {
                ": the key has a new column, and rows that are NULL there are all different"
            } else {
                ""
            };
            lost.push(format!("{kind} on `{columns}` is gone{how}"));
        }
    }
    lost
}

/// Whether a unique key of the new table is at least as strong as one of the old table, or contains
/// it together with a new column that is not NULL.
pub(super) fn is_still_unique(key: &Key, new: &Shape<'_>, values: &Values<'_, '_>) -> bool {
    let added = values.added();
    let condition = values.renamed(&key.condition);
    new.keys.iter().filter(|it| it.is_unique).any(|other| {
        let covers = other.condition.is_empty() || other.condition == condition;
        let is_stronger = other.terms.iter().all(|term| key.has(term, values));
        covers && (is_stronger || other.contains(key, values) && other.is_extended(&added, new))
    })
}

impl Key {
    /// The columns of the terms, without those of expressions.
    pub(super) fn columns(&self) -> impl Iterator<Item = &String> {
        let columns = self.terms.iter().filter(|it| it.words.len() == 1);
        columns.map(|it| &it.words[0])
    }

    /// Whether it has one of these columns, perhaps in an expression.
    fn is_about(&self, columns: &[String]) -> bool {
        let mut words = self.terms.iter().flat_map(|it| &it.words);
        words.any(|word| columns.contains(word))
    }

    /// Whether it has one of these new columns, which is not NULL, at least by default. An
    /// expression such as `coalesce(a, '')` is not NULL either.
    fn is_extended(&self, added: &[String], new: &Shape<'_>) -> bool {
        let mut columns = self.columns().filter(|it| added.contains(it));
        let is_filled = |name: &String| {
            let column = new.table.column(name);
            column.is_some_and(|it| new.is_never_null(it)) || has_default(&new.words_of(name))
        };
        self.is_about(added) && columns.all(is_filled)
    }

    /// Whether it has a term with at most the given strength: what is equal for `COLLATE NOCASE`
    /// may differ in bytes.
    fn has(&self, other: &Term, values: &Values<'_, '_>) -> bool {
        self.terms.iter().any(|term| {
            let is_enough = term.collation == other.collation || term.collation == "binary";
            values.renamed(&term.words) == other.words && is_enough
        })
    }

    fn contains(&self, other: &Key, values: &Values<'_, '_>) -> bool {
        let mut terms = other.terms.iter();
        terms.all(|term| {
            self.terms
                .iter()
                .any(|it| it.words == values.renamed(&term.words))
        })
    }
}
