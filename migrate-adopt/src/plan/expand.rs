//! Rows of tools that record less than one row for each migration.

use super::declared_origins::Declared;
use super::{Known, Refusal};
use crate::history::{Applied, OldRow};
use crate::id::{by_parts, canonical};
use std::collections::HashSet;

/// One row for each applied migration.
pub(super) fn expand(
    known: Known<'_>,
    declared: &Declared,
    applied: Applied,
    notes: &mut Vec<String>,
) -> Result<Vec<OldRow>, Refusal> {
    match applied {
        Applied::Each(rows) => Ok(baselines(known, declared, rows, notes)),
        Applied::UpTo(version) => up_to(known, declared, version),
        Applied::Count(count) => counted(known, declared, count),
    }
}

fn row(id: impl ToString) -> OldRow {
    OldRow {
        id: id.to_string(),
        ..OldRow::default()
    }
}

/// The known old versions, without duplicates, in order.
fn ids(known: Known<'_>, declared: &Declared) -> Vec<String> {
    let originals = known.originals.iter().map(|original| original.id.as_str());
    let mut ids: Vec<String> = originals.chain(declared.ids()).map(canonical).collect();
    if ids.is_empty() {
        ids = known.map.iter().map(|(old, _)| canonical(old)).collect();
    }
    ids.sort_by(|one, other| by_parts(one, other));
    ids.dedup();
    ids
}

/// Expands a single newest version; this needs all known versions.
fn up_to(known: Known<'_>, declared: &Declared, version: u64) -> Result<Vec<OldRow>, Refusal> {
    let ids = ids(known, declared);
    if !ids.is_empty() {
        let is_applied = |id: &&String| id.parse::<u64>().is_ok_and(|id| id <= version);
        let rows: Vec<OldRow> = ids.iter().filter(is_applied).map(row).collect();
        return match rows.last() {
            Some(last) if last.id == version.to_string() => Ok(rows),
            _ => Err(Refusal::UnknownVersion {
                version,
                newest: ids.last().cloned().unwrap_or_default(),
            }),
        };
    }
    let of = known.migrations.len();
    match usize::try_from(version) {
        Ok(count) if count <= of => Ok((1..=version).map(row).collect()),
        _ => Err(Refusal::NeedsOriginals { version, of }),
    }
}

fn counted(known: Known<'_>, declared: &Declared, count: u64) -> Result<Vec<OldRow>, Refusal> {
    // Several old versions can have become one migration, so the registry
    // alone does not show how many there were.
    let highest = declared
        .ids()
        .filter_map(|id| id.parse::<usize>().ok())
        .max();
    let of = known.migrations.len();
    let mapped = known.map.len();
    match usize::try_from(count) {
        Ok(wanted) if wanted <= highest.unwrap_or(of).max(of).max(mapped) => {
            Ok((1..=count).map(row).collect())
        }
        _ => Err(Refusal::TooMany { count, of }),
    }
}

/// Expands a baseline to all known versions up to it.
fn baselines(
    known: Known<'_>,
    declared: &Declared,
    rows: Vec<OldRow>,
    notes: &mut Vec<String>,
) -> Vec<OldRow> {
    if rows.iter().all(|row| !row.is_baseline) {
        return rows;
    }
    let ids = ids(known, declared);
    if ids.is_empty() {
        return rows;
    }
    let recorded: HashSet<String> = rows
        .iter()
        .filter(|row| !row.is_baseline)
        .map(|row| canonical(&row.id))
        .collect();
    let mut expanded: Vec<OldRow> = Vec::new();
    for old in &rows {
        if !old.is_baseline {
            expanded.push(old.clone());
            continue;
        }
        let is_new =
            |id: &&String| by_parts(id, &old.id).is_le() && !recorded.contains(id.as_str());
        let before = expanded.len();
        for id in ids.iter().filter(is_new) {
            let own = *id == canonical(&old.id);
            expanded.push(if own {
                old.clone()
            } else {
                OldRow {
                    applied_at: old.applied_at.clone(),
                    is_baseline: true,
                    ..row(id)
                }
            });
        }
        if expanded.len() == before {
            notes.push(format!(
                "the baseline `{}` represents no migration that is known here",
                old.id
            ));
        }
    }
    expanded.sort_by(|one, other| by_parts(&one.id, &other.id));
    expanded
}
