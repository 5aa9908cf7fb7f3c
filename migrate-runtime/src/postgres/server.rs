//! Facts about the server and the connection, read before a run.

use super::classify::failed;
use crate::error::{Error, Kind, PostgresKind};
use crate::postgres::Lock;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

/// The product, the version, and whether the connection can write.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) product: Product,
    /// The name and version that the server reports, without the platform.
    pub(super) shown: String,
    pub(super) database: String,
    access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Postgres,
    Cockroach,
    Yugabyte(u32, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Writable,
    Standby,
    ReadOnly,
}

/// `version()` is not qualified so that tests can replace it by a function of
/// that name in a schema that comes first.
const ASK: &str = "SELECT version(), pg_catalog.current_database(), \
                   pg_catalog.pg_is_in_recovery(), \
                   pg_catalog.current_setting('transaction_read_only'), \
                   pg_catalog.now() = pg_catalog.statement_timestamp()";

const ASKING: &str = "reading the version of the server";

/// The oldest supported version of PostgreSQL. One reason: older versions do
/// not have `DROP DATABASE … WITH (FORCE)`.
const OLDEST: u32 = 13;

/// Fails if PostgreSQL is too old, given its `version()`. Other products number
/// their releases differently and are not checked here.
pub(super) fn check_version(version: &str) -> Result<(), Error> {
    match number(version) {
        Some((major, found)) if major < OLDEST => Err(PostgresKind::TooOld {
            needed: OLDEST,
            found: found.to_owned(),
        }
        .into()),
        _ => Ok(()),
    }
}

/// Like `check_version`, but asks the server.
pub async fn check_version_of(client: &Client) -> Result<(), Error> {
    let rows = rows(client.simple_query("SELECT version()").await, ASKING)?;
    let version = rows.first().and_then(|row| row.get(0));
    check_version(version.unwrap_or_default())
}

impl Server {
    pub(super) async fn of(client: &Client) -> Result<Server, Error> {
        let rows = rows(client.simple_query(ASK).await, ASKING)?;
        let text = |at: usize| {
            let row = rows.first();
            row.and_then(|row| row.get(at)).unwrap_or_default()
        };
        let access = match (text(2), text(3)) {
            ("t", _) => Access::Standby,
            (_, "on") => Access::ReadOnly,
            _ => Access::Writable,
        };
        let version = text(0);
        check_version(version)?;
        let product = product(version);
        // A statement outside a transaction starts at the same time as its
        // transaction. In the caller's transaction, our commit would commit the
        // caller's work.
        if product != Product::Cockroach && text(4) == "f" {
            return Err(Kind::InUse("is inside of a transaction").into());
        }
        Ok(Server {
            product,
            shown: version.split(" on ").next().unwrap_or_default().to_owned(),
            database: text(1).to_owned(),
            access,
        })
    }

    /// Fails if the connection cannot write.
    pub(super) fn check_writable(&self, pending: usize) -> Result<(), Error> {
        let why = match self.access {
            Access::Writable => return Ok(()),
            Access::Standby => "the server is a standby; connect to the primary",
            Access::ReadOnly => {
                "transactions of this role or database are read-only: see \
                                   `default_transaction_read_only`"
            }
        };
        Err(Error::with_source(Kind::ReadOnly { pending }, why))
    }

    /// Fails if the server does not support this kind of lock.
    pub(super) fn check_lock(&self, lock: Lock) -> Result<(), Error> {
        let has_advisory = match self.product {
            Product::Postgres => true,
            Product::Cockroach => false,
            Product::Yugabyte(major, minor) => (major, minor) >= (2, 27),
        };
        if has_advisory || lock == Lock::Table {
            return Ok(());
        }
        Err(PostgresKind::Unsupported {
            server: self.shown.clone(),
            what: "has no advisory locks, which keep concurrent runs out; use `lock(Lock::Table)` \
                   (on the command line `--lock table`), which has been tested only on PostgreSQL",
        }
        .into())
    }

    /// Whether a rollback undoes schema changes, so that one migration may
    /// contain several.
    pub(super) fn has_transactional_ddl(&self) -> bool {
        self.product == Product::Postgres
    }
}

fn product(version: &str) -> Product {
    if version.starts_with("CockroachDB") {
        return Product::Cockroach;
    }
    // `PostgreSQL 15.2-YB-2.25.1.0-b0 on x86_64`.
    let Some((_, yugabyte)) = version.split_once("-YB-") else {
        return Product::Postgres;
    };
    let mut numbers = yugabyte.split('.').map(|part| part.parse().unwrap_or(0));
    Product::Yugabyte(
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    )
}

/// The major version of PostgreSQL and the full version: 12 and `12.22` for
/// `PostgreSQL 12.22 (Debian 12.22-1) on x86_64`.
fn number(version: &str) -> Option<(u32, &str)> {
    if product(version) != Product::Postgres {
        return None;
    }
    let number = version.strip_prefix("PostgreSQL ")?.split(' ').next()?;
    // `18beta1`, `19devel`
    let end = number.find(|c: char| !c.is_ascii_digit());
    let major = number[..end.unwrap_or(number.len())].parse().ok()?;
    Some((major, number))
}

/// The rows in an answer of the simple protocol.
pub fn rows(
    answer: Result<Vec<SimpleQueryMessage>, tokio_postgres::Error>,
    doing: &'static str,
) -> Result<Vec<SimpleQueryRow>, Error> {
    let rows = answer.map_err(failed(doing))?.into_iter();
    Ok(rows
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_apart() {
        let products = [
            (
                "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64",
                Product::Postgres,
            ),
            (
                "CockroachDB CCL v23.2.0 (x86_64-pc-linux-gnu, built …)",
                Product::Cockroach,
            ),
            (
                "PostgreSQL 11.2-YB-2.20.1.3-b0 on x86_64-pc-linux-gnu",
                Product::Yugabyte(2, 20),
            ),
            (
                "PostgreSQL 15.2-YB-2.27.0.0-b1 on x86_64",
                Product::Yugabyte(2, 27),
            ),
            ("", Product::Postgres),
        ];
        for (version, expected) in products {
            assert_eq!(product(version), expected, "{version}");
        }
    }

    #[test]
    fn an_older_postgres_is_refused() {
        let refused = |version| check_version(version).map_err(|error| error.to_string());
        for version in [
            "PostgreSQL 13.0 on x86_64-pc-linux-gnu",
            "PostgreSQL 13.23 (Debian 13.23-1.pgdg12+1) on x86_64-pc-linux-gnu",
            "PostgreSQL 18beta1 on x86_64-pc-linux-gnu",
            "PostgreSQL 19devel on x86_64-pc-linux-gnu",
            // These are counted differently.
            "PostgreSQL 11.2-YB-2.20.1.3-b0 on x86_64-pc-linux-gnu",
            "CockroachDB CCL v23.2.0 (x86_64-pc-linux-gnu, built …)",
            "PostgreSQL",
            "",
        ] {
            assert_eq!(refused(version), Ok(()), "{version}");
        }
        for (version, found) in [
            ("PostgreSQL 12.22 on x86_64-pc-linux-gnu", "12.22"),
            ("PostgreSQL 12.22 (Debian 12.22-1) on x86_64", "12.22"),
            ("PostgreSQL 12beta1 on x86_64-pc-linux-gnu", "12beta1"),
            ("PostgreSQL 9.6.24 on x86_64-pc-linux-gnu", "9.6.24"),
        ] {
            let expected = format!(
                "PostgreSQL 13 or newer is needed, this is {found}; nothing was changed, upgrade \
                 the server"
            );
            assert_eq!(refused(version), Err(expected), "{version}");
        }
    }
}
