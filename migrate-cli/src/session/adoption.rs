//! Taking over from another tool.

use super::{On, Session};
use crate::context::Context;
use crate::database::Database;
use crate::failure::Failure;
use migrate_adopt::{Adoption, Error, Options, Tool};

/// A database of which only is asked who has migrated it.
#[allow(
    clippy::large_enum_variant,
    reason = "a process has few of them; with one engine there is one variant"
)]
pub(crate) enum Old {
    #[cfg(feature = "sqlite")]
    Sqlite(Box<migrate_runtime::rusqlite::Connection>),
    #[cfg(feature = "postgres")]
    Postgres(migrate_runtime::postgres::Blocking),
}

impl Old {
    pub(crate) fn open(context: &Context<'_>) -> Result<Old, Failure> {
        Ok(match context.database()? {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(place) => {
                Old::Sqlite(Box::new(place.open_existing(&context.connect)?))
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(server) => Old::Postgres(server.connect(&context.connect, None)?),
        })
    }

    pub(crate) fn detect(&mut self) -> Result<Vec<Tool>, Error> {
        match self {
            #[cfg(feature = "sqlite")]
            Old::Sqlite(conn) => migrate_adopt::detect(conn),
            #[cfg(feature = "postgres")]
            Old::Postgres(db) => {
                db.run(async |client| migrate_adopt::postgres::detect(client, &[]).await)
            }
        }
    }
}

impl Session<'_> {
    /// The tools whose histories the database has.
    pub(crate) fn detect(&mut self) -> Result<Vec<Tool>, Error> {
        match &mut self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(file) => migrate_adopt::detect(&file.conn),
            #[cfg(feature = "postgres")]
            On::Postgres(it) => {
                let schemas = it.migrator.schemas().iter().map(String::as_str);
                let schemas: Vec<&str> = schemas.collect();
                it.db
                    .run(async |client| migrate_adopt::postgres::detect(client, &schemas).await)
            }
        }
    }

    pub(crate) fn plan_adoption(
        &mut self,
        tool: Tool,
        options: &Options,
    ) -> Result<Adoption, Error> {
        match &mut self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(file) => {
                migrate_adopt::plan_adoption(&file.migrator, &file.conn, tool, options)
            }
            #[cfg(feature = "postgres")]
            On::Postgres(it) => {
                let migrator = &it.migrator;
                it.db.run(async |client| {
                    migrate_adopt::postgres::plan_adoption(migrator, client, tool, options).await
                })
            }
        }
    }

    pub(crate) fn adopt(&mut self, tool: Tool, options: &Options) -> Result<Adoption, Error> {
        match &mut self.on {
            #[cfg(feature = "sqlite")]
            On::Sqlite(file) => migrate_adopt::adopt(&file.migrator, &mut file.conn, tool, options),
            #[cfg(feature = "postgres")]
            On::Postgres(it) => {
                let migrator = &it.migrator;
                it.db.run(async |client| {
                    migrate_adopt::postgres::adopt(migrator, client, tool, options).await
                })
            }
        }
    }
}

/// The tables that other tools have left in an SQLite file; a comparison of the
/// schema ignores them.
#[cfg(feature = "sqlite")]
pub(super) fn left_in_file(file: &super::sqlite::File<'_>) -> Result<Option<Vec<String>>, Failure> {
    Ok(Some(migrate_adopt::left_behind(
        &file.migrator,
        &file.conn,
    )?))
}

/// The same on a server.
#[cfg(feature = "postgres")]
pub(super) fn left_on_server(
    on: &mut super::postgres::Connected<'_>,
) -> Result<Option<Vec<String>>, Failure> {
    let migrator = &on.migrator;
    let left = on
        .db
        .run(async |client| migrate_adopt::postgres::left_behind(migrator, client).await)?;
    Ok(Some(left))
}
