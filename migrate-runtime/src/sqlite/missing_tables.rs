//! References to tables that a later migration creates: docs/internals/sqlite.md, "References to
//! later tables".

use super::run_state::PlannedStep;
use crate::{Direction, Registry, Sqlite};
use migrate_model::Migration;
use migrate_model::history::{Row, State};
use migrate_sqlite::integrity::{MissingTables, Problems};

/// What holds after a step; `was_used` says whether an earlier step of this run left such a
/// reference.
pub(super) fn after(
    step: &PlannedStep<'_>,
    registry: &Registry<Sqlite>,
    was_used: bool,
) -> MissingTables {
    let is_declared = |end| {
        let mut all = registry.migrations().iter();
        all.any(|it| it.version < end && it.refers_ahead)
    };
    let latest = registry.latest();
    if step.direction == Direction::Down {
        // The down of the migration that creates the table drops it again.
        return MissingTables::in_between(is_declared(step.version));
    }
    if step.version == latest.version {
        return MissingTables::at_end(
            was_used || latest.refers_ahead || is_declared(latest.version),
        );
    }
    let migration = registry.get(step.version);
    MissingTables::in_between(migration.is_some_and(|it| it.may_refer_ahead()))
}

/// Whether a migration says that it refers to a later table.
pub(super) fn is_declared(registry: &Registry<Sqlite>) -> bool {
    registry.migrations().iter().any(|it| it.refers_ahead)
}

/// Leaves out the references to missing tables if an applied migration may have left them and a
/// pending one may create the tables.
pub(super) fn without_later_tables(
    problems: Problems,
    registry: &Registry<Sqlite>,
    history: &[Row],
) -> Problems {
    let is_applied = |version| {
        let mut rows = history.iter();
        rows.any(|row| row.version == version && row.state == State::Applied)
    };
    let (applied, pending): (Vec<&Migration>, Vec<&Migration>) = registry
        .migrations()
        .iter()
        .partition(|it| is_applied(it.version));
    if !pending.is_empty() && applied.iter().any(|it| it.may_refer_ahead()) {
        problems.without_missing_tables()
    } else {
        problems
    }
}
