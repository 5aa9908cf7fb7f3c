//! What is seen while a migration is undone and applied again in a transaction that is
//! rolled back.

use super::sample_rows::Counts;
use crate::postgres::proof::catalog::{Catalog, Reader};
use crate::postgres::tools::{Look, Table};
use crate::{Direction, Error};
use tokio_postgres::Transaction;

/// Reads the schema after the down and after the second up.
pub(super) struct Observer<'a> {
    pub(super) reader: &'a Reader,
    pub(super) history: &'a Table,
    /// The schema from before the migration.
    pub(super) before: &'a Catalog,
    /// The schema from after the first up, if the second one may have another effect.
    pub(super) after: Option<&'a Catalog>,
    pub(super) counts: bool,
    pub(super) undone: Option<Undone>,
    pub(super) is_repeatable: bool,
}

/// The schema and the rows after a down.
pub(super) struct Undone {
    pub(super) catalog: Catalog,
    pub(super) counts: Counts,
}

impl Look for Observer<'_> {
    async fn look(&mut self, tx: &Transaction<'_>, direction: Direction) -> Result<bool, Error> {
        if direction == Direction::Up {
            if let Some(after) = self.after {
                let again = self.reader.read_in(tx, self.history).await?;
                self.is_repeatable = after.differences(&again).is_empty();
            }
            return Ok(true);
        }
        let catalog = self.reader.read_in(tx, self.history).await?;
        let is_restored = self.before.differences(&catalog).is_empty();
        let counts = if self.counts {
            Counts::of(tx, &catalog, self.history).await?
        } else {
            Counts::default()
        };
        self.undone = Some(Undone { catalog, counts });
        Ok(is_restored)
    }
}

/// Ends a rehearsal after the down.
pub(super) struct DownAlone;

impl Look for DownAlone {
    async fn look(&mut self, _: &Transaction<'_>, _: Direction) -> Result<bool, Error> {
        Ok(false)
    }
}
