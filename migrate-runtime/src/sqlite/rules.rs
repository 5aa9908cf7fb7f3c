//! The engine-specific rules that a plan needs.

use super::functions::{Attached, Function, Functions};
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
        let options = &settings.engine;
        if let Some(function) = Attached::find(&options.attached, version, direction) {
            return Some(function);
        }
        let function = Functions::find(options.functions, version, direction)?;
        Some(function)
    }

    fn history_table(settings: &Settings) -> &str {
        settings.engine.table.name()
    }

    fn scan(text: &str) -> Scan {
        migrate_scan::sqlite::scan(text)
    }
}
