use std::fmt;

/// A tool, or a system that wrote its own, whose history can be adopted.
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

impl Tool {
    /// Every tool, in the order of the documentation.
    pub const ALL: [Tool; 13] = [
        Tool::Refinery,
        Tool::Sqlx,
        Tool::Diesel,
        Tool::RusqliteMigration,
        Tool::SeaOrm,
        Tool::GolangMigrate,
        Tool::Goose,
        Tool::Dbmate,
        Tool::Flyway,
        Tool::Names,
        Tool::Metadata,
        Tool::Archon,
        Tool::Numbered,
    ];

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
        match self {
            Tool::Refinery => "refinery",
            Tool::Sqlx => "sqlx",
            Tool::Diesel => "diesel",
            Tool::RusqliteMigration => "rusqlite_migration",
            Tool::SeaOrm => "sea-orm",
            Tool::GolangMigrate => "golang-migrate",
            Tool::Goose => "goose",
            Tool::Dbmate => "dbmate",
            Tool::Flyway => "flyway",
            Tool::Names => "names",
            Tool::Metadata => "metadata",
            Tool::Archon => "archon",
            Tool::Numbered => "numbered",
        }
    }

    /// What it is called in a sentence: its name, or `the old runner`.
    pub const fn called(self) -> &'static str {
        match self {
            Tool::Names | Tool::Metadata | Tool::Archon | Tool::Numbered => "the old runner",
            _ => self.name(),
        }
    }

    /// The tool of this name.
    pub fn parse(name: &str) -> Option<Tool> {
        Tool::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// The table of its history, unless it was given another name;
    /// rusqlite_migration has none.
    pub const fn table(self) -> Option<&'static str> {
        match self {
            Tool::Refinery => Some("refinery_schema_history"),
            Tool::Sqlx => Some("_sqlx_migrations"),
            Tool::Diesel => Some("__diesel_schema_migrations"),
            Tool::RusqliteMigration => None,
            Tool::SeaOrm => Some("seaql_migrations"),
            Tool::GolangMigrate | Tool::Dbmate => Some("schema_migrations"),
            Tool::Goose => Some("goose_db_version"),
            Tool::Flyway => Some("flyway_schema_history"),
            Tool::Names | Tool::Numbered => Some("_migrations"),
            Tool::Metadata => Some("metadata"),
            Tool::Archon => Some("archon_migrations"),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
