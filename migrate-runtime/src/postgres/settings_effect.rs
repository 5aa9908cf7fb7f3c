//! Whether a script can change the settings of its session, as far as its text
//! shows.

use crate::planned_step::Body;
use migrate_scan::postgres::words;

/// What a migration may do to the settings of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettingsEffect {
    /// Nothing: it runs no code of the database that could.
    None,
    /// Nothing by itself; a function or a trigger that it runs could.
    Possible,
    /// A statement sets something, or the migration is code.
    Likely,
}

impl SettingsEffect {
    /// The effect of a migration. Event triggers run with every change of the
    /// schema.
    pub(super) fn of<F>(body: &Body<F>, has_event_triggers: bool) -> SettingsEffect {
        let Body::Sql(sql) = body else {
            return SettingsEffect::Likely;
        };
        let mut effect = if has_event_triggers {
            SettingsEffect::Possible
        } else {
            SettingsEffect::None
        };
        for text in sql.texts() {
            match of_statement(text) {
                SettingsEffect::Likely => return SettingsEffect::Likely,
                SettingsEffect::Possible => effect = SettingsEffect::Possible,
                SettingsEffect::None => {}
            }
        }
        effect
    }
}

fn of_statement(text: &str) -> SettingsEffect {
    let words: Vec<String> = words(text).map(|(word, _)| word).collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_one = !text.trim_end().trim_end_matches(';').contains(';');
    let sets = ["CALL", "DISCARD", "DO", "LOAD", "RESET", "SET"];
    if !is_one || sets.contains(&word(0)) || text.to_ascii_uppercase().contains("SET_CONFIG") {
        return SettingsEffect::Likely;
    }
    let is_harmless = match (word(0), word(1)) {
        ("COMMENT" | "DROP" | "GRANT" | "REVOKE", _) => true,
        ("CREATE", "SCHEMA" | "SEQUENCE" | "TYPE") => true,
        // Defaults and checks are not evaluated; a query and the bounds of a
        // partition are.
        ("CREATE", "TABLE") => {
            let tables = words.iter().filter(|word| *word == "TABLE");
            tables.count() == 1 && !has(&["EXECUTE", "SELECT", "VALUES"])
        }
        // Nor is there an expression.
        ("CREATE", "INDEX" | "UNIQUE") => !has(&["WHERE"]) && text.matches('(').count() == 1,
        // Rows are not rewritten or validated.
        ("ALTER", "TABLE") => !has(&["ADD", "ATTACH", "TYPE", "VALIDATE"]),
        _ => false,
    };
    if is_harmless {
        SettingsEffect::None
    } else {
        SettingsEffect::Possible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effect_of_a_statement() {
        for (expected, texts) in [
            (
                SettingsEffect::None,
                &[
                    "CREATE TABLE a (id bigint PRIMARY KEY, at timestamptz DEFAULT now());",
                    "create table a (b text generated always as (lower(c)) stored)",
                    "CREATE UNIQUE INDEX i ON a (id)",
                    "DROP TABLE a",
                    "ALTER TABLE a RENAME TO b",
                ] as &[&str],
            ),
            (
                SettingsEffect::Possible,
                &[
                    "CREATE TABLE a AS SELECT f()",
                    "CREATE TABLE a AS TABLE b",
                    "CREATE TABLE a PARTITION OF b FOR VALUES IN (f())",
                    "CREATE INDEX i ON a (f(id))",
                    "CREATE INDEX i ON a (id) WHERE f(id)",
                    "ALTER TABLE a ADD COLUMN x int DEFAULT f()",
                    "INSERT INTO a VALUES (1)",
                    "UPDATE a SET id = 1",
                    "SELECT f()",
                    "CREATE EXTENSION x",
                ],
            ),
            (
                SettingsEffect::Likely,
                &[
                    "SET work_mem = '7MB'",
                    "/* first */ set local role x",
                    "RESET ALL",
                    "SELECT set_config('a.b', 'c', false)",
                    "DO $$ BEGIN SET x = 1; END $$",
                    "CREATE TABLE a (); SET x = 1",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(of_statement(text), expected, "{text}");
            }
        }
    }
}
