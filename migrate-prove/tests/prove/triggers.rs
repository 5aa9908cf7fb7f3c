//! A broken trigger is found whatever fires it, and whatever it is called.

use crate::set::found;

const SCHEMA: (&str, &str) = (
    "001_notes.sql",
    "CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT, size AS (length(text)));\n\
     CREATE VIEW shown AS SELECT id, text FROM notes;\n\
     CREATE TABLE log(line);",
);

#[test]
fn a_broken_trigger_is_found_by_its_event() {
    for (name, on) in [
        ("a", "AFTER INSERT ON notes"),
        ("\"insert\"", "BEFORE DELETE ON notes"),
        ("\"delete\"", "UPDATE ON notes"),
        ("[update]", "AFTER INSERT ON notes"),
        ("main.b /* insert */", "AFTER UPDATE OF text ON notes"),
        ("IF NOT EXISTS c", "INSTEAD OF INSERT ON shown"),
        ("d", "INSTEAD OF UPDATE ON shown"),
        ("e", "INSTEAD OF DELETE ON shown"),
    ] {
        let trigger = |column: &str| {
            format!("CREATE TRIGGER {name} {on} BEGIN\n  UPDATE log SET {column} = 1;\nEND;")
        };
        let broken = found(&[SCHEMA, ("002_trigger.sql", &trigger("missing"))]);
        let first = broken.lines().next().unwrap_or_default();
        let told = ["S12: ", "no such column: missing"].map(|it| first.contains(it));
        assert_eq!(told, [true, true], "{name} {on}: {broken}");
        assert_eq!(found(&[SCHEMA, ("002_trigger.sql", &trigger("line"))]), "");
    }
}
