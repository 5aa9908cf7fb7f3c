//! The authorizer that keeps a migration in its transaction and away from the
//! history, and that records what the migration touches.
//!
//! The compiler refuses the same statements when it reads a directory. The
//! authorizer is for registries that were made in another way, and for what a
//! scanner cannot see, such as the statements of a trigger.

use crate::compat;
use crate::forbidden::Refusal;
use crate::touched::{Text, Touched};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The authorizer of a connection. It allows everything until a
/// [scope](Scope) is entered. SQLite asks it while a statement is compiled,
/// never while one runs.
///
/// ```
/// use migrate_sqlite::authorizer::{Authorizer, Scope};
/// use migrate_sqlite::rusqlite::Connection;
///
/// let mut conn = Connection::open_in_memory()?;
/// let authorizer = Authorizer::new("_migrations");
/// authorizer.install(&mut conn)?;
/// let entered = authorizer.enter(Scope::Transaction);
/// assert!(conn.execute_batch("COMMIT").is_err());
/// drop(entered);
/// let refusal = authorizer.take_refusal().unwrap();
/// assert_eq!(refusal.help, "remove it, the runner begins and commits");
/// # Ok::<(), migrate_sqlite::rusqlite::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authorizer(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    scope: Scope,
    /// The statement that is compiled.
    text: Text,
    /// The last refusal: SQLite only says "not authorized".
    refusal: Option<Refusal>,
    touched: Touched,
    may_have_set: bool,
    history: String,
    is_installed: bool,
}

/// The code that runs, which decides what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The runner itself, which may do everything.
    Unrestricted,
    /// A migration in a transaction.
    Transaction,
    /// A migration without a transaction.
    NoTransaction,
    /// Reading the history of another tool, in a transaction. The table of that
    /// tool may have the name of ours.
    Adoption,
}

impl Authorizer {
    /// Creates an authorizer. It is not installed yet.
    pub fn new(history: &str) -> Authorizer {
        Authorizer(Arc::new(Mutex::new(State {
            scope: Scope::Unrestricted,
            text: Text::Unknown,
            refusal: None,
            touched: Touched::default(),
            may_have_set: false,
            history: history.to_owned(),
            is_installed: false,
        })))
    }

    /// Installs the authorizer on a connection and replaces an existing one.
    ///
    /// # Errors
    ///
    /// Fails if rusqlite refuses it, as on a connection that it does not own.
    pub fn install(&self, conn: &mut Connection) -> Result<()> {
        let state = self.clone();
        let answer = move |context: AuthContext<'_>| state.lock().answer(&context);
        compat::set_authorizer(conn, Some(answer))?;
        self.lock().is_installed = true;
        Ok(())
    }

    /// Turns each commit in the transaction of a migration into a rollback.
    ///
    /// This guards against application code. After an error that makes SQLite
    /// roll back by itself, such code may continue, and each of its statements
    /// would commit. That includes statements that were compiled earlier, which
    /// SQLite does not ask the authorizer about.
    ///
    /// # Errors
    ///
    /// As [`install`](Authorizer::install).
    pub fn install_commit_hook(&self, conn: &mut Connection) -> Result<()> {
        let state = self.clone();
        let is_refused = move || matches!(state.lock().scope, Scope::Transaction | Scope::Adoption);
        compat::set_commit_hook(conn, Some(is_refused))
    }

    /// Whether the authorizer is installed on a connection.
    pub fn is_installed(&self) -> bool {
        self.lock().is_installed
    }

    /// The name of the history table.
    pub fn history(&self) -> String {
        self.lock().history.clone()
    }

    /// Enters a scope, which ends when the returned guard is dropped.
    pub fn enter(&self, scope: Scope) -> Entered<'_> {
        self.enter_with(scope, Text::Unknown)
    }

    /// Enters a scope for one statement.
    pub(crate) fn enter_with(&self, scope: Scope, text: Text) -> Entered<'_> {
        let mut state = self.lock();
        state.refusal = None;
        // Code of the application can change a setting without a statement.
        state.may_have_set |= text == Text::Unknown && scope != Scope::Unrestricted;
        state.text = text;
        let before = std::mem::replace(&mut state.scope, scope);
        Entered {
            authorizer: self,
            before,
        }
    }

    /// Takes the last refusal in the scope that was entered last.
    pub fn take_refusal(&self) -> Option<Refusal> {
        self.lock().refusal.take()
    }

    /// Whether anything may have changed a setting of the connection so far.
    pub fn may_have_set(&self) -> bool {
        self.lock().may_have_set
    }

    /// What migrations have touched since it was last taken.
    pub fn touched(&self) -> Touched {
        self.lock().touched.clone()
    }

    /// Takes what migrations have touched since the last call.
    pub fn take_touched(&self) -> Touched {
        std::mem::take(&mut self.lock().touched)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A scope that was entered. Dropping it restores the previous scope.
#[derive(Debug)]
#[must_use = "the scope ends when this is dropped"]
pub struct Entered<'a> {
    authorizer: &'a Authorizer,
    before: Scope,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let mut state = self.authorizer.lock();
        state.scope = self.before;
        state.text = Text::Unknown;
    }
}

impl State {
    fn answer(&mut self, context: &AuthContext<'_>) -> Authorization {
        let refusal = Refusal::of_action(&context.action, &self.history, self.scope);
        if refusal.is_some() {
            self.refusal = refusal;
            return Authorization::Deny;
        }
        if matches!(self.scope, Scope::Transaction | Scope::NoTransaction) {
            self.may_have_set |= matches!(context.action, AuthAction::Pragma { .. });
            self.touched.record(context, &self.text);
        }
        Authorization::Allow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_end_with_their_guards() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE log(x)").unwrap();
        let authorizer = Authorizer::new("log");
        assert!(!authorizer.is_installed());
        authorizer.install(&mut conn).unwrap();
        assert!(authorizer.is_installed());
        let delete = || conn.execute_batch("DELETE FROM Log");
        delete().unwrap();
        let outer = authorizer.enter(Scope::Transaction);
        delete().unwrap_err();
        let inner = authorizer.enter(Scope::Adoption);
        assert_eq!(authorizer.take_refusal(), None);
        delete().unwrap();
        drop(inner);
        delete().unwrap_err();
        assert_eq!(authorizer.take_refusal(), Some(Refusal::of_history("log")));
        assert_eq!(authorizer.take_refusal(), None);
        drop(outer);
        delete().unwrap();
    }

    /// SQLite does not ask about a statement that was compiled before.
    #[test]
    fn the_commit_hook_sees_what_the_authorizer_does_not() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE a(x)").unwrap();
        let authorizer = Authorizer::new("log");
        authorizer.install(&mut conn).unwrap();
        authorizer.install_commit_hook(&mut conn).unwrap();
        let mut insert = conn.prepare("INSERT INTO a VALUES (1)").unwrap();
        for (scope, is_refused) in [
            (Scope::Transaction, true),
            (Scope::Adoption, true),
            (Scope::NoTransaction, false),
            (Scope::Unrestricted, false),
        ] {
            let _entered = authorizer.enter(scope);
            assert_eq!(insert.execute([]).is_err(), is_refused, "{scope:?}");
        }
    }
}
