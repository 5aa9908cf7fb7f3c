//! S20: a primary key that looks like the rowid but is not.

use crate::lint::action::Action;
use crate::lint::columns::{Column, columns};
use crate::lint::finding::Finding;
use crate::lint::script::{Script, Step};
use crate::text::shortened;
use std::ops::Range;

/// Finds a primary key of one integer column whose type is not exactly `INTEGER`, so it is not
/// the rowid: <https://sqlite.org/lang_createtable.html#rowid>.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let steps = script.steps.iter();
    steps.filter_map(finding).collect()
}

fn finding(step: &Step<'_>) -> Option<Finding> {
    let Action::CreateTable {
        body: Some(body), ..
    } = step.action
    else {
        return None;
    };
    let words = &step.words;
    let mut options = step.rest(words.closing(body) + 1);
    if options.any(|at| words.are(at, &["WITHOUT", "ROWID"])) {
        return None;
    }
    let (columns, constraints) = columns(words, body);
    let key = columns
        .iter()
        .find(|column| primary_key(step, &column.constraints).is_some())
        .or_else(|| {
            let mut keys = constraints.iter();
            let at = keys.find_map(|constraint| primary_key(step, constraint))?;
            let [part] = &words.parts(at + 2)[..] else {
                return None;
            };
            let name = words.name(part.start)?;
            columns.iter().find(|column| column.name == name)
        })?;
    is_almost_integer(step, key).then(|| {
        let message = format!(
            "`{}` is a primary key, but not the rowid: it is not assigned automatically, and may \
             be NULL unless the table is `STRICT`",
            shortened(&key.name)
        );
        let range = words.places(key.type_name.start, key.type_name.end - 1);
        Finding::new(range, message, "write `INTEGER`")
    })
}

/// The index of `PRIMARY KEY` in the constraints of a column or table.
fn primary_key(step: &Step<'_>, range: &Range<usize>) -> Option<usize> {
    let depth = step.words.get(range.start)?.depth;
    range.clone().find(|at| {
        step.words.are(*at, &["PRIMARY", "KEY"])
            && step.words.get(*at).is_some_and(|word| word.depth == depth)
    })
}

fn is_almost_integer(step: &Step<'_>, column: &Column) -> bool {
    let (name, has_size) = column.type_words(&step.words);
    name.contains("INT") && (name != "INTEGER" || has_size)
}
