//! The authorizer that keeps a migration inside of its transaction.
//!
//! The macro refuses the same statements while the crate compiles; this is for
//! registries that did not come from it, and for what a parser cannot see.

use super::history::TABLE;
use migrate_core::sqlite::refused_pragma;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::sync::{Arc, Mutex, PoisonError};

/// What the authorizer refused last, for the error: SQLite only says "not
/// authorized".
#[derive(Clone, Debug, Default)]
pub(super) struct Refusals(Arc<Mutex<Option<String>>>);

impl Refusals {
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The authorizer, for [`rusqlite::Connection::authorizer`].
    pub(super) fn authorizer(&self) -> impl FnMut(AuthContext<'_>) -> Authorization + use<> {
        let refusals = self.clone();
        move |context| match refusal(&context) {
            None => Authorization::Allow,
            Some(what) => {
                *refusals.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
                Authorization::Deny
            }
        }
    }
}

fn refusal(context: &AuthContext<'_>) -> Option<String> {
    match context.action {
        AuthAction::Transaction { .. } => Some(
            "transaction control would end the migration's transaction; remove it, the runner \
                 begins and commits"
                .to_owned(),
        ),
        AuthAction::Savepoint { .. } => {
            Some("savepoints are not available in a migration; remove it".to_owned())
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Some(
            "a migration cannot attach or detach another database; do it where the application \
                 opens the database"
                .to_owned(),
        ),
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            let name = pragma_name.to_ascii_lowercase();
            let refusal = refused_pragma(&name, pragma_value.is_some())?;
            let (reason, help) = (refusal.reason, refusal.help);
            Some(format!("`PRAGMA {name}`: {reason}; {help}"))
        }
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::CreateTable { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::CreateView {
            view_name: table_name,
        }
        | AuthAction::AlterTable { table_name, .. }
        | AuthAction::CreateVtable { table_name, .. }
        | AuthAction::CreateTrigger { table_name, .. }
        | AuthAction::CreateTempTrigger { table_name, .. }
        | AuthAction::CreateIndex { table_name, .. }
        | AuthAction::CreateIndex {
            index_name: table_name,
            ..
        }
        | AuthAction::DropIndex { table_name, .. }
            if table_name.eq_ignore_ascii_case(TABLE) =>
        {
            Some(format!("the history table `{TABLE}` belongs to the runner"))
        }
        _ => None,
    }
}
