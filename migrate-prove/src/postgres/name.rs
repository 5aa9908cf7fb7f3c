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

/// A name as it is written in SQL: quoted where PostgreSQL would read another name.
pub(super) fn sql(name: &str) -> String {
    let is_plain = |part: &str| {
        let mut signs = part.chars();
        let starts = |it: char| it.is_ascii_lowercase() || it == '_';
        signs.next().is_some_and(starts)
            && signs.all(|it| starts(it) || it.is_ascii_digit() || it == '$')
            && !RESERVED.split(' ').any(|it| it == part)
    };
    let parts = name.split('.').map(|part| {
        if is_plain(part) {
            part.to_owned()
        } else {
            format!("\"{}\"", part.replace('"', "\"\""))
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The words that are no name without quotes, as far as they are likely ones.
const RESERVED: &str = "all analyse analyze and any array as asc both case cast check collate column \
                        constraint create default deferrable desc distinct do else end except \
                        fetch for foreign from grant group having in initially intersect into \
                        lateral leading limit not null offset on only or order placing primary \
                        references returning select some table then to trailing true union unique \
                        user using variadic when where window with";

fn bare(part: &str, kind: TokenKind) -> String {
    match part.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None if kind == TokenKind::Word => part.to_lowercase(),
        None => part.to_owned(),
    }
}
