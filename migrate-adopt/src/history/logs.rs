//! The tools that keep a log, in which a later row can take back what an
//! earlier one said.

use super::OldRow;
use super::record::read;
use super::tables::milliseconds;
use crate::Tool;
use crate::checksum::OldChecksum;
use crate::error::{Error, Kind};
use crate::id::canonical;
use migrate_runtime::rusqlite::Connection;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

/// The newest row of a version says whether it is applied. Version 0 is
/// goose's own.
pub(super) fn goose(conn: &Connection, table: &str) -> Result<Vec<OldRow>, Error> {
    let columns = &["version_id", "is_applied", "tstamp"];
    let log = read(conn, table, columns, "ORDER BY id", |record| {
        let version = record.integer("version_id")?;
        let row = OldRow {
            id: version.to_string(),
            applied_at: record.time("tstamp")?,
            ..OldRow::default()
        };
        Ok((version, row, record.flag("is_applied")?))
    })?;
    let mut rows: BTreeMap<i64, OldRow> = BTreeMap::new();
    for (version, row, is_applied) in log {
        match is_applied && version != 0 {
            true => rows.insert(version, row),
            false => rows.remove(&version),
        };
    }
    Ok(rows.into_values().collect())
}

/// What a row of flyway says.
enum Entry {
    Applied(OldRow),
    /// By `undo`, or because the file was deleted.
    TakenBack(String),
    /// It is said in a note.
    Repeatable(String),
    /// That it has created the schema.
    Nothing,
}

pub(super) fn flyway(
    conn: &Connection,
    table: &str,
    notes: &mut Vec<String>,
) -> Result<Vec<OldRow>, Error> {
    let columns = &[
        "version",
        "description",
        "type",
        "script",
        "checksum",
        "installed_on",
        "execution_time",
        "success",
    ];
    let log = read(conn, table, columns, "ORDER BY installed_rank", |record| {
        let version = record
            .optional_text("version")?
            .map(|id| id.trim().to_owned());
        let description = record.optional_text("description")?.unwrap_or_default();
        let script = record.optional_text("script")?.unwrap_or_default();
        let kind = record.text("type")?.to_ascii_uppercase();
        if !record.flag("success")? {
            return Err(Kind::Dirty {
                tool: Tool::Flyway,
                migration: match version {
                    Some(version) => format!("{version} {description}"),
                    None => script,
                },
            }
            .into());
        }
        let Some(id) = version.filter(|id| !id.is_empty()) else {
            return Ok(match kind.as_str() {
                "SCHEMA" | "DELETE" => Entry::Nothing,
                _ => Entry::Repeatable(script),
            });
        };
        if kind == "DELETE" || kind.starts_with("UNDO") {
            return Ok(Entry::TakenBack(id));
        }
        Ok(Entry::Applied(OldRow {
            id,
            // A baseline is called what its command was told.
            name: (kind != "BASELINE").then_some(description),
            applied_at: record.time("installed_on")?,
            execution_ms: milliseconds(record, "execution_time"),
            checksum: record
                .number("checksum")
                .and_then(|number| i32::try_from(number).ok())
                .map(OldChecksum::Crc32),
            is_baseline: kind.ends_with("BASELINE"),
        }))
    })?;
    let mut rows: HashMap<String, OldRow> = HashMap::new();
    for entry in log {
        match entry {
            Entry::Applied(row) => {
                rows.insert(canonical(&row.id), row);
            }
            Entry::TakenBack(id) => {
                rows.remove(&canonical(&id));
            }
            Entry::Repeatable(script) => {
                let note = format!(
                    "`{script}` is a repeatable migration, which does not exist here: what it \
                     makes belongs in a migration, and each change of it in a new one"
                );
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            Entry::Nothing => {}
        }
    }
    let mut rows: Vec<OldRow> = rows.into_values().collect();
    // The rank is the order in which they were applied, which differs where
    // `outOfOrder` was allowed.
    rows.sort_by(|one, other| by_parts(&one.id, &other.id));
    Ok(rows)
}

/// As flyway orders versions: `1.9` before `1.10`.
pub(crate) fn by_parts(one: &str, other: &str) -> Ordering {
    let parts = |id: &str| -> Vec<u128> {
        canonical(id)
            .split('.')
            .map(|part| part.parse().unwrap_or(u128::MAX))
            .collect()
    };
    parts(one).cmp(&parts(other))
}
