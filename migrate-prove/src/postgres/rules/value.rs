//! Rules on values of enums: P21.

use crate::postgres::action::{Action, Kind};
use crate::postgres::finding::{Finding, Seen};
use crate::postgres::name::normal;
use migrate_scan::postgres::Tokens;
use migrate_source::diagnostic::Code;
use std::ops::Range;

/// P21: a value of an enum that is used in the transaction that adds it. This is possible only
/// if the transaction created the type too.
pub(super) fn check(seen: &Seen<'_>, action: &Action) -> Option<Finding> {
    let Kind::AddValue { of, value } = &action.kind else {
        return None;
    };
    if !seen.script.in_transaction || seen.own.has_other("type", of) {
        return None;
    }
    let later = seen.script.statements.get(seen.statement + 1..)?;
    let place = later.iter().find_map(|statement| {
        let start = statement.start as usize;
        let text = seen.script.text.get(start..statement.end as usize)?;
        let place = place_of_use(seen, text, of, value)?;
        Some(place.start + start..place.end + start)
    })?;
    Some(Finding::new(
        Code::EnumValueUsed,
        &place,
        format!("PostgreSQL refuses to use {value} in the transaction that adds it to `{of}`"),
        "use it in the next migration",
    ))
}

/// The place of the value in a statement, if it is certainly of the type: cast to it, or in a
/// statement that names a column of it.
fn place_of_use(seen: &Seen<'_>, text: &str, of: &str, value: &str) -> Option<Range<usize>> {
    let tokens: Vec<Range<usize>> = Tokens::new(text)
        .filter(|token| !token.kind.is_blank())
        .map(|token| token.range)
        .collect();
    let words: Vec<&str> = tokens
        .iter()
        .filter_map(|it| text.get(it.clone()))
        .collect();
    let at = words.iter().position(|word| *word == value)?;
    let is = |at: usize, word: &str| {
        words
            .get(at)
            .is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    // After `ADD VALUE` it is only a position, and in `COMMENT` only a text.
    if is(0, "ALTER") && is(1, "TYPE") || is(0, "COMMENT") || is(0, "CREATE") && !is(1, "TABLE") {
        return None;
    }
    let after = words.get(at + 1..).unwrap_or_default();
    let colons = after.iter().take_while(|it| it.starts_with(':')).count();
    let is_as = after
        .first()
        .is_some_and(|it| it.eq_ignore_ascii_case("as"));
    let ty = match colons + usize::from(is_as) {
        0 => None,
        skipped => after.get(skipped..).map(|it| normal(&it.join(" "))),
    };
    let is_cast = ty.is_some_and(|it| it == of);
    let names: Vec<String> = words.iter().map(|it| normal(it)).collect();
    let has = |name: &str| names.iter().any(|it| it == name);
    let has_column = || {
        seen.known.tables.iter().any(|(table, made)| {
            let table = table.rsplit('.').next().unwrap_or_default();
            let mut columns = made.columns.iter();
            has(table) && columns.any(|(name, ty)| ty.name == of && has(name))
        })
    };
    (is_cast || has_column()).then(|| tokens.get(at).cloned())?
}
