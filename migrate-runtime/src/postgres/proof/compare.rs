//! The comparison of a schema in use with the one that the migrations produce.

use super::catalog::Catalog;
use super::scratch::{Scratch, connect_beside};
use super::shared::refuse;
use crate::Error;
use crate::postgres::Connector;
use crate::postgres::tools::read_history;
use crate::repair::not_known;
use crate::{Migrator, Postgres, State, Version};
use tokio_postgres::Client;

/// See `migrate_tools::postgres::compare_schema`.
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
            return Err(not_known(&version.to_string()));
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
    let admin = connect_beside(connector).await?;
    let scratch = Scratch::first(&admin, connector).await?;
    let expected = async {
        let mut own = scratch.connect().await?;
        if let Some(version) = up_to {
            let migrator = migrator.on_scratch(scratch.connector()).to(version);
            migrator.up(&mut own).await?;
        }
        Catalog::read(&own, table).await
    };
    let expected = expected.await;
    // After an error too: this may be the last connection that the server answers.
    let removed = scratch.remove(&admin).await;
    let mut expected = expected?;
    removed?;
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
