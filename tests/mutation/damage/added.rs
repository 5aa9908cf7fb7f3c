//! A new migration that does harm.

use super::{Change, Kind, Place, kind};
use crate::set::{Object, Schema};
use crate::sql::{self, Table, name};

pub(super) const KINDS: &[Kind] = &[
    kind("a unique index on columns that repeat", unique_index),
    kind("INSERT … SELECT into a unique column", insert_unique),
    kind("fixed ids in a new INSERT", fixed_ids),
    kind("a DELETE that relies on a cascade", cascade),
    kind(
        "a table dropped although others refer to it",
        parent_dropped,
    ),
    kind("a table dropped with its rows", |place| {
        each_table(place, |table| vec![format!("DROP TABLE {};", table.name)])
    }),
    kind("a column dropped with its values", column_dropped),
    kind("IF NOT EXISTS that does nothing", not_exists),
    kind("IF EXISTS with a misspelled name", exists),
    kind("an unknown pragma", pragma),
];

fn each_table(place: &Place<'_>, text: impl Fn(&Table) -> Vec<String>) -> Vec<Change> {
    if !place.is_last() {
        return Vec::new();
    }
    let tables = place.set.after.tables();
    tables.iter().flat_map(text).map(Change::Next).collect()
}

fn column_name(table: &Table, item: usize) -> String {
    name(&table.item(item)[0])
}

fn unique_index(place: &Place<'_>) -> Vec<Change> {
    each_table(place, |table| {
        let columns = table.columns().filter(|item| {
            !table.is_unique(*item)
                && !table.is_in(*item, "unique")
                && !place
                    .set
                    .after
                    .is_unique(&table.name, &column_name(table, *item))
        });
        columns
            .map(|item| {
                let (table, column) = (&table.name, column_name(table, item));
                format!("CREATE UNIQUE INDEX {table}_{column}_once ON {table} ({column});")
            })
            .collect()
    })
}

fn references(schema: &Schema, to: &str, pattern: &str) -> bool {
    schema.of("table").any(|it| {
        let words = sql::words(&it.sql, 0..it.sql.len());
        (0..words.len()).any(|at| {
            let rest: Vec<&str> = words[at..].iter().map(|it| it.text.as_str()).collect();
            rest.first() == Some(&"references")
                && rest[1] == to
                && rest[2..].join(" ").starts_with(pattern)
        }) && it.name != to
    })
}

/// The rows of a table a second time, with new ids.
fn insert_unique(place: &Place<'_>) -> Vec<Change> {
    each_table(place, |table| {
        let all: Vec<usize> = table
            .columns()
            .filter(|it| !table.is_generated(*it))
            .collect();
        let has_alias = all.iter().any(|it| table.has(*it, "integer primary key"));
        let is_unique = |item: &usize| table.has(*item, "unique") && !table.is_nullable(*item);
        if !has_alias || !all.iter().any(is_unique) {
            return Vec::new();
        }
        let columns: Vec<String> = all
            .iter()
            .filter(|item| !table.is_key(**item))
            .map(|item| column_name(table, *item))
            .collect();
        let (name, columns) = (&table.name, columns.join(", "));
        vec![format!(
            "INSERT INTO {name} ({columns}) SELECT {columns} FROM {name};"
        )]
    })
}

/// Tables that no migration fills and whose other columns need no row of another table.
fn fixed_ids(place: &Place<'_>) -> Vec<Change> {
    each_table(place, |table| {
        let is_filled = place.set.migrations.iter().any(|it| {
            let place = it.up.to_lowercase();
            place.contains(&format!("insert into {} ", table.name))
        });
        let required = table.columns().filter(|item| {
            !table.is_nullable(*item) && !table.is_generated(*item) && !table.has(*item, "default")
        });
        let required: Vec<usize> = required.collect();
        let is_plain = required.iter().all(|item| {
            table.has(*item, "integer primary key")
                || !table.is_key(*item)
                    && !table.has(*item, "references")
                    && !table.has(*item, "check")
                    && !table.is_in(*item, "references")
                    && !table.is_in(*item, "check")
        });
        let has_alias = required
            .iter()
            .any(|it| table.has(*it, "integer primary key"));
        if is_filled || !is_plain || !has_alias {
            return Vec::new();
        }
        let columns: Vec<String> = required.iter().map(|it| column_name(table, *it)).collect();
        let value = |item: &usize| match table.declared(*item) {
            "integer" | "real" => "1".to_owned(),
            _ => "'seed'".to_owned(),
        };
        let values: Vec<String> = required.iter().map(value).collect();
        let (columns, values) = (columns.join(", "), values.join(", "));
        vec![format!(
            "INSERT INTO {} ({columns}) VALUES ({values});",
            table.name
        )]
    })
}

fn cascade(place: &Place<'_>) -> Vec<Change> {
    each_table(place, |table| {
        let key = table.columns().find(|item| table.is_key(*item));
        let referenced = ["( id ) on delete cascade", "( isbn ) on delete cascade"]
            .iter()
            .any(|pattern| references(&place.set.after, &table.name, pattern));
        let Some(key) = key.filter(|_| referenced) else {
            return Vec::new();
        };
        let (table, key) = (&table.name, column_name(table, key));
        vec![
            format!("DELETE FROM {table} WHERE {key} > 3;"),
            format!("DELETE FROM {table} WHERE {key} IN (SELECT min({key}) FROM {table});"),
        ]
    })
}

fn parent_dropped(place: &Place<'_>) -> Vec<Change> {
    each_table(place, |table| {
        let (table, schema) = (&table.name, &place.set.after);
        let is_parent = references(schema, table, "");
        let text = format!("-- migrate: allow destructive-drop \"not used\"\nDROP TABLE {table};");
        is_parent.then_some(text).into_iter().collect()
    })
}

fn column_dropped(place: &Place<'_>) -> Vec<Change> {
    each_table(place, |table| {
        let columns = table.columns().filter(|item| !table.is_unique(*item));
        columns
            .map(|item| {
                let column = column_name(table, item);
                format!("ALTER TABLE {} DROP COLUMN {column};", table.name)
            })
            .collect()
    })
}

fn objects<'a>(place: &'a Place<'_>, kind: &'a str) -> Vec<&'a Object> {
    let objects = place.set.after.of(kind);
    objects
        .filter(|it| place.is_last() && !it.name.contains("_fts"))
        .collect()
}

fn not_exists(place: &Place<'_>) -> Vec<Change> {
    let mut texts = Vec::new();
    for it in objects(place, "table") {
        texts.push(format!(
            "CREATE TABLE IF NOT EXISTS {} (id INTEGER PRIMARY KEY, extra TEXT);",
            it.name
        ));
    }
    for it in objects(place, "index") {
        let table = place.set.after.table(&it.table).unwrap();
        let column = column_name(&table, table.columns().last().unwrap());
        texts.push(format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({column}, {column} DESC);",
            it.name, it.table
        ));
    }
    for it in objects(place, "view") {
        texts.push(format!(
            "CREATE VIEW IF NOT EXISTS {} AS SELECT 1 AS one;",
            it.name
        ));
    }
    for it in objects(place, "trigger") {
        texts.push(format!(
            "CREATE TRIGGER IF NOT EXISTS {} AFTER DELETE ON {} BEGIN SELECT 2; END;",
            it.name, it.table
        ));
    }
    texts.into_iter().map(Change::Next).collect()
}

fn exists(place: &Place<'_>) -> Vec<Change> {
    let mut texts = Vec::new();
    for kind in ["index", "view", "trigger"] {
        for it in objects(place, kind) {
            let mut name = it.name.clone();
            let _ = name.pop();
            texts.push(format!("DROP {kind} IF EXISTS {name};"));
        }
    }
    texts.into_iter().map(Change::Next).collect()
}

fn pragma(place: &Place<'_>) -> Vec<Change> {
    let unknown = [
        "PRAGMA foreing_keys = OFF;",
        "PRAGMA defer_foreign_key = ON;",
        "PRAGMA recursive_trigger = 1;",
        "PRAGMA userversion = 4;",
        "PRAGMA application_ids(7);",
        "PRAGMA main.auto_vaccum = 1;",
    ];
    let texts = unknown.iter().filter(|_| place.is_last());
    texts.map(|it| Change::Next((*it).to_owned())).collect()
}
