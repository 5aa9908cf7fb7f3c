//! Every difference between a database and a registry.

use migrate_model::history::{Row, State};
use migrate_model::plan::{self, Ahead, Drift};
use migrate_model::{Migration, Registry};
use std::fmt;

/// Every difference between a database and a registry. `Display` writes a line
/// for each.
#[derive(Clone, Debug)]
pub struct Verification {
    drift: Vec<Drift>,
    pending: Vec<&'static Migration>,
    changed_downs: Vec<&'static Migration>,
    broken: Vec<String>,
    warnings: Vec<String>,
}

impl Verification {
    pub(crate) fn new<E>(
        registry: &Registry<E>,
        history: &[Row],
        broken: Vec<String>,
        warnings: Vec<String>,
    ) -> Verification {
        let find = |migration: &Migration| {
            let row = history.iter().find(|row| row.version == migration.version);
            row.filter(|row| row.state == State::Applied)
        };
        let migrations = || registry.migrations().iter();
        let is_recorded =
            |migration: &&Migration| history.iter().any(|row| row.version == migration.version);
        // If the migration itself has changed, its down is not compared.
        let has_changed_down = |migration: &&Migration| {
            let down = migration.down.filter(|down| !down.is_rust());
            find(migration).is_some_and(|row| {
                migration.checksum.matches(row.checksum.as_bytes())
                    && row.down_sql.as_deref() != down.map(|down| down.sql())
            })
        };
        Verification {
            drift: plan::drift(registry, history, Ahead::Refuse),
            pending: migrations()
                .filter(|migration| !is_recorded(migration))
                .collect(),
            changed_downs: migrations().filter(has_changed_down).collect(),
            broken,
            warnings,
        }
    }

    /// Whether there is no difference at all.
    pub fn is_clean(&self) -> bool {
        self.drift.is_empty()
            && self.pending.is_empty()
            && self.changed_downs.is_empty()
            && self.broken.is_empty()
    }

    /// Every disagreement between the history and the registry.
    pub fn drift(&self) -> &[Drift] {
        &self.drift
    }

    /// The disagreements as messages. Many migrations that are ahead are one
    /// message.
    pub fn messages(&self) -> Vec<String> {
        crate::error::messages(&self.drift)
    }

    /// The migrations that are not applied.
    pub fn pending(&self) -> &[&'static Migration] {
        &self.pending
    }

    /// The applied migrations whose down differs from the one that the history
    /// stores. That does not stop a run: a way down uses the one of the
    /// registry.
    pub fn changed_downs(&self) -> &[&'static Migration] {
        &self.changed_downs
    }

    /// References to rows that do not exist, and views, triggers and foreign
    /// keys that do not work.
    pub fn broken(&self) -> &[String] {
        &self.broken
    }

    /// Risks for the data although nothing differs: a database with write-ahead
    /// logging and a linked SQLite
    /// [that can corrupt it](https://sqlite.org/wal.html#walresetbug).
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.messages();
        let pending = self.pending.iter().map(|migration| migration.label);
        lines.extend(pending.map(|label| format!("migration `{label}` is pending")));
        let downs = self.changed_downs.iter().map(|migration| migration.label);
        lines.extend(downs.map(|label| {
            format!("the down of migration `{label}` has changed since it was applied")
        }));
        lines.extend(self.broken.iter().cloned());
        if lines.is_empty() {
            lines.push("database and migrations agree".to_owned());
        }
        let warnings = self.warnings.iter();
        lines.extend(warnings.map(|warning| format!("warning: {warning}")));
        f.write_str(&lines.join("\n"))
    }
}
