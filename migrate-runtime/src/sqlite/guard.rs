//! The authorizer that keeps a migration inside of its transaction.
//!
//! The macro refuses the same statements while the crate compiles; this is for
//! registries that did not come from it, and for what a parser cannot see.

use migrate_sqlite::compat;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The authorizer of a run. It is installed once, before the first transaction
/// begins, and lets everything pass until it is told that a script runs.
#[derive(Clone, Debug)]
pub(super) struct Guard(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    scope: Scope,
    /// What was refused last, for the error: SQLite only says "not authorized".
    refusal: Option<String>,
    history: String,
    is_installed: bool,
}

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The runner itself.
    Runner,
    /// A script in a transaction.
    Transaction,
    /// What finds the history of another tool, whose table may have the name
    /// of ours.
    Finding,
    /// A script without one.
    Statements,
}

impl Guard {
    /// One that is not installed, and only answers questions.
    pub(super) fn new(history: &str) -> Guard {
        Guard(Arc::new(Mutex::new(State {
            scope: Scope::Runner,
            refusal: None,
            history: history.to_owned(),
            is_installed: false,
        })))
    }

    pub(super) fn install(&self, conn: &mut Connection, has_code: bool) -> rusqlite::Result<()> {
        self.lock().is_installed = true;
        let state = self.clone();
        let answer = move |context: AuthContext<'_>| state.answer(&context);
        compat::set_authorizer(conn, Some(answer))?;
        if has_code {
            // After an error that makes SQLite roll back by itself, code may go
            // on, and each of its statements would commit: prepared before or
            // after, so that the authorizer is not enough.
            let state = self.clone();
            let is_ended =
                move || matches!(state.lock().scope, Scope::Transaction | Scope::Finding);
            compat::set_commit_hook(conn, Some(is_ended))?;
        }
        Ok(())
    }

    pub(super) fn is_installed(&self) -> bool {
        self.lock().is_installed
    }

    pub(super) fn history(&self) -> String {
        self.lock().history.clone()
    }

    /// Until the result is dropped, this runs.
    pub(super) fn enter(&self, scope: Scope) -> Entered<'_> {
        let mut state = self.lock();
        state.refusal = None;
        let before = std::mem::replace(&mut state.scope, scope);
        Entered {
            guard: self,
            before,
        }
    }

    pub(super) fn take_refusal(&self) -> Option<String> {
        self.lock().refusal.take()
    }

    fn answer(&self, context: &AuthContext<'_>) -> Authorization {
        let mut state = self.lock();
        match state.refusal(context) {
            None => Authorization::Allow,
            Some(what) => {
                state.refusal = Some(what);
                Authorization::Deny
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it lives, a script runs.
pub(super) struct Entered<'g> {
    guard: &'g Guard,
    before: Scope,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.guard.lock().scope = self.before;
    }
}

impl State {
    fn refusal(&self, context: &AuthContext<'_>) -> Option<String> {
        match self.scope {
            Scope::Runner => None,
            Scope::Finding => refusal(context, "", true),
            scope => refusal(context, &self.history, scope == Scope::Transaction),
        }
    }
}

/// Why a pragma is refused, and what to do instead.
pub(super) fn refused_pragma(
    name: &str,
    value: Option<&str>,
    in_transaction: bool,
) -> Option<String> {
    let refusal = migrate_model::pragma::refused_pragma(name, value, in_transaction)?;
    let (reason, help) = (refusal.reason, refusal.help);
    Some(format!("`PRAGMA {name}`: {reason}; {help}"))
}

fn refusal(context: &AuthContext<'_>, history: &str, in_transaction: bool) -> Option<String> {
    match context.action {
        AuthAction::Transaction { .. } if !in_transaction => Some(
            "transaction control in a migration without a transaction; remove it, each statement \
             is recorded when it has ended"
                .to_owned(),
        ),
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
            refused_pragma(&name, pragma_value, in_transaction)
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
            if table_name.eq_ignore_ascii_case(history) =>
        {
            Some(belongs_to_the_runner(history))
        }
        _ => None,
    }
}

pub(super) fn belongs_to_the_runner(history: &str) -> String {
    format!("the history table `{history}` belongs to the runner")
}
