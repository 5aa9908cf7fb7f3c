//! Damage of the statement that copies the rows of a rebuilt table.

use super::{Change, Kind, Place, kind};
use crate::set::Rebuild;
use crate::sql::{bytes, edited, name, with_comma};
use std::ops::Range;

pub(super) const KINDS: &[Kind] = &[
    kind("copy: a column left out", column_left_out),
    kind("copy: two columns swapped", swapped),
    kind("copy: a constant instead of a column", constant),
    kind("copy: new ids", new_ids),
    kind("copy: `OR IGNORE` and a new UNIQUE", |place| {
        conflict(place, " OR IGNORE", "")
    }),
    kind("copy: `OR REPLACE` and a new UNIQUE", |place| {
        conflict(place, " OR REPLACE", "")
    }),
    kind("copy: `DO NOTHING` and a new UNIQUE", |place| {
        conflict(place, "", " WHERE true ON CONFLICT DO NOTHING")
    }),
    kind("copy: `OR IGNORE` and a new NOT NULL", ignored_null),
    kind("copy: a WHERE", filtered),
    kind("copy: a JOIN that loses rows", joined),
    kind("copy: DISTINCT of rows without a key", distinct),
    kind("copy: GROUP BY", grouped),
    kind("copy: LIMIT", limited),
    kind("copy: a high LIMIT in a subquery", limited_inside),
];

fn on_rebuilds(place: &Place<'_>, damage: impl Fn(&Rebuild) -> Vec<String>) -> Vec<Change> {
    let texts = place.rebuilds.iter().flat_map(damage);
    texts.map(Change::Up).collect()
}

fn value(rebuild: &Rebuild, at: usize) -> (Range<usize>, String) {
    let copy = &rebuild.insert;
    let range = &copy.values[at];
    let first = name(&copy.words[range.start]);
    let is_plain = range.len() == 1;
    let bytes = bytes(&copy.words, range);
    (bytes, if is_plain { first } else { String::new() })
}

fn column_left_out(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let copy = &rebuild.insert;
        (0..copy.columns.len())
            .map(|at| {
                let edits = [
                    (with_comma(&copy.words, &copy.columns, at), ""),
                    (with_comma(&copy.words, &copy.values, at), ""),
                ];
                edited(&place.migration.up, &edits)
            })
            .collect()
    })
}

/// Pairs of columns with one declared type.
fn swapped(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let mut found = Vec::new();
        let many = rebuild.insert.columns.len();
        for (a, b) in (0..many).flat_map(|a| (a + 1..many).map(move |b| (a, b))) {
            let [first, second] = [a, b].map(|at| value(rebuild, at));
            let declared = |at| {
                let item = rebuild.new.column(&rebuild.insert.column(at))?;
                Some(rebuild.new.declared(item))
            };
            let plain = !first.1.is_empty() && !second.1.is_empty();
            if plain && declared(a).is_some() && declared(a) == declared(b) {
                let up = &place.migration.up;
                let texts = [&up[first.0.clone()], &up[second.0.clone()]];
                found.push(edited(up, &[(first.0, texts[1]), (second.0, texts[0])]));
            }
        }
        found
    })
}

/// Columns that keep their value, with the word in the definition of the new table.
fn kept(rebuild: &Rebuild) -> Vec<(usize, usize, String)> {
    (0..rebuild.insert.columns.len())
        .filter_map(|at| {
            let column = rebuild.insert.column(at);
            let item = rebuild.new.column(&column)?;
            let _ = rebuild.old.column(&column)?;
            (value(rebuild, at).1 == column).then_some((at, item, column))
        })
        .collect()
}

fn constant(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let kept = kept(rebuild).into_iter();
        kept.filter(|(_, item, _)| !rebuild.new.is_key(*item))
            .map(|(at, item, _)| {
                let with = if rebuild.new.is_nullable(item) {
                    "NULL"
                } else if rebuild.new.declared(item) == "text" {
                    "''"
                } else {
                    "0"
                };
                edited(&place.migration.up, &[(value(rebuild, at).0, with)])
            })
            .collect()
    })
}

/// The rowid-alias key gets new values.
fn new_ids(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let kept = kept(rebuild).into_iter();
        kept.filter(|(_, item, _)| rebuild.new.has(*item, "integer primary key"))
            .flat_map(|(at, _, column)| {
                let numbered = format!("row_number() OVER (ORDER BY {column})");
                ["NULL".to_owned(), numbered]
                    .map(|with| edited(&place.migration.up, &[(value(rebuild, at).0, &with)]))
            })
            .collect()
    })
}

/// The plain columns that nothing makes unique, as the place where a clause can be added.
fn repeatable(place: &Place<'_>, rebuild: &Rebuild) -> Vec<(String, usize)> {
    let kept = kept(rebuild).into_iter();
    kept.filter(|(_, item, column)| {
        let schema = &place.migration.before;
        !rebuild.new.is_unique(*item) && !schema.is_unique(&rebuild.old.name, column)
    })
    .filter(|(_, item, _)| !rebuild.new.is_in(*item, "unique"))
    .map(|(_, item, column)| {
        let last = rebuild.new.items[item].end - 1;
        (column, rebuild.new.words[last].bytes.end)
    })
    .collect()
}

pub(super) fn with_unique(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let columns = repeatable(place, rebuild).into_iter();
        columns
            .map(|(_, end)| edited(&place.migration.up, &[(end..end, " UNIQUE")]))
            .collect()
    })
}

/// The places in the copy after `INSERT` and at the end of the statement.
fn around(rebuild: &Rebuild) -> (usize, usize) {
    let words = &rebuild.insert.words;
    (words[0].bytes.end, words.last().unwrap().bytes.end)
}

fn conflict(place: &Place<'_>, verb: &str, clause: &str) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let (start, last) = around(rebuild);
        let columns = repeatable(place, rebuild).into_iter();
        columns
            .map(|(_, end)| {
                let edits = [
                    (end..end, " UNIQUE"),
                    (start..start, verb),
                    (last..last, clause),
                ];
                edited(&place.migration.up, &edits)
            })
            .collect()
    })
}

fn ignored_null(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let (start, _) = around(rebuild);
        let kept = kept(rebuild).into_iter();
        kept.filter(|(_, item, _)| rebuild.new.is_nullable(*item))
            .map(|(_, item, _)| {
                let end = bytes(&rebuild.new.words, &rebuild.new.items[item]).end;
                let edits = [(end..end, " NOT NULL"), (start..start, " OR IGNORE")];
                edited(&place.migration.up, &edits)
            })
            .collect()
    })
}

/// The copy with a clause at its end, for each column that the function accepts.
fn ended(
    place: &Place<'_>,
    clause: impl Fn(&Rebuild, usize, &str) -> Option<String>,
) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let (_, last) = around(rebuild);
        let kept = kept(rebuild).into_iter();
        kept.filter_map(|(_, item, column)| {
            let clause = clause(rebuild, item, &column)?;
            Some(edited(&place.migration.up, &[(last..last, &clause)]))
        })
        .collect()
    })
}

fn filtered(place: &Place<'_>) -> Vec<Change> {
    ended(place, |rebuild, item, column| {
        let new = &rebuild.new;
        if new.is_nullable(item) {
            Some(format!(" WHERE {column} IS NOT NULL"))
        } else if new.declared(item) == "text"
            && !new.has(item, "check")
            && !new.is_key(item)
            // A time is never an empty text.
            && !column.ends_with("_at")
        {
            Some(format!(" WHERE {column} <> ''"))
        } else {
            None
        }
    })
}

fn joined(place: &Place<'_>) -> Vec<Change> {
    ended(place, |rebuild, item, column| {
        let words = rebuild.new.item(item);
        let at = words.iter().position(|word| word.text == "references")?;
        rebuild.new.is_nullable(item).then(|| {
            let (parent, key) = (name(&words[at + 1]), name(&words[at + 3]));
            format!(" JOIN (SELECT {key} AS joined FROM {parent}) ON joined = {column}")
        })
    })
}

fn distinct(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let columns: Vec<usize> = rebuild.new.columns().collect();
        let copied = rebuild.insert.columns.len();
        let is_keyed = columns
            .iter()
            .any(|item| rebuild.new.is_unique(*item) || rebuild.new.is_in(*item, "unique"))
            || (0..copied).any(|at| rebuild.insert.column(at) == "rowid");
        let end = rebuild.insert.words[rebuild.insert.values[0].start]
            .bytes
            .start;
        let text = edited(&place.migration.up, &[(end..end, "DISTINCT ")]);
        (!is_keyed).then_some(text).into_iter().collect()
    })
}

fn grouped(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let (_, last) = around(rebuild);
        let columns = repeatable(place, rebuild).into_iter();
        columns
            .map(|(column, _)| {
                let clause = format!(" GROUP BY {column}");
                edited(&place.migration.up, &[(last..last, &clause)])
            })
            .collect()
    })
}

fn limited(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let (_, last) = around(rebuild);
        vec![edited(&place.migration.up, &[(last..last, " LIMIT 1")])]
    })
}

/// No table of the sets has that many rows.
fn limited_inside(place: &Place<'_>) -> Vec<Change> {
    on_rebuilds(place, |rebuild| {
        let (_, last) = around(rebuild);
        let values = &rebuild.insert.values[0];
        let first = rebuild.insert.words[values.start].bytes.start;
        let edits = [
            (first..first, "* FROM (SELECT "),
            (last..last, " LIMIT 10000)"),
        ];
        vec![edited(&place.migration.up, &edits)]
    })
}
