//! Damage of the indexes, triggers and views that a script makes again.

use super::{Change, Kind, Place, kind};
use crate::sql::{Statement, bytes, close, edited, find, name, parts, starts, with_comma};
use std::ops::Range;

pub(super) const KINDS: &[Kind] = &[
    kind("rebuild: an index lost", |place| gone(place, "index")),
    kind("rebuild: a unique index becomes a plain one", not_unique),
    kind("rebuild: DESC of an index lost", |place| {
        // One column can be read from either end.
        in_index(place, |words| {
            found(words, "desc", 1).filter(|_| words[1].text != "unique" || columns(words) > 1)
        })
    }),
    kind("rebuild: COLLATE of an index lost", |place| {
        in_index(place, |words| found(words, "collate", 2))
    }),
    kind("rebuild: a column of an index lost", column),
    kind(
        "rebuild: a plain column instead of an expression",
        expression,
    ),
    kind("rebuild: a unique index becomes a partial one", partial),
    kind("rebuild: WHERE of a unique index lost", |place| {
        in_index(place, |words| {
            // NULL never equals NULL, so that IS NOT NULL excludes no duplicates.
            let is_weak = words[1].text == "unique" && find(words, "is not null").is_none();
            let at = find(words, "where").filter(|_| is_weak)?;
            Some(bytes(words, &(at..words.len())))
        })
    }),
    kind("rebuild: a trigger lost", |place| gone(place, "trigger")),
    kind("rebuild: a statement of a trigger lost", body),
    kind("rebuild: another event of a trigger", event),
    kind("rebuild: a view lost", |place| gone(place, "view")),
];

/// The statements that make an object which was there before.
fn again<'a>(place: &'a Place<'_>, kind: &'a str) -> impl Iterator<Item = (usize, &'a Statement)> {
    let is_made = move |statement: &Statement| {
        let words = &statement.words;
        let at = if starts(words, "create unique") { 2 } else { 1 };
        starts(words, "create")
            && words[at].text == kind
            && place
                .migration
                .before
                .object(kind, &name(&words[at + 1]))
                .is_some()
    };
    let statements = place.statements.iter().enumerate();
    statements.filter(move |(_, statement)| is_made(statement))
}

fn gone(place: &Place<'_>, kind: &str) -> Vec<Change> {
    again(place, kind)
        .map(|(at, _)| Change::Up(place.without(&[at])))
        .collect()
}

fn in_index(
    place: &Place<'_>,
    removed: impl Fn(&[crate::sql::Word]) -> Option<Range<usize>>,
) -> Vec<Change> {
    again(place, "index")
        .filter_map(|(_, statement)| removed(&statement.words))
        .map(|range| Change::Up(edited(&place.migration.up, &[(range, "")])))
        .collect()
}

fn found(words: &[crate::sql::Word], pattern: &str, length: usize) -> Option<Range<usize>> {
    let at = find(words, pattern)?;
    Some(bytes(words, &(at..at + length)))
}

fn not_unique(place: &Place<'_>) -> Vec<Change> {
    in_index(place, |words| {
        (words[1].text == "unique").then(|| words[1].bytes.clone())
    })
}

fn columns(words: &[crate::sql::Word]) -> usize {
    let open = find(words, "(").unwrap();
    parts(words, open + 1, close(words, open)).len()
}

fn column(place: &Place<'_>) -> Vec<Change> {
    in_index(place, |words| {
        let open = find(words, "(")?;
        let columns = parts(words, open + 1, close(words, open));
        (columns.len() > 1).then(|| with_comma(words, &columns, columns.len() - 1))
    })
}

/// `lower(email)` becomes `email`.
fn expression(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (_, Statement { words, .. }) in again(place, "index") {
        let functions = ["lower", "upper"];
        let at = words
            .iter()
            .position(|word| functions.contains(&word.text.as_str()));
        if let Some(at) = at {
            let range = bytes(words, &(at..at + 4));
            let text = edited(&place.migration.up, &[(range, &words[at + 2].text)]);
            changes.push(Change::Up(text));
        }
    }
    changes
}

fn partial(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (_, Statement { words, .. }) in again(place, "index") {
        if words[1].text == "unique" && find(words, "where").is_none() {
            let end = words.last().unwrap().bytes.end;
            let open = find(words, "(").unwrap();
            let column = &words[open + 1 + 2 * usize::from(words[open + 2].text == "(")].text;
            let clause = format!(" WHERE length({column}) > 3");
            let text = edited(&place.migration.up, &[(end..end, &clause)]);
            changes.push(Change::Up(text));
        }
    }
    changes
}

/// The last statement of a body is lost, or the only one does nothing.
fn body(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (_, statement) in again(place, "trigger") {
        let text = &place.migration.up[statement.bytes.clone()];
        let (head, body) = text.split_once(" BEGIN\n").unwrap();
        let mut body: Vec<&str> = body.lines().collect();
        let last = body.len() - 2;
        if last == 0 {
            body[0] = "  SELECT 1;";
        } else {
            let _ = body.remove(last);
        }
        let with = format!("{head} BEGIN\n{}", body.join("\n"));
        let text = edited(&place.migration.up, &[(statement.bytes.clone(), &with)]);
        changes.push(Change::Up(text));
    }
    changes
}

fn event(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (_, Statement { words, .. }) in again(place, "trigger") {
        let at = words
            .iter()
            .position(|word| ["after", "before"].contains(&word.text.as_str()))
            .unwrap();
        let other = if words[at].text == "after" {
            "BEFORE"
        } else {
            "AFTER"
        };
        let text = edited(&place.migration.up, &[(words[at].bytes.clone(), other)]);
        changes.push(Change::Up(text));
    }
    changes
}
