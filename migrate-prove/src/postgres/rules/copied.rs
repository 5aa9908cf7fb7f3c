//! Whether an earlier statement of a script has copied data.

use crate::postgres::finding::Seen;
use crate::postgres::name::normal;
use migrate_scan::postgres::Tokens;

/// Whether an earlier statement reads a table, or one of its columns, to fill something else.
pub(super) fn is_copied(seen: &Seen<'_>, table: &str, column: Option<&str>) -> bool {
    let earlier = seen.script.statements.iter().take(seen.statement);
    let mut texts = earlier
        .filter_map(|it| seen.script.text.get(it.start as usize..it.end as usize))
        .filter(|text| may_copy(text));
    let table = table.rsplit('.').next().unwrap_or(table);
    texts.any(|text| copies(&words(text), table, column))
}

/// A seed file has many statements, and most are not read.
fn may_copy(text: &str) -> bool {
    let verbs = ["CREATE", "INSERT", "MERGE", "SELECT", "UPDATE", "WITH"];
    let mut tokens = Tokens::new(text).filter(|token| !token.kind.is_blank());
    let first = tokens.next().and_then(|token| text.get(token.range));
    first.is_some_and(|first| verbs.iter().any(|it| it.eq_ignore_ascii_case(first)))
}

fn words(text: &str) -> Vec<String> {
    let tokens = Tokens::new(text).filter(|token| !token.kind.is_blank());
    tokens
        .map(|token| normal(text.get(token.range).unwrap_or_default()))
        .collect()
}

/// The words after `AS` that begin a query.
const QUERY: [&str; 4] = ["(", "select", "table", "with"];

fn copies(words: &[String], table: &str, column: Option<&str>) -> bool {
    let at = |word: &str| words.iter().position(|it| it == word);
    let has = |word: &str| at(word).is_some();
    // A temporary table ends with the session.
    let is_temporary = words[1..].iter().take(2).any(|it| it.starts_with("temp"));
    let is_update = has("update") && !has("insert") && !has("merge");
    // Where the part begins that names what is read.
    let source = if at("create") == Some(0) {
        let has_query =
            |it: &[String]| it[0] != "always" && it[1] == "as" && QUERY.contains(&it[2].as_str());
        let query = words.windows(3).position(has_query);
        query.filter(|_| has("table") && !is_temporary)
    } else if is_update {
        at("set")
    } else {
        at("into").and(at("select").or(at("table")).or(at("using")))
    };
    let Some(source) = source else { return false };
    let reads = |word: &str| words[source..].iter().any(|it| it == word);
    let Some(column) = column else {
        return reads(table);
    };
    if !is_update {
        return reads(table) && (reads(column) || reads("*"));
    }
    let is_assigned =
        |around: &[String]| ["set", ","].contains(&around[0].as_str()) && around[2] == "=";
    let mut places = words[source..].windows(3);
    let is_read = places.any(|around| around[1] == column && !is_assigned(around))
        || words.last().is_some_and(|it| it == column);
    is_read && has(table)
}
