//! The comparison of a schema in use with the one that the migrations produce.

use super::catalog::Catalog;
use super::scratch::Scratch;
use super::shared::refuse;
use crate::Error;
use crate::error::Kind;
use migrate_runtime::__private::postgres::read_history;
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Postgres, State, Version};
use tokio_postgres::Client;

/// The differences between the schema of a database and the one that the migrations
/// produce, one text for each object.
///
/// The migrations are replayed on a scratch database, which is created on the server
/// of the connector and dropped again. The replay goes up to a version, or to the
/// newest applied version that the registry contains.
///
/// The comparison leaves out the history table, the tables in `ignored` (a name
/// without a schema matches in every schema), schemas that contain nothing else,
/// objects of extensions, and owners.
///
/// The migrations must not change what all databases of a server share, such as roles.
/// The replay would change it again, so such migrations are refused.
///
/// ```no_run
/// use migrate_runtime::postgres::Connector;
/// use migrate_tools::postgres::compare_schema;
/// # use migrate_runtime::{Migrator, Postgres, Version};
/// # async fn example(migrator: Migrator<Version, Postgres>) -> Result<(), migrate_tools::Error> {
/// let connector = Connector::parse("postgres://app@db.internal/orders")?;
/// let client = connector.connect().await?;
/// for difference in compare_schema(&migrator, &client, &connector, None, &[]).await? {
///     println!("{difference}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Fails if the registry has no such version, if the migrations cannot be
/// replayed, if the role may not create a database, or if the history or the
/// schema cannot be read.
pub async fn compare_schema<M>(
    migrator: &Migrator<M, Postgres>,
    client: &Client,
    connector: &Connector,
    up_to: Option<Version>,
    ignored: &[&str],
) -> Result<Vec<String>, Error> {
    migrator.check_source()?;
    let registry = migrator.registry();
    let table = migrator.table_of_history();
    let up_to = match up_to {
        Some(version) if registry.get(version).is_none() => {
            return Err(Kind::UnknownVersion(version).into());
        }
        Some(version) => Some(version),
        None => read_history(client, table)
            .await?
            .iter()
            .filter(|row| row.state == State::Applied)
            .map(|row| row.version)
            .rfind(|version| registry.get(*version).is_some()),
    };
    refuse(registry, up_to)?;
    let admin = connector.connect().await?;
    let scratch = Scratch::first(&admin, connector).await?;
    let mut own = scratch.connect().await?;
    if let Some(version) = up_to {
        let migrator = migrator.on_scratch(scratch.connector()).to(version);
        migrator.up(&mut own).await?;
    }
    let mut expected = Catalog::read(&own, table).await?;
    drop(own);
    scratch.remove(&admin).await?;
    let mut found = Catalog::read(client, table).await?;
    let home = table.schema();
    for catalog in [&mut expected, &mut found] {
        catalog.without_grants();
        for table in ignored {
            // Names in the schema of the history are shown unqualified.
            match table.split_once('.') {
                Some((schema, name)) if schema == home => catalog.leave_out_at_home(name),
                _ => catalog.leave_out(table),
            }
        }
    }
    // No migration creates a schema that contains only such tables.
    for (schema, _) in ignored.iter().filter_map(|table| table.split_once('.')) {
        if !expected.has_in(schema) && !found.has_in(schema) {
            expected.leave_out_schema(schema);
            found.leave_out_schema(schema);
        }
    }
    Ok(expected.differences_of(&found))
}
