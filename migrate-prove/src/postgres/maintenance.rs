//! Statements that maintain tables, and others that are no `CREATE` or `ALTER TABLE`.

use super::action::{Kind, dropped, is_cascade, words_of};
use super::name::{name, named, path};
use migrate_source::ends_transaction;
use squawk_syntax::ast::{self, AstNode, Stmt};

/// The actions of a statement that maintains something.
pub(super) fn maintenance(stmt: &Stmt) -> Vec<Kind> {
    match stmt {
        Stmt::Vacuum(it) => vacuum(it),
        Stmt::Cluster(it) => {
            let legacy = it.cluster_legacy().and_then(|it| it.on_path());
            let table = it.table_name_ref().map(|it| name(it.syntax()));
            let what = "CLUSTER";
            let of = table.or(legacy.map(|it| path(Some(it))));
            vec![Kind::Rewrite { what, of }]
        }
        Stmt::Refresh(it) if it.concurrently_token().is_none() => vec![Kind::Rewrite {
            what: "REFRESH MATERIALIZED VIEW",
            of: Some(named(it.view_ref())),
        }],
        Stmt::DropType(it) if is_cascade(it.drop_behavior()) => it
            .type_name_refs()
            .map(|it| dropped("type", &it, true))
            .collect(),
        Stmt::DropDomain(it) if is_cascade(it.drop_behavior()) => it
            .domain_refs()
            .map(|it| dropped("domain", &it, true))
            .collect(),
        Stmt::AlterDomain(it) => {
            let domain = named(it.domain_ref());
            match it.action() {
                Some(ast::AlterDomainAction::AddConstraint(added))
                    if !words_of(&added).ends_with("not valid") =>
                {
                    vec![Kind::CheckDomain(domain)]
                }
                Some(ast::AlterDomainAction::SetNotNull(_)) => vec![Kind::CheckDomain(domain)],
                _ => Vec::new(),
            }
        }
        Stmt::Set(it) => {
            let words = words_of(it).replace(['=', '\''], " ");
            let words: Vec<&str> = words.split_whitespace().collect();
            let turns_off =
                words.contains(&"session_replication_role") && words.last() == Some(&"replica");
            turns_off.then_some(Kind::ReplicaRole).into_iter().collect()
        }
        Stmt::CreateProcedure(it) => vec![Kind::CreateProcedure {
            name: named(it.name()),
            ends: ends_transaction(&it.syntax().text().to_string()),
        }],
        Stmt::Call(it) => vec![Kind::Call(named(it.procedure_name_ref()))],
        _ => Vec::new(),
    }
}

fn vacuum(vacuum: &ast::Vacuum) -> Vec<Kind> {
    let options = vacuum.vacuum_option_list().into_iter();
    let mut options = options.flat_map(|it| it.vacuum_options());
    let is_on = |it: ast::VacuumOption| {
        let words = words_of(&it);
        let mut words = words.split(' ');
        words.next() == Some("full")
            && words
                .next()
                .is_none_or(|it| matches!(it, "true" | "on" | "1"))
    };
    if vacuum.full_token().is_none() && !options.any(is_on) {
        return Vec::new();
    }
    let what = "VACUUM FULL";
    let list = vacuum.table_and_columns_list().into_iter();
    let tables = list.flat_map(|it| it.table_and_columnss());
    let mut found: Vec<Kind> = tables
        .map(|it| Kind::Rewrite {
            what,
            of: Some(path(it.table_relation_name())),
        })
        .collect();
    if found.is_empty() {
        found.push(Kind::Rewrite { what, of: None });
    }
    found
}
