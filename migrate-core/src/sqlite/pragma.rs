/// Why a pragma is refused in a migration, and what to do instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PragmaRefusal {
    /// Why: the rest of a sentence.
    pub reason: &'static str,
    /// How to mend it.
    pub help: &'static str,
}

const REMOVE: &str = "remove it";

/// Says whether a migration may use a pragma; `name` is lower-case.
///
/// Refused are those that the runner itself decides, those that stay on the
/// connection after a rollback and could harm the next migration, and those
/// that do nothing in a transaction: <https://sqlite.org/pragma.html>.
///
/// ```
/// use migrate_core::sqlite::refused_pragma;
///
/// assert!(refused_pragma("foreign_keys", true).is_some());
/// assert!(refused_pragma("foreign_keys", false).is_none());
/// assert!(refused_pragma("user_version", true).is_none());
/// ```
pub fn refused_pragma(name: &str, has_value: bool) -> Option<PragmaRefusal> {
    let (reason, help) = match name {
        "wal_checkpoint" => (
            "it cannot run in a transaction, and every migration does",
            REMOVE,
        ),
        _ if !has_value => return None,
        "foreign_keys" => (
            "it does nothing in a transaction",
            "remove it: the runner switches foreign keys off for the run, and checks before each \
             commit that no reference was broken",
        ),
        "synchronous" | "page_size" | "auto_vacuum" | "encoding" => {
            ("it does nothing in a transaction", REMOVE)
        }
        "journal_mode" => (
            "with it, a failing migration could no longer be rolled back",
            "remove it, and set the mode where the application opens the database",
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
            "it would stay on the connection after the migration",
            "remove it, and set it where the application opens the database",
        ),
        "writable_schema" | "schema_version" => (
            "it can damage the database",
            "remove it, and change the schema with `ALTER TABLE`, or by building the table anew",
        ),
        _ => return None,
    };
    Some(PragmaRefusal { reason, help })
}
