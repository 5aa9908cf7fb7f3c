//! A database that verbs run on, with the migrations for it. What a verb needs
//! of it stands here once, so that no verb knows an engine.

#[cfg(feature = "adopt")]
mod adoption;
#[cfg(not(feature = "adopt"))]
#[path = "session/no_adoption.rs"]
mod adoption;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "adopt")]
pub(crate) use adoption::Old;

use crate::context::Context;
use crate::database::Database;
use crate::failure::Failure;
use crate::migrator::AnyMigrator;
use crate::progress::Progress;
use crate::signals::{self, Listening};
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migration, Migrator, Plan, Repair, Repaired, Report, Status,
    Verification, Version,
};
use std::time::Duration;

/// Why a schema was not compared.
const IN_RUST: &str = "the schema was not compared, because some of the migrations are written in \
                       Rust: run this from the program that embeds them";

/// What to do about the schema of somebody else.
const ADOPT: &str = "the database had a schema and no history of ours: take over that of the tool \
                     which made it with `migrate adopt`, or record what is applied already with \
                     `migrate baseline`";

pub(crate) struct Session<'a> {
    pub(crate) database: Database,
    on: On<'a>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "a process has few of them; with one engine there is one variant"
)]
enum On<'a> {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::File<'a>),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Connected<'a>),
}

/// A database and the migrations for it, which are for the same engine.
#[allow(
    clippy::large_enum_variant,
    reason = "a process has few of them; with one engine there is one variant"
)]
enum Pair<'d> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'d crate::database::sqlite::Place, Migrator<Version>),
    #[cfg(feature = "postgres")]
    Postgres(
        &'d crate::database::postgres::Server,
        Migrator<Version, migrate_runtime::Postgres>,
    ),
}

/// Has the engine of a session do something.
macro_rules! on {
    ($session:expr, $it:ident => $verb:expr) => {
        match $session {
            #[cfg(feature = "sqlite")]
            On::Sqlite($it) => $verb,
            #[cfg(feature = "postgres")]
            On::Postgres($it) => $verb,
        }
    };
}

/// Makes the engine of a session into another of the same kind.
macro_rules! turn {
    ($on:expr, $it:ident => $turned:expr) => {
        match $on {
            #[cfg(feature = "sqlite")]
            On::Sqlite($it) => On::Sqlite($turned),
            #[cfg(feature = "postgres")]
            On::Postgres($it) => On::Postgres($turned),
        }
    };
}

impl<'a> Session<'a> {
    /// Opens the database for a verb that only reads, and makes none. Where
    /// there is no SQLite file, an empty database stands in for it.
    pub(crate) fn to_read(
        context: &'a Context<'a>,
        migrator: AnyMigrator,
    ) -> Result<Session<'a>, Failure> {
        let database = context.database()?;
        let on = match pair(&database, migrator)? {
            #[cfg(feature = "sqlite")]
            Pair::Sqlite(place, migrator) => {
                On::Sqlite(sqlite::File::to_read(context, place, migrator)?)
            }
            #[cfg(feature = "postgres")]
            Pair::Postgres(server, migrator) => {
                On::Postgres(postgres::Connected::to(context, server, migrator, None)?)
            }
        };
        let session = Session { database, on };
        if !session.exists() {
            let shown = session.shown();
            context
                .output
                .note(format!("the database `{shown}` does not exist yet"));
        }
        Ok(session)
    }

    /// Opens a database that has to be there: a wrong path must not make one.
    pub(crate) fn to_mend(
        context: &'a Context<'a>,
        migrator: AnyMigrator,
    ) -> Result<Session<'a>, Failure> {
        let database = context.database()?;
        let on = match pair(&database, migrator)? {
            #[cfg(feature = "sqlite")]
            Pair::Sqlite(place, migrator) => {
                On::Sqlite(sqlite::File::existing(context, place, migrator)?)
            }
            #[cfg(feature = "postgres")]
            Pair::Postgres(server, migrator) => {
                On::Postgres(postgres::Connected::to(context, server, migrator, None)?)
            }
        };
        Ok(Session { database, on })
    }

    /// Opens the database for `up`, without making it yet, and has the signals
    /// stop what follows. For one that cannot be reached it waits so long.
    pub(crate) fn to_apply(
        context: &'a Context<'a>,
        migrator: AnyMigrator,
        patience: Option<Duration>,
    ) -> Result<(Session<'a>, Option<Listening>), Failure> {
        let database = context.database()?;
        let (on, listening) = match pair(&database, migrator)? {
            #[cfg(feature = "sqlite")]
            Pair::Sqlite(place, migrator) => {
                let (migrator, listening) = signals::stopping(migrator);
                if let Some(patience) = patience {
                    drop(place.wait(&context.connect, patience)?);
                }
                let file = sqlite::File::to_read(context, place, migrator)?;
                (On::Sqlite(file), listening)
            }
            #[cfg(feature = "postgres")]
            Pair::Postgres(server, migrator) => {
                // Until it is connected, a signal ends the process: nothing has
                // begun that it could leave half-done.
                let connected = postgres::Connected::to(context, server, migrator, patience)?;
                let mut on = On::Postgres(connected);
                let listening = on.listen();
                (on, listening)
            }
        };
        Ok((Session { database, on }, listening))
    }

    /// The same for a change that applies something: a file is made if need be.
    pub(crate) fn make(self, patience: Duration) -> Result<Session<'a>, Failure> {
        let on = turn!(self.on, it => it.make(patience)?);
        Ok(Session { on, ..self })
    }

    /// The same for a change that undoes something. A file that is not there is
    /// not made for this.
    pub(crate) fn open(self) -> Result<Session<'a>, Failure> {
        let on = turn!(self.on, it => it.open()?);
        Ok(Session { on, ..self })
    }

    /// Has the signals stop the run that follows.
    pub(crate) fn listen(&mut self) -> Option<Listening> {
        self.on.listen()
    }

    /// Has the run that follows show how far it is.
    pub(crate) fn show(&mut self, progress: &Progress) {
        let progress = progress.clone();
        on!(&mut self.on, it => it.migrator = it.migrator.clone().add_observer(progress));
    }

    /// Has the run that follows stop after this migration.
    pub(crate) fn stop_after(&mut self, version: Version) {
        on!(&mut self.on, it => it.migrator = it.migrator.clone().to(version));
    }

    pub(crate) fn shown(&self) -> String {
        self.database.shown()
    }

    /// Whether there is such a database; on a server that is known by now.
    pub(crate) fn exists(&self) -> bool {
        on!(&self.on, it => it.exists())
    }

    pub(crate) fn migrations(&self) -> &'static [Migration] {
        on!(&self.on, it => it.migrator.registry().migrations())
    }

    pub(crate) fn get(&self, version: Version) -> Option<&'static Migration> {
        on!(&self.on, it => it.migrator.registry().get(version))
    }

    pub(crate) fn status(&mut self) -> Result<Status, Error> {
        on!(&mut self.on, it => it.status())
    }

    pub(crate) fn plan(&mut self) -> Result<Plan, Error> {
        on!(&mut self.on, it => it.plan())
    }

    pub(crate) fn plan_down(&mut self, down: Down<Version>) -> Result<DownPlan, Error> {
        on!(&mut self.on, it => it.plan_down(down))
    }

    pub(crate) fn up(&mut self) -> Result<Report, Error> {
        on!(&mut self.on, it => it.up())
    }

    pub(crate) fn down(&mut self, down: Down<Version>) -> Result<Report, Error> {
        on!(&mut self.on, it => it.down(down))
    }

    pub(crate) fn redo(&mut self) -> Result<Report, Error> {
        on!(&mut self.on, it => it.redo())
    }

    pub(crate) fn verify(&mut self) -> Result<Verification, Error> {
        on!(&mut self.on, it => it.verify())
    }

    /// What is another way in the schema than the migrations make it; `None`
    /// where that cannot be told.
    pub(crate) fn compare_schema(&mut self) -> Result<Option<Vec<String>>, Failure> {
        on!(&mut self.on, it => it.compare_schema())
    }

    pub(crate) fn baseline(&mut self, version: Version) -> Result<Baseline, Error> {
        on!(&mut self.on, it => it.baseline(version))
    }

    pub(crate) fn repair(
        &mut self,
        version: Version,
        repair: Repair<'_>,
    ) -> Result<Repaired, Error> {
        on!(&mut self.on, it => it.repair(version, repair))
    }

    /// What to do about a schema that the history knows nothing of, if that is
    /// what the database has.
    pub(crate) fn way_out(&mut self) -> Option<String> {
        on!(&mut self.on, it => it.way_out())
    }
}

impl On<'_> {
    fn listen(&mut self) -> Option<Listening> {
        on!(self, it => {
            let (migrator, listening) = signals::stopping(it.migrator.clone());
            it.migrator = migrator;
            listening
        })
    }
}

fn pair(database: &Database, migrator: AnyMigrator) -> Result<Pair<'_>, Failure> {
    match (database, migrator) {
        #[cfg(feature = "sqlite")]
        (Database::Sqlite(place), AnyMigrator::Sqlite(migrator)) => {
            Ok(Pair::Sqlite(place, migrator))
        }
        #[cfg(feature = "postgres")]
        (Database::Postgres(server), AnyMigrator::Postgres(migrator)) => {
            Ok(Pair::Postgres(server, migrator))
        }
        #[cfg(all(feature = "sqlite", feature = "postgres"))]
        (_, migrator) => Err(other_engine(database, migrator.engine())),
    }
}

/// A database that these migrations are not for.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
fn other_engine(database: &Database, engine: migrate_scan::Engine) -> Failure {
    let (shown, other) = (database.shown(), database.engine());
    Failure::usage(format!(
        "the database `{shown}` is {other}, and the migrations are for {engine}"
    ))
    .help(format!(
        "name a database that is {engine} with `--database`"
    ))
}
