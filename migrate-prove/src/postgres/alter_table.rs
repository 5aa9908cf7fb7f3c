//! The actions of `ALTER TABLE`, and constraints.

use super::action::{Action, Kind, range};
use super::column::{Column, Type, column, type_of};
use super::name::{name, named, path};
use migrate_scan::postgres::Tokens;
use squawk_syntax::ast::{self, AstNode};

/// A change to a table.
#[derive(Clone, Debug)]
pub(super) enum OnTable {
    AddColumn(Column),
    DropColumn(String),
    RenameColumn {
        from: String,
        to: String,
    },
    Rename(String),
    SetNotNull(String),
    SetType(String, Type),
    AddConstraint(Constraint),
    Validate(String),
    Detach {
        part: String,
        concurrently: bool,
    },
    /// With the literals of the bounds.
    Attach {
        part: String,
        bounds: Bounds,
    },
    DropConstraint(String),
    /// `ALL`, `USER` or a name.
    DisableTrigger(String),
    EnableTrigger(String),
    SetSchema,
    /// What makes PostgreSQL write all rows anew.
    Rewrite(&'static str),
}

/// A constraint that is added to a table.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) name: Option<String>,
    pub(super) kind: ConstraintKind,
    pub(super) is_not_valid: bool,
    pub(super) uses_index: bool,
    /// `WITHOUT OVERLAPS`, for which the index is of the kind GiST.
    pub(super) without_overlaps: bool,
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
    NotNull(String),
}

/// The rows that a partition may have.
#[derive(Clone, Debug)]
pub(super) enum Bounds {
    Values(Vec<String>),
    Hash,
    Default,
}

/// Adds the actions of an `ALTER TABLE`.
pub(super) fn alter_table(alter: &ast::AlterTable, found: &mut Vec<Action>) {
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
                    Some(Option_::SetExpression(_)) => Some(OnTable::Rewrite("SET EXPRESSION")),
                    _ => None,
                }
            }
            Act::AttachPartition(it) => Some(OnTable::Attach {
                part: named(it.table_name_ref()),
                bounds: bounds(it.partition_type()),
            }),
            Act::DropConstraint(it) => {
                Some(OnTable::DropConstraint(named(it.constraint_name_ref())))
            }
            Act::DisableTrigger(it) => Some(OnTable::DisableTrigger(named(it.trigger_target()))),
            Act::EnableTrigger(it) => Some(OnTable::EnableTrigger(named(it.trigger_target()))),
            Act::EnableAlwaysTrigger(it) => {
                let target = it.syntax().children().last().map(|it| name(&it));
                target.map(OnTable::EnableTrigger)
            }
            Act::SetSchema(_) => Some(OnTable::SetSchema),
            Act::SetTablespace(_) => Some(OnTable::Rewrite("SET TABLESPACE")),
            Act::SetAccessMethod(_) => Some(OnTable::Rewrite("SET ACCESS METHOD")),
            Act::SetLogged(_) => Some(OnTable::Rewrite("SET LOGGED")),
            Act::SetUnlogged(_) => Some(OnTable::Rewrite("SET UNLOGGED")),
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

/// Reads a constraint.
pub(super) fn constraint(constraint: &ast::Constraint) -> Option<Constraint> {
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
        It::NotNullConstraint(it) => ConstraintKind::NotNull(named(it.column_name_ref())),
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
        without_overlaps: constraint
            .syntax()
            .descendants()
            .any(|it| ast::WithoutOverlaps::can_cast(it.kind())),
    })
}

/// The literals in the bounds of a partition.
fn bounds(of: Option<ast::PartitionType>) -> Bounds {
    let text = match &of {
        None | Some(ast::PartitionType::PartitionDefault(_)) => return Bounds::Default,
        Some(ast::PartitionType::PartitionForValuesWith(_)) => return Bounds::Hash,
        Some(it) => it.syntax().text().to_string().to_lowercase(),
    };
    let tokens = Tokens::new(&text).filter_map(|it| text.get(it.range));
    let is_literal = |it: &&str| it.starts_with(|sign: char| sign == '\'' || sign.is_ascii_digit());
    Bounds::Values(tokens.filter(is_literal).map(str::to_owned).collect())
}
