//! Where in a statement an error lies.

use migrate_scan::TokenKind;
use migrate_scan::postgres::Tokens;
use tokio_postgres::error::{DbError, ErrorPosition};

/// The byte of the statement that an error is about; its first one, if the
/// server does not tell, or tells of a function that was made elsewhere.
pub(super) fn offset(error: &DbError, statement: &str) -> usize {
    let context = error.where_().unwrap_or_default();
    let line = of_a_line(context, statement);
    let found = match error.position() {
        Some(ErrorPosition::Original(position)) => character(statement, *position),
        // A statement within a function body, which stands here as it is, or
        // was put together there.
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
    // A statement that ends too early has its error behind its last character.
    places.nth(before).or(Some(text.len()))
}

const BLOCK: &str = "PL/pgSQL function inline_code_block line ";

/// Whether the innermost function is the body of this statement: what stands in
/// another one may stand here by chance.
fn is_of_this(context: &str) -> bool {
    context.is_empty() || context.starts_with(BLOCK)
}

/// A place in a query of a body, which is looked for from the line on that it is
/// said to be at: a query can be as short as the name of a variable.
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

/// `PL/pgSQL function inline_code_block line 3 at RAISE`: the body of a `DO`,
/// whose first line is that of its opening quote.
fn of_a_line(context: &str, statement: &str) -> Option<usize> {
    // The innermost function comes first. It is the body of this statement, or
    // was called by it, and then the last line is.
    let mut lines = context.lines().rev();
    let line = lines.find_map(|line| line.strip_prefix(BLOCK))?;
    let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
    let number: usize = digits.parse().ok()?;
    let is_body = |text: &str| text.starts_with(['$', '\'']);
    // The name of the language may be quoted, too.
    let body = Tokens::new(statement)
        .filter(|token| token.kind == TokenKind::Quoted && is_body(&statement[token.range.clone()]))
        .max_by_key(|token| token.range.len())?;
    let mut at = body.range.start;
    for _ in 1..number {
        at += statement.get(at..body.range.end)?.find('\n')? + 1;
    }
    let rest = statement.get(at..body.range.end)?.lines().next()?;
    // `at RAISE`, among other statements on that line, and `at SQL statement`.
    let named = line.split_once(" at ").map(|(_, what)| what);
    let named = named.filter(|what| what.bytes().all(|byte| byte.is_ascii_uppercase()));
    let found = named.and_then(|name| rest.to_ascii_uppercase().find(name));
    let indented = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Some(at + found.unwrap_or(indented))
}
