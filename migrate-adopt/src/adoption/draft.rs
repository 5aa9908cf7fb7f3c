//! The draft of an adoption, made from the histories; the same for both engines.

use super::leftover::origin;
use super::{Adoption, Options, Row, Verified};
use crate::Tool;
use crate::error::{Error, Kind};
use crate::history::OldHistory;
use crate::plan::{Known, Plan, Planned, plan};
use migrate_model::Migration;
use migrate_runtime::{Adopted, BoxError, Status};

/// An adoption, and the rows to record.
pub(crate) type AdoptionResult = Result<(Adoption, Vec<Adopted>), Error>;

/// The migrations of the old history, matched with ours.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    tool: Tool,
    pub(crate) table: Option<String>,
    rows: Vec<Planned>,
    pub(crate) notes: Vec<String>,
    /// The newest applied migration.
    pub(crate) last: &'static Migration,
}

impl Draft {
    /// Matches the old history; `ours` is the name of our history table.
    pub(crate) fn new(
        tool: Tool,
        options: &Options,
        migrations: &'static [Migration],
        old: OldHistory,
        ours: &str,
    ) -> Result<Draft, Error> {
        let table = old.table.clone();
        let known = Known {
            tool,
            migrations,
            originals: &options.originals,
            map: &options.map,
            compares_checksums: options.verify.compares_checksums(),
        };
        let Plan { rows, notes } =
            plan(known, old).map_err(|refusal| Kind::Refused(tool, refusal))?;
        let Some(last) = rows.last().map(|planned| planned.migration) else {
            return Err(Error::empty(tool, table.as_deref()).with_our_table(ours));
        };
        Ok(Draft {
            tool,
            table,
            rows,
            notes,
            last,
        })
    }

    /// Whether the histories are the same, row by row. Everything else follows
    /// from the rows.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_same(&self, other: &Draft) -> bool {
        let rows = self.rows.iter().map(|planned| &planned.row);
        let others = other.rows.iter().map(|planned| &planned.row);
        self.table == other.table && rows.eq(others)
    }

    /// Adds the differences of the schema, if it was compared.
    pub(crate) fn finish(
        self,
        options: &Options,
        migrations: &'static [Migration],
        schema: Option<Vec<String>>,
    ) -> AdoptionResult {
        let tool = self.tool;
        let has_compared_schema = schema.is_some();
        if let Some(differences) = schema.filter(|differences| !differences.is_empty()) {
            return Err(Error::from(Kind::Schema {
                tool,
                last: self.last.label,
                differences,
                notes: self.notes,
            }));
        }
        let pending = migrations
            .iter()
            .filter(|migration| migration.version > self.last.version);
        let adopted = recorded(tool, &self.rows, has_compared_schema);
        let adoption = Adoption {
            tool,
            renamed_to: options.rename_to.clone().filter(|_| self.table.is_some()),
            table: self.table,
            rows: self.rows.iter().map(Row::of).collect(),
            pending: pending
                .map(|migration| migration.label.to_owned())
                .collect(),
            notes: self.notes,
            // There are no differences here.
            schema: has_compared_schema.then(Vec::new),
        };
        Ok((adoption, adopted))
    }
}

/// Fails if there is a history of ours, or if the old table has the name of our
/// history table, `ours`.
pub(crate) fn check_place(
    status: Result<Status, migrate_runtime::Error>,
    (tool, options): (Tool, &Options),
    ours: &str,
    is_of_tool: bool,
) -> Result<(), Error> {
    let status = match status {
        Ok(status) => status,
        Err(error) if error.is_foreign_history() => {
            return match (is_of_tool, &options.rename_to) {
                (true, Some(_)) => Ok(()),
                (true, None) => Err(Kind::InOurPlace(tool, ours.to_owned()).into()),
                (false, _) => Err(Error::with_source(Kind::Runtime(tool), error)),
            };
        }
        Err(error) => return Err(Error::with_source(Kind::Runtime(tool), error)),
    };
    let recorded = status.entries().iter().filter(|entry| entry.row.is_some());
    match recorded.count() {
        0 => Ok(()),
        rows => Err(Kind::HasHistory(rows).into()),
    }
}

/// The result for the caller, and the one for the runtime, which passes errors on only by
/// reference.
pub(crate) fn divided(
    found: AdoptionResult,
) -> (Result<Adoption, Error>, Result<Vec<Adopted>, BoxError>) {
    match found {
        Ok((adoption, adopted)) => (Ok(adoption), Ok(adopted)),
        Err(error) => {
            let text = error.to_string();
            (Err(error), Err(text.into()))
        }
    }
}

/// The outcome of an adoption: what the runtime returned, and the result for the caller
/// if the runtime has asked for one.
pub(crate) fn outcome<T>(
    tool: Tool,
    written: Result<T, migrate_runtime::Error>,
    found: Option<Result<Adoption, Error>>,
) -> Result<Adoption, Error> {
    match (written, found) {
        (_, Some(Err(error))) => Err(error),
        (Ok(_), Some(Ok(adoption))) => Ok(adoption),
        (Err(error), _) => Err(Error::with_source(Kind::Runtime(tool), error)),
        (Ok(_), None) => Err(Kind::Runtime(tool).into()),
    }
}

/// One history row for each migration, combined from its old rows.
fn recorded(tool: Tool, rows: &[Planned], has_compared_schema: bool) -> Vec<Adopted> {
    rows.chunk_by(|one, other| one.migration.version == other.migration.version)
        .filter_map(|rows| {
            let last = rows.last()?;
            let ids: Vec<&str> = rows.iter().map(|planned| planned.row.id.as_str()).collect();
            let origin = origin(tool, &ids);
            let mut adopted = Adopted::new(last.migration.version, origin);
            let times = rows
                .iter()
                .filter_map(|planned| planned.row.applied_at.clone());
            adopted.applied_at = times.max();
            adopted.execution_ms = rows
                .iter()
                .filter_map(|planned| planned.row.execution_ms)
                .fold(0, u64::saturating_add);
            let has_checksum = rows
                .iter()
                .all(|planned| planned.verified == Verified::Checksum);
            adopted.note = Some(
                match (has_checksum, has_compared_schema) {
                    (true, true) => "verified by checksum and schema",
                    (true, false) => "verified by checksum",
                    (false, true) => "verified by schema",
                    (false, false) => "not verified",
                }
                .to_owned(),
            );
            Some(adopted)
        })
        .collect()
}

impl Row {
    fn of(planned: &Planned) -> Row {
        Row {
            old_id: planned.row.id.clone(),
            old_name: planned.row.name.clone(),
            version: planned.migration.version,
            label: planned.migration.label.to_owned(),
            applied_at: planned.row.applied_at.clone(),
            verified: planned.verified,
        }
    }
}
