//! Matching of old migrations with new ones: pure, and all or nothing.

mod declared_origins;
mod expand;
mod refusal;
mod verify;

pub(crate) use refusal::{Refusal, listed, listed_up_to};

use crate::history::{OldHistory, OldRow};
use crate::id::{canonical, slug};
use crate::{OriginalMigration, Tool, Verified};
use declared_origins::Declared;
use migrate_model::{Migration, Version};
use std::collections::HashSet;

/// The input besides the history.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) tool: Tool,
    /// The migrations of the registry, for either engine.
    pub(crate) migrations: &'static [Migration],
    /// The files of the tool, if they still exist.
    pub(crate) originals: &'a [OriginalMigration],
    /// The map of the user: old version and new version.
    pub(crate) map: &'a [(String, Version)],
    pub(crate) compares_checksums: bool,
}

impl Known<'_> {
    fn migration(&self, version: Version) -> Option<&'static Migration> {
        let mut migrations = self.migrations.iter();
        migrations.find(|migration| migration.version == version)
    }
}

/// A row of the old history, with its migration and the comparison.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) row: OldRow,
    pub(crate) migration: &'static Migration,
    pub(crate) verified: Verified,
}

/// A row of the old history, with its migration. Each of them can occur in
/// several pairs.
type Pair = (OldRow, &'static Migration);

/// The planned rows, in the order of the registry. Several rows can become one
/// migration.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rows: Vec<Planned>,
    pub(crate) notes: Vec<String>,
}

/// Finds the migration of each row: by the map of the user, then by comments in
/// the scripts, then by the order, if the names match.
pub(crate) fn plan(known: Known<'_>, history: OldHistory) -> Result<Plan, Refusal> {
    let mut notes = history.notes;
    let declared = Declared::read(known.migrations, known.tool);
    let rows = expand::expand(known, &declared, history.applied, &mut notes)?;
    let found = assign(known, &declared, &rows)?;
    let mut pairs: Vec<Pair> = rows
        .iter()
        .zip(found)
        .flat_map(|(row, found)| found.into_iter().map(|migration| (row.clone(), migration)))
        .collect();
    // A stable sort keeps the rows of one migration in the order of the tool.
    pairs.sort_by_key(|(_, migration)| migration.version);
    check_parts(&declared, &pairs)?;
    check_gaps(known, &pairs)?;
    for (old, version) in known.map {
        let is_used = |(row, _): &Pair| canonical(&row.id) == canonical(old);
        if !pairs.iter().any(is_used) {
            let tool = known.tool;
            notes.push(format!(
                "`--map {old}={version}` was not used: {tool} has not applied `{old}`",
                tool = tool.called()
            ));
        }
        let said = declared.of(*version);
        if let Some(said) = said.first().filter(|_| !declared.has(*version, old)) {
            let migration = known.migration(*version);
            notes.push(format!(
                "`--map {old}={version}` contradicts `{}`, which says `{said}`",
                migration.map_or("", |migration| migration.label)
            ));
        }
    }
    let rows = verify::verify(known, &declared, pairs)?;
    Ok(Plan { rows, notes })
}

/// The migrations of each row: one, unless it was split.
fn assign(
    known: Known<'_>,
    declared: &Declared,
    rows: &[OldRow],
) -> Result<Vec<Vec<&'static Migration>>, Refusal> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut migrations = mapped(known, row)?;
        if migrations.is_empty() {
            migrations = declared.get(&row.id);
        }
        found.push(migrations);
    }
    let taken: HashSet<Version> = found
        .iter()
        .flatten()
        .map(|migration| migration.version)
        .collect();
    let is_free = |migration: &&'static Migration| {
        // If some scripts have comments, a script without one is new. A Rust
        // migration cannot have such a comment.
        let may_be_old = declared.is_empty() || migration.up.is_rust();
        may_be_old && !taken.contains(&migration.version)
    };
    let free: Vec<&'static Migration> = known.migrations.iter().filter(is_free).collect();
    let mut free = free.into_iter();
    let (mut unmapped, mut disagree) = (Vec::new(), Vec::new());
    for (row, found) in rows.iter().zip(&mut found) {
        if !found.is_empty() {
            continue;
        }
        match free.next() {
            Some(migration) => {
                if !names_agree(row, migration) {
                    disagree.push((row.clone(), migration));
                }
                found.push(migration);
            }
            None => unmapped.push(row.clone()),
        }
    }
    let migrations = known.migrations;
    if !disagree.is_empty() {
        return Err(Refusal::Disagree {
            migrations,
            rows: disagree,
        });
    }
    if !unmapped.is_empty() {
        return Err(Refusal::Unmapped {
            rows: unmapped,
            of: migrations.len(),
            by_declaration: !declared.is_empty(),
        });
    }
    Ok(found)
}

fn mapped(known: Known<'_>, row: &OldRow) -> Result<Vec<&'static Migration>, Refusal> {
    let is_of_row = |(old, _): &&(String, Version)| canonical(old) == canonical(&row.id);
    let migrations = known.map.iter().filter(is_of_row).map(|(old, version)| {
        let migration = known.migration(*version);
        migration.ok_or_else(|| Refusal::NoSuchVersion {
            old: old.clone(),
            version: *version,
            latest: known.migrations.last().map_or("", |latest| latest.label),
        })
    });
    migrations.collect()
}

/// Whether the names match. A row without a name matches any name.
fn names_agree(row: &OldRow, migration: &Migration) -> bool {
    row.name
        .as_deref()
        .is_none_or(|name| slug(name) == slug(migration.name))
}

/// Fails if a migration merged from several old ones is only partly applied.
fn check_parts(declared: &Declared, pairs: &[Pair]) -> Result<(), Refusal> {
    let applied: HashSet<String> = pairs.iter().map(|(row, _)| canonical(&row.id)).collect();
    for (_, migration) in pairs {
        let ids = declared.of(migration.version);
        let missing: Vec<String> = ids
            .iter()
            .filter(|id| !applied.contains(&canonical(id)))
            .cloned()
            .collect();
        // If none of them is applied, the user has mapped another row to it.
        if !missing.is_empty() && missing.len() < ids.len() {
            return Err(Refusal::Part {
                label: migration.label,
                ids: ids.to_vec(),
                missing,
            });
        }
    }
    Ok(())
}

/// Fails unless the rows are the first migrations of the registry.
fn check_gaps(known: Known<'_>, pairs: &[Pair]) -> Result<(), Refusal> {
    let Some((_, last)) = pairs.last() else {
        return Ok(());
    };
    let applied: HashSet<Version> = pairs
        .iter()
        .map(|(_, migration)| migration.version)
        .collect();
    let missing: Vec<&'static str> = known
        .migrations
        .iter()
        .filter(|migration| migration.version < last.version)
        .filter(|migration| !applied.contains(&migration.version))
        .map(|migration| migration.label)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Gap {
            missing,
            last: last.label,
        })
    }
}
