use crate::Tool;
use crate::plan::{Refusal, listed};
use std::fmt;

/// Why a history was not taken over; nothing was written then.
///
/// `Display` says what happened in this crate and how to go on; what the
/// database or the runtime said follows as
/// [`source`](std::error::Error::source).
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Reading {
        table: String,
    },
    NoTable {
        tool: Tool,
        table: String,
        others: Vec<Tool>,
    },
    NoTableOfItsOwn {
        tool: Tool,
        table: String,
    },
    Shape {
        tool: Tool,
        table: String,
        columns: Vec<String>,
        others: Vec<Tool>,
    },
    Empty {
        tool: Tool,
        table: Option<String>,
        /// Whether it has the name that our own table is to have.
        is_in_our_place: bool,
    },
    Damaged {
        table: String,
        /// The row, from 1.
        number: usize,
        column: &'static str,
        wanted: &'static str,
        found: String,
    },
    ManyRows {
        table: String,
        rows: usize,
    },
    NoCount {
        table: String,
        text: String,
    },
    NegativeUserVersion(i64),
    Dirty {
        tool: Tool,
        migration: String,
    },
    Refused(Refusal),
    Schema {
        tool: Tool,
        /// The newest migration that it has applied.
        last: &'static str,
        differences: Vec<String>,
        /// What was left out of the old history may be the reason.
        notes: Vec<String>,
    },
    InOurPlace {
        tool: Tool,
        table: String,
    },
    HasHistory {
        rows: usize,
    },
    /// The migrations here do not run on an empty database.
    NoReplay,
    NotRenamed {
        table: String,
        name: String,
    },
    Runtime {
        tool: Tool,
    },
}

impl Error {
    /// Says so, if an empty table stands where ours is to be.
    pub(crate) fn with_our_table(mut self, ours: &str) -> Error {
        if let Kind::Empty {
            table: Some(table),
            is_in_our_place,
            ..
        } = &mut self.0.kind
        {
            *is_in_our_place = table.eq_ignore_ascii_case(ours);
        }
        self
    }

    pub(crate) fn with_source(
        kind: Kind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        let mut error = Error::from(kind);
        error.0.source = Some(source.into());
        error
    }

    /// The tool has no history here: there is no such table, or nothing is in
    /// it.
    pub fn is_missing(&self) -> bool {
        matches!(self.0.kind, Kind::NoTable { .. } | Kind::Empty { .. })
    }

    /// The table is not one that this tool writes, or a row of it cannot be
    /// understood.
    pub fn is_damaged(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Shape { .. }
                | Kind::Damaged { .. }
                | Kind::ManyRows { .. }
                | Kind::NoCount { .. }
                | Kind::NegativeUserVersion(_)
        )
    }

    /// The tool says that one of its migrations failed half-way.
    pub fn is_dirty(&self) -> bool {
        matches!(self.0.kind, Kind::Dirty { .. })
    }

    /// What the tool has applied is not the beginning of the migrations here,
    /// or which ones it is cannot be told.
    pub fn is_unmapped(&self) -> bool {
        matches!(&self.0.kind, Kind::Refused(refusal) if !refusal.is_of_contents())
    }

    /// What was applied is not what is here: a checksum or the schema differs.
    pub fn is_unverified(&self) -> bool {
        match &self.0.kind {
            Kind::Refused(refusal) => refusal.is_of_contents(),
            Kind::Schema { .. } => true,
            _ => false,
        }
    }

    /// The differences between the schema of the database and that of a replay,
    /// if that is the error.
    pub fn differences(&self) -> &[String] {
        match &self.0.kind {
            Kind::Schema { differences, .. } => differences,
            _ => &[],
        }
    }

    /// The database has a history of ours already.
    pub fn is_adopted(&self) -> bool {
        matches!(self.0.kind, Kind::HasHistory { .. })
    }

    /// What the runtime said, if it refused: that the database is locked or
    /// read-only, for example.
    pub fn runtime(&self) -> Option<&migrate_runtime::Error> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// The table of the tool has the name of ours.
    pub fn is_in_our_place(&self) -> bool {
        matches!(self.0.kind, Kind::InOurPlace { .. })
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(Inner { kind, source: None }))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Kind::Refused(refusal).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Reading { table } => write!(f, "`{table}` could not be read"),
            Kind::NoTable {
                tool,
                table,
                others,
            } => {
                write!(
                    f,
                    "the database has no table `{table}`, in which {tool} keeps its history: "
                )?;
                // Only a name that was given is not the usual one.
                let is_named = tool.table() != Some(table);
                match others[..] {
                    _ if is_named && others.contains(tool) => write!(
                        f,
                        "it has one in `{}`, which is read without `--table`",
                        tool.table().unwrap_or_default()
                    ),
                    [] => f.write_str(
                        "if the table has another name, say it with `--table`; a database that \
                         nobody has migrated so far needs no adoption",
                    ),
                    [other] => write!(
                        f,
                        "it has that of {other}, which `--from {other}` adopts; if the table has \
                         another name, say it with `--table`"
                    ),
                    _ => write!(
                        f,
                        "it has those of {}; say with `--from` which one counts",
                        listed(others)
                    ),
                }
            }
            Kind::NoTableOfItsOwn { tool, table } => write!(
                f,
                "{tool} keeps its history in `PRAGMA user_version`, and in no table: leave out \
                 `--table {table}`, or say with `--from` which tool the table is of",
                tool = tool.called()
            ),
            Kind::Shape {
                tool,
                table,
                columns,
                others,
            } => {
                let columns = listed(columns);
                write!(
                    f,
                    "the table `{table}` is not one that {tool} makes: its columns are {columns}; "
                )?;
                match others[..] {
                    [] => f.write_str("say with `--table` where the history is"),
                    [other] => write!(f, "it looks like one of {other}: say `--from {other}`"),
                    _ => write!(f, "it may be one of {}: say `--from`", listed(others)),
                }
            }
            Kind::Empty {
                tool,
                table,
                is_in_our_place,
            } => {
                match table {
                    Some(table) => write!(
                        f,
                        "`{table}` records no applied migration of {tool}",
                        tool = tool.called()
                    )?,
                    None => write!(
                        f,
                        "`PRAGMA user_version` is 0: {tool} has applied nothing",
                        tool = tool.called()
                    )?,
                }
                f.write_str(", so that there is nothing to adopt: ")?;
                match table.as_ref().filter(|_| *is_in_our_place) {
                    Some(table) => write!(
                        f,
                        "drop the table, because our history is to be in `{table}`, or give ours \
                         another name with `--history-table`; then `migrate up` applies them all"
                    ),
                    None => f.write_str("`migrate up` applies them all"),
                }
            }
            Kind::Damaged {
                table,
                number,
                column,
                wanted,
                found,
            } => write!(
                f,
                "row {number} of `{table}` has {found} as its `{column}`, where {wanted} should \
                 be: mend it, or say with `--table` where the history is"
            ),
            Kind::ManyRows { table, rows } => write!(
                f,
                "`{table}` has {rows} rows, and golang-migrate writes one: delete those that are \
                 not the newest version"
            ),
            Kind::NoCount { table, text } => write!(
                f,
                "the `schema_version` in `{table}` is `{}`, where a whole number should be: mend \
                 it, or say with `--table` where the history is",
                text.escape_debug()
            ),
            Kind::NegativeUserVersion(number) => write!(
                f,
                "`PRAGMA user_version` is {number}, which rusqlite_migration never writes: it \
                 belongs to something else; record what is applied with `migrate baseline`"
            ),
            Kind::Dirty { tool, migration } => {
                write!(
                    f,
                    "{tool} records `{migration}` as failed or not finished, so that nobody knows \
                     how much of it took effect: mend the database, ",
                    tool = tool.called()
                )?;
                match tool {
                    Tool::GolangMigrate => f.write_str("then say so with its `force`"),
                    Tool::Flyway => f.write_str("then say so with its `repair`"),
                    _ => write!(
                        f,
                        "then delete that row, or finish the migration with {tool}",
                        tool = tool.called()
                    ),
                }
            }
            Kind::Refused(refusal) => write!(f, "{refusal}"),
            Kind::Schema {
                tool,
                last,
                differences,
                notes,
            } => {
                write!(
                    f,
                    "nothing was recorded: the schema is not the one that the migrations up to \
                     `{last}` make, although {tool} has applied them:",
                    tool = tool.called()
                )?;
                for difference in differences {
                    write!(f, "\n  {difference}")?;
                }
                for note in notes {
                    write!(f, "\n  note: {note}")?;
                }
                f.write_str(
                    "\nmend the database or the files, or leave the schema out with `--verify \
                     checksum` if the differences are meant",
                )
            }
            Kind::InOurPlace { tool, table } => write!(
                f,
                "{tool} keeps its history in `{table}`, where ours is to be: give the old table \
                 another name with `--rename-old`, or ours with `--history-table`",
                tool = tool.called()
            ),
            Kind::HasHistory { rows } => {
                let rows = match rows {
                    1 => "1 migration".to_owned(),
                    rows => format!("{rows} migrations"),
                };
                write!(
                    f,
                    "the database has a history of ours already, with {rows}: `migrate status` \
                     shows them"
                )
            }
            Kind::NoReplay => f.write_str(
                "the migrations here could not be replayed, to compare the schema of the database \
                 with what they make: mend them, or leave the schema out with `--verify checksum`",
            ),
            Kind::NotRenamed { table, name } => write!(
                f,
                "the table `{table}` could not be called `{name}`: give another name with \
                 `--rename-old`"
            ),
            Kind::Runtime { tool } => write!(
                f,
                "the history of {tool} was not adopted",
                tool = tool.called()
            ),
        }
    }
}

/// With the message, which a `main` that returns an error prints in this form.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("message", &format_args!("{self}"))
            .field("kind", &self.0.kind)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
