//! Statements that are none: without a parser the rules see them too.

use super::all;
use super::memory::Memory;
use migrate_source::directory::read;
use migrate_source::{Options, SqliteVersion};
use proptest::prelude::*;

const WORDS: [&str; 60] = [
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
    "strftime",
    "sum",
    "json",
    "ORDER BY",
    "DISTINCT",
    "PRAGMA",
    "table_list",
    "'%F'",
    "'{a:1}'",
    "->>",
    "1_0",
    "=",
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
        let mut options = Options::default();
        options.sqlite.min_sqlite = Some(SqliteVersion::minor(0));
        for finding in all(read(&mut Memory::new([("001_a.sql", &sql)]), &options)) {
            if let Some(excerpt) = finding.excerpt {
                prop_assert!(excerpt.range.start < excerpt.range.end, "{finding_code} {sql}",
                    finding_code = finding.code);
                prop_assert!(excerpt.range.end <= sql.len());
            }
        }
    }
}
