//! Columns and their types.

use super::action::range;
use super::name::{name, normal, path};
use migrate_scan::TokenKind;
use migrate_scan::postgres::Tokens;
use squawk_syntax::ast::{self, AstNode};
use std::ops::Range;

/// A column that a statement creates.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) range: Range<usize>,
    pub(super) ty: Option<Type>,
    pub(super) is_not_null: bool,
    pub(super) is_primary: bool,
    /// The name of the constraint, if it has one.
    pub(super) primary_key: Option<String>,
    pub(super) is_unique: bool,
    pub(super) is_checked: bool,
    /// The table that it refers to.
    pub(super) parent: Option<String>,
    pub(super) has_default: bool,
    /// A function in its default that returns a different value for each row.
    pub(super) volatile: Option<String>,
    /// `STORED` or `IDENTITY`.
    pub(super) generated: Option<&'static str>,
}

/// A type under PostgreSQL's own name, whichever alias was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: String,
    /// `10` and `2` of `numeric(10, 2)`.
    pub(super) arguments: Vec<u32>,
    pub(super) range: Range<usize>,
}

impl Type {
    /// Whether the type implies a default.
    pub(super) fn is_serial(&self) -> bool {
        matches!(&*self.name, "smallserial" | "serial" | "bigserial")
    }

    /// Whether it is one of PostgreSQL's own: a domain may have a default.
    pub(super) fn is_built_in(&self) -> bool {
        let name = self.name.trim_end_matches("[]");
        name == "double precision" || BUILT_IN.split(' ').any(|it| it == name)
    }
}

const BUILT_IN: &str = "bigint bit boolean bytea char cidr date inet integer interval json jsonb \
                        macaddr money name numeric oid real smallint text time timestamp \
                        timestamptz uuid varchar";

/// Functions that return a different value for each row.
const VOLATILE: &str = "clock_timestamp gen_random_bytes gen_random_uuid nextval random \
                        random_normal setval timeofday uuid_generate_v1 uuid_generate_v1mc \
                        uuid_generate_v4 uuidv4 uuidv7 txid_current";

/// A column of `CREATE TABLE` or `ADD COLUMN`.
pub(super) fn column(
    column_name: &ast::ColumnName,
    ty: Option<ast::Type>,
    constraints: impl Iterator<Item = ast::Constraint>,
) -> Column {
    let ty = ty.map(|ty| type_of(&ty));
    let mut column = Column {
        name: name(column_name.syntax()),
        range: range(column_name.syntax()),
        has_default: ty.as_ref().is_some_and(Type::is_serial),
        ty,
        ..Column::default()
    };
    for constraint in constraints {
        match constraint {
            ast::Constraint::NotNullConstraint(_) => column.is_not_null = true,
            ast::Constraint::PrimaryKeyConstraint(it) => {
                column.is_primary = true;
                let clause = it.constraint_name_clause();
                let named = clause.and_then(|it| it.constraint_name());
                column.primary_key = named.map(|it| name(it.syntax()));
            }
            ast::Constraint::CheckConstraint(_) => column.is_checked = true,
            ast::Constraint::ReferencesConstraint(it) => {
                column.parent = Some(path(Some(it)));
            }
            ast::Constraint::UniqueConstraint(_) => column.is_unique = true,
            ast::Constraint::DefaultConstraint(default) => {
                let text = default
                    .expr()
                    .map(|it| it.syntax().text().to_string())
                    .unwrap_or_default();
                column.has_default = !text.eq_ignore_ascii_case("null");
                column.volatile = volatile(&text);
            }
            ast::Constraint::GeneratedConstraint(it) => {
                column.generated = it.generated_as().map(|it| match it {
                    ast::GeneratedAs::GeneratedIdentity(_) => "IDENTITY",
                    ast::GeneratedAs::GeneratedStored(it) => match last_word(it.syntax()) {
                        // PostgreSQL 18 computes these when they are read.
                        Some(word) if word.eq_ignore_ascii_case("stored") => "STORED",
                        _ => "VIRTUAL",
                    },
                });
            }
            _ => {}
        }
    }
    column
}

fn last_word(node: &squawk_syntax::SyntaxNode) -> Option<String> {
    let text = node.text().to_string();
    text.split_whitespace().next_back().map(str::to_owned)
}

/// The first volatile function that an expression calls.
fn volatile(expression: &str) -> Option<String> {
    let tokens: Vec<_> = Tokens::new(expression)
        .filter(|token| !token.kind.is_blank())
        .collect();
    tokens.windows(2).find_map(|pair| {
        let [word, next] = pair else { return None };
        let is_call = expression.get(next.range.clone()) == Some("(");
        let word = expression.get(word.range.clone())?.to_lowercase();
        (is_call && VOLATILE.split(' ').any(|it| it == word)).then_some(word)
    })
}

/// A type as it is written in a statement.
pub(super) fn type_of(ty: &ast::Type) -> Type {
    let text = ty.syntax().text().to_string();
    let (mut words, mut arguments) = (Vec::new(), Vec::new());
    let (mut depth, mut array) = (0_usize, "");
    for token in Tokens::new(&text).filter(|token| !token.kind.is_blank()) {
        let part = text.get(token.range.clone()).unwrap_or_default();
        match part {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "[" => array = "[]",
            _ if depth > 0 => arguments.extend(part.parse::<u32>().ok()),
            _ if token.kind == TokenKind::Word && part.eq_ignore_ascii_case("array") => {
                array = "[]";
            }
            // A type of one byte, which is not `char`.
            "\"char\"" => words.push(part.to_owned()),
            _ if array.is_empty() => words.push(normal(part)),
            _ => {}
        }
    }
    let written = words.join(" ").replace(" . ", ".");
    let written = written.strip_prefix("pg_catalog.").unwrap_or(&written);
    let name = match written {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "serial2" => "smallserial",
        "serial4" => "serial",
        "serial8" => "bigserial",
        "float8" | "float" | "double" => "double precision",
        "float4" => "real",
        "bool" => "boolean",
        "decimal" | "dec" => "numeric",
        "character varying" | "char varying" | "national character varying" => "varchar",
        "character" | "bpchar" | "nchar" | "national character" => "char",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        other => other,
    };
    Type {
        name: format!("{name}{array}"),
        arguments,
        range: range(ty.syntax()),
    }
}
