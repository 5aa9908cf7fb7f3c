//! The pragmas that a migration may use on SQLite.

/// The reason why a pragma is refused in a migration, and what to do instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PragmaRefusal {
    /// The reason, as the rest of a sentence.
    pub reason: &'static str,
    /// How to fix it.
    pub help: &'static str,
}

const REMOVE: &str = "remove it";

const NO_TRANSACTION: &str =
    "move it into a migration of its own with `-- migrate: no-transaction` on its first line";

/// Returns why a migration must not use a pragma, or `None` if it may. `name` is in lower case;
/// `value` is the value to set.
///
/// The following are refused: pragmas that the runner sets itself, pragmas that stay in effect
/// on the connection after a rollback and could harm the next migration, and pragmas that have
/// no effect in a transaction. See <https://sqlite.org/pragma.html>.
///
/// ```
/// use migrate_model::pragma::refused_pragma;
///
/// assert!(refused_pragma("foreign_keys", Some("on"), true).is_some());
/// assert!(refused_pragma("foreign_keys", None, true).is_none());
/// assert!(refused_pragma("user_version", Some("7"), true).is_none());
/// assert!(refused_pragma("journal_mode", Some("wal"), true).is_some());
/// assert!(refused_pragma("journal_mode", Some("wal"), false).is_none());
/// ```
pub fn refused_pragma(
    name: &str,
    value: Option<&str>,
    in_transaction: bool,
) -> Option<PragmaRefusal> {
    let managed = if in_transaction {
        "it does nothing in a transaction"
    } else {
        "the runner sets it for the run"
    };
    let (reason, help) = match name {
        "wal_checkpoint" if in_transaction => (
            "it cannot run in a transaction, and this migration does",
            NO_TRANSACTION,
        ),
        _ if value.is_none() => return None,
        "journal_mode" if !in_transaction && value.is_some_and(is_safe_journal) => return None,
        "page_size" | "auto_vacuum" if !in_transaction => return None,
        "page_size" | "auto_vacuum" => ("it does nothing in a transaction", NO_TRANSACTION),
        "foreign_keys" => (
            managed,
            "remove it: the runner turns foreign keys off for the run, and checks before each \
             commit that no reference was broken",
        ),
        "synchronous" => (managed, REMOVE),
        "encoding" => ("it does nothing in a database that has tables", REMOVE),
        "journal_mode" if in_transaction => (
            "a failing migration could no longer be rolled back",
            NO_TRANSACTION,
        ),
        "journal_mode" => (
            "without a journal on disk, a crash could corrupt the database",
            "set `wal`, `delete`, `truncate` or `persist`",
        ),
        "locking_mode"
        | "query_only"
        | "busy_timeout"
        | "temp_store"
        | "temp_store_directory"
        | "data_store_directory"
        | "max_page_count"
        | "case_sensitive_like"
        | "secure_delete"
        | "wal_autocheckpoint"
        | "soft_heap_limit"
        | "hard_heap_limit" => (
            "it would stay in effect on the connection after the migration",
            "remove it, and set it where the application opens the database",
        ),
        "writable_schema" | "schema_version" => (
            "it can damage the database",
            "remove it, and change the schema with `ALTER TABLE`, or by rebuilding the table",
        ),
        _ => return None,
    };
    Some(PragmaRefusal { reason, help })
}

fn is_safe_journal(mode: &str) -> bool {
    ["wal", "delete", "truncate", "persist"]
        .iter()
        .any(|safe| mode.trim_matches(['\'', '"']).eq_ignore_ascii_case(safe))
}
