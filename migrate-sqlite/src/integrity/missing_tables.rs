//! References to tables that a later migration creates: docs/internals/sqlite.md, "References to
//! later tables".

use super::{Object, Problem, Problems};

/// What holds for references to tables that do not exist after a migration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingTables {
    /// New ones are refused.
    #[default]
    Refused,
    /// A later migration may create the tables.
    Allowed,
    /// All of them are refused, because no migration follows that could create the tables.
    RefusedAtEnd,
}

impl MissingTables {
    /// What holds after an up that is not the last one of its set.
    pub fn in_between(may_refer_ahead: bool) -> MissingTables {
        if may_refer_ahead {
            MissingTables::Allowed
        } else {
            MissingTables::Refused
        }
    }

    /// What holds after the last up of a set; `was_used` says whether it or an earlier migration
    /// may have left such a reference.
    pub fn at_end(was_used: bool) -> MissingTables {
        if was_used {
            MissingTables::RefusedAtEnd
        } else {
            MissingTables::Refused
        }
    }

    /// The problems of the schema that refuse the migration.
    pub fn refused(self, before: &Problems, after: &Problems) -> Vec<Problem> {
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
