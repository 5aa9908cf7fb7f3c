//! The engine-specific rules that a plan needs, and what is refused before
//! anything runs.

use super::functions::{Attached, Function, Functions};
use super::options::Lock;
use super::server::Server;
use crate::error::{Error, PostgresKind};
use crate::migrator::Settings;
use crate::planned_step::{Body, EngineRules};
use crate::script::Sql;
use crate::{Direction, Postgres};
use migrate_model::Version;
use migrate_scan::Scan;
use migrate_scan::postgres::Head;

pub(super) type PlannedStep<'s> = crate::planned_step::PlannedStep<'s, Postgres>;

impl EngineRules for Postgres {
    type Function<'s> = Function<'s>;

    fn function(
        settings: &Settings<Postgres>,
        version: Version,
        direction: Direction,
    ) -> Option<Function<'_>> {
        let options = &settings.engine;
        if let Some(function) = Attached::find(&options.attached, version, direction) {
            return Some(function);
        }
        let function = Functions::find(options.functions, version, direction)?;
        Some(function)
    }

    fn history_table(settings: &Settings<Postgres>) -> &str {
        settings.engine.table.name()
    }

    fn scan(text: &str) -> Scan {
        migrate_scan::postgres::scan(text)
    }
}

/// Fails if a step cannot run with the lock and the server of this run.
pub(super) fn check_step(
    settings: &Settings<Postgres>,
    server: &Server,
    step: &PlannedStep<'_>,
) -> Result<(), Error> {
    let Body::Sql(sql) = &step.body else {
        return Ok(());
    };
    if sql.is_stored() {
        check_stored(&step.label, sql)?;
    }
    let label = || step.label.to_string();
    if !sql.in_transaction && settings.engine.lock != Lock::Session {
        return Err(PostgresKind::NotPooled { label: label() }.into());
    }
    if !server.has_transactional_ddl() && sql.count() > 1 && sql.texts().any(changes_schema) {
        return Err(PostgresKind::SeveralChanges {
            label: label(),
            server: server.shown.clone(),
        }
        .into());
    }
    Ok(())
}

fn changes_schema(statement: &str) -> bool {
    matches!(
        Head::of(statement).word(0),
        "ALTER" | "COMMENT" | "CREATE" | "DROP" | "GRANT" | "REINDEX" | "REVOKE" | "TRUNCATE"
    )
}

/// The SQL stored in the history may have been written by anyone, and no
/// compiler has checked it. Once the server has executed a `COMMIT`, nothing
/// can be rolled back.
fn check_stored(label: &str, sql: &Sql) -> Result<(), Error> {
    let is_control = |text| Head::of(text).transaction_control().is_some();
    let Some(index) = sql.texts().position(is_control) else {
        return Ok(());
    };
    let what = if sql.in_transaction {
        "transaction control would end the migration's transaction; remove it, the runner begins \
         and commits"
    } else {
        "transaction control in a migration without a transaction; remove it, each statement is \
         recorded when it has ended"
    };
    Err(sql.refused(label, index, what.to_owned()).into())
}
