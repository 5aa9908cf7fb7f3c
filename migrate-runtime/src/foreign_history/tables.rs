//! The history tables of other tools: one list for `up`, which refuses them,
//! and for `migrate adopt`, which reads them.

/// The history table of a tool, with the columns of the tool's own
/// `CREATE TABLE`.
#[derive(Clone, Copy, Debug)]
pub struct HistoryTable {
    /// The tool, or a description of an application that keeps a history.
    pub tool: &'static str,
    /// The name of the tool for `migrate adopt --from`, if it can be adopted.
    pub adopt_from: Option<&'static str>,
    /// The name of the table.
    pub name: &'static str,
    /// A table of this name with these columns is a history of the tool, perhaps
    /// of another version of it.
    recognized_by: &'static [&'static str],
    /// The columns that an adoption reads, including those of `recognized_by`.
    pub columns: &'static [&'static str],
    /// Columns that a similar table has and this one does not.
    absent: &'static [&'static str],
    further: Further,
    /// The condition for rows that record something as applied, in SQL of both
    /// engines, with `{table}` for the table. Default: all rows.
    applied: Option<&'static str>,
}

/// What additional columns in a table mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Further {
    /// Nothing.
    Allowed,
    /// The tool did not create the table like this, so it cannot be adopted.
    NotAdopted,
    /// The table belongs to another tool.
    OtherTool,
}

impl HistoryTable {
    const fn new(
        tool: &'static str,
        name: &'static str,
        columns: &'static [&'static str],
    ) -> HistoryTable {
        HistoryTable {
            tool,
            adopt_from: None,
            name,
            recognized_by: columns,
            columns,
            absent: &[],
            further: Further::Allowed,
            applied: None,
        }
    }

    /// A table that can be adopted.
    const fn adopted(
        from: &'static str,
        name: &'static str,
        columns: &'static [&'static str],
    ) -> HistoryTable {
        HistoryTable {
            adopt_from: Some(from),
            ..HistoryTable::new(from, name, columns)
        }
    }

    /// Whether a table of this name and these columns is a history of the tool.
    pub fn recognizes(&self, columns: &[String]) -> bool {
        let is_other = self.further == Further::OtherTool && columns.len() > self.columns.len();
        has(columns, self.recognized_by) && !is_other
    }

    /// Whether the application also uses the table for other things, so that it
    /// cannot be renamed.
    pub(super) fn is_of_application(&self) -> bool {
        self.name == METADATA_COLUMN.name
    }

    /// Whether a table with these columns, whatever its name, can be read as a
    /// history of the tool.
    pub fn can_read(&self, columns: &[String]) -> bool {
        has(columns, self.columns)
            && !self.absent.iter().any(|name| has(columns, &[name]))
            && (self.further == Further::Allowed || columns.len() == self.columns.len())
    }

    /// A query that returns a row if the table records something as applied. A
    /// tool may write rows before that, and keep some after it has undone
    /// everything. `sql` is the table name as it is written in a statement.
    pub fn query_applied(&self, sql: &str, columns: &[String]) -> String {
        // If a column is missing, the meaning of the rows is unknown.
        let condition = self.applied.filter(|_| self.can_read(columns));
        let condition = condition.unwrap_or("TRUE").replace("{table}", sql);
        format!("SELECT 1 FROM {sql} WHERE {condition} LIMIT 1")
    }
}

fn has(columns: &[String], wanted: &[&str]) -> bool {
    wanted
        .iter()
        .all(|wanted| columns.iter().any(|it| it.eq_ignore_ascii_case(wanted)))
}

/// sqlx.
pub const SQLX: HistoryTable = HistoryTable {
    recognized_by: &["version", "description", "success", "checksum"],
    ..HistoryTable::adopted(
        "sqlx",
        "_sqlx_migrations",
        &[
            "version",
            "description",
            "installed_on",
            "success",
            "checksum",
            "execution_time",
        ],
    )
};

/// refinery.
pub const REFINERY: HistoryTable = HistoryTable::adopted(
    "refinery",
    "refinery_schema_history",
    &["version", "name", "applied_on", "checksum"],
);

/// diesel.
pub const DIESEL: HistoryTable = HistoryTable {
    further: Further::NotAdopted,
    ..HistoryTable::adopted(
        "diesel",
        "__diesel_schema_migrations",
        &["version", "run_on"],
    )
};

/// sea-orm-migration.
pub const SEA_ORM: HistoryTable = HistoryTable {
    further: Further::NotAdopted,
    ..HistoryTable::adopted("sea-orm", "seaql_migrations", &["version", "applied_at"])
};

/// flyway.
pub const FLYWAY: HistoryTable = HistoryTable {
    recognized_by: &["installed_rank", "version", "checksum"],
    ..HistoryTable::adopted(
        "flyway",
        "flyway_schema_history",
        &[
            "installed_rank",
            "version",
            "description",
            "type",
            "script",
            "checksum",
            "installed_on",
            "execution_time",
            "success",
        ],
    )
};

/// goose.
pub const GOOSE: HistoryTable = HistoryTable {
    recognized_by: &["version_id", "is_applied"],
    // The table is a log, in which the newest row of a version counts. Version
    // 0 is goose's own.
    applied: Some(
        "is_applied AND (version_id, id) IN \
         (SELECT version_id, max(id) FROM {table} WHERE version_id <> 0 GROUP BY version_id)",
    ),
    ..HistoryTable::adopted(
        "goose",
        "goose_db_version",
        &["id", "version_id", "is_applied", "tstamp"],
    )
};

/// golang-migrate.
pub const GOLANG_MIGRATE: HistoryTable =
    HistoryTable::adopted("golang-migrate", "schema_migrations", &["version", "dirty"]);

/// dbmate.
pub const DBMATE: HistoryTable = HistoryTable {
    further: Further::OtherTool,
    ..HistoryTable::adopted("dbmate", "schema_migrations", &["version"])
};

/// Several tools use this name and column, for example Ecto.
const SCHEMA_MIGRATIONS: HistoryTable =
    HistoryTable::new("another tool", "schema_migrations", &["version"]);

const GENI: HistoryTable = HistoryTable {
    further: Further::OtherTool,
    ..HistoryTable::new("geni", "schema_migrations", &["id"])
};

const HIQLITE: HistoryTable =
    HistoryTable::new("hiqlite", "_migrations", &["id", "name", "ts", "hash"]);

/// A runner that stores the MD5 checksum of the whole file.
pub const ARCHON: HistoryTable = HistoryTable {
    tool: "a runner with its history in `archon_migrations`",
    recognized_by: &["version", "migration_name", "checksum"],
    ..HistoryTable::adopted(
        "archon",
        "archon_migrations",
        &["version", "migration_name", "applied_at", "checksum"],
    )
};

/// A runner that stores the first digits of a SHA-256.
pub const NUMBERED: HistoryTable = HistoryTable {
    tool: "a runner with numbered rows and short checksums",
    recognized_by: &["version", "name", "checksum", "execution_time_ms"],
    // A column of our own history.
    absent: &["origin"],
    ..HistoryTable::adopted(
        "numbered",
        "_migrations",
        &[
            "version",
            "name",
            "checksum",
            "applied_at",
            "execution_time_ms",
        ],
    )
};

/// A runner that stores names but no checksums.
pub const NAMES: HistoryTable = HistoryTable {
    tool: "a runner that records names",
    absent: &["checksum", "hash"],
    ..HistoryTable::adopted("names", "_migrations", &["id", "name", "applied_at"])
};

/// An application with a version counter in a column.
pub const METADATA_COLUMN: HistoryTable = HistoryTable {
    tool: "an application with a version counter in `metadata.schema_version`",
    applied: Some("trim(CAST(schema_version AS text)) <> '0'"),
    ..HistoryTable::adopted("metadata", "metadata", &["schema_version"])
};

/// An application with a version counter in one row among others.
pub const METADATA_KEY: HistoryTable = HistoryTable {
    columns: &["key", "value"],
    recognized_by: &["key", "value"],
    applied: Some("CAST(key AS text) = 'schema_version' AND trim(CAST(value AS text)) <> '0'"),
    ..METADATA_COLUMN
};

/// All tables. Among those with the same name, the most specific comes first.
pub static HISTORY_TABLES: [HistoryTable; 16] = [
    SQLX,
    REFINERY,
    DIESEL,
    SEA_ORM,
    FLYWAY,
    GOOSE,
    GOLANG_MIGRATE,
    DBMATE,
    SCHEMA_MIGRATIONS,
    GENI,
    ARCHON,
    HIQLITE,
    NUMBERED,
    NAMES,
    METADATA_COLUMN,
    METADATA_KEY,
];
