//! Comparison of applied migrations with files.

use super::declared_origins::{Declared, without_directives};
use super::{Known, Pair, Planned, Refusal};
use crate::checksum::matches;
use crate::history::OldRow;
use crate::id::canonical;
use crate::{OriginalMigration, Verified};
use migrate_model::Migration;
use std::collections::HashMap;

/// Compares the rows with the files; a known file that differs is a refusal.
pub(super) fn verify(
    known: Known<'_>,
    declared: &Declared,
    pairs: Vec<Pair>,
) -> Result<Vec<Planned>, Refusal> {
    let originals: HashMap<String, &OriginalMigration> = known
        .originals
        .iter()
        .map(|original| (canonical(&original.id), original))
        .collect();
    let (mut of_id, mut of_version) = (HashMap::new(), HashMap::new());
    for (row, migration) in &pairs {
        *of_id.entry(canonical(&row.id)).or_insert(0) += 1;
        *of_version.entry(migration.version).or_insert(0) += 1;
    }
    let mut differ = Vec::new();
    let mut planned = Vec::with_capacity(pairs.len());
    for (row, migration) in &pairs {
        // Merged and split migrations have a different text, and scripts that
        // declare their origin were converted.
        let id = canonical(&row.id);
        let is_whole = of_id.get(&id) == Some(&1)
            && of_version.get(&migration.version) == Some(&1)
            && declared.of(migration.version).is_empty();
        let mut verified = Verified::No;
        if known.compares_checksums {
            let path;
            (verified, path) = compare(originals.get(&id).copied(), row, migration, is_whole);
            if verified == Verified::Differs {
                differ.push((row.clone(), path));
            }
        }
        planned.push(Planned {
            row: row.clone(),
            migration,
            verified,
        });
    }
    if differ.is_empty() {
        Ok(planned)
    } else {
        Err(Refusal::Differs {
            rows: differ,
            has_originals: !known.originals.is_empty(),
        })
    }
}

/// The result for a row, and the file that was compared.
fn compare(
    original: Option<&OriginalMigration>,
    row: &OldRow,
    migration: &Migration,
    is_whole: bool,
) -> (Verified, String) {
    let path = migration.up.path().to_owned();
    let Some(old) = &row.checksum else {
        return (Verified::No, path);
    };
    // refinery hashes the name, which the row has unchanged.
    let name = row.name.as_deref().unwrap_or_default();
    let is_same = |bytes: &[u8]| matches(old, name, &row.id, bytes);
    if let Some(original) = original {
        let path = original.path.clone();
        let verified = if is_same(&original.bytes) {
            Verified::Checksum
        } else if path.ends_with(".rs") {
            // The checksum of a Rust migration is not that of its file.
            Verified::No
        } else {
            Verified::Differs
        };
        return (verified, path);
    }
    let sql = migration.up.sql();
    if is_same(sql.as_bytes()) || is_same(without_directives(sql).as_bytes()) {
        return (Verified::Checksum, path);
    }
    if is_whole && !migration.up.is_rust() {
        (Verified::Differs, path)
    } else {
        (Verified::No, path)
    }
}
