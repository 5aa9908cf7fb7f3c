//! Methods for `migrate-tools`; not part of the public interface.

use super::Connector;
use super::table::Table;
use crate::planned_step::EngineRules;
use crate::{Direction, Migrator, Postgres, Version};

impl<M> Migrator<M, Postgres> {
    #[doc(hidden)]
    pub fn table_of_history(&self) -> &Table {
        &self.settings.engine.table
    }

    #[doc(hidden)]
    pub fn has_function(&self, version: Version, direction: Direction) -> bool {
        Postgres::function(&self.settings, version, direction).is_some()
    }

    /// A migrator for a scratch database: with everything that affects what the
    /// migrations do, and without listeners and connections to another
    /// database.
    #[doc(hidden)]
    pub fn on_scratch(&self, connector: Connector) -> Migrator<Version, Postgres> {
        let mut migrator =
            Migrator::<Version, Postgres>::new(self.settings.registry).allow_foreign_history();
        let own = &mut migrator.settings.engine;
        own.clone_from(&self.settings.engine);
        // After a lost connection, a run continues on this connector.
        own.connector = Some(connector);
        migrator.settings.stop.clone_from(&self.settings.stop);
        migrator.settings.lock_timeout = self.settings.lock_timeout;
        migrator
    }
}
