//! What a table loses with its indexes and triggers, which are dropped with the old table.

use super::definition::is_still_unique;
use super::shape::{Key, Shape};
use super::values::Values;
use crate::replay::catalogue::{Kind, Object};
use crate::replay::change::Change;

/// The indexes and triggers that are gone, or other ones under the same name.
pub(super) fn on_the_table(
    change: Change<'_, '_>,
    (old, new): (&Shape<'_>, &Shape<'_>),
    values: &Values<'_, '_>,
) -> Vec<String> {
    let objects = change.before.catalogue.on_table(&old.object.table);
    objects
        .filter(|it| matches!(it.kind, Kind::Index | Kind::Trigger))
        .filter(|it| !is_dropped(change, it) && !is_about_gone(definition(it), old, values))
        .filter_map(|it| {
            let mut after = change.after.catalogue.on_table(&old.object.table);
            let same =
                after.find(|now| now.kind == it.kind && now.name.eq_ignore_ascii_case(&it.name));
            let after = change.after.catalogue.on_table(&old.object.table);
            let mut after = after.filter(|now| now.kind == it.kind);
            let is_kept = same.is_none() && after.any(|now| definition(now) == definition(it));
            if is_kept {
                return None;
            }
            if it.kind == Kind::Index {
                index(it, same.is_some(), (old, new), values)
            } else {
                trigger(it, same.map(|it| &**it), new, values)
            }
        })
        .collect()
}

fn index(
    index: &Object,
    is_there: bool,
    (old, new): (&Shape<'_>, &Shape<'_>),
    values: &Values<'_, '_>,
) -> Option<String> {
    let name = &index.name;
    let key = |shape: &'_ Shape<'_>, at: usize| shape.keys[at].name.as_ref() == Some(name);
    let find = |shape: &Shape<'_>| (0..shape.keys.len()).find(|at| key(shape, *at));
    let before = &old.keys[find(old)?];
    if before.is_unique {
        if is_still_unique(before, (old, new), values) {
            return None;
        }
        let now = find(new).map(|at| new.keys[at].is_unique);
        return Some(match now.filter(|_| is_there) {
            None => format!("the index `{name}` is gone"),
            Some(is_unique) if is_unique => format!("the index `{name}` allows more than before"),
            Some(_) => format!("the index `{name}` is no longer unique"),
        });
    }
    // A constraint may have replaced it, or another index.
    if new.keys.iter().any(|now| serves(now, before, values)) {
        return None;
    }
    let Some(at) = find(new).filter(|_| is_there) else {
        return Some(format!("the index `{name}` is gone"));
    };
    let has_new = new.keys[at]
        .columns()
        .any(|it| !values.kept.values().any(|kept| kept == it));
    (!has_new).then(|| format!("the index `{name}` is on something else"))
}

/// Whether an index can be used in place of another one.
fn serves(now: &Key, before: &Key, values: &Values<'_, '_>) -> bool {
    let covers = now.condition.is_empty() || now.condition == values.renamed(&before.condition);
    covers
        && now.terms.len() >= before.terms.len()
        && now.terms.iter().zip(&before.terms).all(|(now, before)| {
            now.words == values.renamed(&before.words)
                && now.collation == before.collation
                && now.is_descending == before.is_descending
        })
}

fn trigger(
    trigger: &Object,
    now: Option<&Object>,
    new: &Shape<'_>,
    values: &Values<'_, '_>,
) -> Option<String> {
    let name = &trigger.name;
    let Some(now) = now else {
        return Some(format!("the trigger `{name}` is gone"));
    };
    let is_new = |word: &String| {
        new.names().contains(word) && !values.kept.values().any(|kept| kept == word)
    };
    let is_same = body(now) == values.renamed(body(trigger));
    let is_meant = now.tokens.iter().any(is_new);
    (!is_same && !is_meant).then(|| format!("the trigger `{name}` does something else"))
}

/// The words after the name of a trigger.
fn body(trigger: &Object) -> &[String] {
    let name = trigger.name.to_ascii_lowercase();
    let at = trigger.tokens.iter().position(|it| *it == name);
    trigger
        .tokens
        .get(at.map_or(0, |at| at + 1)..)
        .unwrap_or_default()
}

/// The tokens after the name of an index or trigger.
fn definition(object: &Object) -> &[String] {
    let on = object.tokens.iter().position(|token| token == "on");
    on.map_or(&object.tokens[..], |on| &object.tokens[on..])
}

fn is_about_gone(words: &[String], old: &Shape<'_>, values: &Values<'_, '_>) -> bool {
    let mut names = old.names().into_iter().filter(|it| values.is_gone(it));
    names.any(|name| words.contains(&name))
}

pub(super) fn is_dropped(change: Change<'_, '_>, object: &Object) -> bool {
    let name = object.name.to_ascii_lowercase();
    change.task.part.words().iter().any(|words| {
        matches!(&words[..], [drop, kind, ..] if drop == "drop" && kind == object.kind.as_str())
            && words.contains(&name)
    })
}
