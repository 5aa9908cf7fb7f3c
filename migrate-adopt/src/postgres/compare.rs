//! Comparison of the schema with a replay, before any lock is acquired.
//!
//! A replay creates a database, which is impossible in a transaction, and takes
//! a while. So the comparison counts only if the history is still the same under
//! the lock.

use super::{Ask, read};
use crate::adoption::draft::{AdoptionResult, Draft};
use crate::error::{Error, Kind};
use migrate_runtime::{Migrator, Postgres};
use migrate_tools::postgres::compare_schema;
use tokio_postgres::Client;

/// A history, and the differences between the schema and a replay up to the last
/// applied migration; `None` if the schema is not compared.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    draft: Draft,
    differences: Option<Vec<String>>,
}

/// Reads the old history, and compares the schema if requested.
pub(super) async fn compare<M>(
    migrator: &Migrator<M, Postgres>,
    client: &Client,
    ask: &Ask,
) -> Result<Compared, Error> {
    let mut draft = super::draft(client, ask).await?;
    if !ask.options.verify.compares_schema() {
        let differences = None;
        return Ok(Compared { draft, differences });
    }
    let connector = migrator.get_connector().ok_or(Kind::NoConnector)?;
    let mut ignored: Vec<String> = draft.table.iter().cloned().collect();
    for (tool, table) in read::leftover(client, &ask.place, &[ask.tool]).await? {
        let shown = table.shown();
        if ignored.contains(&shown) {
            continue;
        }
        let note = format!("the table `{shown}` was not compared: it is the history of {tool}");
        draft.notes.push(note);
        ignored.push(shown);
    }
    let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
    let last = Some(draft.last.version);
    let differences = compare_schema(migrator, client, connector, last, &ignored)
        .await
        .map_err(|error| Error::with_source(Kind::NotCompared, error))?;
    let compared = Compared {
        draft,
        differences: Some(differences),
    };
    // The history may have changed before the schema was read.
    compared.confirm(super::draft(client, ask).await?, ask)
}

impl Compared {
    /// The draft to record, if the history under the lock is the compared one.
    pub(super) fn confirm(&self, now: Draft, ask: &Ask) -> Result<Compared, Error> {
        match &self.differences {
            None => Ok(Compared {
                draft: now,
                differences: None,
            }),
            Some(_) if self.draft.is_same(&now) => Ok(self.clone()),
            Some(_) => Err(Kind::Changed(ask.tool).into()),
        }
    }

    pub(super) fn finish(self, ask: &Ask) -> AdoptionResult {
        self.draft
            .finish(&ask.options, ask.migrations, self.differences)
    }
}
