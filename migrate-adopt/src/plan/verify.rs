//! Comparing what another tool has applied with the files that we have.

use super::claims::{Claims, without_directives};
use super::{Known, Planned, Refusal};
use crate::checksum::matches;
use crate::history::OldRow;
use crate::id::canonical;
use crate::{Original, Verified};
use migrate_core::Migration;

/// A row whose file is known, and is another one, is a refusal.
pub(super) fn verify(
    known: Known<'_>,
    claims: &Claims,
    pairs: Vec<(OldRow, &'static Migration)>,
) -> Result<Vec<Planned>, Refusal> {
    let mut differ = Vec::new();
    let mut planned = Vec::with_capacity(pairs.len());
    for (row, migration) in pairs {
        let mut verified = Verified::No;
        if known.compares_checksums {
            let path;
            (verified, path) = compare(known, claims, &row, migration);
            if verified == Verified::Differs {
                differ.push((row.clone(), path));
            }
        }
        planned.push(Planned {
            row,
            migration,
            verified,
        });
    }
    match differ.is_empty() {
        true => Ok(planned),
        false => Err(Refusal::Differs {
            tool: known.tool,
            rows: differ,
            has_originals: !known.originals.is_empty(),
        }),
    }
}

/// Also the file with which it was compared.
fn compare(
    known: Known<'_>,
    claims: &Claims,
    row: &OldRow,
    migration: &Migration,
) -> (Verified, String) {
    let path = migration.up.path().to_owned();
    let Some(old) = &row.checksum else {
        return (Verified::No, path);
    };
    // refinery hashes the name, and the row has it as it was.
    let name = row.name.as_deref().unwrap_or_default();
    let is_same = |bytes: &[u8]| matches(old, name, &row.id, bytes);
    let is_of_row = |original: &&Original| canonical(&original.id) == canonical(&row.id);
    if let Some(original) = known.originals.iter().find(is_of_row) {
        let path = original.path.clone();
        return match is_same(&original.bytes) {
            true => (Verified::Checksum, path),
            // What a function in Rust made of itself is not in its file.
            false if path.ends_with(".rs") => (Verified::No, path),
            false => (Verified::Differs, path),
        };
    }
    let sql = migration.up.sql();
    if is_same(sql.as_bytes()) || is_same(without_directives(sql).as_bytes()) {
        return (Verified::Checksum, path);
    }
    // A script that says what it was has been converted.
    let is_converted = !claims.of(migration.version).is_empty();
    match is_converted || migration.up.is_rust() {
        true => (Verified::No, path),
        false => (Verified::Differs, path),
    }
}
