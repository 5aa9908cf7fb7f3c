//! The replay of a registry in an in-memory SQLite database, with the functions
//! of the application.

use crate::error::{Error, Kind, with_causes};
use crate::function_error::panic_message;
use crate::migrator::Settings;
use crate::planned_step::EngineRules;
use crate::sqlite::setup::StandIns;
use crate::{Direction, Sqlite, Version};
use migrate_prove::{Options, Proof, SqliteVersion, Subject};
use rusqlite::{Connection, Transaction};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Replays a registry as described at
/// [`testing::check`](crate::testing::check).
pub(crate) fn prove(settings: &Settings) -> Result<Proof, Error> {
    let subjects: Vec<Subject<'_>> = settings
        .registry
        .migrations()
        .iter()
        .map(Subject::from)
        .collect();
    let StandIns {
        functions,
        collations,
    } = settings.engine.stand_ins;
    // The application's real functions replace the stand-ins.
    let functions: Vec<(String, i32)> = functions
        .iter()
        .map(|(name, arguments)| ((*name).to_owned(), *arguments))
        .collect();
    let collations: Vec<String> = collations.iter().map(|name| (*name).to_owned()).collect();
    let call = |version: Version, direction: Direction, tx: &Transaction<'_>| {
        call(settings, version, direction, tx)
    };
    let setup = settings.engine.setup.as_ref().map(|setup| &*setup.0);
    let setup = |conn: &Connection| setup.map_or(Ok(()), |setup| setup(conn));
    let mut options = Options::default();
    options.history = settings.engine.table.name();
    options.functions = &functions;
    options.collations = &collations;
    options.setup = settings.engine.setup.is_some().then_some(&setup);
    options.rust = Some(&call);
    options.min_sqlite = SqliteVersion::from_number(settings.engine.min_sqlite);
    migrate_prove::prove(&subjects, &options)
        .map_err(|error| Error::with_source(Kind::Database("replaying the migrations"), error))
}

fn call(
    settings: &Settings,
    version: Version,
    direction: Direction,
    tx: &Transaction<'_>,
) -> Result<(), String> {
    let Some(function) = Sqlite::function(settings, version, direction) else {
        return Err("its function is not known; attach it to the migrator".to_owned());
    };
    match catch_unwind(AssertUnwindSafe(|| function(tx))) {
        Ok(result) => result.map_err(|error| with_causes(&*error)),
        Err(panic) => {
            let message = panic_message(&*panic);
            Err(format!("it panicked: {message}"))
        }
    }
}
