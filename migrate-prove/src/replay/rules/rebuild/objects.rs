//! What a table loses with its indexes and triggers, which are dropped with the old table.

use super::definition::is_still_unique;
use super::shape::{Key, Shape};
use super::values::Values;
use crate::replay::catalogue::{Kind, Object};
use crate::replay::change::Change;
use crate::replay::finding::Findings;

/// The indexes and triggers that are gone, or other ones under the same name.
pub(super) fn on_the_table(
    change: Change<'_, '_>,
    (old, new): (&Shape<'_>, &Shape<'_>),
    values: &Values<'_, '_>,
    findings: &Findings<'_, '_>,
) -> Vec<String> {
    let objects = change.before.catalogue.on_table(&old.object.table);
    objects
        .filter(|it| matches!(it.kind, Kind::Index | Kind::Trigger))
        .filter(|it| !findings.has_existing(&it.name))
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
                trigger(it, same.map(|it| &**it), values)
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
        if is_still_unique(before, new, values) {
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
    let added = values.added();
    let has_new = new.keys[at].columns().any(|it| added.contains(it));
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

fn trigger(trigger: &Object, now: Option<&Object>, values: &Values<'_, '_>) -> Option<String> {
    let name = &trigger.name;
    let Some(now) = now else {
        return Some(format!("the trigger `{name}` is gone"));
    };
    let (before, after) = (body(trigger), body(now));
    // Without a change, it may be about a column that is gone, which is another finding.
    if after == before || after == values.renamed(before) {
        return None;
    }
    let added = values.added();
    if !now.tokens.iter().any(|word| added.contains(word)) {
        return Some(format!("the trigger `{name}` does something else"));
    }
    let is_less = fires_less((before, after), &added, values);
    is_less.then(|| format!("the trigger `{name}` does not fire for each change as before"))
}

/// Whether a trigger has another event, or lacks columns in its `UPDATE OF`.
fn fires_less(
    (before, after): (&[String], &[String]),
    added: &[String],
    values: &Values<'_, '_>,
) -> bool {
    let (Some((old_event, old)), Some((event, columns))) = (event(before), event(after)) else {
        return false;
    };
    let kept = old.iter().filter_map(|it| values.kept.get(it));
    let lacks = if old.is_empty() {
        columns.iter().all(|it| added.contains(it))
    } else {
        kept.into_iter().any(|it| !columns.contains(it))
    };
    event != old_event || !columns.is_empty() && lacks
}

/// The event of a trigger, and the columns of its `UPDATE OF`.
fn event(body: &[String]) -> Option<(&str, &[String])> {
    let is_event = |word: &String| matches!(word.as_str(), "insert" | "update" | "delete");
    let at = body.iter().position(is_event)?;
    let rest = &body[at + 1..];
    let on = rest.iter().position(|word| word == "on")?;
    Some((&body[at], rest.get(1..on).unwrap_or_default()))
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
