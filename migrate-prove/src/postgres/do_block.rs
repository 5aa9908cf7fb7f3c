//! The statements in a `DO` block.

use super::action::{self, Action};
use migrate_scan::postgres::Tokens;
use squawk_syntax::ast::{self, AstNode};
use std::ops::Range;

/// The words that begin a statement of interest in a block.
const VERBS: [&str; 9] = [
    "ALTER", "CLUSTER", "CREATE", "DELETE", "DROP", "REFRESH", "REINDEX", "TRUNCATE", "UPDATE",
];

/// The actions of the statements that the text of a block contains. What it composes for
/// `EXECUTE` is unknown.
pub(super) fn actions(block: &ast::Do) -> Vec<Action> {
    let Some(body) = block.body() else {
        return Vec::new();
    };
    let text = body.syntax().text().to_string();
    let start = usize::from(body.syntax().text_range().start());
    let Some(inner) = inner(&text) else {
        return Vec::new();
    };
    let code = text.get(inner.clone()).unwrap_or_default();
    let mut found = Vec::new();
    for place in statements(code) {
        let statement = code.get(place.clone()).unwrap_or_default();
        found.extend(action::actions(statement).into_iter().map(|mut action| {
            action.shift(start + inner.start + place.start);
            action
        }));
    }
    found
}

/// The text between the dollar quotes.
fn inner(text: &str) -> Option<Range<usize>> {
    let length = text.strip_prefix('$')?.find('$')? + 2;
    (text.len() >= 2 * length).then(|| length..text.len() - length)
}

/// The places of the statements that begin with one of the verbs.
fn statements(code: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut is_start, mut open) = (true, None);
    for token in Tokens::new(code).filter(|token| !token.kind.is_blank()) {
        let word = code.get(token.range.clone()).unwrap_or_default();
        let word = word.to_ascii_uppercase();
        if word == ";" {
            found.extend(open.take().map(|start| start..token.range.end));
        } else if is_start && open.is_none() && VERBS.contains(&word.as_str()) {
            open = Some(token.range.start);
        }
        is_start = matches!(word.as_str(), ";" | "BEGIN" | "THEN" | "ELSE" | "LOOP");
    }
    found
}
