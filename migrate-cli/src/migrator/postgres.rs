//! The options of a migrator for PostgreSQL.

use crate::args::{Global, LockName};
use crate::failure::Failure;
use migrate_runtime::postgres::Lock;
use migrate_runtime::{Migrator, Postgres, Version};

type PostgresMigrator = Migrator<Version, Postgres>;

pub(super) fn configured(
    mut migrator: PostgresMigrator,
    global: &Global,
) -> Result<PostgresMigrator, Failure> {
    let options = &global.postgres;
    if let Some(schema) = &options.schema {
        migrator = migrator.in_schema(schema);
    }
    let (schema, table) = history(global)?;
    if let Some(schema) = schema {
        migrator = migrator.history_schema(schema);
    }
    if let Some(table) = table {
        migrator = migrator.history_table(table);
    }
    if let Some(lock) = options.lock {
        migrator = migrator.lock(match lock {
            LockName::Session => Lock::Session,
            LockName::Transaction => Lock::Transaction,
            LockName::Table => Lock::Table,
        });
    }
    if let Some(timeout) = options.table_lock_timeout {
        migrator = migrator.table_lock_timeout(timeout);
    }
    Ok(migrator)
}

/// The schema and name of the history table, as far as options give them.
pub(crate) fn history(global: &Global) -> Result<(Option<&str>, Option<&str>), Failure> {
    let tenant = global.postgres.schema.as_deref();
    let Some(table) = global.history_table.as_deref() else {
        return Ok((tenant, None));
    };
    match (table.split_once('.'), tenant) {
        (None, _) => Ok((tenant, Some(table))),
        (Some((schema, name)), _) if schema.is_empty() || name.is_empty() || name.contains('.') => {
            Err(
                Failure::usage(format!("`{table}` is not the name of a history table")).help(
                    "write it as `TABLE` or `SCHEMA.TABLE`, without quotes, exactly as in the \
                     catalog",
                ),
            )
        }
        (Some((schema, _)), Some(tenant)) if schema != tenant => Err(Failure::usage(format!(
            "the history of `--schema {tenant}` cannot be in the schema `{schema}`"
        ))
        .help("name its table without a schema: each schema has its own history")),
        (Some((schema, name)), _) => Ok((Some(schema), Some(name))),
    }
}
