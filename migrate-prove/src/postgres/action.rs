//! The actions of a statement, without its syntax tree, which cannot leave its thread.

pub(super) use super::alter_table::{Bounds, Constraint, ConstraintKind, OnTable};
use super::alter_table::{alter_table, constraint};
use super::column::{Column, column};
use super::do_block;
use super::maintenance::maintenance;
use super::name::{name, named, path};
use squawk_syntax::ast::{self, AstNode, Stmt};
use squawk_syntax::{SourceFile, SyntaxNode};
use std::ops::Range;

/// One action of a statement, and its place in the text.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// The kind of an action.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    CreateTable {
        table: String,
        columns: Vec<Column>,
        constraints: Vec<Constraint>,
        is_partitioned: bool,
    },
    /// Views, types, schemas, and materialized views `WITH NO DATA`.
    Create(&'static str, String),
    CreateIndex {
        index: Option<String>,
        table: String,
        concurrently: bool,
        if_not_exists: bool,
    },
    DropIndex {
        index: String,
        concurrently: bool,
    },
    Reindex {
        of: Option<String>,
        concurrently: bool,
    },
    OnTable(String, OnTable),
    Drop {
        what: &'static str,
        name: String,
        cascade: bool,
    },
    Truncate(String),
    AddValue {
        of: String,
        value: String,
    },
    Rename {
        what: &'static str,
        from: String,
    },
    Change {
        table: String,
        is_update: bool,
        has_where: bool,
    },
    /// A command that locks a table, or every table, while it writes it anew.
    Rewrite {
        what: &'static str,
        of: Option<String>,
    },
    /// A constraint of a domain that is checked in all its columns.
    CheckDomain(String),
    /// `SET session_replication_role = replica`.
    ReplicaRole,
    /// A procedure, and whether it ends the transaction.
    CreateProcedure {
        name: String,
        ends: Option<&'static str>,
    },
    Call(String),
}

/// The range of a node in the parsed text.
pub(super) fn range(node: &SyntaxNode) -> Range<usize> {
    node.text_range().into()
}

/// All actions of one statement; none if the parser does not understand it.
pub(super) fn actions(statement: &str) -> Vec<Action> {
    let parsed = SourceFile::parse(statement);
    let mut found = Vec::new();
    // After a syntax error the tree is unreliable.
    if !parsed.errors().is_empty() {
        return found;
    }
    for stmt in parsed.tree().stmts() {
        let place = head(stmt.syntax());
        let mut add = |kind| {
            found.push(Action {
                range: place.clone(),
                kind,
            });
        };
        match &stmt {
            Stmt::AlterTable(it) => alter_table(it, &mut found),
            Stmt::CreateTable(it) => add(Kind::CreateTable {
                table: named(it.table_name()),
                columns: columns(it),
                constraints: constraints(it),
                is_partitioned: it.partition_by().is_some(),
            }),
            Stmt::CreateTableAs(it) => add(new_table(named(it.table_name()))),
            Stmt::SelectInto(it) => add(new_table(path(it.into_clause()))),
            Stmt::CreateMaterializedView(it) => {
                add(new_table(path(it.view())));
                if words_of(it).ends_with("with no data") {
                    add(Kind::Create(UNFILLED, path(it.view())));
                }
            }
            Stmt::CreateView(it) => add(Kind::Create("view", path(it.view()))),
            Stmt::CreateDomain(it) => add(Kind::Create("domain", named(it.domain()))),
            Stmt::CreateType(it) => add(Kind::Create("type", named(it.type_name()))),
            Stmt::CreateSchema(it) => {
                add(Kind::Create("schema", named(it.create_schema_target())));
            }
            Stmt::CreateIndex(it) => add(Kind::CreateIndex {
                index: it.index().map(|it| name(it.syntax())),
                table: path(it.table_relation_name()),
                concurrently: it.concurrently_token().is_some(),
                if_not_exists: it.if_not_exists().is_some(),
            }),
            Stmt::DropIndex(it) => {
                for index in it.index_refs() {
                    add(Kind::DropIndex {
                        index: name(index.syntax()),
                        concurrently: it.concurrently_token().is_some(),
                    });
                }
            }
            Stmt::Reindex(it) => {
                let of = it.reindex_target().filter(|it| {
                    matches!(
                        it,
                        ast::ReindexTarget::ReindexTargetTable(_)
                            | ast::ReindexTarget::ReindexTargetIndex(_)
                    )
                });
                add(Kind::Reindex {
                    of: of.map(|it| path(Some(it))),
                    concurrently: words_of(it).contains("concurrently"),
                });
            }
            Stmt::DropTable(it) => {
                let cascade = is_cascade(it.drop_behavior());
                it.table_name_refs()
                    .for_each(|it| add(dropped("table", &it, cascade)));
            }
            Stmt::DropSchema(it) => {
                let cascade = is_cascade(it.drop_behavior());
                it.schema_refs()
                    .for_each(|it| add(dropped("schema", &it, cascade)));
            }
            Stmt::Truncate(it) => {
                let tables = it
                    .table_list()
                    .into_iter()
                    .flat_map(|it| it.table_relation_names());
                tables.for_each(|it| add(Kind::Truncate(path(Some(it)))));
            }
            Stmt::AlterType(it) => match it.action() {
                Some(ast::AlterTypeAction::AddValue(value)) => add(Kind::AddValue {
                    of: named(it.type_name_ref()),
                    value: literal(value.literal()),
                }),
                Some(ast::AlterTypeAction::RenameValue(value)) => add(Kind::Rename {
                    what: "value",
                    from: literal(value.syntax().children().find_map(ast::Literal::cast)),
                }),
                _ => {}
            },
            Stmt::AlterSchema(it) => {
                if let Some(ast::AlterSchemaAction::SchemaRenameTo(_)) = it.action() {
                    let (what, from) = ("schema", named(it.schema_ref()));
                    add(Kind::Rename { what, from });
                }
            }
            Stmt::Update(it) => add(Kind::Change {
                table: path(it.relation_name()),
                is_update: true,
                has_where: it.where_clause_or_current_of().is_some(),
            }),
            Stmt::Delete(it) => add(Kind::Change {
                table: path(it.relation_name()),
                is_update: false,
                has_where: it.where_clause_or_current_of().is_some(),
            }),
            Stmt::Do(it) => found.extend(do_block::actions(it)),
            other => maintenance(other).into_iter().for_each(add),
        }
    }
    found
}

fn new_table(table: String) -> Kind {
    Kind::CreateTable {
        table,
        columns: Vec::new(),
        constraints: Vec::new(),
        is_partitioned: false,
    }
}

pub(super) fn dropped(what: &'static str, node: &impl AstNode, cascade: bool) -> Kind {
    Kind::Drop {
        what,
        name: name(node.syntax()),
        cascade,
    }
}

pub(super) fn is_cascade(behavior: Option<ast::DropBehavior>) -> bool {
    matches!(behavior, Some(ast::DropBehavior::Cascade(_)))
}

fn columns(create: &ast::CreateTable) -> Vec<Column> {
    let arguments = create.table_arg_list().into_iter().flat_map(|it| it.args());
    let columns = arguments
        .filter_map(|it| match it {
            ast::TableArg::Column(it) => Some(it),
            _ => None,
        })
        .filter_map(|it| {
            let constraints = it.syntax().children().filter_map(ast::Constraint::cast);
            Some(column(&it.name()?, it.ty(), constraints))
        });
    columns.collect()
}

/// The constraints of a table, without those of its columns.
fn constraints(create: &ast::CreateTable) -> Vec<Constraint> {
    let arguments = create.table_arg_list().into_iter().flat_map(|it| it.args());
    let nodes = arguments.filter_map(|it| ast::Constraint::cast(it.syntax().clone()));
    nodes.filter_map(|it| constraint(&it)).collect()
}

/// A materialized view that has no rows until it is refreshed.
pub(super) const UNFILLED: &str = "view without data";

/// The text of a node in lower case, with single spaces.
pub(super) fn words_of(node: &impl AstNode) -> String {
    let text = node.syntax().text().to_string().to_lowercase();
    let words: Vec<&str> = text.trim_end_matches(';').split_whitespace().collect();
    words.join(" ")
}

fn literal(literal: Option<ast::Literal>) -> String {
    let text = literal.map(|it| it.syntax().text().to_string());
    text.unwrap_or_default()
}

/// The range of the first words of a statement, up to three.
fn head(node: &SyntaxNode) -> Range<usize> {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|it| it.into_token());
    let words = tokens.filter(|it| !it.kind().is_trivia());
    let is_keyword = |text: &str| text.chars().all(|it| it.is_ascii_alphabetic());
    let words: Vec<_> = words.take_while(|it| is_keyword(it.text())).collect();
    let first = words.first().map(|it| usize::from(it.text_range().start()));
    let count = match words.get(..2).map(|it| [it[0].text(), it[1].text()]) {
        Some([_, second]) if second.eq_ignore_ascii_case("unique") => 3,
        Some([first, _]) if ["update", "truncate"].contains(&&*first.to_lowercase()) => 1,
        _ => 2,
    };
    let last = words
        .get(..count)
        .and_then(|it| it.last())
        .or(words.last())
        .map(|it| usize::from(it.text_range().end()));
    first.unwrap_or(0)..last.unwrap_or(0)
}

impl Action {
    /// Shifts all ranges by the length of the text before the statement.
    pub(super) fn shift(&mut self, by: usize) {
        let shift = |range: &mut Range<usize>| *range = range.start + by..range.end + by;
        let shift_column = |column: &mut Column| {
            shift(&mut column.range);
            if let Some(ty) = &mut column.ty {
                shift(&mut ty.range);
            }
        };
        shift(&mut self.range);
        match &mut self.kind {
            Kind::CreateTable { columns, .. } => columns.iter_mut().for_each(shift_column),
            Kind::OnTable(_, OnTable::AddColumn(column)) => shift_column(column),
            Kind::OnTable(_, OnTable::SetType(_, ty)) => shift(&mut ty.range),
            _ => {}
        }
    }
}
