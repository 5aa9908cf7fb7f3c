//! The rows that a rebuild leaves out because of a `LIMIT`. No trial has that many rows, so the
//! script runs again with lower limits.

use crate::replay::catalogue::Object;
use crate::replay::change::Change;
use crate::replay::run::{Task, run};
use crate::replay::subject::Part;
use migrate_scan::sqlite::{Tokens, quote};
use rusqlite::Result;
use std::ops::Range;
use std::rc::Rc;

/// The rebuilt tables that have fewer rows if each `LIMIT` is 1.
pub(super) fn beyond<'t>(change: Change<'t, '_>) -> Result<Vec<&'t Rc<Object>>> {
    let mut lost = Vec::new();
    let part = change.task.part;
    let (Some(before), Some(after)) = (&change.before.counts, &change.after.counts) else {
        return Ok(lost);
    };
    if !part.all_words().any(|word| word == "limit") || change.rebuilt().next().is_none() {
        return Ok(lost);
    }
    let Some(text) = with_low_limits(part) else {
        return Ok(lost);
    };
    let Some(scratch) = change.begin(change.has_rows)? else {
        return Ok(lost);
    };
    let part = &part.with_text(&text);
    let task = Task {
        part,
        ..change.task
    };
    if run(&scratch, task, change.trial.options, &mut |_| Ok(()))?.is_err() {
        return Ok(lost);
    }
    for (old, new) in change.rebuilt() {
        let sql = format!("SELECT count(*) FROM main.{}", quote(&new.name));
        let Ok(rows) = scratch.number(&sql) else {
            continue;
        };
        let is_fewer = |usual: Option<&i64>| usual.is_some_and(|usual| rows < *usual);
        if is_fewer(before.get(&old.table)) && is_fewer(after.get(&old.table)) {
            lost.push(old);
        }
    }
    Ok(lost)
}

/// The text of a script with lower limits, at the same places; `None` if it has none that can be
/// lower.
fn with_low_limits(part: &Part<'_>) -> Option<String> {
    let mut text = part.text.to_owned();
    for index in 0..part.statements.len() {
        for limit in limits(part.statement(index)) {
            let place = part.place(index, limit);
            let low = format!("{:<1$}", 1, place.len());
            text.replace_range(place, &low);
        }
    }
    (text != part.text).then_some(text)
}

/// A larger number means all rows.
const MOST_DIGITS: usize = 9;

/// The numbers after `LIMIT`. In `LIMIT 5, 10` it is the second one.
fn limits(statement: &str) -> Vec<Range<usize>> {
    let tokens = Tokens::new(statement).filter(|token| !token.kind.is_blank());
    let places: Vec<Range<usize>> = tokens.map(|token| token.range).collect();
    let word = |at: usize| places.get(at).map_or("", |place| &statement[place.clone()]);
    let limits = (0..places.len()).filter(|at| word(*at).eq_ignore_ascii_case("limit"));
    let numbers = limits.map(|at| if word(at + 2) == "," { at + 3 } else { at + 1 });
    numbers
        .filter(|at| word(*at).len() <= MOST_DIGITS)
        .filter(|at| word(*at).parse::<u32>().is_ok_and(|number| number > 1))
        .map(|at| places[at].clone())
        .collect()
}
