//! The position of an error in a statement.

use migrate_scan::TokenKind;
use migrate_scan::postgres::Tokens;
use tokio_postgres::error::{DbError, ErrorPosition};

/// The byte offset of an error in the statement; zero if the server does not
/// report it, or reports a function that was created elsewhere.
pub(super) fn offset(error: &DbError, statement: &str) -> usize {
    let context = error.where_().unwrap_or_default();
    let line = of_a_line(context, statement);
    let found = match error.position() {
        Some(ErrorPosition::Original(position)) => character(statement, *position),
        // A statement in a function body, which is either contained in this
        // statement as it is, or was built at run time.
        Some(ErrorPosition::Internal { position, query }) if is_of_this(context) => {
            within(statement, line.unwrap_or(0), query, *position)
        }
        _ => None,
    };
    found.or(line).unwrap_or(0)
}

/// Positions count characters, from 1:
/// <https://www.postgresql.org/docs/current/protocol-error-fields.html>.
fn character(text: &str, position: u32) -> Option<usize> {
    let before = usize::try_from(position).ok()?.checked_sub(1)?;
    let mut places = text.char_indices().map(|(place, _)| place);
    // If a statement ends too early, its error is after the last character.
    places.nth(before).or(Some(text.len()))
}

const BLOCK: &str = "PL/pgSQL function inline_code_block line ";

/// Whether the innermost function is the body of this statement: the text of
/// another function may occur here by chance.
fn is_of_this(context: &str) -> bool {
    context.is_empty() || context.starts_with(BLOCK)
}

/// A position in a query of a body. The query is searched for from the reported
/// line on, because it can be as short as a variable name.
fn within(statement: &str, line: usize, query: &str, position: u32) -> Option<usize> {
    const PERFORM: &str = "SELECT ";
    let place = character(query, position)?;
    // `PERFORM f()` runs as `SELECT f()`.
    let performed = query
        .strip_prefix(PERFORM)
        .map(|rest| (rest, PERFORM.len()));
    [Some((query, 0)), performed]
        .into_iter()
        .flatten()
        .find_map(|(text, added)| {
            let start = line + statement.get(line..)?.find(text)?;
            Some(start + place.checked_sub(added)?)
        })
}

/// The start of the line in
/// `PL/pgSQL function inline_code_block line 3 at RAISE`: a line of the body of
/// a `DO`, counted from its opening quote.
fn of_a_line(context: &str, statement: &str) -> Option<usize> {
    // The innermost function comes first. If it is not the body of this
    // statement, the body called it and comes last.
    let mut lines = context.lines().rev();
    let line = lines.find_map(|line| line.strip_prefix(BLOCK))?;
    let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
    let number: usize = digits.parse().ok()?;
    let is_body = |text: &str| text.starts_with(['$', '\'']);
    // The name of the language may be quoted too.
    let body = Tokens::new(statement)
        .filter(|token| token.kind == TokenKind::Quoted && is_body(&statement[token.range.clone()]))
        .max_by_key(|token| token.range.len())?;
    let mut at = body.range.start;
    for _ in 1..number {
        at += statement.get(at..body.range.end)?.find('\n')? + 1;
    }
    let rest = statement.get(at..body.range.end)?.lines().next()?;
    // `at RAISE` names a keyword on the line; `at SQL statement` does not.
    let named = line.split_once(" at ").map(|(_, what)| what);
    let named = named.filter(|what| what.bytes().all(|byte| byte.is_ascii_uppercase()));
    let found = named.and_then(|name| rest.to_ascii_uppercase().find(name));
    let indented = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Some(at + found.unwrap_or(indented))
}
