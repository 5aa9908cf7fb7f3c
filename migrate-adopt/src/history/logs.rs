//! Histories that are logs, in which a later row can revoke an earlier one.
//!
//! A repeatable of flyway has no version. It is known by its script, comes after
//! all migrations that have a version, and its newest row counts.

use super::applied::OldRow;
use super::record::Rows;
use super::row_per_migration::milliseconds;
use crate::Tool;
use crate::checksum::OldChecksum;
use crate::error::{Error, Kind};
use crate::id::{by_parts, canonical};
use std::collections::{BTreeMap, HashMap};

/// goose: the newest row of a version says whether it is applied. Version 0 is
/// internal.
pub(super) fn goose(rows: Rows<'_>) -> Result<Vec<OldRow>, Error> {
    let mut applied: BTreeMap<i64, OldRow> = BTreeMap::new();
    rows.read(|record| {
        let version = record.integer("version_id")?;
        let row = OldRow {
            id: version.to_string(),
            applied_at: record.time("tstamp"),
            ..OldRow::default()
        };
        if record.flag("is_applied")? && version != 0 {
            applied.insert(version, row)
        } else {
            applied.remove(&version)
        };
        Ok(())
    })?;
    Ok(applied.into_values().collect())
}

pub(super) fn flyway(rows: Rows<'_>, notes: &mut Vec<String>) -> Result<Vec<OldRow>, Error> {
    let mut applied: HashMap<String, OldRow> = HashMap::new();
    // Repeatables, which may run several times.
    let mut failed: BTreeMap<String, String> = BTreeMap::new();
    rows.read(|record| {
        let version = record
            .optional_text("version")?
            .map(|id| id.trim().to_owned());
        let description = record.optional_text("description")?.unwrap_or_default();
        let kind = record.text("type")?.to_ascii_uppercase();
        let version = version.filter(|id| !id.is_empty());
        let is_repeatable = version.is_none();
        let id = match version {
            Some(version) => version,
            // A row about the creation of the schema.
            None if kind == "SCHEMA" => return Ok(()),
            None => record.text("script")?,
        };
        let key = canonical(&id);
        if !record.flag("success")? {
            if !is_repeatable {
                return Err(dirty(format!("{id} {description}")));
            }
            failed.insert(key, id);
            return Ok(());
        }
        failed.remove(&key);
        if kind == "DELETE" || kind.starts_with("UNDO") {
            // Revoked by `undo`, or because the file was deleted.
            applied.remove(&key);
        } else if is_repeatable && kind != "SQL" {
            let note = format!(
                "`{id}` is a repeatable migration that is not a script, and is left out: write a \
                 migration for what it creates, and a new one for each change"
            );
            if !notes.contains(&note) {
                notes.push(note);
            }
        } else {
            let row = OldRow {
                id,
                // The name of a baseline is an argument of its command.
                name: (kind != "BASELINE").then_some(description),
                applied_at: record.time("installed_on"),
                execution_ms: milliseconds(record, "execution_time"),
                checksum: record
                    .number("checksum")
                    .and_then(|number| i32::try_from(number).ok())
                    .map(OldChecksum::Crc32),
                is_baseline: kind.ends_with("BASELINE"),
                is_repeatable,
            };
            applied.insert(key, row);
        }
        Ok(())
    })?;
    if let Some(script) = failed.into_values().next() {
        return Err(dirty(script));
    }
    let mut rows: Vec<OldRow> = applied.into_values().collect();
    // The rank is the order of application. It differs from the order of
    // versions with `outOfOrder`, and for repeatables that ran earlier.
    rows.sort_by(|one, other| by_parts(&one.id, &other.id));
    Ok(rows)
}

fn dirty(migration: String) -> Error {
    Kind::Dirty(Tool::Flyway, migration).into()
}
