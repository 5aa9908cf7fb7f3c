//! Damage of downs.

use super::{Change, Kind, Place, kind};
use crate::sql::{Statement, edited, name, starts, statements};

pub(super) const KINDS: &[Kind] = &[
    kind("down: an object forgotten", forgotten),
    kind("down: another object dropped", other),
];

/// Whether a later statement of a down drops the table of what `statement` drops.
fn is_implied(place: &Place<'_>, statement: &Statement, later: &[Statement]) -> bool {
    let kind = &statement.words[1].text;
    let dropped = name(&statement.words[2]);
    let after = place.set.migrations.get(place.at + 1);
    let schema = after.map_or(&place.set.after, |it| &it.before);
    schema.object(kind, &dropped).is_some_and(|object| {
        let mut later = later.iter();
        kind != "table"
            && later.any(|it| starts(&it.words, "drop table") && name(&it.words[2]) == object.table)
    })
}

fn forgotten(place: &Place<'_>) -> Vec<Change> {
    let Some(down) = &place.migration.down else {
        return Vec::new();
    };
    let all = statements(down);
    let mut changes = Vec::new();
    for (at, statement) in all.iter().enumerate() {
        if all.len() > 1 && !is_implied(place, statement, &all[at + 1..]) {
            let text = edited(down, &[(statement.bytes.clone(), "")]);
            changes.push(Change::Down(text));
        }
    }
    changes
}

fn other(place: &Place<'_>) -> Vec<Change> {
    let Some(down) = &place.migration.down else {
        return Vec::new();
    };
    let before = place.migration.before.0.iter();
    before
        .filter(|it| !it.name.contains("_fts"))
        .map(|it| {
            let allow = "-- migrate: allow destructive-drop \"undone\"";
            Change::Down(format!("{down}{allow}\nDROP {} {};\n", it.kind, it.name))
        })
        .collect()
}
