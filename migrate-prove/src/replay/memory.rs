//! A database in memory that runs migrations as the runtime does: foreign keys
//! off and checked before the commit, no double-quoted strings, and nothing
//! that leaves its transaction or touches the disk.

use crate::Options;
use migrate_model::pragma::refused_pragma;
use migrate_scan::sqlite::quote;
use migrate_sqlite::compat;
use migrate_sqlite::integrity::{self, Problems};
use migrate_sqlite::settings::refuse_double_quoted_strings;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Result};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often the budget of steps is looked at, in steps of SQLite's machine.
const CHECK_EVERY: i32 = 10_000;

pub(crate) struct Memory {
    pub(crate) conn: Connection,
    /// The tables that a copy was made without though others refer to them, in
    /// lower case.
    pub(crate) elsewhere: BTreeSet<String>,
    watch: Arc<Mutex<Watch>>,
    /// How many steps are left, and how many a script may take.
    left: Arc<AtomicU64>,
    budget: u64,
}

/// What the authorizer knows.
#[derive(Debug, Default)]
struct Watch {
    /// Whether a script runs, and if in a transaction.
    script: Option<bool>,
    history: String,
    refusal: Option<String>,
    /// The tables and views whose definition was changed, in lower case.
    touched: BTreeSet<String>,
    /// The tables and views in which rows were made, changed or deleted, in
    /// lower case.
    written: BTreeSet<String>,
}

impl Memory {
    /// A database with these columns of the history table, by their definitions.
    pub(crate) fn open(options: &Options<'_>, history: &[(&str, &str)]) -> Result<Memory> {
        let mut conn = Connection::open_in_memory()?;
        // What is sorted must not spill into a file either.
        conn.execute_batch("PRAGMA temp_store = MEMORY")?;
        register(&conn, options)?;
        if options.setup.is_some() {
            // The application may have set something else.
            conn.execute_batch("PRAGMA temp_store = MEMORY")?;
        }
        // The limit stops what SQLite attaches by itself, for VACUUM.
        compat::set_limit(&conn, Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        refuse_double_quoted_strings(&conn)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
        // It is the first of all tables, as in an application. A script may
        // read it.
        let columns = history.iter().map(|(name, kind)| format!("{name} {kind}"));
        let columns: Vec<String> = columns.collect();
        let (table, columns) = (quote(options.history), columns.join(", "));
        conn.execute_batch(&format!("CREATE TABLE main.{table} ({columns}) STRICT"))?;
        let watch = Arc::new(Mutex::new(Watch {
            history: options.history.to_owned(),
            ..Watch::default()
        }));
        let state = Arc::clone(&watch);
        let answer = move |context: AuthContext<'_>| lock(&state).answer(&context);
        compat::set_authorizer(&mut conn, Some(answer))?;
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
            elsewhere: BTreeSet::new(),
            watch,
            left,
            budget,
        })
    }

    /// Lets what comes next take as many steps as one migration may.
    pub(crate) fn start_anew(&self) {
        self.left.store(self.budget, Ordering::Relaxed);
    }

    /// The temporary tables and views, as statements that drop them.
    pub(crate) fn temporary(&self) -> Result<BTreeSet<String>> {
        let mut statement = self.conn.prepare_cached(
            "SELECT 'DROP ' || type || ' IF EXISTS temp.\"' || replace(name, '\"', '\"\"') || '\"' \
             FROM temp.sqlite_schema WHERE type IN ('table', 'view')",
        )?;
        let drops = statement.query_map([], |row| row.get(0))?;
        drops.collect()
    }

    /// Drops what is temporary beside this: it goes with a connection, and the
    /// other direction is not run on the same one.
    pub(crate) fn drop_temporary(&self, beside: &BTreeSet<String>) -> Result<()> {
        for drop in self.temporary()?.difference(beside) {
            self.conn.execute_batch(drop)?;
        }
        Ok(())
    }

    /// While `act` runs, the authorizer judges.
    pub(crate) fn as_script<T>(&self, in_transaction: bool, act: impl FnOnce() -> T) -> T {
        lock(&self.watch).script = Some(in_transaction);
        let result = act();
        lock(&self.watch).script = None;
        result
    }

    pub(crate) fn take_refusal(&self) -> Option<String> {
        lock(&self.watch).refusal.take()
    }

    /// The tables and views whose definition was changed since this was asked
    /// last, in lower case.
    pub(crate) fn take_touched(&self) -> BTreeSet<String> {
        std::mem::take(&mut lock(&self.watch).touched)
    }

    /// The tables and views in which scripts have written since this was asked
    /// last, triggers included, in lower case.
    pub(crate) fn take_written(&self) -> BTreeSet<String> {
        std::mem::take(&mut lock(&self.watch).written)
    }

    pub(crate) fn problems(&self) -> Result<Problems> {
        integrity::check(&self.conn, &self.elsewhere)
    }

    /// A number that a query returns, or nothing.
    pub(crate) fn number(&self, sql: &str) -> Result<i64> {
        self.conn.query_row(sql, [], |row| row.get(0))
    }
}

/// Gives a connection what stands for functions, with their numbers of
/// arguments, and for collations, whose code is elsewhere. What is registered
/// afterwards under the same name takes the place of it.
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
        // Whatever it does, it has no effect and is the same for equal input.
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        conn.create_scalar_function(name.as_ref(), arguments, flags, |context| {
            match context.is_empty() {
                true => Ok(rusqlite::types::Value::Null),
                false => context.get::<rusqlite::types::Value>(0),
            }
        })?;
    }
    for name in collations {
        conn.create_collation(name.as_ref(), |a, b| a.cmp(b))?;
    }
    Ok(())
}

/// The functions and collations of the application, or what stands for them.
fn register(conn: &Connection, options: &Options<'_>) -> Result<()> {
    let functions = options.functions.iter();
    let functions = functions.map(|(name, arguments)| (name, *arguments));
    stand_in(conn, functions, options.collations)?;
    options.setup.map_or(Ok(()), |setup| setup(conn))
}

fn lock(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    fn answer(&mut self, context: &AuthContext<'_>) -> Authorization {
        let Some(in_transaction) = self.script else {
            return Authorization::Allow;
        };
        self.note(&context.action);
        match refusal(&context.action, &self.history, in_transaction) {
            None => Authorization::Allow,
            Some(what) => {
                self.refusal = Some(what);
                Authorization::Deny
            }
        }
    }

    fn note(&mut self, action: &AuthAction<'_>) {
        if let AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name } = action
        {
            self.written.insert(table_name.to_ascii_lowercase());
        }
        if let Some(table) = changed(action) {
            self.touched.insert(table.to_ascii_lowercase());
        }
    }
}

/// The table or view whose definition, or that of something on it, changes.
fn changed<'a>(action: &AuthAction<'a>) -> Option<&'a str> {
    match *action {
        AuthAction::CreateTable { table_name }
        | AuthAction::DropTable { table_name }
        | AuthAction::CreateIndex { table_name, .. }
        | AuthAction::DropIndex { table_name, .. }
        | AuthAction::CreateTrigger { table_name, .. }
        | AuthAction::DropTrigger { table_name, .. }
        | AuthAction::CreateView {
            view_name: table_name,
        }
        | AuthAction::DropView {
            view_name: table_name,
        }
        | AuthAction::AlterTable { table_name, .. }
        | AuthAction::CreateVtable { table_name, .. }
        | AuthAction::DropVtable { table_name, .. } => Some(table_name),
        _ => None,
    }
}

/// Why an action is refused, as the runtime would.
fn refusal(action: &AuthAction<'_>, history: &str, in_transaction: bool) -> Option<String> {
    let is_history = |name: &str| name.eq_ignore_ascii_case(history);
    match *action {
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Some("a migration cannot begin or end transactions; the runner does that".to_owned())
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("a migration cannot attach or detach another database".to_owned())
        }
        AuthAction::Pragma {
            pragma_name,
            pragma_value,
        } => {
            let name = pragma_name.to_ascii_lowercase();
            let refusal = refused_pragma(&name, pragma_value, in_transaction)?;
            Some(format!("`PRAGMA {name}`: {}", refusal.reason))
        }
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. }
            if is_history(table_name) =>
        {
            Some(format!(
                "the history table `{history}` belongs to the runner"
            ))
        }
        ref other if changed(other).is_some_and(is_history) => Some(format!(
            "the history table `{history}` belongs to the runner"
        )),
        _ => None,
    }
}
