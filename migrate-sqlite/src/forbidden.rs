//! The list of what a migration may not do, the same for a run and for a replay.

use crate::authorizer::Scope;
use migrate_model::pragma::refused_pragma;
use migrate_scan::sqlite::Head;
use rusqlite::hooks::AuthAction;
use std::fmt;

/// Why a migration may not do something. `Display` is the reason and the help, on
/// one line.
///
/// ```
/// use migrate_sqlite::forbidden::Refusal;
///
/// let refusal = Refusal::of_words("SAVEPOINT a").unwrap();
/// assert_eq!(refusal.to_string(), "savepoints are not available in a migration; remove it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub reason: String,
    /// What to do instead.
    pub help: &'static str,
}

const END_OF_TRANSACTION: &str = "transaction control would end the migration's transaction";

impl Refusal {
    /// The refusal of a change to the history table.
    pub fn of_history(history: &str) -> Refusal {
        Refusal {
            reason: format!("the history table `{history}` belongs to the runner"),
            help: "remove it, `baseline` and `repair` change the history",
        }
    }

    /// The refusal of a statement in a transaction of the caller, judged by its words
    /// alone: a connection that is in use gets no authorizer.
    pub fn of_words(statement: &str) -> Option<Refusal> {
        let head = Head::of(statement);
        let is_to_savepoint = || (1..3).any(|at| head.word(at) == "TO");
        match head.word(0) {
            "SAVEPOINT" | "RELEASE" => Some(savepoint()),
            "ROLLBACK" if is_to_savepoint() => Some(savepoint()),
            "ATTACH" | "DETACH" => Some(attach()),
            _ if head.is_transaction_control() => Some(refused(
                END_OF_TRANSACTION,
                "remove it, the caller begins and commits",
            )),
            _ => {
                let (name, value) = head.pragma()?;
                pragma(&name, value, true)
            }
        }
    }

    /// The refusal of a bind parameter, which SQLite would read as `NULL`.
    pub(crate) fn of_parameter() -> Refusal {
        refused(
            "a bind parameter has no value here",
            "write the value itself",
        )
    }

    /// The refusal of a NUL character: SQLite would ignore the text after it.
    pub(crate) fn of_nul() -> Refusal {
        refused("a NUL character ends the text for SQLite", "remove it")
    }

    /// The refusal of an action that SQLite asks the authorizer about.
    pub(crate) fn of_action(
        action: &AuthAction<'_>,
        history: &str,
        scope: Scope,
    ) -> Option<Refusal> {
        if scope == Scope::Unrestricted {
            return None;
        }
        let in_transaction = scope != Scope::NoTransaction;
        match *action {
            AuthAction::Transaction { .. } if in_transaction => Some(refused(
                END_OF_TRANSACTION,
                "remove it, the runner begins and commits",
            )),
            AuthAction::Transaction { .. } => Some(refused(
                "transaction control in a migration without a transaction",
                "remove it, each statement is recorded when it has ended",
            )),
            AuthAction::Savepoint { .. } => Some(savepoint()),
            AuthAction::Attach { .. } | AuthAction::Detach { .. } => Some(attach()),
            AuthAction::Pragma {
                pragma_name,
                pragma_value,
            } => pragma(
                &pragma_name.to_ascii_lowercase(),
                pragma_value,
                in_transaction,
            ),
            _ if scope != Scope::Adoption && changes(action, history) => {
                Some(Refusal::of_history(history))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason, self.help)
    }
}

fn refused(reason: &str, help: &'static str) -> Refusal {
    Refusal {
        reason: reason.to_owned(),
        help,
    }
}

fn savepoint() -> Refusal {
    refused("savepoints are not available in a migration", "remove it")
}

fn attach() -> Refusal {
    refused(
        "a migration cannot attach or detach another database",
        "do it where the application opens the database",
    )
}

fn pragma(name: &str, value: Option<&str>, in_transaction: bool) -> Option<Refusal> {
    let refusal = refused_pragma(name, value, in_transaction)?;
    Some(Refusal {
        reason: format!("`PRAGMA {name}`: {}", refusal.reason),
        help: refusal.help,
    })
}

/// Whether an action changes a table or view of this name, its rows, or an index
/// or a trigger on it. SQLite compares names up to ASCII case.
///
/// A temporary table may have the name, because the history table is always
/// qualified with its schema.
fn changes(action: &AuthAction<'_>, name: &str) -> bool {
    let is_name = |it: &str| it.eq_ignore_ascii_case(name);
    match *action {
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
        | AuthAction::CreateTable { table_name }
        | AuthAction::AlterTable { table_name, .. }
        | AuthAction::DropTable { table_name }
        | AuthAction::CreateVtable { table_name, .. }
        | AuthAction::DropVtable { table_name, .. }
        | AuthAction::CreateTrigger { table_name, .. }
        | AuthAction::CreateTempTrigger { table_name, .. }
        | AuthAction::DropTrigger { table_name, .. }
        | AuthAction::DropTempTrigger { table_name, .. } => is_name(table_name),
        AuthAction::CreateView { view_name } | AuthAction::DropView { view_name } => {
            is_name(view_name)
        }
        AuthAction::CreateIndex {
            index_name,
            table_name,
        }
        | AuthAction::DropIndex {
            index_name,
            table_name,
        } => is_name(table_name) || is_name(index_name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_to_the_history_is_refused() {
        let (table_name, view_name, index_name) = ("Log", "LOG", "i");
        let trigger_name = "t";
        let module_name = "m";
        let column_name = "c";
        let database_name = "main";
        for action in [
            AuthAction::Insert { table_name },
            AuthAction::Update {
                table_name,
                column_name,
            },
            AuthAction::Delete { table_name },
            AuthAction::CreateTable { table_name },
            AuthAction::AlterTable {
                database_name,
                table_name,
            },
            AuthAction::DropTable { table_name },
            AuthAction::CreateView { view_name },
            AuthAction::DropView { view_name },
            AuthAction::CreateVtable {
                table_name,
                module_name,
            },
            AuthAction::DropVtable {
                table_name,
                module_name,
            },
            AuthAction::CreateTrigger {
                trigger_name,
                table_name,
            },
            AuthAction::CreateTempTrigger {
                trigger_name,
                table_name,
            },
            AuthAction::DropTrigger {
                trigger_name,
                table_name,
            },
            AuthAction::DropTempTrigger {
                trigger_name,
                table_name,
            },
            AuthAction::CreateIndex {
                index_name,
                table_name,
            },
            AuthAction::CreateIndex {
                index_name: "LOG",
                table_name: "a",
            },
            AuthAction::DropIndex {
                index_name,
                table_name,
            },
            AuthAction::DropIndex {
                index_name: "log",
                table_name: "a",
            },
        ] {
            let of = |scope, history| Refusal::of_action(&action, history, scope);
            for scope in [Scope::Transaction, Scope::NoTransaction] {
                let refusal = of(scope, "log").map(|it| it.reason);
                let expected = "the history table `log` belongs to the runner";
                assert_eq!(refusal.as_deref(), Some(expected), "{action:?}");
                assert_eq!(of(scope, "history"), None, "{action:?}");
            }
            for scope in [Scope::Unrestricted, Scope::Adoption] {
                assert_eq!(of(scope, "log"), None, "{action:?}");
            }
        }
    }

    #[test]
    fn what_only_reads_the_history_is_not() {
        let (table_name, index_name) = ("log", "log");
        for action in [
            AuthAction::Read {
                table_name,
                column_name: "c",
            },
            AuthAction::Analyze { table_name },
            AuthAction::Reindex { index_name },
            AuthAction::CreateTempTable { table_name },
            AuthAction::CreateTempView { view_name: "log" },
            AuthAction::Select,
        ] {
            let refusal = Refusal::of_action(&action, "log", Scope::Transaction);
            assert_eq!(refusal, None, "{action:?}");
        }
    }

    #[test]
    fn words_are_judged_as_actions_are() {
        let words = |text| Refusal::of_words(text).map(|it| it.reason);
        let savepoint = Some("savepoints are not available in a migration".to_owned());
        for text in [
            "SAVEPOINT s",
            "release s",
            "ROLLBACK TO s",
            "rollback transaction to savepoint s",
        ] {
            assert_eq!(words(text), savepoint, "{text}");
        }
        for text in [
            "BEGIN",
            "commit",
            "ROLLBACK",
            "explain END",
            "ROLLBACK TRANSACTION",
        ] {
            assert_eq!(words(text).as_deref(), Some(END_OF_TRANSACTION), "{text}");
        }
        assert!(words("attach 'a' as b").is_some());
        assert!(words("PRAGMA journal_mode = OFF").is_some());
        assert_eq!(words("PRAGMA journal_mode"), None);
        assert_eq!(words("DELETE FROM a"), None);
    }
}
