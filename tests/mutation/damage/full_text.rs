//! Damage of full-text indexes with external content.

use super::{Change, Kind, Place, kind};
use crate::sql::{Statement, bytes, edited, find, name, starts, with_comma};

pub(super) const KINDS: &[Kind] = &[
    kind("full text: a new index is not filled", not_filled),
    kind("full text: rowids of the content renumbered", renumbered),
    kind("full text: the content changed without the index", changed),
    kind("full text: the content table renamed", renamed),
    kind("full text: a column of the content renamed", column_renamed),
    kind("full text: a shadow table written to", shadow),
];

/// The index that a statement fills with `'rebuild'`.
fn filled(statement: &Statement) -> Option<String> {
    let words = &statement.words;
    (starts(words, "insert into") && words.last().unwrap().text == ")")
        .then(|| find(words, "'rebuild'").map(|_| name(&words[2])))
        .flatten()
}

/// The name of a virtual table, and of its content table.
fn indexes(place: &Place<'_>) -> Vec<(String, String)> {
    let tables = place.set.after.of("table");
    tables
        .filter_map(|it| {
            let (_, rest) = it.sql.split_once("content='")?;
            Some((it.name.clone(), rest.split_once('\'')?.0.to_owned()))
        })
        .collect()
}

/// The index is made by this script, and its content had rows before.
fn not_filled(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, statement) in place.statements.iter().enumerate() {
        let Some(index) = filled(statement) else {
            continue;
        };
        let made = place
            .statements
            .iter()
            .any(|it| starts(&it.words, "create virtual table") && name(&it.words[3]) == index);
        let content = indexes(place)
            .into_iter()
            .find(|it| it.0 == index)
            .unwrap()
            .1;
        if made && place.migration.before.table(&content).is_some() {
            changes.push(Change::Up(place.without(&[at])));
        }
    }
    changes
}

/// Neither the rowids are copied nor is the index filled again.
fn renumbered(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for rebuild in &place.rebuilds {
        let content = &rebuild.old.name;
        let Some((index, _)) = indexes(place).into_iter().find(|it| it.1 == *content) else {
            continue;
        };
        let copy = &rebuild.insert;
        let first = bytes(&copy.words, &copy.values[0]);
        let mut edits = if copy.column(0) == "rowid" {
            let (columns, values) = (&copy.columns, &copy.values);
            vec![
                (with_comma(&copy.words, columns, 0), ""),
                (with_comma(&copy.words, values, 0), ""),
            ]
        } else {
            vec![(first, "row_number() OVER (ORDER BY id)")]
        };
        for statement in &place.statements {
            if filled(statement).is_some_and(|it| it == index) {
                edits.push((statement.bytes.clone(), ""));
            }
        }
        changes.push(Change::Up(edited(&place.migration.up, &edits)));
    }
    changes
}

fn at_the_end(place: &Place<'_>, text: impl Fn(&str, &str) -> Vec<String>) -> Vec<Change> {
    if !place.is_last() {
        return Vec::new();
    }
    let indexes = indexes(place);
    let texts = indexes
        .iter()
        .flat_map(|(index, content)| text(index, content));
    texts.map(Change::Next).collect()
}

/// The table has no triggers that keep its index up to date.
fn changed(place: &Place<'_>) -> Vec<Change> {
    at_the_end(place, |_, content| {
        if place.set.after.of("trigger").any(|it| it.table == content) {
            return Vec::new();
        }
        vec![
            format!("UPDATE {content} SET body = 'empty' WHERE rank IS NULL;"),
            format!("DELETE FROM {content} WHERE rank IS NULL;"),
            format!("INSERT INTO {content} (slug, body) VALUES ('imprint', 'Imprint');"),
        ]
    })
}

fn renamed(place: &Place<'_>) -> Vec<Change> {
    at_the_end(place, |_, content| {
        vec![format!("ALTER TABLE {content} RENAME TO {content}_text;")]
    })
}

fn column_renamed(place: &Place<'_>) -> Vec<Change> {
    at_the_end(place, |_, content| {
        vec![format!(
            "ALTER TABLE {content} RENAME COLUMN body TO content;"
        )]
    })
}

fn shadow(place: &Place<'_>) -> Vec<Change> {
    at_the_end(place, |index, _| {
        vec![
            format!("DELETE FROM {index}_data WHERE id > 10;"),
            format!("UPDATE {index}_config SET v = 3 WHERE k = 'version';"),
            format!("DROP TABLE {index}_docsize;"),
            format!("INSERT INTO {index}_idx (segid, term, pgno) VALUES (1, x'30', 2);"),
        ]
    })
}
