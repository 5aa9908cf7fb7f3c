//! Sets as people write them, of which a replay has nothing to say.

use crate::set::{directory, found, found_with, split};
use migrate_prove::Options;
use migrate_source::render::render;
use std::fs;
use std::path::Path;

/// Each file of `good/` is a set; a line `== name` begins a file of it.
#[test]
fn nothing_is_found_in_good_sets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prove/good");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let many = paths.len();
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let files = split(&text);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let diagnostics = directory(&files).diagnostics;
        // The rules that look at the text alone are another matter.
        let diagnostics: Vec<String> = diagnostics
            .iter()
            .filter(|it| it.code.rule().is_none())
            .map(render)
            .collect();
        if !diagnostics.is_empty() {
            wrong.push(format!("{name} is no set: {}", diagnostics.join("\n\n")));
        }
        let found = found(&files);
        if !found.is_empty() {
            wrong.push(format!("{name}:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n======\n"));
    assert!(many > 30, "only {many} sets");
}

/// The set that the examples embed.
#[test]
fn nothing_is_found_in_the_demo() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| read(entry.unwrap()))
        .filter(|(name, _)| name.ends_with(".sql"))
        .collect();
    files.sort();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(found(&files), "");
}

/// A set of 200 tables, each with all that depends on it, as fast as it must be
/// for nobody to switch it off. The budget of steps is one for each migration.
#[test]
fn nothing_is_found_in_a_wide_set() {
    let mut files = Vec::new();
    for number in 1..=200 {
        let up = format!(
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, \
             other INTEGER REFERENCES t{other} (id));\n\
             CREATE INDEX t{number}_other ON t{number} (other);\n\
             CREATE VIEW v{number} AS SELECT a.name FROM t{number} AS a JOIN t{other} AS b \
             ON b.id = a.other;\n\
             CREATE TRIGGER r{number} AFTER INSERT ON t{number} BEGIN \
             UPDATE t{other} SET name = name || 'x' WHERE id = new.other; END;\n\
             INSERT INTO t{number} (name) VALUES ('one'), ('two');",
            other = (number - 1).max(1)
        );
        let down = format!("DROP VIEW v{number}; DROP TABLE t{number};");
        files.push((format!("{number:03}_t.sql"), up));
        files.push((format!("{number:03}_t.down.sql"), down));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut options = Options::default();
    options.max_steps = Some(1_000_000);
    assert_eq!(found_with(&files, &options), "");
}

/// Seeds of a kind that no one writes by hand.
#[test]
fn nothing_is_found_in_large_seeds() {
    let rows: Vec<String> = (1..=50_000)
        .map(|number| format!("INSERT INTO cities (id, name) VALUES ({number}, 'city {number}');"))
        .collect();
    let allow = "-- migrate: allow fails-on-rows \"only the migrations write to it\"\n";
    let rows = format!("{allow}{}", rows.join("\n"));
    let files = [
        (
            "001_cities.sql",
            "CREATE TABLE cities (id INTEGER PRIMARY KEY, name TEXT NOT NULL);",
        ),
        ("002_seed.sql", rows.as_str()),
        (
            "003_many.sql",
            "WITH RECURSIVE c (n) AS (VALUES (100001) UNION ALL SELECT n + 1 FROM c LIMIT 200000)\n\
             INSERT INTO cities (id, name) SELECT n, 'city ' || n FROM c;",
        ),
        (
            "004_shops.sql",
            "CREATE TABLE shops (id INTEGER PRIMARY KEY, city_id INTEGER NOT NULL REFERENCES cities (id));\n\
             CREATE INDEX shops_city ON shops (city_id);\n\
             CREATE INDEX cities_name ON cities (name);\n\
             INSERT INTO shops (city_id) VALUES ((SELECT id FROM cities WHERE name = 'city 49000')), (299000);",
        ),
        (
            "005_shop.sql",
            "INSERT INTO shops (city_id) VALUES (298000);",
        ),
    ];
    assert_eq!(found(&files), "");
}
