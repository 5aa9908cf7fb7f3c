//! The history table of a migrator: its name, plain and quoted for SQL.

use migrate_scan::sqlite::quote;
use std::borrow::Cow;

/// The history table of a migrator.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    name: Cow<'static, str>,
    /// The query of the fast path, built once.
    pub(super) compare: Cow<'static, str>,
}

const NAME: &str = "_migrations";

/// The query of the fast path. A column that is fetched costs more than a
/// comparison inside SQLite, so the state is compared there, and the version is
/// NULL if the state is not `applied`. The order is that of the table itself.
/// `rowid` is used by name, because it is an error in a view, which is not a
/// history.
const COMPARE: &str = "SELECT CASE state WHEN 'applied' THEN version END, checksum, name \
                       FROM main._migrations ORDER BY rowid";

impl Default for Table {
    fn default() -> Table {
        Table {
            name: Cow::Borrowed(NAME),
            compare: Cow::Borrowed(COMPARE),
        }
    }
}

impl Table {
    pub(crate) fn named(name: &str) -> Table {
        let quoted = format!("main.{}", quote(name));
        Table {
            name: Cow::Owned(name.to_owned()),
            compare: Cow::Owned(COMPARE.replace("main._migrations", &quoted)),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name as it is written in a statement.
    pub(super) fn sql(&self) -> String {
        format!("main.{}", quote(&self.name))
    }
}
