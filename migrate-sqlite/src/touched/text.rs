//! What the text of a statement says about its effects, and SQLite does not report.

use super::Definition;
use migrate_scan::sqlite::{Tokens, name_of};

/// What the text of a statement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// There is no text, because code of an application runs the statement.
    Unknown,
    /// Nothing of interest.
    Plain,
    /// It may replace rows, as `INSERT OR REPLACE` does.
    Replaces,
    /// `CREATE TABLE`.
    Creates(Definition),
    /// `ALTER TABLE … ADD COLUMN`.
    AddsColumn(Definition),
    /// `ALTER TABLE … RENAME TO` this name.
    Renames(String),
}

impl Text {
    pub(crate) fn of(sql: &str) -> Text {
        let mut words = Tokens::new(sql)
            .filter(|token| !token.kind.is_blank())
            .map(|token| &sql[token.range])
            .skip_while(|word| *word == ";");
        let is =
            |word: Option<&str>, what: &str| word.is_some_and(|it| it.eq_ignore_ascii_case(what));
        let Some(first) = words.next() else {
            return Text::Plain;
        };
        let may_replace = match &*first.to_ascii_uppercase() {
            "CREATE" => return Text::Creates(Definition::of(sql)),
            "ALTER" => return alteration(words, sql),
            "REPLACE" => true,
            "INSERT" | "UPDATE" => is(words.next(), "OR") && is(words.next(), "REPLACE"),
            "WITH" => Definition::of(sql).replaces,
            _ => false,
        };
        if may_replace {
            Text::Replaces
        } else {
            Text::Plain
        }
    }

    /// Whether rows with the same key may be replaced.
    pub(super) fn may_replace(&self) -> bool {
        matches!(self, Text::Unknown | Text::Replaces)
    }

    /// What a table that the statement defines may contain.
    pub(super) fn definition(&self) -> Definition {
        match self {
            Text::Creates(definition) | Text::AddsColumn(definition) => *definition,
            Text::Unknown => Definition {
                refers: true,
                replaces: true,
                generates: true,
                may_exist: true,
            },
            _ => Definition::default(),
        }
    }
}

/// The words after `ALTER`.
fn alteration<'s>(mut words: impl Iterator<Item = &'s str>, sql: &str) -> Text {
    let mut next = || words.next().unwrap_or("");
    // `TABLE name` or `TABLE schema.name`
    let (_, _, mut verb) = (next(), next(), next());
    if verb == "." {
        (_, verb) = (next(), next());
    }
    let (first, second, third) = (next(), next(), next());
    match &*verb.to_ascii_uppercase() {
        "RENAME" if first.eq_ignore_ascii_case("to") && matches!(third, "" | ";") => {
            Text::Renames(name_of(second).into_owned())
        }
        "ADD" if !is_constraint(first) => Text::AddsColumn(Definition::of(sql)),
        _ => Text::Plain,
    }
}

fn is_constraint(word: &str) -> bool {
    ["CONSTRAINT", "CHECK", "FOREIGN", "PRIMARY", "UNIQUE"]
        .iter()
        .any(|it| word.eq_ignore_ascii_case(it))
}

impl Definition {
    /// What the text of a definition may contain, by its words. Words in strings
    /// and comments count too: a check too many is cheaper than reading tokens.
    pub(crate) fn of(sql: &str) -> Definition {
        let mut definition = Definition::default();
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        for word in sql.as_bytes().split(|byte| !is_letter(byte)) {
            let is = |what: &str| word.eq_ignore_ascii_case(what.as_bytes());
            match word.len() {
                2 => definition.generates |= is("as"),
                6 => definition.may_exist |= is("exists"),
                7 => definition.replaces |= is("replace"),
                10 => definition.refers |= is("references"),
                _ => {}
            }
        }
        definition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_apart() {
        let nothing = Definition::default();
        let refers = Definition {
            refers: true,
            ..nothing
        };
        for (sql, text) in [
            ("", Text::Plain),
            ("SELECT 1", Text::Plain),
            ("; /* x */ Replace INTO a VALUES (1)", Text::Replaces),
            ("INSERT OR REPLACE INTO a VALUES (1)", Text::Replaces),
            ("INSERT OR IGNORE INTO a VALUES ('replace')", Text::Plain),
            ("UPDATE OR REPLACE a SET x = 1", Text::Replaces),
            ("UPDATE a SET x = replace(x, 1, 2)", Text::Plain),
            (
                "WITH b AS (SELECT 1) REPLACE INTO a SELECT * FROM b",
                Text::Replaces,
            ),
            (
                "WITH b AS (SELECT 1) INSERT INTO a SELECT * FROM b",
                Text::Plain,
            ),
            ("CREATE TABLE a(x)", Text::Creates(nothing)),
            ("CREATE TABLE a(x REFERENCES b)", Text::Creates(refers)),
            ("CREATE TABLE a(x) -- references", Text::Creates(refers)),
            ("ALTER TABLE a ADD x", Text::AddsColumn(nothing)),
            (
                "ALTER TABLE main.a ADD COLUMN x INT REFERENCES b;",
                Text::AddsColumn(refers),
            ),
            ("ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0)", Text::Plain),
            (
                "ALTER TABLE a RENAME TO \"b c\";",
                Text::Renames("b c".to_owned()),
            ),
            (
                "ALTER TABLE main . a RENAME TO b",
                Text::Renames("b".to_owned()),
            ),
            ("ALTER TABLE a RENAME x TO y", Text::Plain),
            ("ALTER TABLE a RENAME COLUMN x TO y", Text::Plain),
            ("ALTER TABLE a RENAME \"to\" TO y", Text::Plain),
            ("ALTER TABLE a DROP COLUMN x", Text::Plain),
        ] {
            assert_eq!(Text::of(sql), text, "{sql}");
        }
    }

    #[test]
    fn every_definition_is_seen() {
        let sql =
            "CREATE TABLE IF NOT EXISTS a(x UNIQUE ON CONFLICT REPLACE, y REFERENCES b, z AS (x))";
        let all = Text::Unknown.definition();
        assert_eq!(Text::of(sql), Text::Creates(all));
    }
}
