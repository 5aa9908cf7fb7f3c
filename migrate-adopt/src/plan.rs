//! Which migrations those of another tool are: pure, and all or nothing.

mod claims;
mod expand;
mod refusal;
mod verify;

pub(crate) use refusal::{Refusal, listed};

use crate::history::{OldHistory, OldRow};
use crate::id::{canonical, slug};
use crate::{Original, Tool, Verified};
use claims::Claims;
use migrate_core::{Migration, Registry, Version};

/// What is known beside the history.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) tool: Tool,
    pub(crate) registry: &'static Registry,
    /// The files of that tool, if they are still there.
    pub(crate) originals: &'a [Original],
    /// What the user says: old version and new.
    pub(crate) map: &'a [(String, Version)],
    pub(crate) compares_checksums: bool,
}

/// One row of the old history, and what it becomes.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) row: OldRow,
    pub(crate) migration: &'static Migration,
    pub(crate) verified: Verified,
}

/// In the order of the registry; several rows can become one migration.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rows: Vec<Planned>,
    pub(crate) notes: Vec<String>,
}

/// Finds the migration of each row. What the user says comes first, then what
/// the scripts say themselves, and then the order, if the names agree.
pub(crate) fn plan(known: Known<'_>, history: OldHistory) -> Result<Plan, Refusal> {
    let mut notes = history.notes;
    let claims = Claims::read(known.registry, known.tool);
    let rows = expand::expand(known, &claims, history.applied, &mut notes)?;
    let found = assign(known, &claims, &rows)?;
    let mut pairs: Vec<(OldRow, &'static Migration)> = rows.into_iter().zip(found).collect();
    // A stable order: rows of one migration stay as that tool had them.
    pairs.sort_by_key(|(_, migration)| migration.version);
    check_parts(known, &claims, &pairs)?;
    check_gaps(known, &pairs)?;
    for (old, version) in known.map {
        let is_used = |(row, _): &(OldRow, _)| canonical(&row.id) == canonical(old);
        if !pairs.iter().any(is_used) {
            let tool = known.tool;
            notes.push(format!(
                "`--map {old}={version}` was not needed: {tool} has not applied `{old}`",
                tool = tool.called()
            ));
        }
    }
    let rows = verify::verify(known, &claims, pairs)?;
    Ok(Plan { rows, notes })
}

/// A migration for each row.
fn assign(
    known: Known<'_>,
    claims: &Claims,
    rows: &[OldRow],
) -> Result<Vec<&'static Migration>, Refusal> {
    let mut found: Vec<Option<&'static Migration>> = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(match mapped(known, row)? {
            Some(migration) => Some(migration),
            None => claims.get(&row.id),
        });
    }
    let is_free = |migration: &&'static Migration| {
        let is_taken = found.iter().flatten();
        // Where scripts say which ones they were, a script that says nothing is
        // a new one. One in Rust cannot say it.
        let may_be_old = claims.is_empty() || migration.up.is_rust();
        may_be_old
            && is_taken
                .clone()
                .all(|taken| taken.version != migration.version)
    };
    let free: Vec<&'static Migration> =
        known.registry.migrations().iter().filter(is_free).collect();
    let mut free = free.into_iter();
    let (mut unmapped, mut disagree) = (Vec::new(), Vec::new());
    for (row, found) in rows.iter().zip(&mut found) {
        if found.is_some() {
            continue;
        }
        match free.next() {
            Some(migration) => {
                if !names_agree(row, migration) {
                    disagree.push((row.clone(), migration));
                }
                *found = Some(migration);
            }
            None => unmapped.push(row.clone()),
        }
    }
    let (tool, registry) = (known.tool, known.registry);
    if !disagree.is_empty() {
        return Err(Refusal::Disagree {
            tool,
            registry,
            rows: disagree,
        });
    }
    if !unmapped.is_empty() {
        return Err(Refusal::Unmapped {
            tool,
            rows: unmapped,
            of: registry.migrations().len(),
            by_claims: !claims.is_empty(),
        });
    }
    Ok(found.into_iter().flatten().collect())
}

fn mapped(known: Known<'_>, row: &OldRow) -> Result<Option<&'static Migration>, Refusal> {
    let entry = known
        .map
        .iter()
        .find(|(old, _)| canonical(old) == canonical(&row.id));
    let Some((old, version)) = entry else {
        return Ok(None);
    };
    match known.registry.get(*version) {
        Some(migration) => Ok(Some(migration)),
        None => Err(Refusal::NoSuchVersion {
            old: old.clone(),
            version: *version,
            latest: known.registry.latest(),
        }),
    }
}

/// A row without a name agrees with any.
fn names_agree(row: &OldRow, migration: &Migration) -> bool {
    row.name
        .as_deref()
        .is_none_or(|name| slug(name) == slug(migration.name))
}

/// What was put together from several must have been applied as a whole.
fn check_parts(
    known: Known<'_>,
    claims: &Claims,
    pairs: &[(OldRow, &'static Migration)],
) -> Result<(), Refusal> {
    let is_applied = |id: &str| {
        pairs
            .iter()
            .any(|(row, _)| canonical(&row.id) == canonical(id))
    };
    for (_, migration) in pairs {
        let ids = claims.of(migration.version);
        let missing: Vec<String> = ids.iter().filter(|id| !is_applied(id)).cloned().collect();
        // Where none of them is applied, the user has mapped another one.
        if !missing.is_empty() && missing.len() < ids.len() {
            return Err(Refusal::Part {
                tool: known.tool,
                label: migration.label,
                ids,
                missing,
            });
        }
    }
    Ok(())
}

/// The rows must be the beginning of the registry.
fn check_gaps(known: Known<'_>, pairs: &[(OldRow, &'static Migration)]) -> Result<(), Refusal> {
    let Some((_, last)) = pairs.last() else {
        return Ok(());
    };
    let missing: Vec<&'static str> = known
        .registry
        .migrations()
        .iter()
        .filter(|migration| migration.version < last.version)
        .filter(|migration| {
            pairs
                .iter()
                .all(|(_, other)| other.version != migration.version)
        })
        .map(|migration| migration.label)
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Refusal::Gap {
            tool: known.tool,
            missing,
            last: last.label,
        }),
    }
}
