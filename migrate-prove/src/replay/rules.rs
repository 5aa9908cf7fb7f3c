//! The rules that need a database.

pub(crate) mod dangling;
pub(crate) mod failure;
pub(crate) mod restore;

mod colliding;
mod exists;
mod full_text;
mod functions;
mod index;
mod rebuild;
mod rows;

use crate::replay::change::Change;
use crate::replay::finding::Findings;
use crate::replay::memory::Memory;
use crate::replay::snapshot::Snapshot;
use rusqlite::Result;

/// Reports the findings of an up.
pub(crate) fn after_up(
    scratch: &Memory,
    change: Change<'_, '_>,
    findings: &mut Findings<'_, '_>,
) -> Result<()> {
    // A cause comes before its effects, which are no findings of their own.
    rows::lost(change, change.before, findings)?;
    exists::check(change, findings)?;
    rebuild::lost(scratch, change, findings)?;
    dangling::check(scratch, change, findings)?;
    index::missing(scratch, change, findings)?;
    functions::of_the_application(scratch, change, findings)?;
    colliding::names(change, findings);
    full_text::stale(scratch, change, findings)
}

/// Reports the findings of a down; returns whether it restored the schema.
pub(crate) fn after_down(
    scratch: &Memory,
    change: Change<'_, '_>,
    before_up: &Snapshot,
    findings: &mut Findings<'_, '_>,
) -> Result<bool> {
    rows::lost(change, before_up, findings)?;
    dangling::check(scratch, change, findings)?;
    full_text::stale(scratch, change, findings)?;
    // Something that was not created is not restored.
    if exists::check(change, findings)? {
        return Ok(false);
    }
    Ok(restore::down(change, before_up, findings))
}
