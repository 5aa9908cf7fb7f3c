//! The actions of a statement, without its syntax tree, which cannot leave its thread.

use super::column::{Column, Type, column, type_of};
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
        is_partitioned: bool,
    },
    /// Views, types, schemas.
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
}

/// A change to a table.
#[derive(Clone, Debug)]
pub(super) enum OnTable {
    AddColumn(Column),
    DropColumn(String),
    RenameColumn { from: String, to: String },
    Rename(String),
    SetNotNull(String),
    SetType(String, Type),
    AddConstraint(Constraint),
    Validate(String),
    Detach { part: String, concurrently: bool },
}

/// A constraint that is added to a table.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) name: Option<String>,
    pub(super) kind: ConstraintKind,
    pub(super) is_not_valid: bool,
    pub(super) uses_index: bool,
}

/// The kind of a constraint.
#[derive(Clone, Debug)]
pub(super) enum ConstraintKind {
    /// With its expression, in lower case and with single spaces.
    Check(String),
    Foreign(String),
    Primary,
    Unique,
    Exclude,
    NotNull,
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
                is_partitioned: it.partition_by().is_some(),
            }),
            Stmt::CreateTableAs(it) => add(new_table(named(it.table_name()))),
            Stmt::SelectInto(it) => add(new_table(path(it.into_clause()))),
            Stmt::CreateMaterializedView(it) => add(new_table(path(it.view()))),
            Stmt::CreateView(it) => add(Kind::Create("view", path(it.view()))),
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
                let text = it.syntax().text().to_string().to_lowercase();
                let of = it.reindex_target().filter(|it| {
                    matches!(
                        it,
                        ast::ReindexTarget::ReindexTargetTable(_)
                            | ast::ReindexTarget::ReindexTargetIndex(_)
                    )
                });
                add(Kind::Reindex {
                    of: of.map(|it| path(Some(it))),
                    concurrently: text.contains("concurrently"),
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
            _ => {}
        }
    }
    found
}

fn new_table(table: String) -> Kind {
    Kind::CreateTable {
        table,
        columns: Vec::new(),
        is_partitioned: false,
    }
}

fn dropped(what: &'static str, node: &impl AstNode, cascade: bool) -> Kind {
    Kind::Drop {
        what,
        name: name(node.syntax()),
        cascade,
    }
}

fn is_cascade(behavior: Option<ast::DropBehavior>) -> bool {
    matches!(behavior, Some(ast::DropBehavior::Cascade(_)))
}

fn alter_table(alter: &ast::AlterTable, found: &mut Vec<Action>) {
    use ast::{AlterColumnOption as Option_, AlterTableAction as Act};
    let table = path(alter.table_relation_name());
    for act in alter.actions() {
        let mut place = range(act.syntax());
        let on_table = match &act {
            Act::AddColumn(it) => it.column_name().map(|column_name| {
                place = place.start..range(column_name.syntax()).end;
                OnTable::AddColumn(column(&column_name, it.ty(), it.constraints()))
            }),
            Act::DropColumn(it) => Some(OnTable::DropColumn(named(it.column_name_ref()))),
            Act::RenameColumn(it) => Some(OnTable::RenameColumn {
                from: named(it.column_name_ref()),
                to: named(it.column_name()),
            }),
            Act::TableRenameTo(it) => Some(OnTable::Rename(named(it.table_name()))),
            Act::AddConstraint(it) => it.constraint().and_then(|it| {
                place.end = place.end.min(end_of_head(&it).unwrap_or(place.end));
                constraint(&it).map(OnTable::AddConstraint)
            }),
            Act::ValidateConstraint(it) => Some(OnTable::Validate(named(it.constraint_name_ref()))),
            Act::DetachPartition(it) => Some(OnTable::Detach {
                part: named(it.table_name_ref()),
                concurrently: it.detach_partition_option().is_some(),
            }),
            Act::AlterColumn(it) => {
                let column = named(it.column_name_ref());
                match it.option() {
                    Some(Option_::SetNotNull(_)) => Some(OnTable::SetNotNull(column)),
                    Some(Option_::SetType(it)) => {
                        it.ty().map(|ty| OnTable::SetType(column, type_of(&ty)))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        found.extend(on_table.map(|it| Action {
            range: place,
            kind: Kind::OnTable(table.clone(), it),
        }));
    }
}

/// The end of the keyword of a constraint: only the text up to it is marked.
fn end_of_head(constraint: &ast::Constraint) -> Option<usize> {
    let node = constraint.syntax();
    let keywords = ["foreign", "primary", "unique", "check", "exclude", "not"];
    let mut words = node
        .children_with_tokens()
        .filter_map(|it| it.into_token())
        .skip_while(|it| !keywords.contains(&&*it.text().to_lowercase()));
    let first = words.next()?;
    let second = words.find(|it| !it.text().trim().is_empty());
    let two = ["foreign", "primary", "not"].contains(&&*first.text().to_lowercase());
    let last = second.filter(|_| two).unwrap_or(first);
    Some(usize::from(last.text_range().end()))
}

fn constraint(constraint: &ast::Constraint) -> Option<Constraint> {
    use ast::Constraint as It;
    let kind = match constraint {
        It::CheckConstraint(it) => {
            let text = it.expr().map(|it| it.syntax().text().to_string());
            let text = text.unwrap_or_default().to_lowercase();
            let words: Vec<&str> = text.split_whitespace().collect();
            ConstraintKind::Check(words.join(" "))
        }
        It::ForeignKeyConstraint(it) => ConstraintKind::Foreign(named(it.table_name_ref())),
        It::PrimaryKeyConstraint(_) => ConstraintKind::Primary,
        It::UniqueConstraint(_) => ConstraintKind::Unique,
        It::ExcludeConstraint(_) => ConstraintKind::Exclude,
        It::NotNullConstraint(_) => ConstraintKind::NotNull,
        _ => return None,
    };
    let children = || constraint.syntax().children();
    let clause = children().find_map(ast::ConstraintNameClause::cast);
    let is_unchecked = |it| {
        use ast::ConstraintOption as Option_;
        matches!(it, Option_::NotValid(_) | Option_::NotEnforced(_))
    };
    Some(Constraint {
        name: clause
            .and_then(|it| it.constraint_name())
            .map(|it| name(it.syntax())),
        kind,
        is_not_valid: children()
            .filter_map(ast::ConstraintOption::cast)
            .any(is_unchecked),
        uses_index: children().any(|it| ast::UsingIndexName::can_cast(it.kind())),
    })
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
