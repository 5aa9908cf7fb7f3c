//! The calls that differ between the supported versions of rusqlite.
//!
//! Cargo does not tell a crate which version of a dependency it chose, and a
//! build script would have to guess. So the compiler chooses. A return value is
//! converted by a trait that both return types implement. A method that older
//! versions lack comes from a trait; in newer versions the inherent method of the
//! same name takes precedence. A type that newer versions lack is defined here; in
//! older versions a glob import of rusqlite takes precedence.
//!
//! | since rusqlite | what changed |
//! |---|---|
//! | 0.33 | setting a limit returns a `Result`, before that the old limit |
//! | 0.36 | `Connection::column_metadata` exists; a database is named by a string, before that by the enum `DatabaseName` |
//! | 0.38 | installing a hook returns a `Result`, before that `()` |
//! | 0.41 | installing a hook needs `&mut Connection`, before that `&Connection` |

use rusqlite::hooks::{AuthContext, Authorization};
#[cfg(feature = "limits")]
use rusqlite::limits::Limit;
use rusqlite::{Connection, Result};
use std::ffi::{CStr, c_int};

/// A return value of a call that could not fail in older versions.
trait Fallible<T> {
    fn into_result(self) -> Result<T>;
}

impl Fallible<()> for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl Fallible<i32> for i32 {
    fn into_result(self) -> Result<i32> {
        Ok(self)
    }
}

impl<T> Fallible<T> for Result<T> {
    fn into_result(self) -> Result<T> {
        self
    }
}

/// Installs an authorizer, or removes it.
///
/// # Errors
///
/// The error of rusqlite; before 0.38 there is none.
pub fn set_authorizer<F>(conn: &mut Connection, hook: Option<F>) -> Result<()>
where
    F: for<'r> FnMut(AuthContext<'r>) -> Authorization + Send + 'static,
{
    Fallible::into_result(conn.authorizer(hook))
}

/// Removes the authorizer.
///
/// # Errors
///
/// As [`set_authorizer`].
pub fn remove_authorizer(conn: &mut Connection) -> Result<()> {
    set_authorizer(conn, None::<fn(AuthContext<'_>) -> Authorization>)
}

/// Installs a handler that SQLite calls every `instructions` of its virtual
/// machine, and that interrupts the statement by returning `true`; or removes it.
///
/// # Errors
///
/// As [`set_authorizer`].
pub fn set_progress_handler<F>(
    conn: &mut Connection,
    instructions: c_int,
    handler: Option<F>,
) -> Result<()>
where
    F: FnMut() -> bool + Send + 'static,
{
    Fallible::into_result(conn.progress_handler(instructions, handler))
}

/// Removes the progress handler.
///
/// # Errors
///
/// As [`set_authorizer`].
pub fn remove_progress_handler(conn: &mut Connection) -> Result<()> {
    set_progress_handler(conn, 0, None::<fn() -> bool>)
}

/// Installs a hook that turns a commit into a rollback by returning `true`; or
/// removes it.
///
/// # Errors
///
/// As [`set_authorizer`].
pub fn set_commit_hook<F>(conn: &mut Connection, hook: Option<F>) -> Result<()>
where
    F: FnMut() -> bool + Send + 'static,
{
    Fallible::into_result(conn.commit_hook(hook))
}

/// Removes the commit hook.
///
/// # Errors
///
/// As [`set_authorizer`].
pub fn remove_commit_hook(conn: &mut Connection) -> Result<()> {
    set_commit_hook(conn, None::<fn() -> bool>)
}

/// Sets a limit of the connection.
///
/// # Errors
///
/// Fails if the connection does not know the limit; before rusqlite 0.33 never.
#[cfg(feature = "limits")]
pub fn set_limit(conn: &Connection, limit: Limit, value: c_int) -> Result<()> {
    Fallible::into_result(conn.set_limit(limit, value)).map(drop)
}

/// Whether the main database of the connection can only be read.
///
/// # Errors
///
/// Fails if the connection has no main database, which does not happen.
pub fn is_readonly(conn: &Connection) -> Result<bool> {
    // Before 0.36 this imports the enum `DatabaseName`: an import in a block
    // shadows the items of its module.
    #[allow(unused_imports, reason = "since 0.36 there is no such enum")]
    use rusqlite::*;
    conn.is_readonly(DatabaseName::Main)
}

/// `rusqlite::DatabaseName` since 0.36, where a database is named by a string.
#[allow(
    dead_code,
    non_snake_case,
    non_upper_case_globals,
    reason = "the names are those of rusqlite"
)]
mod DatabaseName {
    pub(super) const Main: &str = "main";
}

/// Type, collation, and whether it is not null, part of the primary key, and
/// auto-incremented.
type Metadata<'c> = (Option<&'c CStr>, Option<&'c CStr>, bool, bool, bool);

/// `Connection::column_metadata` for rusqlite before 0.36, as far as it is used here.
#[allow(dead_code, reason = "since 0.36 the inherent method takes precedence")]
trait ColumnMetadata {
    fn column_metadata(
        &self,
        database: Option<&str>,
        table: &str,
        column: &str,
    ) -> Result<Metadata<'_>>;
}

impl ColumnMetadata for Connection {
    fn column_metadata(
        &self,
        _database: Option<&str>,
        table: &str,
        column: &str,
    ) -> Result<Metadata<'_>> {
        let table = table.replace('"', "\"\"");
        let mut statement = self.prepare(&format!("PRAGMA main.table_info(\"{table}\")"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            if name.eq_ignore_ascii_case(column) {
                let (is_not_null, position): (bool, i64) = (row.get(3)?, row.get(5)?);
                return Ok((None, None, is_not_null, position > 0, false));
            }
        }
        Err(rusqlite::Error::InvalidColumnName(column.to_owned()))
    }
}

/// Whether this column of a table in the main database is part of its primary
/// key. It is not if there is no such table or column, or if the table is a view.
pub fn is_primary_key(conn: &Connection, table: &str, column: &str) -> bool {
    let metadata = conn.column_metadata(Some("main"), table, column);
    matches!(metadata, Ok((_, _, _, true, _)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::hooks::AuthAction;

    fn database() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        let sql = "CREATE TABLE \"a \"\"b\"(id INTEGER PRIMARY KEY, name TEXT);
                   CREATE TABLE two(x, y, z, PRIMARY KEY(y, x)) WITHOUT ROWID;
                   CREATE VIEW seen AS SELECT id FROM \"a \"\"b\"";
        conn.execute_batch(sql).unwrap();
        conn
    }

    #[test]
    fn hooks_are_installed_and_removed() {
        let mut conn = database();
        let deny = |context: AuthContext<'_>| match context.action {
            AuthAction::Delete { .. } => Authorization::Deny,
            _ => Authorization::Allow,
        };
        set_authorizer(&mut conn, Some(deny)).unwrap();
        assert!(conn.execute_batch("DELETE FROM two").is_err());
        remove_authorizer(&mut conn).unwrap();
        conn.execute_batch("DELETE FROM two").unwrap();

        set_progress_handler(&mut conn, 1, Some(|| true)).unwrap();
        assert!(
            conn.execute_batch("INSERT INTO two VALUES(1, 2, 3)")
                .is_err()
        );
        remove_progress_handler(&mut conn).unwrap();
        conn.execute_batch("INSERT INTO two VALUES(1, 2, 3)")
            .unwrap();

        set_commit_hook(&mut conn, Some(|| true)).unwrap();
        assert!(
            conn.execute_batch("INSERT INTO two VALUES(4, 5, 6)")
                .is_err()
        );
        remove_commit_hook(&mut conn).unwrap();
        conn.execute_batch("INSERT INTO two VALUES(4, 5, 6)")
            .unwrap();
    }

    #[test]
    fn a_connection_knows_whether_it_is_readonly() {
        assert!(!is_readonly(&database()).unwrap());
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let conn = Connection::open_in_memory_with_flags(flags).unwrap();
        assert!(is_readonly(&conn).unwrap());
    }

    #[test]
    fn primary_keys_are_found() {
        let conn = database();
        let ask = |table, column| {
            let ours = is_primary_key(&conn, table, column);
            // The trait method for older versions gives the same answer.
            let old = ColumnMetadata::column_metadata(&conn, Some("main"), table, column);
            assert_eq!(matches!(old, Ok((_, _, _, true, _))), ours);
            ours
        };
        assert!(ask("a \"b", "id") && ask("A \"B", "ID") && !ask("a \"b", "name"));
        assert!(ask("two", "x") && ask("two", "y") && !ask("two", "z"));
        assert!(!ask("seen", "id") && !ask("none", "id") && !ask("two", "none"));
    }
}
