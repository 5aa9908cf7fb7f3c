//! Statements that are none: without a parser the rules see them too.

use super::{all, directory};
use proptest::prelude::*;

const WORDS: [&str; 48] = [
    "ADD",
    "ALTER",
    "AS",
    "COLUMN",
    "CONFLICT",
    "CREATE",
    "DELETE",
    "DROP",
    "EXISTS",
    "EXPLAIN",
    "FROM",
    "IF",
    "INDEX",
    "INSERT",
    "INT",
    "INTO",
    "KEY",
    "MATERIALIZED",
    "NOT",
    "ON",
    "OR",
    "PRIMARY",
    "RAISE",
    "RECURSIVE",
    "RENAME",
    "ROLLBACK",
    "SELECT",
    "SET",
    "STRICT",
    "TABLE",
    "TO",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VALUES",
    "VIRTUAL",
    "WHERE",
    "WITH",
    "date",
    "random",
    "a",
    "\"b\"",
    "'now'",
    "(",
    ")",
    ",",
    ".",
    ";",
];

proptest! {
    #[test]
    fn give_no_panic_and_findings_in_their_text(
        words in prop::collection::vec(prop::sample::select(&WORDS[..]), 1..40),
    ) {
        let sql = words.join(" ");
        for finding in all(directory(&[("001_a.sql", &sql)])) {
            if let Some(excerpt) = finding.excerpt {
                prop_assert!(excerpt.range.start < excerpt.range.end, "{finding_code} {sql}",
                    finding_code = finding.code);
                prop_assert!(excerpt.range.end <= sql.len());
            }
        }
    }
}
