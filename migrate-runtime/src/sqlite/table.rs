//! The history table of a migrator: its name, as text and in statements.

use migrate_scan::sqlite::quote;
use std::borrow::Cow;

/// The history table of a migrator.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    name: Cow<'static, str>,
    /// What the fast path asks, made once.
    pub(super) compare: Cow<'static, str>,
}

const NAME: &str = "_migrations";

/// What the fast path compares. A column that is fetched costs more than a
/// comparison inside of SQLite, so the state is compared there, and the version
/// is NULL where it is another one. The order is that of the table itself; by
/// its name it is an error in a view, which is no history.
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

    /// As it is written in a statement.
    pub(super) fn sql(&self) -> String {
        format!("main.{}", quote(&self.name))
    }
}
