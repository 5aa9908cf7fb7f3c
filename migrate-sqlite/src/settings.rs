//! The settings of a connection that a run or a migration may change: they are
//! saved before it and restored after it.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, OptionalExtension, Result};

/// Pragmas of a connection that a run or a migration may change, and that a
/// rollback does not restore: <https://sqlite.org/pragma.html>. Pragmas that are
/// missing here cannot be read or restored, and a migration may not set them.
pub const PRAGMAS: [&str; 25] = [
    "foreign_keys",
    "synchronous",
    "legacy_alter_table",
    "recursive_triggers",
    "ignore_check_constraints",
    "writable_schema",
    "query_only",
    "cache_size",
    "trusted_schema",
    "defer_foreign_keys",
    "analysis_limit",
    "automatic_index",
    "cache_spill",
    "cell_size_check",
    "checkpoint_fullfsync",
    "count_changes",
    "empty_result_callbacks",
    "full_column_names",
    "fullfsync",
    "journal_size_limit",
    "mmap_size",
    "read_uncommitted",
    "reverse_unordered_selects",
    "short_column_names",
    "threads",
];

/// The pragmas that the run itself sets, and that a migration cannot change.
const SET_BY_THE_RUN: [&str; 2] = ["foreign_keys", "synchronous"];

const DOUBLE_QUOTED_STRINGS: [DbConfig; 2] = [
    DbConfig::SQLITE_DBCONFIG_DQS_DDL,
    DbConfig::SQLITE_DBCONFIG_DQS_DML,
];

/// The settings of a connection as they were when they were read.
///
/// ```
/// use migrate_sqlite::rusqlite::Connection;
/// use migrate_sqlite::settings::{SavedSettings, read_pragma};
///
/// let conn = Connection::open_in_memory()?;
/// let saved = SavedSettings::read(&conn)?;
/// conn.execute_batch("PRAGMA legacy_alter_table = ON")?;
/// saved.restore(&conn, |_| false)?;
/// assert_eq!(read_pragma(&conn, "legacy_alter_table")?, Some(0));
/// # Ok::<(), migrate_sqlite::rusqlite::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedSettings {
    pragmas: Vec<(&'static str, i64)>,
    double_quoted_strings: [bool; 2],
}

impl SavedSettings {
    /// Reads every setting.
    ///
    /// # Errors
    ///
    /// Fails if a setting cannot be read. If another connection holds a lock, try
    /// again.
    pub fn read(conn: &Connection) -> Result<SavedSettings> {
        let mut pragmas = Vec::with_capacity(PRAGMAS.len());
        for pragma in PRAGMAS {
            pragmas.extend(read_pragma(conn, pragma)?.map(|value| (pragma, value)));
        }
        let [in_ddl, in_dml] = DOUBLE_QUOTED_STRINGS.map(|config| conn.db_config(config));
        Ok(SavedSettings {
            pragmas,
            double_quoted_strings: [in_ddl?, in_dml?],
        })
    }

    /// The value of a pragma; `None` if this SQLite does not have it.
    pub fn pragma(&self, pragma: &str) -> Option<i64> {
        let mut pragmas = self.pragmas();
        pragmas.find_map(|(name, value)| (name == pragma).then_some(value))
    }

    /// Every pragma with its value.
    pub fn pragmas(&self) -> impl Iterator<Item = (&'static str, i64)> + use<'_> {
        self.pragmas.iter().copied()
    }

    /// Restores what a migration may have changed, so that the next migration
    /// starts with the settings of a run of its own. The settings that the run
    /// itself made stay.
    ///
    /// After an error, `retry` decides whether to try again.
    ///
    /// # Errors
    ///
    /// Fails if a setting cannot be restored; the others are restored even so.
    pub fn restore(&self, conn: &Connection, mut retry: impl FnMut(&Error) -> bool) -> Result<()> {
        let mut result = Ok(());
        for (pragma, value) in self.pragmas() {
            if !is_set_by_the_run(pragma) {
                result = result.and(restore_pragma(conn, pragma, value, &mut retry));
            }
        }
        result
    }

    /// Allows double-quoted strings again if the schema contains some, as a schema
    /// older than these crates may. Otherwise no `ALTER TABLE … RENAME` of any
    /// table would work, because it compiles the whole schema. Call it in a
    /// transaction; the attempt is rolled back.
    ///
    /// # Errors
    ///
    /// Fails if the attempt ended the transaction, as an interrupt does.
    pub fn allow_existing_double_quoted_strings(&self, conn: &Connection) -> Result<()> {
        const TRY: &str = "SAVEPOINT migrate_try; CREATE TABLE main.migrate_try(a); \
                           ALTER TABLE main.migrate_try RENAME TO migrate_tried";
        let has_quotes = "SELECT 1 FROM main.sqlite_schema WHERE instr(sql, '\"') LIMIT 1";
        if !conn.prepare(has_quotes)?.exists([])? {
            return Ok(());
        }
        let tried = conn.execute_batch(TRY);
        // An interrupt or a disk error ends the whole transaction, and nothing of
        // the migration may run outside it.
        if conn.is_autocommit() {
            return tried;
        }
        conn.execute_batch("ROLLBACK TO migrate_try; RELEASE migrate_try")?;
        if tried.is_err() {
            self.restore_double_quoted_strings(conn);
        }
        Ok(())
    }

    /// Accepts double-quoted strings if the connection did before.
    pub fn restore_double_quoted_strings(&self, conn: &Connection) {
        for (config, was_on) in DOUBLE_QUOTED_STRINGS
            .into_iter()
            .zip(self.double_quoted_strings)
        {
            // This cannot fail on a connection that reported the value.
            let _ = conn.set_db_config(config, was_on);
        }
    }
}

/// Whether the run itself sets a pragma, which a migration cannot change.
pub fn is_set_by_the_run(pragma: &str) -> bool {
    SET_BY_THE_RUN.contains(&pragma)
}

/// Whether a pragma is saved and restored.
pub fn is_saved(pragma: &str) -> bool {
    PRAGMAS.contains(&pragma)
}

/// Disallows double-quoted strings: a misspelled column in double quotes would
/// become a string and be written into the data.
///
/// # Errors
///
/// Fails if this SQLite is too old to have the setting.
pub fn refuse_double_quoted_strings(conn: &Connection) -> Result<()> {
    for config in DOUBLE_QUOTED_STRINGS {
        conn.set_db_config(config, false)?;
    }
    Ok(())
}

/// Restores a pragma if its value has changed. While another connection to a shared
/// cache changes the schema, even this statement cannot be prepared: after an error,
/// `retry` decides whether to try again.
///
/// # Errors
///
/// Fails with the last error, once `retry` returns `false`.
pub fn restore_pragma(
    conn: &Connection,
    pragma: &str,
    value: i64,
    mut retry: impl FnMut(&Error) -> bool,
) -> Result<()> {
    loop {
        let restored = read_pragma(conn, pragma).and_then(|found| {
            if found == Some(value) {
                return Ok(());
            }
            write_pragma(conn, pragma, value)
        });
        match restored {
            Err(error) if retry(&error) => {}
            restored => return restored,
        }
    }
}

/// The value of a pragma; `None` if this SQLite does not have it.
///
/// # Errors
///
/// Fails if the value cannot be read.
pub fn read_pragma(conn: &Connection, pragma: &str) -> Result<Option<i64>> {
    conn.query_row(&format!("PRAGMA main.{pragma}"), [], |row| row.get(0))
        .optional()
}

/// Sets a pragma.
///
/// # Errors
///
/// Fails if SQLite refuses the value.
pub fn write_pragma(conn: &Connection, pragma: &str, value: i64) -> Result<()> {
    conn.execute_batch(&format!("PRAGMA main.{pragma} = {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_migration_may_change_is_restored() {
        let conn = Connection::open_in_memory().unwrap();
        write_pragma(&conn, "foreign_keys", 1).unwrap();
        let before = SavedSettings::read(&conn).unwrap();
        conn.execute_batch(
            "PRAGMA cache_size = 7; PRAGMA recursive_triggers = ON; PRAGMA foreign_keys = OFF",
        )
        .unwrap();
        refuse_double_quoted_strings(&conn).unwrap();
        before.restore(&conn, |_| false).unwrap();
        assert_eq!(
            before.pragma("cache_size"),
            read_pragma(&conn, "cache_size").unwrap()
        );
        assert_eq!(read_pragma(&conn, "recursive_triggers").unwrap(), Some(0));
        // The run sets it, and restores it at its end.
        assert_eq!(read_pragma(&conn, "foreign_keys").unwrap(), Some(0));
        conn.query_row("SELECT \"text\"", [], |_| Ok(()))
            .unwrap_err();
        before.restore_double_quoted_strings(&conn);
        restore_pragma(&conn, "foreign_keys", 1, |_| false).unwrap();
        assert_eq!(SavedSettings::read(&conn).unwrap(), before);
    }

    /// Each setting is retried until the caller gives up, and a failure does not
    /// prevent the others from being restored.
    #[test]
    fn the_caller_decides_how_often_to_try() {
        let mut conn = Connection::open_in_memory().unwrap();
        let before = SavedSettings::read(&conn).unwrap();
        conn.execute_batch("PRAGMA cache_size = 7").unwrap();
        crate::compat::set_authorizer(
            &mut conn,
            Some(
                |context: rusqlite::hooks::AuthContext<'_>| match context.action {
                    rusqlite::hooks::AuthAction::Pragma {
                        pragma_name: "recursive_triggers",
                        ..
                    } => rusqlite::hooks::Authorization::Deny,
                    _ => rusqlite::hooks::Authorization::Allow,
                },
            ),
        )
        .unwrap();
        let mut left = 3;
        let retry = |_: &Error| {
            left -= 1;
            left > 0
        };
        before.restore(&conn, retry).unwrap_err();
        assert_eq!(left, 0);
        assert_eq!(
            before.pragma("cache_size"),
            read_pragma(&conn, "cache_size").unwrap()
        );
    }

    #[test]
    fn strings_of_an_old_schema_stay_allowed() {
        for (schema, is_allowed) in [
            ("CREATE TABLE a(x)", false),
            ("CREATE VIEW v AS SELECT \"a text\"", true),
        ] {
            let conn = Connection::open_in_memory().unwrap();
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, true)
                .unwrap();
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)
                .unwrap();
            conn.execute_batch(schema).unwrap();
            let saved = SavedSettings::read(&conn).unwrap();
            refuse_double_quoted_strings(&conn).unwrap();
            conn.execute_batch("BEGIN").unwrap();
            saved.allow_existing_double_quoted_strings(&conn).unwrap();
            assert!(!conn.is_autocommit());
            let is_on = conn.db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML).unwrap();
            assert_eq!(is_on, is_allowed, "{schema}");
        }
    }
}
