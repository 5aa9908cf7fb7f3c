//! The tools whose histories can be adopted.

use migrate_runtime::__private::foreign_history::{
    ARCHON, DBMATE, DIESEL, FLYWAY, GOLANG_MIGRATE, GOOSE, HistoryTable, METADATA_COLUMN,
    METADATA_KEY, NAMES, NUMBERED, REFINERY, SEA_ORM, SQLX,
};
use std::fmt;

/// A tool, or a home-made runner, whose history can be adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tool {
    /// refinery: `refinery_schema_history`.
    Refinery,
    /// sqlx: `_sqlx_migrations`.
    Sqlx,
    /// diesel: `__diesel_schema_migrations`.
    Diesel,
    /// rusqlite_migration: `PRAGMA user_version`, no table.
    RusqliteMigration,
    /// sea-orm-migration: `seaql_migrations`.
    SeaOrm,
    /// golang-migrate: `schema_migrations(version, dirty)`.
    GolangMigrate,
    /// goose: `goose_db_version`.
    Goose,
    /// dbmate: `schema_migrations(version)`.
    Dbmate,
    /// flyway: `flyway_schema_history`.
    Flyway,
    /// A runner that records names: `_migrations(id, name, applied_at)`.
    Names,
    /// An application that counts: `schema_version` in the table `metadata`.
    Metadata,
    /// A runner with its history in `archon_migrations`, and MD5 checksums.
    Archon,
    /// A runner with `_migrations(id, version, name, checksum, …)`, whose
    /// checksums are the first 16 digits of a SHA-256.
    Numbered,
}

/// The name of each tool, and the possible forms of its history table; in the order of
/// the enum.
const TOOLS: [(Tool, &str, &[HistoryTable]); 13] = [
    (Tool::Refinery, "refinery", &[REFINERY]),
    (Tool::Sqlx, "sqlx", &[SQLX]),
    (Tool::Diesel, "diesel", &[DIESEL]),
    (Tool::RusqliteMigration, "rusqlite_migration", &[]),
    (Tool::SeaOrm, "sea-orm", &[SEA_ORM]),
    (Tool::GolangMigrate, "golang-migrate", &[GOLANG_MIGRATE]),
    (Tool::Goose, "goose", &[GOOSE]),
    (Tool::Dbmate, "dbmate", &[DBMATE]),
    (Tool::Flyway, "flyway", &[FLYWAY]),
    (Tool::Names, "names", &[NAMES]),
    (Tool::Metadata, "metadata", &[METADATA_COLUMN, METADATA_KEY]),
    (Tool::Archon, "archon", &[ARCHON]),
    (Tool::Numbered, "numbered", &[NUMBERED]),
];

impl Tool {
    /// Every tool, in the order of the documentation.
    pub const ALL: [Tool; TOOLS.len()] = {
        let mut all = [Tool::Refinery; TOOLS.len()];
        let mut at = 0;
        while at < TOOLS.len() {
            all[at] = TOOLS[at].0;
            assert!(
                all[at] as usize == at,
                "the table has the order of the enum"
            );
            at += 1;
        }
        all
    };

    /// The name that `--from` takes, and that the history keeps as the origin.
    ///
    /// ```
    /// use migrate_adopt::Tool;
    ///
    /// for tool in Tool::ALL {
    ///     assert_eq!(Tool::parse(tool.name()), Some(tool));
    /// }
    /// ```
    pub const fn name(self) -> &'static str {
        TOOLS[self as usize].1
    }

    /// The name in a sentence: that of the tool, or `the old runner`.
    pub const fn called(self) -> &'static str {
        match self {
            Tool::Names | Tool::Metadata | Tool::Archon | Tool::Numbered => "the old runner",
            _ => self.name(),
        }
    }

    /// Parses the name of a tool.
    pub fn parse(name: &str) -> Option<Tool> {
        Tool::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The default name of its history table; rusqlite_migration has none.
    pub const fn table(self) -> Option<&'static str> {
        match self.history_tables() {
            [table, ..] => Some(table.name),
            [] => None,
        }
    }

    /// The possible forms of its history table.
    pub(crate) const fn history_tables(self) -> &'static [HistoryTable] {
        TOOLS[self as usize].2
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Tool;
    use migrate_runtime::__private::foreign_history::HISTORY_TABLES;

    /// The name that `up` recommends is a value of `--from`.
    #[test]
    fn every_history_that_can_be_adopted_is_one_of_a_tool() {
        for table in &HISTORY_TABLES {
            let Some(name) = table.adopt_from else {
                continue;
            };
            let tool = Tool::parse(name).unwrap();
            let tables = tool.history_tables().iter();
            assert!(tables.map(|it| it.columns).any(|it| it == table.columns));
        }
        for tool in Tool::ALL {
            for table in tool.history_tables() {
                assert_eq!(table.adopt_from, Some(tool.name()));
            }
        }
    }
}
