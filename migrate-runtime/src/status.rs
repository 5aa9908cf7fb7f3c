//! Which migrations are applied to a database.

use migrate_model::history::{Row, State, short_time};
use migrate_model::plan::{self, Ahead, Drift};
use migrate_model::{Migration, Registry, Version};
use std::fmt;

/// The status of a database: every migration in the registry or the history, in
/// order.
///
/// `Display` writes a list and a summary:
///
/// ```text
/// [x] 001_initial_schema (applied: 2026-01-31 12:00:00)
/// [ ] 002_add_indexes
///
/// Total: 2 | Applied: 1 | Pending: 1
/// ```
#[derive(Clone, Debug)]
pub struct Status {
    entries: Vec<StatusEntry>,
    drift: Vec<Drift>,
}

/// One migration of a [`Status`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StatusEntry {
    /// Its version.
    pub version: Version,
    /// Number and name: `001_initial_schema`.
    pub label: String,
    /// Whether it is applied.
    pub kind: StatusKind,
    /// The row of the history, if there is one.
    pub row: Option<Row>,
}

/// The state of a migration in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusKind {
    /// Applied, and unchanged in the registry.
    Applied,
    /// Not applied yet.
    Pending,
    /// Applied, but the text or name in the registry differs.
    Modified,
    /// Applied, but not in the registry.
    Unknown,
    /// Started outside a transaction, and not finished.
    Started,
}

impl Status {
    pub(crate) fn new<E>(registry: &Registry<E>, history: Vec<Row>, ahead: Ahead) -> Status {
        let drift = plan::drift(registry, &history, ahead);
        let mut entries: Vec<StatusEntry> = registry
            .migrations()
            .iter()
            .filter(|migration| history.iter().all(|row| row.version != migration.version))
            .map(|migration| StatusEntry {
                version: migration.version,
                label: migration.label.to_owned(),
                kind: StatusKind::Pending,
                row: None,
            })
            .collect();
        entries.extend(history.into_iter().map(|row| recorded(registry, row)));
        entries.sort_by_key(|entry| entry.version);
        Status { entries, drift }
    }

    /// Every migration, in the order of the versions.
    pub fn entries(&self) -> &[StatusEntry] {
        &self.entries
    }

    /// The number of applied migrations, in the registry or not.
    pub fn applied(&self) -> usize {
        self.entries.len() - self.pending() - self.count(StatusKind::Started)
    }

    /// The number of pending migrations.
    pub fn pending(&self) -> usize {
        self.count(StatusKind::Pending)
    }

    fn count(&self, kind: StatusKind) -> usize {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.kind == kind).count()
    }

    /// Every disagreement between the history and the registry. While there is
    /// one, a run is refused. With [`Ahead::Allow`], a database that is ahead
    /// does not count.
    pub fn drift(&self) -> &[Drift] {
        &self.drift
    }

    /// The disagreements as messages. Many migrations that are ahead are one
    /// message.
    pub fn messages(&self) -> Vec<String> {
        crate::error::messages(&self.drift)
    }
}

fn recorded<E>(registry: &Registry<E>, row: Row) -> StatusEntry {
    let same_text = |migration: &&Migration| migration.checksum.matches(row.checksum.as_bytes());
    let known = registry.get(row.version);
    let same_name = known.filter(|migration| migration.name == row.name);
    let label = same_name.map_or_else(|| row.label(), |known| known.label.to_owned());
    let kind = match (row.state, known) {
        (State::Started, _) => StatusKind::Started,
        (_, None) => StatusKind::Unknown,
        (_, Some(_)) if same_name.as_ref().is_some_and(same_text) => StatusKind::Applied,
        (_, Some(_)) => StatusKind::Modified,
    };
    StatusEntry {
        version: row.version,
        label,
        kind,
        row: Some(row),
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            writeln!(f, "{entry}")?;
        }
        write!(
            f,
            "\nTotal: {} | Applied: {} | Pending: {}",
            self.entries.len(),
            self.applied(),
            self.pending()
        )?;
        for sentence in self.messages() {
            write!(f, "\ndrift: {sentence}")?;
        }
        Ok(())
    }
}

impl fmt::Display for StatusEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, remark) = match self.kind {
            StatusKind::Applied => ("x", ""),
            StatusKind::Pending => (" ", ""),
            StatusKind::Modified => ("!", "; changed since"),
            StatusKind::Unknown => ("?", "; unknown to this binary"),
            StatusKind::Started => ("~", ""),
        };
        write!(f, "[{mark}] {}", self.label)?;
        if self.kind == StatusKind::Started {
            // It does not count as applied, and `applied_at` may be the time of
            // the up although the down was started.
            return f.write_str(" (started, not finished)");
        }
        if let Some(row) = &self.row {
            write!(f, " (applied: {}{remark})", short_time(&row.applied_at))?;
        }
        Ok(())
    }
}
