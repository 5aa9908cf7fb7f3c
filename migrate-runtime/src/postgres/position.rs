//! Where in a statement an error lies.

use migrate_core::postgres::{TokenKind, Tokens};
use tokio_postgres::error::{DbError, ErrorPosition};

/// The byte of the statement that an error is about; its first one, if the
/// server does not tell, or tells of a function that was made elsewhere.
pub(super) fn offset(error: &DbError, statement: &str) -> usize {
    let found = match error.position() {
        Some(ErrorPosition::Original(position)) => character(statement, *position),
        // A statement within a function body, which stands here as it is, or
        // was put together there.
        Some(ErrorPosition::Internal { position, query }) => {
            let start = statement.find(query.as_str());
            start.and_then(|start| Some(start + character(query, *position)?))
        }
        None => None,
    };
    let found = found.or_else(|| of_a_line(error.where_()?, statement));
    found.unwrap_or(0)
}

/// Positions count characters, from 1:
/// <https://www.postgresql.org/docs/current/protocol-error-fields.html>.
fn character(text: &str, position: u32) -> Option<usize> {
    let before = usize::try_from(position).ok()?.checked_sub(1)?;
    let mut places = text.char_indices().map(|(place, _)| place);
    // A statement that ends too early has its error behind its last character.
    places.nth(before).or(Some(text.len()))
}

/// `PL/pgSQL function inline_code_block line 3 at RAISE`: the body of a `DO`,
/// whose first line is that of its opening quote.
fn of_a_line(context: &str, statement: &str) -> Option<usize> {
    // The innermost function comes first. It is the body of this statement, or
    // was called by it, and then the last line is.
    let line = context
        .lines()
        .rev()
        .find_map(|line| line.split_once("inline_code_block line "))?
        .1;
    let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
    let number: usize = digits.parse().ok()?;
    let is_body = |text: &str| text.starts_with(['$', '\'']);
    let body = Tokens::new(statement).find(|token| {
        token.kind == TokenKind::Quoted && is_body(&statement[token.range.clone()])
    })?;
    let mut at = body.range.start;
    for _ in 1..number {
        at += statement.get(at..body.range.end)?.find('\n')? + 1;
    }
    if number > 1 {
        // The statement, not its indentation.
        let line = statement.get(at..)?;
        at += line.len() - line.trim_start_matches([' ', '\t']).len();
    }
    Some(at)
}
