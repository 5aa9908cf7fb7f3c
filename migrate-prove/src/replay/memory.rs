//! A database in memory that runs migrations as the runtime does: foreign keys are off,
//! double-quoted strings are refused, and no statement leaves its transaction or touches the disk.

use crate::Options;
use migrate_scan::sqlite::quote;
use migrate_sqlite::authorizer::Authorizer;
use migrate_sqlite::compat;
use migrate_sqlite::integrity::{self, Problems};
use migrate_sqlite::settings::refuse_double_quoted_strings;
use migrate_sqlite::temporary::{Temporary, drop_temporary, temporary};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::limits::Limit;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often the step budget is checked, in steps of SQLite's virtual machine.
const CHECK_EVERY: i32 = 10_000;

pub(crate) struct Memory {
    pub(crate) conn: Connection,
    /// Whether its first table is the history.
    pub(crate) has_history: bool,
    /// Tables that the copy lacks although others refer to them, in lower case.
    pub(crate) elsewhere: BTreeSet<String>,
    pub(crate) authorizer: Authorizer,
    /// The number of steps left, and the number that a script may take.
    left: Arc<AtomicU64>,
    budget: u64,
}

impl Memory {
    /// A database with these columns of the history table, by their definitions. Without any, there
    /// is no such table.
    pub(crate) fn open(options: &Options<'_>, history: &[(&str, &str)]) -> Result<Memory> {
        let mut conn = Connection::open_in_memory()?;
        // Sorting must not spill into a file either.
        conn.execute_batch("PRAGMA temp_store = MEMORY")?;
        register(&conn, options)?;
        if options.setup.is_some() {
            // The application may have changed it.
            conn.execute_batch("PRAGMA temp_store = MEMORY")?;
        }
        // This also stops the file that SQLite attaches for VACUUM.
        compat::set_limit(&conn, Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        refuse_double_quoted_strings(&conn)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
        // It is the first table, as in an application. A script may read it.
        let columns: Vec<String> = history
            .iter()
            .map(|(name, kind)| format!("{name} {kind}"))
            .collect();
        let (table, columns) = (quote(options.history), columns.join(", "));
        if !columns.is_empty() {
            conn.execute_batch(&format!("CREATE TABLE main.{table} ({columns}) STRICT"))?;
        }
        let authorizer = Authorizer::new(options.history);
        authorizer.install(&mut conn)?;
        let budget = options.max_steps.unwrap_or(u64::MAX);
        let left = Arc::new(AtomicU64::new(budget));
        if options.max_steps.is_some() {
            let left = Arc::clone(&left);
            let spend = |left: u64| left.checked_sub(CHECK_EVERY.unsigned_abs().into());
            let handler = move || {
                let spent = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
                spent.is_err()
            };
            compat::set_progress_handler(&mut conn, CHECK_EVERY, Some(handler))?;
        }
        Ok(Memory {
            conn,
            has_history: !columns.is_empty(),
            elsewhere: BTreeSet::new(),
            authorizer,
            left,
            budget,
        })
    }

    /// Resets the step budget for the next migration.
    pub(crate) fn reset_budget(&self) {
        self.left.store(self.budget, Ordering::Relaxed);
    }

    pub(crate) fn temporary(&self) -> Result<BTreeSet<Temporary>> {
        temporary(&self.conn)
    }

    /// Drops the temporary objects, except these. They end with their migration.
    pub(crate) fn drop_temporary(&self, beside: &BTreeSet<Temporary>) -> Result<()> {
        drop_temporary(&self.conn, self.temporary()?.difference(beside))
    }

    /// The functions that SQLite does not have itself, with their numbers of arguments.
    pub(crate) fn functions(&self) -> Result<BTreeSet<(String, i32)>> {
        let list = "SELECT name, narg FROM pragma_function_list WHERE NOT builtin";
        let mut statement = self.conn.prepare(list)?;
        let functions = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        functions.collect()
    }

    /// Removes the functions that a migration has registered on its connection, beside these.
    pub(crate) fn remove_functions(&self, beside: &BTreeSet<(String, i32)>) -> Result<()> {
        for (name, arguments) in self.functions()?.difference(beside) {
            self.conn.remove_function(name.as_str(), *arguments)?;
        }
        Ok(())
    }

    pub(crate) fn problems(&self) -> Result<Problems> {
        integrity::check(&self.conn, &self.elsewhere)
    }

    /// The number that a query returns.
    pub(crate) fn number(&self, sql: &str) -> Result<i64> {
        self.conn.query_row(sql, [], |row| row.get(0))
    }
}

/// Registers placeholders for functions, with their numbers of arguments, and for
/// collations, whose code is elsewhere. A later registration of the same name replaces
/// the placeholder.
///
/// # Errors
///
/// Fails if SQLite refuses a name.
pub fn stand_in(
    conn: &Connection,
    functions: impl IntoIterator<Item = (impl AsRef<str>, i32)>,
    collations: impl IntoIterator<Item = impl AsRef<str>>,
) -> Result<()> {
    for (name, arguments) in functions {
        // The placeholder has no effect and is deterministic. Everything matches.
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        let is_match = ["regexp", "match"].contains(&&*name.as_ref().to_ascii_lowercase());
        conn.create_scalar_function(name.as_ref(), arguments, flags, move |context| {
            if is_match {
                Ok(rusqlite::types::Value::Integer(1))
            } else if context.is_empty() {
                Ok(rusqlite::types::Value::Null)
            } else {
                context.get::<rusqlite::types::Value>(0)
            }
        })?;
    }
    for name in collations {
        conn.create_collation(name.as_ref(), |a, b| a.cmp(b))?;
    }
    Ok(())
}

/// The functions and collations of the application, or placeholders for them.
fn register(conn: &Connection, options: &Options<'_>) -> Result<()> {
    let functions = options.functions.iter();
    let functions = functions.map(|(name, arguments)| (name, *arguments));
    stand_in(conn, functions, options.collations)?;
    options.setup.map_or(Ok(()), |setup| setup(conn))
}
