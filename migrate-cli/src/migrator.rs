//! The migrations with all that a run was told, whatever their engine is.

use crate::args::{Global, LockName};
use crate::failure::Failure;
use migrate_model::Engine;
use migrate_runtime::postgres::Lock;
use migrate_runtime::{Migration, Migrator, Postgres, Version};
use std::path::Path;

/// A migrator of either engine.
#[expect(clippy::large_enum_variant, reason = "a process has few of them")]
#[derive(Clone, Debug)]
pub enum AnyMigrator {
    Sqlite(Migrator<Version>),
    Postgres(Migrator<Version, Postgres>),
}

/// Tells a migrator something that either engine can be told.
macro_rules! tell {
    ($migrator:expr, $it:ident => $told:expr) => {
        match $migrator {
            $crate::migrator::AnyMigrator::Sqlite($it) => {
                $crate::migrator::AnyMigrator::Sqlite($told)
            }
            $crate::migrator::AnyMigrator::Postgres($it) => {
                $crate::migrator::AnyMigrator::Postgres($told)
            }
        }
    };
}

/// Asks a migrator something.
macro_rules! ask {
    ($migrator:expr, $it:ident => $answer:expr) => {
        match $migrator {
            $crate::migrator::AnyMigrator::Sqlite($it) => $answer,
            $crate::migrator::AnyMigrator::Postgres($it) => $answer,
        }
    };
}

pub(crate) use {ask, tell};

/// A migrator that a [`Program`](crate::Program) can be made of: one for SQLite
/// or for PostgreSQL.
pub trait Embedded: sealed::Sealed {}

mod sealed {
    pub trait Sealed {
        fn any(self) -> super::AnyMigrator;
    }
}

pub(crate) use sealed::Sealed;

impl<M> Embedded for Migrator<M> {}

impl<M> Sealed for Migrator<M> {
    fn any(self) -> AnyMigrator {
        AnyMigrator::Sqlite(self.untyped())
    }
}

impl<M> Embedded for Migrator<M, Postgres> {}

impl<M> Sealed for Migrator<M, Postgres> {
    fn any(self) -> AnyMigrator {
        AnyMigrator::Postgres(self.untyped())
    }
}

impl AnyMigrator {
    pub(crate) fn engine(&self) -> Engine {
        ask!(self, it => it.registry().engine())
    }

    pub(crate) fn migrations(&self) -> &'static [Migration] {
        ask!(self, it => it.registry().migrations())
    }

    /// With what the options of every verb say.
    pub(crate) fn configured(self, global: &Global) -> Result<AnyMigrator, Failure> {
        let table = global.history_table.as_deref();
        if table == Some("") {
            // It would be a table without a name; the variable of an environment
            // is often set to nothing.
            return Err(Failure::usage("the name of the history table is empty")
                .help("name it with `--history-table`, or unset `MIGRATE_HISTORY_TABLE`"));
        }
        match self {
            AnyMigrator::Sqlite(migrator) => {
                if let Some(option) = global.postgres.given() {
                    return Err(
                        Failure::usage(format!("`{option}` is for PostgreSQL alone"))
                            .help("leave it out, or name a PostgreSQL database"),
                    );
                }
                Ok(AnyMigrator::Sqlite(match table {
                    Some(table) => migrator.history_table(table),
                    None => migrator,
                }))
            }
            AnyMigrator::Postgres(migrator) => {
                on_postgres(migrator, global).map(AnyMigrator::Postgres)
            }
        }
    }

    /// With a copy of the file before the first change.
    pub(crate) fn backup_to(self, path: &Path) -> Result<AnyMigrator, Failure> {
        match self {
            AnyMigrator::Sqlite(migrator) => Ok(AnyMigrator::Sqlite(migrator.backup_to(path))),
            AnyMigrator::Postgres(_) => Err(Failure::usage(
                "`--backup` copies the file of an SQLite database, and this one is PostgreSQL",
            )
            .help("make a copy with `pg_dump` first, and leave `--backup` out")),
        }
    }
}

fn on_postgres(
    mut migrator: Migrator<Version, Postgres>,
    global: &Global,
) -> Result<Migrator<Version, Postgres>, Failure> {
    let options = &global.postgres;
    if let Some(schema) = &options.schema {
        migrator = migrator.in_schema(schema);
    }
    let (schema, table) = history_on_postgres(global)?;
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
        migrator = migrator.lock_timeout(timeout);
    }
    Ok(migrator)
}

/// The schema and the name of the history table, as far as they were said.
pub(crate) fn history_on_postgres(
    global: &Global,
) -> Result<(Option<&str>, Option<&str>), Failure> {
    let tenant = global.postgres.schema.as_deref();
    let Some(table) = global.history_table.as_deref() else {
        return Ok((tenant, None));
    };
    match (table.split_once('.'), tenant) {
        (None, _) => Ok((tenant, Some(table))),
        (Some((schema, name)), _) if schema.is_empty() || name.is_empty() || name.contains('.') => {
            Err(
                Failure::usage(format!("`{table}` is not the name of a history table")).help(
                    "write it as `TABLE` or `SCHEMA.TABLE`, without quotes and as it stands in \
                     the catalog",
                ),
            )
        }
        (Some((schema, _)), Some(tenant)) if schema != tenant => Err(Failure::usage(format!(
            "the history of `--schema {tenant}` cannot lie in the schema `{schema}`"
        ))
        .help("name its table without a schema: each schema has a history of its own")),
        (Some((schema, name)), _) => Ok((Some(schema), Some(name))),
    }
}
