//! The comparison of a schema in use with the one that the migrations produce.

use crate::Error;
use migrate_runtime::__private::postgres as proof;
use migrate_runtime::postgres::Connector;
use migrate_runtime::{Migrator, Postgres, Version};
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
    Ok(proof::compare_schema(migrator, client, connector, up_to, ignored).await?)
}
