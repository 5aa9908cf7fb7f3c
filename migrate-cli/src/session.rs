//! A database that verbs run on, with the migrations for it. What a verb needs
//! of it stands here once, so that no verb knows an engine.

mod postgres;
mod sqlite;

use crate::context::Context;
use crate::database::Database;
use crate::failure::Failure;
use crate::migrator::AnyMigrator;
use crate::progress::Progress;
use crate::signals::{self, Listening};
use migrate_adopt::{Adoption, Options, Tool};
use migrate_model::Engine;
use migrate_runtime::postgres::Blocking;
use migrate_runtime::rusqlite::Connection;
use migrate_runtime::{
    Baseline, Down, DownPlan, Error, Migration, Plan, Repair, Repaired, Report, Status,
    Verification, Version,
};
use postgres::Connected;
use sqlite::File;
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

#[expect(clippy::large_enum_variant, reason = "a process has few of them")]
enum On<'a> {
    Sqlite(File<'a>),
    Postgres(Connected<'a>),
}

/// A database of which only is asked who has migrated it.
#[expect(clippy::large_enum_variant, reason = "a process has few of them")]
pub(crate) enum Old {
    Sqlite(Box<Connection>),
    Postgres(Blocking),
}

impl Old {
    pub(crate) fn open(context: &Context<'_>) -> Result<Old, Failure> {
        Ok(match context.database()? {
            Database::Sqlite(place) => Old::Sqlite(Box::new(place.open_existing(context)?)),
            Database::Postgres(server) => Old::Postgres(server.connect(context, None)?),
        })
    }

    pub(crate) fn detect(&mut self) -> Result<Vec<Tool>, migrate_adopt::Error> {
        match self {
            Old::Sqlite(conn) => migrate_adopt::detect(conn),
            Old::Postgres(db) => {
                db.run(async |client| migrate_adopt::postgres::detect(client, &[]).await)
            }
        }
    }
}

/// Has the engine of a session do something.
macro_rules! on {
    ($session:expr, $it:ident => $verb:expr) => {
        match $session {
            On::Sqlite($it) => $verb,
            On::Postgres($it) => $verb,
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
        let on = match (&database, migrator) {
            (Database::Sqlite(place), AnyMigrator::Sqlite(migrator)) => {
                On::Sqlite(File::to_read(context, place, migrator)?)
            }
            (Database::Postgres(server), AnyMigrator::Postgres(migrator)) => {
                On::Postgres(Connected::to(context, server, migrator, None)?)
            }
            (_, migrator) => return Err(other_engine(&database, migrator.engine())),
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
        let on = match (&database, migrator) {
            (Database::Sqlite(place), AnyMigrator::Sqlite(migrator)) => {
                On::Sqlite(File::existing(context, place, migrator)?)
            }
            (Database::Postgres(server), AnyMigrator::Postgres(migrator)) => {
                On::Postgres(Connected::to(context, server, migrator, None)?)
            }
            (_, migrator) => return Err(other_engine(&database, migrator.engine())),
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
        let (on, listening) = match (&database, migrator) {
            (Database::Sqlite(place), AnyMigrator::Sqlite(migrator)) => {
                let (migrator, listening) = signals::stopping(migrator);
                if let Some(patience) = patience {
                    drop(place.wait(context, patience)?);
                }
                let file = File::to_read(context, place, migrator)?;
                (On::Sqlite(file), listening)
            }
            (Database::Postgres(server), AnyMigrator::Postgres(migrator)) => {
                // Until it is connected, a signal ends the process: nothing has
                // begun that it could leave half-done.
                let connected = Connected::to(context, server, migrator, patience)?;
                let mut on = On::Postgres(connected);
                let listening = on.listen();
                (on, listening)
            }
            (_, migrator) => return Err(other_engine(&database, migrator.engine())),
        };
        Ok((Session { database, on }, listening))
    }

    /// The same for a change that applies something: a file is made if need be.
    pub(crate) fn make(self, patience: Duration) -> Result<Session<'a>, Failure> {
        let on = match self.on {
            On::Sqlite(file) => On::Sqlite(file.make(patience)?),
            on @ On::Postgres(_) => on,
        };
        Ok(Session { on, ..self })
    }

    /// The same for a change that undoes something. A file that is not there is
    /// not made for this.
    pub(crate) fn open(self) -> Result<Session<'a>, Failure> {
        let on = match self.on {
            On::Sqlite(file) => On::Sqlite(file.open()?),
            on @ On::Postgres(_) => on,
        };
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
        match &self.on {
            On::Sqlite(file) => file.exists,
            On::Postgres(_) => true,
        }
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

    /// The tools whose histories the database has.
    pub(crate) fn detect(&mut self) -> Result<Vec<Tool>, migrate_adopt::Error> {
        on!(&mut self.on, it => it.detect())
    }

    pub(crate) fn plan_adoption(
        &mut self,
        tool: Tool,
        options: &Options,
    ) -> Result<Adoption, migrate_adopt::Error> {
        on!(&mut self.on, it => it.plan_adoption(tool, options))
    }

    pub(crate) fn adopt(
        &mut self,
        tool: Tool,
        options: &Options,
    ) -> Result<Adoption, migrate_adopt::Error> {
        on!(&mut self.on, it => it.adopt(tool, options))
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

/// A database that these migrations are not for.
fn other_engine(database: &Database, engine: Engine) -> Failure {
    let (shown, other) = (database.shown(), database.engine());
    Failure::usage(format!(
        "the database `{shown}` is {other}, and the migrations are for {engine}"
    ))
    .help(format!(
        "name a database that is {engine} with `--database`"
    ))
}
