//! Damage of other statements of a migration.

use super::{Change, Kind, Place, kind};
use crate::sql::{Word, bytes, close, edited, find, name, starts};

pub(super) const KINDS: &[Kind] = &[
    kind("a new NOT NULL column without a default", no_default),
    kind(
        "a new column with a default that is not constant",
        not_constant,
    ),
    kind("a foreign key to a missing table", missing_table),
    kind("a foreign key to a missing column", missing_column),
    kind(
        "the old table renamed away although others refer to it",
        renamed_away,
    ),
    kind("double quotes around a string", double_quotes),
    kind("UPDATE or DELETE without its WHERE", all_rows),
    kind("COMMIT in a script", commit),
    kind(
        "a script that needs a temporary table of an earlier one",
        temporary,
    ),
    kind("fixed ids in a table that may have rows", seeds),
];

fn ups(texts: Vec<String>) -> Vec<Change> {
    texts.into_iter().map(Change::Up).collect()
}

/// The default of each new column, as a range of words.
fn defaults<'a>(place: &'a Place<'_>) -> impl Iterator<Item = (&'a [Word], usize)> {
    let statements = place.statements.iter();
    statements.filter_map(|it| {
        let words = &it.words[..];
        let is_added = starts(words, "alter table") && find(words, "add column").is_some();
        let at = find(words, "default").filter(|_| is_added)?;
        Some((words, at))
    })
}

fn no_default(place: &Place<'_>) -> Vec<Change> {
    let text = |(words, at): (&[Word], usize)| {
        edited(&place.migration.up, &[(bytes(words, &(at..at + 2)), "")])
    };
    ups(defaults(place).map(text).collect())
}

fn not_constant(place: &Place<'_>) -> Vec<Change> {
    let mut texts = Vec::new();
    for (words, at) in defaults(place) {
        for other in ["CURRENT_TIMESTAMP", "(random())", "(strftime('%s', 'now'))"] {
            let edits = [(words[at + 1].bytes.clone(), other)];
            texts.push(edited(&place.migration.up, &edits));
        }
    }
    ups(texts)
}

fn references<'a>(place: &'a Place<'_>) -> impl Iterator<Item = (&'a [Word], usize)> {
    place.statements.iter().flat_map(|it| {
        let is_table = starts(&it.words, "create table");
        let all = it.words.iter().enumerate();
        all.filter(move |(_, word)| is_table && word.text == "references")
            .map(|(at, _)| (&it.words[..], at))
    })
}

fn missing_table(place: &Place<'_>) -> Vec<Change> {
    let text = |(words, at): (&[Word], usize)| {
        let end = words[at + 1].bytes.end;
        edited(&place.migration.up, &[(end..end, "s")])
    };
    ups(references(place).map(text).collect())
}

fn missing_column(place: &Place<'_>) -> Vec<Change> {
    let text = |(words, at): (&[Word], usize)| {
        edited(&place.migration.up, &[(words[at + 3].bytes.clone(), "uid")])
    };
    ups(references(place).map(text).collect())
}

/// `ALTER TABLE t RENAME TO t_old` comes first, so that what refers to `t` follows it.
fn renamed_away(place: &Place<'_>) -> Vec<Change> {
    let mut texts = Vec::new();
    for rebuild in &place.rebuilds {
        let table = &rebuild.old.name;
        let others = || {
            place
                .migration
                .before
                .0
                .iter()
                .filter(|it| it.table != *table)
        };
        let refers = others().any(|it| {
            let words = crate::sql::words(&it.sql, 0..it.sql.len());
            find(&words, &format!("references {table}")).is_some()
        });
        let copy = &rebuild.insert;
        let statement = |pattern: &str, name: &str| {
            let mut all = place.statements.iter();
            all.find(|it| starts(&it.words, pattern) && crate::sql::name(&it.words[2]) == name)
        };
        let renamed = statement("alter table", &rebuild.new.name);
        let dropped = statement("drop table", table);
        let (Some(renamed), Some(dropped), true) = (renamed, dropped, refers) else {
            continue;
        };
        let old = format!("{table}_old");
        let first = format!("ALTER TABLE {table} RENAME TO {old};\n");
        let created = &place.statements[rebuild.create_at].words;
        let from = copy
            .words
            .iter()
            .rposition(|it| name(it) == *table)
            .unwrap();
        let edits = [
            (
                created[0].bytes.start..created[0].bytes.start,
                first.as_str(),
            ),
            (created[2].bytes.clone(), table),
            (copy.words[2].bytes.clone(), table),
            (copy.words[from].bytes.clone(), &old),
            (dropped.words[2].bytes.clone(), &old),
            (renamed.bytes.clone(), ""),
        ];
        texts.push(edited(&place.migration.up, &edits));
    }
    ups(texts)
}

/// String literals of data and checks. After DEFAULT, SQLite reads a name as a string, too.
fn double_quotes(place: &Place<'_>) -> Vec<Change> {
    let mut texts = Vec::new();
    for statement in &place.statements {
        let words = &statement.words;
        if starts(words, "create virtual") || find(words, "'rebuild'").is_some() {
            continue;
        }
        let after_default = |at: usize| at > 0 && words[at - 1].text == "default";
        for (_, word) in words
            .iter()
            .enumerate()
            .filter(|(at, _)| !after_default(*at))
        {
            let inner = word
                .text
                .strip_prefix('\'')
                .and_then(|it| it.strip_suffix('\''));
            let inner = inner.filter(|it| it.chars().all(char::is_alphabetic) && !it.is_empty());
            if let Some(inner) = inner {
                let quoted = format!("\"{inner}\"");
                texts.push(edited(
                    &place.migration.up,
                    &[(word.bytes.clone(), &quoted)],
                ));
            }
        }
    }
    ups(texts)
}

fn all_rows(place: &Place<'_>) -> Vec<Change> {
    let mut texts = Vec::new();
    for statement in &place.statements {
        let words = &statement.words;
        let is_change = starts(words, "update") || starts(words, "delete");
        let is_mark = words.iter().any(|word| word.text == "sqlite_sequence");
        let mut depth = 0;
        let at = words.iter().position(|word| {
            depth += i32::from(word.text == "(") - i32::from(word.text == ")");
            word.text == "where" && depth == 0
        });
        // A new column is filled in all rows, on purpose.
        let is_filled = place
            .statements
            .iter()
            .any(|it| starts(&it.words, "alter table") && name(&it.words[2]) == name(&words[1]));
        if let Some(at) = at.filter(|_| is_change && !is_mark && !is_filled) {
            let range = bytes(words, &(at..words.len()));
            texts.push(edited(&place.migration.up, &[(range, "")]));
        }
    }
    ups(texts)
}

fn commit(place: &Place<'_>) -> Vec<Change> {
    let end = place.statements[place.statements.len() / 2].bytes.end;
    let text = edited(&place.migration.up, &[(end..end, "\nCOMMIT;\nBEGIN;")]);
    vec![Change::Up(text)]
}

fn temporary(place: &Place<'_>) -> Vec<Change> {
    let Some(table) = place.migration.before.tables().into_iter().next() else {
        return Vec::new();
    };
    let made = [
        "CREATE TEMP TABLE stage (x INTEGER)".to_owned(),
        format!(
            "CREATE TEMP VIEW stage AS SELECT count(*) AS x FROM {}",
            table.name
        ),
    ];
    let next = "CREATE TABLE copied (x INTEGER);\nINSERT INTO copied (x) SELECT x FROM stage;";
    let up = format!("{}{};\n", place.migration.up, made[place.at % 2]);
    vec![Change::UpAndNext(up, next.to_owned())]
}

/// Seeds with fixed ids arrive only after the table was in use.
fn seeds(place: &Place<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, statement) in place.statements.iter().enumerate() {
        let words = &statement.words;
        if starts(words, "insert into") && words[4].text == "id" {
            let end = close(words, 3);
            if words[end + 1].text == "values" {
                let next = place.migration.up[statement.bytes.clone()].to_owned();
                changes.push(Change::UpAndNext(place.without(&[at]), next));
            }
        }
    }
    changes
}
