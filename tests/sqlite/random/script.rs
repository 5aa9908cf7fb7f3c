//! Random statements for a small world of names, so that they meet.

use fastrand::Rng;

/// The tables. One has a name that must be quoted, and one that of a
/// table-valued function.
const TABLES: [&str; 7] = ["a", "b", "c", "d", "E", "\"f \"\"g\"", "json_each"];
const COLUMNS: [&str; 4] = ["k", "x", "y", "z"];
const VIEWS: [&str; 3] = ["v", "w", "u"];
const TRIGGERS: [&str; 3] = ["t", "s", "r"];
const INDEXES: [&str; 3] = ["i", "j", "l"];

fn one<'a>(rng: &mut Rng, names: &[&'a str]) -> &'a str {
    names[rng.usize(..names.len())]
}

fn table(rng: &mut Rng) -> &'static str {
    let count = if rng.u8(..) < 20 { 7 } else { 6 };
    one(rng, &TABLES[..count])
}

fn column(rng: &mut Rng) -> &'static str {
    one(rng, &COLUMNS)
}

fn value(rng: &mut Rng) -> String {
    match rng.u8(0..8) {
        0 => "NULL".to_owned(),
        1 => format!("'{}'", rng.u8(0..4)),
        _ => rng.u8(0..4).to_string(),
    }
}

/// A foreign key to a column, often to the key.
fn reference(rng: &mut Rng) -> String {
    let parent = table(rng);
    match rng.u8(0..6) {
        0 => format!("REFERENCES {parent}({})", column(rng)),
        1 => format!("REFERENCES {parent}(k) ON DELETE CASCADE"),
        2 => format!("REFERENCES {parent}"),
        _ => format!("REFERENCES {parent}(k)"),
    }
}

fn definition(rng: &mut Rng, name: &str) -> String {
    let key = one(
        rng,
        &[
            "k INTEGER PRIMARY KEY",
            "k INTEGER PRIMARY KEY",
            "k TEXT PRIMARY KEY",
            "k PRIMARY KEY ON CONFLICT REPLACE",
        ],
    );
    let mut parts = vec![key.to_owned()];
    for column in ["x", "y"] {
        let more = match rng.u8(0..6) {
            0 | 1 => reference(rng),
            2 => "UNIQUE".to_owned(),
            3 => one(
                rng,
                &["INT", "TEXT DEFAULT 2", "UNIQUE ON CONFLICT REPLACE"],
            )
            .to_owned(),
            _ => String::new(),
        };
        parts.push(format!("{column} {more}"));
    }
    if rng.u8(0..8) == 0 {
        let more = if rng.bool() {
            reference(rng)
        } else {
            "UNIQUE".to_owned()
        };
        parts.push(format!("z AS (x + 1) STORED {more}"));
    }
    if rng.u8(0..8) == 0 {
        parts.push(format!(
            "FOREIGN KEY (x, y) REFERENCES {}(k, x)",
            table(rng)
        ));
    }
    let end = if rng.u8(0..6) == 0 {
        " WITHOUT ROWID"
    } else {
        ""
    };
    let exists = if rng.u8(0..4) == 0 {
        "IF NOT EXISTS "
    } else {
        ""
    };
    format!("CREATE TABLE {exists}{name}({}){end}", parts.join(", "))
}

fn insert(rng: &mut Rng, name: &str) -> String {
    let how = one(
        rng,
        &[
            "INSERT",
            "INSERT",
            "INSERT OR IGNORE",
            "INSERT OR REPLACE",
            "REPLACE",
        ],
    );
    let rows: Vec<String> = (0..rng.usize(1..4))
        .map(|_| format!("({}, {}, {})", value(rng), value(rng), value(rng)))
        .collect();
    let more = if how == "INSERT" && rng.u8(0..4) == 0 {
        format!(
            " ON CONFLICT DO UPDATE SET {} = {}",
            column(rng),
            value(rng)
        )
    } else {
        String::new()
    };
    format!(
        "{how} INTO {name}(k, x, y) VALUES {}{more}",
        rows.join(", ")
    )
}

fn view(rng: &mut Rng) -> String {
    let name = one(rng, &VIEWS);
    let from = if rng.u8(0..4) == 0 {
        one(rng, &VIEWS)
    } else {
        table(rng)
    };
    let what = match rng.u8(0..6) {
        0 => format!("SELECT * FROM {from}"),
        1 => format!("SELECT z FROM {from}, {}", table(rng)),
        2 => "SELECT value AS k FROM json_each('[1]')".to_owned(),
        3 => format!("SELECT k FROM {from} INDEXED BY {}", one(rng, &INDEXES)),
        _ => format!("SELECT k, {} FROM {from}", column(rng)),
    };
    format!("CREATE VIEW {name} AS {what}")
}

fn trigger(rng: &mut Rng) -> String {
    let name = one(rng, &TRIGGERS);
    let event = one(rng, &["INSERT", "UPDATE", "DELETE", "UPDATE OF x"]);
    let on = if rng.u8(0..5) == 0 {
        format!("INSTEAD OF {event} ON {}", one(rng, &VIEWS))
    } else {
        format!("AFTER {event} ON {}", table(rng))
    };
    let mut body = change(rng);
    if body.starts_with("WITH") {
        body = format!("DELETE FROM {}", table(rng));
    }
    format!("CREATE TRIGGER {name} {on} BEGIN {body}; END")
}

fn change(rng: &mut Rng) -> String {
    let name = if rng.u8(0..12) == 0 {
        one(rng, &VIEWS)
    } else {
        table(rng)
    };
    match rng.u8(0..9) {
        0 | 1 => insert(rng, name),
        2 => format!("UPDATE {name} SET {} = {}", column(rng), value(rng)),
        3 => format!("UPDATE OR REPLACE {name} SET k = {}", value(rng)),
        4 => format!(
            "UPDATE OR IGNORE {name} SET x = {} WHERE k = {}",
            value(rng),
            value(rng)
        ),
        5 => format!("UPDATE OR IGNORE {name} SET rowid = rowid + 1"),
        6 => format!("DELETE FROM {name} WHERE {} = {}", column(rng), value(rng)),
        7 => format!("WITH q AS (SELECT 1) REPLACE INTO {name}(k, x) SELECT 1, x FROM {name}"),
        _ => format!("DELETE FROM {name}"),
    }
}

/// The statements that make a database.
pub(super) fn schema(rng: &mut Rng) -> Vec<String> {
    let mut all: Vec<String> = (0..rng.usize(2..6))
        .map(|at| definition(rng, TABLES[at]))
        .collect();
    let indexes = rng.usize(0..3);
    for index in INDEXES.iter().take(indexes) {
        all.push(format!(
            "CREATE UNIQUE INDEX {index} ON {}({})",
            table(rng),
            column(rng)
        ));
    }
    for _ in 0..rng.usize(0..3) {
        all.push(view(rng));
    }
    for _ in 0..rng.usize(0..3) {
        all.push(trigger(rng));
    }
    for _ in 0..rng.usize(0..6) {
        let name = table(rng);
        all.push(insert(rng, name));
    }
    all
}

/// The statements of one step of a script.
pub(super) fn statement(rng: &mut Rng) -> Vec<String> {
    let name = table(rng);
    let other = table(rng);
    vec![match rng.u8(0..24) {
        0..=6 => change(rng),
        7 | 8 => definition(rng, name),
        9 => format!("DROP TABLE {name}"),
        10 => format!("ALTER TABLE {name} RENAME TO {other}"),
        11 => {
            // The rebuild of the manual.
            let mut rebuild = vec![definition(rng, "new")];
            rebuild.push(format!("INSERT INTO new(k, x) SELECT k, x FROM {name}"));
            rebuild.push(format!("DROP TABLE {name}"));
            rebuild.push(format!("ALTER TABLE new RENAME TO {name}"));
            return rebuild;
        }
        12 => {
            let more = if rng.bool() {
                reference(rng)
            } else {
                String::new()
            };
            format!("ALTER TABLE {name} ADD COLUMN z {more}")
        }
        13 => format!(
            "ALTER TABLE {name} ADD COLUMN z DEFAULT 9 {}",
            reference(rng)
        ),
        14 => format!("ALTER TABLE {name} DROP COLUMN {}", column(rng)),
        15 => format!(
            "ALTER TABLE {name} RENAME COLUMN {} TO {}",
            column(rng),
            column(rng)
        ),
        16 => format!(
            "CREATE INDEX {} ON {name}({})",
            one(rng, &INDEXES),
            column(rng)
        ),
        17 => format!("DROP INDEX {}", one(rng, &INDEXES)),
        18 => view(rng),
        19 => format!("DROP VIEW {}", one(rng, &VIEWS)),
        20 => trigger(rng),
        21 => format!("DROP TRIGGER {}", one(rng, &TRIGGERS)),
        22 => format!("CREATE TABLE {name} AS SELECT * FROM {other}"),
        _ => format!("PRAGMA legacy_alter_table = {}", one(rng, &["ON", "OFF"])),
    }]
}
