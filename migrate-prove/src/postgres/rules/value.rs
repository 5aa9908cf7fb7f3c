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
    if is(0, "ALTER") && is(1, "TYPE") || is(0, "COMMENT") {
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
    let is_cast = ty.as_ref().is_some_and(|it| it == of);
    if ty.is_some() && !is_cast || is_compared_as_text(words.get(..at)?) {
        return None;
    }
    let names: Vec<String> = words.iter().map(|it| normal(it)).collect();
    let has = |name: &str| names.iter().any(|it| it == name);
    let (mut tables, mut columns) = (0, 0);
    for (table, made) in &seen.known.tables {
        let table = table.rsplit('.').next().unwrap_or_default();
        let mut of_type = made.columns.iter().filter(|(_, ty)| ty.name == of);
        // `INSERT INTO t VALUES (…)` names no column.
        let names_none = is(0, "INSERT") && (is(3, "VALUES") || is(5, "VALUES"));
        if has(table) {
            tables += 1;
            columns += usize::from(of_type.any(|(name, _)| has(name) || names_none));
        }
    }
    // Of a table that no script has created, the types are unknown.
    let changes = ["INSERT", "UPDATE", "DELETE"]
        .iter()
        .any(|verb| is(0, verb));
    let is_default = |it: usize| is(it + 1, "DEFAULT") && normal(words[it]) == of;
    let is_used = columns > 0
        || tables == 0 && (changes || is(0, "ALTER") && is(at - 1, "DEFAULT"))
        || at.checked_sub(2).is_some_and(is_default);
    (is_cast || is_used).then(|| tokens.get(at).cloned())?
}

/// Whether the words before a value compare it with an expression that is cast to text.
fn is_compared_as_text(before: &[&str]) -> bool {
    let between = |word: &&&str| {
        let is_sign = [
            "(", ",", "=", "<>", "!=", "[", "in", "not", "any", "array", "all",
        ];
        word.starts_with('\'') || is_sign.iter().any(|it| word.eq_ignore_ascii_case(it))
    };
    let is_text = |word: &str| {
        let texts = ["text", "varchar", "citext", "name"];
        texts.iter().any(|it| word.eq_ignore_ascii_case(it))
    };
    let mut rest = before.iter().rev().skip_while(between);
    match (rest.next(), rest.next(), rest.next()) {
        // `x::text`, and `CAST(x AS text)`.
        (Some(ty), Some(colon), _) if colon.starts_with(':') => is_text(ty),
        (Some(&")"), Some(ty), Some(as_)) => is_text(ty) && as_.eq_ignore_ascii_case("as"),
        _ => false,
    }
}
