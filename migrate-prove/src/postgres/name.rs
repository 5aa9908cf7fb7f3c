//! Names, as PostgreSQL compares them.

use migrate_scan::TokenKind;
use migrate_scan::postgres::Tokens;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

/// The name at the start of a node: without quotes, in lower case if it is not quoted, and without
/// the schema `public`.
pub(super) fn name(node: &SyntaxNode) -> String {
    normal(&node.text().to_string())
}

/// The name of an optional node; empty without one.
pub(super) fn named(node: Option<impl AstNode>) -> String {
    node.map(|it| name(it.syntax())).unwrap_or_default()
}

/// The first name in a node that may have a schema.
pub(super) fn path(node: Option<impl AstNode>) -> String {
    let path = node.and_then(|it| {
        let mut nodes = it.syntax().descendants();
        nodes.find(|it| ast::PathRef::can_cast(it.kind()) || ast::Path::can_cast(it.kind()))
    });
    path.map(|it| name(&it)).unwrap_or_default()
}

/// Normalizes a name in a text.
pub(super) fn normal(text: &str) -> String {
    let mut name = String::new();
    for token in Tokens::new(text).filter(|token| !token.kind.is_blank()) {
        let part = text.get(token.range.clone()).unwrap_or_default();
        if part == "." {
            name.push('.');
        } else if name.is_empty() || name.ends_with('.') {
            name.push_str(&bare(part, token.kind));
        } else {
            break;
        }
    }
    match name.strip_prefix("public.") {
        Some(rest) => rest.to_owned(),
        None => name,
    }
}

fn bare(part: &str, kind: TokenKind) -> String {
    match part.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None if kind == TokenKind::Word => part.to_lowercase(),
        None => part.to_owned(),
    }
}
