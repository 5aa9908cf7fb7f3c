//! What a run would do, and what it did: the same for every engine.

use crate::error::{Error, Kind};
use crate::migrator::Settings;
use crate::{Applied, Engine, Undone};
use migrate_model::history::Row;
use migrate_model::plan::{self, Down, Drift, Obstacle, Undo};
use migrate_model::{Migration, Script};
use std::time::Duration;

/// What is pending, if the history agrees with the registry.
pub(crate) fn pending<E: Engine>(
    settings: &Settings<E>,
    history: &[Row],
) -> Result<Vec<&'static Migration>, Error> {
    plan::plan(settings.registry, history, &settings.plan)
        .map_err(|drift: Vec<Drift>| Kind::Drift(drift).into())
}

/// What is to be undone.
pub(crate) fn plan_down<E: Engine>(
    settings: &Settings<E>,
    history: &[Row],
    down: &Down,
) -> Result<Vec<Undo>, Error> {
    plan::plan_down(settings.registry, history, down).map_err(|obstacle| {
        match obstacle {
            Obstacle::Dirty(dirty) => Kind::Drift(dirty),
            other => Kind::NoWayBack(other),
        }
        .into()
    })
}

/// The migration of the registry that was undone.
pub(crate) fn known<E: Engine>(
    settings: &Settings<E>,
    undo: &Undo,
) -> Result<&'static Migration, Error> {
    let migration = settings.registry.get(undo.version);
    migration.ok_or_else(|| not_known(undo).into())
}

pub(crate) fn not_known(undo: &Undo) -> Kind {
    let label = undo.label.clone();
    Kind::NotKnown { label }
}

pub(crate) fn no_function(label: &str, script: &Script) -> Kind {
    Kind::NoFunction {
        label: label.to_owned(),
        path: script.path(),
    }
}

pub(crate) fn applied(migration: &Migration, duration: Duration) -> Applied {
    Applied {
        version: migration.version,
        label: migration.label,
        duration,
    }
}

pub(crate) fn undone(undo: &Undo, duration: Duration) -> Undone {
    Undone {
        version: undo.version,
        label: undo.label.clone(),
        duration,
    }
}
