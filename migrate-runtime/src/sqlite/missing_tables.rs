//! References to tables that a later migration creates: docs/internals/sqlite.md, "References to
//! later tables".

use super::run_state::PlannedStep;
use crate::{Direction, Registry, Sqlite};
use migrate_model::Migration;
use migrate_model::history::{Row, State};
use migrate_sqlite::integrity::{Object, Problem, Problems};

/// What holds for references to tables that do not exist after a migration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MissingTables {
    /// New ones are refused.
    #[default]
    Refused,
    /// A later migration may create the tables.
    Allowed,
    /// All of them are refused, because no migration follows that could create the tables.
    RefusedAtEnd,
}

impl MissingTables {
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
            return if is_declared(step.version) {
                MissingTables::Allowed
            } else {
                MissingTables::Refused
            };
        }
        if step.version == latest.version {
            return if was_used || latest.refers_ahead || is_declared(latest.version) {
                MissingTables::RefusedAtEnd
            } else {
                MissingTables::Refused
            };
        }
        let migration = registry.get(step.version);
        if migration.is_some_and(|it| it.may_refer_ahead()) {
            MissingTables::Allowed
        } else {
            MissingTables::Refused
        }
    }

    /// Whether a migration says that it refers to a later table.
    pub(super) fn is_declared(registry: &Registry<Sqlite>) -> bool {
        registry.migrations().iter().any(|it| it.refers_ahead)
    }

    /// The problems of the schema that refuse the step.
    pub(super) fn refused(self, before: &Problems, after: &Problems) -> Vec<Problem> {
        match self {
            MissingTables::Refused => after.new_schema(before),
            MissingTables::RefusedAtEnd => {
                after.new_schema(&before.clone().without_missing_tables())
            }
            MissingTables::Allowed => {
                let mut problems = after.new_schema(before);
                problems.retain(|it| it.object != Object::Reference);
                problems
            }
        }
    }
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
