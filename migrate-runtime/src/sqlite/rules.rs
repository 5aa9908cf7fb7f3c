//! What the decisions of a run ask of this engine.

use super::functions::Function;
use crate::migrator::Settings;
use crate::planned_step::EngineRules;
use crate::{Direction, Sqlite};
use migrate_model::Version;
use migrate_scan::Scan;

impl EngineRules for Sqlite {
    type Function<'s> = Function<'s>;

    fn function(
        settings: &Settings,
        version: Version,
        direction: Direction,
    ) -> Option<Function<'_>> {
        settings.function(version, direction)
    }

    fn history_table(settings: &Settings) -> &str {
        settings.own.table.name()
    }

    fn scan(text: &str) -> Scan {
        migrate_scan::sqlite::scan(text)
    }
}
