//! Candidate values for a column.

use super::table::{Column, Table};
use crate::postgres::tools::literal;
use migrate_scan::TokenKind;
use migrate_scan::postgres::Tokens;

/// The values for a column, the likeliest first. A value that is only a hint may have
/// the wrong type, and is tested before it is used.
pub(super) struct Candidates {
    pub(super) sure: Vec<String>,
    pub(super) hints: Vec<String>,
}

/// The values that the checks of a column name.
pub(super) fn from_checks(table: &Table, column: &Column) -> Vec<String> {
    let checks = table
        .constraints
        .iter()
        .filter(|it| {
            let names_it = it.columns.contains(&column.name);
            it.kind == 'c' && names_it
        })
        .map(|it| it.definition.as_str());
    let mut hints: Vec<String> = checks
        .chain([column.checks.as_str()])
        .flat_map(|check| from_check(column, check))
        .collect();
    hints.dedup();
    hints
}

/// Values by the type of a column, and by the literals in its checks.
pub(super) fn candidates(table: &Table, column: &Column) -> Candidates {
    let mut hints = from_checks(table, column);
    let texts: Vec<String> = match column.kind {
        'e' => column.labels.clone(),
        'c' => vec![format!("({})", ",".repeat(column.width.saturating_sub(1)))],
        'r' => texts(&["empty", "(,)"]),
        'm' => texts(&["{}"]),
        _ if column.category == 'A' => texts(&["{}"]),
        _ => match of_type(column) {
            Some(texts) => texts,
            None => {
                // Nothing is known of a type from an extension.
                let guesses = ["a", "1", "{}", "", "[1,2,3]", "a=>1", "POINT(0 0)"];
                hints.extend(texts(&guesses));
                Vec::new()
            }
        },
    };
    Candidates { sure: texts, hints }
}

/// The value as written in a statement. The explicit cast truncates what is too long.
pub(super) fn cast(text: &str, column: &Column) -> String {
    format!("{}::{}", literal(text), column.type_name)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The number of candidates for a type that has many values.
const MANY: usize = 24;

fn numbered(text: impl Fn(usize) -> String) -> Vec<String> {
    (1..=MANY).map(text).collect()
}

pub(super) fn of_type(column: &Column) -> Option<Vec<String>> {
    Some(match column.base.as_str() {
        "bool" => texts(&["true", "false"]),
        "int2" | "int4" | "int8" | "oid" => {
            let mut numbers = numbered(|n| n.to_string());
            numbers.extend(texts(&["100", "0", "-1", "1000", "1970", "2020"]));
            numbers
        }
        "numeric" | "float4" | "float8" | "money" => {
            let mut numbers = numbered(|n| n.to_string());
            numbers.extend(texts(&["0.5", "0", "0.25", "-1", "100"]));
            numbers
        }
        "text" | "varchar" | "bpchar" | "name" | "citext" => {
            let mut words = numbered(|n| format!("{}{n}", letter(n)));
            words.extend(texts(&[
                "a@b.example",
                "https://b.example/",
                "a",
                "AA",
                "AAA",
                "aaa-aaa",
                "12345",
                "+12345678901",
                "2020-01-01",
                "1",
                "{}",
                "#aaaaaa",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "",
            ]));
            words
        }
        "char" => numbered(|n| letter(n).to_string()),
        "uuid" => numbered(|n| format!("00000000-0000-4000-8000-{n:012}")),
        "date" | "timestamp" | "timestamptz" => numbered(|n| format!("2020-01-{n:02}")),
        "time" | "timetz" => numbered(|n| format!("{:02}:00:00", n % 24)),
        "interval" => numbered(|n| format!("{n} days")),
        "json" => texts(&["{}", "[]", "\"a\"", "1"]),
        "jsonb" => {
            let mut documents = texts(&["{}", "[]", "\"a\""]);
            documents.extend(numbered(|n| format!("{{\"a\": {n}}}")));
            documents
        }
        "bytea" => numbered(|n| format!("\\x{n:02x}")),
        "inet" | "cidr" => numbered(|n| format!("192.0.2.{n}")),
        "macaddr" => numbered(|n| format!("02:00:00:00:00:{n:02x}")),
        "macaddr8" => numbered(|n| format!("02:00:00:00:00:00:00:{n:02x}")),
        "bit" | "varbit" => numbered(|n| format!("{n:b}")),
        "xml" => texts(&["<a/>", "<b/>"]),
        "tsvector" | "tsquery" => numbered(|n| format!("{}{n}", letter(n))),
        "point" => numbered(|n| format!("({n},0)")),
        "line" => numbered(|n| format!("{{1,1,{n}}}")),
        "lseg" => numbered(|n| format!("[(0,0),(1,{n})]")),
        "box" | "path" | "polygon" => numbered(|n| format!("((0,0),(1,{n}))")),
        "circle" => numbered(|n| format!("<(0,0),{n}>")),
        "pg_lsn" => numbered(|n| format!("0/{n}")),
        _ => return None,
    })
}

fn letter(n: usize) -> char {
    char::from(b'a' + u8::try_from(n.wrapping_sub(1) % 26).unwrap_or(0))
}

/// The longest text that is made from a number in a check.
const LONGEST: usize = 4096;

/// The values that a check compares a column with, and their neighbors.
fn from_check(column: &Column, check: &str) -> Vec<String> {
    let is_text = column.category == 'S';
    let mut hints = Vec::new();
    for token in Tokens::new(check) {
        let written = &check[token.range];
        match token.kind {
            TokenKind::Quoted => {
                let text = written
                    .trim_start_matches(['E', 'e'])
                    .strip_prefix('\'')
                    .and_then(|it| it.strip_suffix('\''))
                    .unwrap_or_default()
                    .replace("''", "'");
                if text.contains(['%', '_']) {
                    hints.push(text.replace('%', "aa").replace('_', "a"));
                }
                hints.push(text);
            }
            _ if written.starts_with(|first: char| first.is_ascii_digit()) => {
                let number = written.parse::<i64>().ok();
                let near = number.map(|it| [it, it.saturating_add(1), it.saturating_sub(1)]);
                for number in near.into_iter().flatten() {
                    match usize::try_from(number) {
                        Ok(length) if is_text && length <= LONGEST => {
                            hints.push("a".repeat(length));
                        }
                        _ if is_text => {}
                        _ => hints.extend([number.to_string(), format!("-{number}")]),
                    }
                }
                if number.is_none() {
                    hints.push(written.to_owned());
                }
            }
            _ => {}
        }
    }
    hints
}
