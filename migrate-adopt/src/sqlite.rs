//! Adoption on SQLite.

use crate::Tool;
use crate::adoption::draft::{self, AdoptionResult, Draft};
use crate::adoption::leftover::others;
use crate::error::{Error, Kind};
use crate::history::sqlite;
use crate::{Adoption, Options};
use migrate_runtime::Migrator;
use migrate_runtime::rusqlite::Connection;
use migrate_scan::sqlite::quote;

/// Shows what [`adopt`] would do. Nothing is written.
///
/// # Errors
///
/// As [`adopt`], as far as it can be known without the lock.
pub fn plan_adoption<M>(
    migrator: &Migrator<M>,
    conn: &Connection,
    tool: Tool,
    options: &Options,
) -> Result<Adoption, Error> {
    check_place(migrator, conn, tool, options)?;
    find(migrator, conn, tool, options).map(|(adoption, _)| adoption)
}

/// Records in our history what another tool has applied, in one transaction and
/// without running any migration. The tool's table is not changed, unless
/// [`Options::rename_to`] renames it.
///
/// ```
/// use migrate_adopt::{Options, Tool, adopt};
/// use migrate_runtime::{embed_migrations, rusqlite::Connection};
///
/// embed_migrations!("../migrations", watch = false);
///
/// let mut db = Connection::open_in_memory()?;
/// # for migration in [Migration::V001InitialSchema, Migration::V002AddIndexes] {
/// #     db.execute_batch(migration.get().up.sql())?;
/// # }
/// # db.execute_batch(
/// #     "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL,
/// #      run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
/// #      INSERT INTO __diesel_schema_migrations(version) VALUES ('20240101000000'), ('20240102000000')",
/// # )?;
/// // diesel has applied two of three.
/// let adoption = adopt(&Migration::migrator(), &mut db, Tool::Diesel, &Options::default())?;
/// assert_eq!(adoption.rows[1].old_id, "20240102000000");
/// assert_eq!(adoption.rows[1].label, "002_add_indexes");
/// assert_eq!(adoption.pending, ["003_add_tree_indexes"]);
/// println!("{adoption}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the tool has no history here or one that cannot be read, if one of
/// its migrations failed half-way, if the applied migrations are not the first
/// ones of the registry or differ from the files, or if there already is a
/// history of ours. Nothing is written in these cases. The predicates of
/// [`Error`] tell them apart; [`Error::runtime`] is the error of the runtime.
pub fn adopt<M>(
    migrator: &Migrator<M>,
    conn: &mut Connection,
    tool: Tool,
    options: &Options,
) -> Result<Adoption, Error> {
    check_place(migrator, conn, tool, options)?;
    let mut found = None;
    let written = migrator.adopt(conn, |conn| {
        let renamed = find(migrator, conn, tool, options).and_then(|(adoption, adopted)| {
            rename(conn, &adoption)?;
            Ok((adoption, adopted))
        });
        let (adoption, adopted) = draft::divided(renamed);
        found = Some(adoption);
        adopted
    });
    draft::outcome(tool, written, found)
}

/// Like [`adopt`], but only if there is something to adopt: for an application
/// that has switched to this family of crates, and starts both on users'
/// databases that the old tool has migrated and on new ones.
///
/// Returns `None` if the database already has a history of ours, or none of the
/// tool. If several processes start at once, one of them adopts, and the others
/// get `None`.
///
/// ```
/// use migrate_adopt::{Options, Tool, adopt_if_needed};
/// use migrate_runtime::{embed_migrations, rusqlite::Connection};
///
/// embed_migrations!("../migrations", watch = false);
///
/// fn open(path: &str) -> Result<Connection, Box<dyn std::error::Error>> {
///     let mut db = Connection::open(path)?;
///     let migrator = Migration::migrator();
///     let tool = Tool::RusqliteMigration;
///     if let Some(adoption) = adopt_if_needed(&migrator, &mut db, tool, &Options::default())? {
///         eprintln!("{adoption}");
///     }
///     migrator.up(&mut db)?;
///     Ok(db)
/// }
///
/// # let folder = std::env::temp_dir().join(format!("migrate-adopt-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("app.db");
/// # let path = path.to_str().unwrap();
/// # {
/// #     let db = Connection::open(path)?;
/// #     db.execute_batch(Migration::V001InitialSchema.get().up.sql())?;
/// #     db.pragma_update(None, "user_version", 1)?;
/// # }
/// let db = open(path)?; // the first migration is adopted, the others are applied
/// # assert!(Migration::migrator().verify(&db)?.is_clean());
/// # let origin: String = db.query_row("SELECT origin FROM _migrations WHERE version = 1", [], |row| row.get(0))?;
/// # assert_eq!(origin, "rusqlite_migration 1");
/// # drop(db);
/// open(path)?; // nothing is left to be done
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`adopt`].
pub fn adopt_if_needed<M>(
    migrator: &Migrator<M>,
    conn: &mut Connection,
    tool: Tool,
    options: &Options,
) -> Result<Option<Adoption>, Error> {
    match adopt(migrator, conn, tool, options) {
        Ok(adoption) => Ok(Some(adoption)),
        Err(error) if error.is_missing() || error.is_adopted() => Ok(None),
        // If there is a history now, another process was faster.
        Err(error) => match check_place(migrator, conn, tool, options) {
            Err(again) if again.is_adopted() => Ok(None),
            _ => Err(error),
        },
    }
}

/// Fails if there is a history of ours, or if its name is taken.
fn check_place<M>(
    migrator: &Migrator<M>,
    conn: &Connection,
    tool: Tool,
    options: &Options,
) -> Result<(), Error> {
    let ours = migrator.get_history_table();
    let table = options.table.as_deref().or(tool.table());
    let is_of_tool = table.is_some_and(|table| table.eq_ignore_ascii_case(ours));
    draft::check_place(migrator.status(conn), (tool, options), ours, is_of_tool)
}

fn find<M>(
    migrator: &Migrator<M>,
    conn: &Connection,
    tool: Tool,
    options: &Options,
) -> AdoptionResult {
    let ours = migrator.get_history_table();
    let migrations = migrator.registry().migrations();
    let old = sqlite::read(conn, tool, options.table.as_deref())
        .map_err(|error| error.with_our_table(ours))?;
    let mut draft = Draft::new(tool, options, migrations, old, ours)?;
    let schema = if options.verify.compares_schema() {
        let mut others = others(conn)?;
        others.retain(|(other, _)| *other != tool);
        draft.notes.extend(others.iter().map(|(other, table)| {
            format!("the table `{table}` was not compared: it is the history of {other}")
        }));
        let others = others.iter().map(|(_, table)| *table);
        let ignored: Vec<&str> = draft.table.as_deref().into_iter().chain(others).collect();
        let differences = migrator.compare_schema(conn, Some(draft.last.version), &ignored);
        Some(differences.map_err(|error| Error::with_source(Kind::NoReplay, error))?)
    } else {
        None
    };
    draft.finish(options, migrations, schema)
}

fn rename(conn: &Connection, adoption: &Adoption) -> Result<(), Error> {
    let (Some(table), Some(name)) = (&adoption.table, &adoption.renamed_to) else {
        return Ok(());
    };
    let (old, new) = (quote(table), quote(name));
    let sql = format!("ALTER TABLE main.{old} RENAME TO {new}");
    conn.execute_batch(&sql).map_err(|error| {
        let (table, name) = (table.clone(), name.clone());
        Error::with_source(Kind::NotRenamed { table, name }, error)
    })
}
