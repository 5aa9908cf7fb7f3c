//! Problems of a migrations directory, as values. [`render`](crate::render) converts them to
//! text.

use migrate_model::Excerpt;
use std::fmt;
use std::ops::Range;

/// The maximum number of problems of one kind that are reported for a script: enough to work
/// on, and a bound on the time that a badly broken file takes.
pub(crate) const MOST: usize = 20;

/// One problem: what is wrong, where, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of problem, stable across releases.
    pub code: Code,
    /// What is wrong: lower case, no final stop, values in backticks.
    pub message: String,
    /// The file or directory, as shown to the user.
    pub path: String,
    /// The place in the file, if the problem has one.
    pub excerpt: Option<Excerpt>,
    /// Facts that explain the problem, each shown as a note.
    pub notes: Vec<String>,
    /// The edit or the command that fixes it.
    pub help: String,
}

impl Diagnostic {
    /// Creates a problem of a whole file or directory.
    pub fn of_path(code: Code, path: &str, message: String, help: String) -> Diagnostic {
        Diagnostic {
            code,
            message,
            path: path.to_owned(),
            excerpt: None,
            notes: Vec::new(),
            help,
        }
    }

    /// Creates a problem at a place in the text of a file.
    pub fn in_text(
        code: Code,
        path: &str,
        text: &str,
        range: Range<usize>,
        message: String,
        help: String,
    ) -> Diagnostic {
        let mut diagnostic = Diagnostic::of_path(code, path, message, help);
        diagnostic.excerpt = Some(Excerpt::new(text, range));
        diagnostic
    }

    /// Creates a problem at a place in a text that is a part of a file and starts on its line
    /// `first_line`.
    pub fn in_part(
        code: Code,
        path: &str,
        (text, first_line): (&str, u32),
        range: Range<usize>,
        message: String,
        help: String,
    ) -> Diagnostic {
        let mut diagnostic = Diagnostic::in_text(code, path, text, range, message, help);
        if let Some(excerpt) = &mut diagnostic.excerpt {
            excerpt.position.line += (first_line as usize).saturating_sub(1);
        }
        diagnostic
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: String) -> Diagnostic {
        self.notes.push(note);
        self
    }

    pub(crate) fn sort_key(&self) -> (&str, usize, Code) {
        let start = self
            .excerpt
            .as_ref()
            .map_or(0, |excerpt| excerpt.range.start);
        (&self.path, start, self.code)
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// The kind of a problem, printed as `M001` and so on. Each code has a section
        /// with a bad and a good example in `docs/diagnostics.md`. The codes that start
        /// with `S` or `P` are [rules](crate::lint), whose findings can be allowed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// The printed form of the code.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $code,)+
                }
            }
        }
    };
}

codes! {
    /// The directory cannot be read.
    UnreadableDirectory = "M001",
    /// The directory contains no migration.
    NoMigrations = "M002",
    /// A file that is not part of a migrations directory.
    UnknownFile = "M003",
    /// An SQL file without a number.
    NoNumber = "M004",
    /// A number that is malformed or out of range.
    BadNumber = "M005",
    /// A name that is malformed.
    BadName = "M006",
    /// Numbers of different widths.
    MixedWidths = "M007",
    /// The first version is not the expected one.
    WrongFirstVersion = "M008",
    /// Versions are missing.
    Gap = "M009",
    /// Several migrations with the same version.
    DuplicateVersion = "M010",
    /// A down without an up.
    OrphanDown = "M011",
    /// Several downs for one migration.
    TwoDowns = "M012",
    /// A file that cannot be read.
    UnreadableFile = "M013",
    /// A file that is not UTF-8.
    NotUtf8 = "M014",
    /// A NUL byte.
    NulByte = "M015",
    /// A script without a statement.
    EmptyScript = "M016",
    /// A quote, comment, trigger body or the like that is not closed.
    Unterminated = "M017",
    /// A bind parameter.
    BindParameter = "M018",
    /// `BEGIN`, `COMMIT` and other transaction control.
    TransactionControl = "M019",
    /// A statement that cannot run in a transaction.
    OutsideTransaction = "M020",
    /// A `PRAGMA` or `SET` that the runner controls, or that has no effect here.
    RefusedPragma = "M021",
    /// A command of a database shell, or `COPY` from or to the client.
    ShellCommand = "M022",
    /// An unknown `-- migrate:` comment.
    UnknownDirective = "M023",
    /// A known directive that is used incorrectly.
    MisusedDirective = "M024",
    /// A syntax error.
    Syntax = "M025",
    /// A Rust file without the function that applies the migration.
    RustMigration = "M026",
    /// An invisible character or a typographic quote outside quotes.
    InvisibleCharacter = "M027",
    /// A malformed line of the lock file.
    LockLine = "M028",
    /// Conflict markers in the lock file: both merged branches changed it.
    LockConflict = "M029",
    /// A chain value of the lock file that does not match the lines before it.
    BrokenChain = "M030",
    /// A frozen migration that was changed.
    FrozenChanged = "M031",
    /// A frozen migration whose number or name was changed.
    FrozenRenamed = "M032",
    /// A frozen migration without its file.
    FrozenMissing = "M033",
    /// A migration that the lock file does not list.
    NotInLock = "M034",
    /// A draft of the lock file without its file.
    DraftMissing = "M035",
    /// Lines of the lock file that are not in the order of their versions.
    LockOrder = "M036",
    /// A statement that fails when the migrations are replayed.
    ReplayFailed = "M037",
    /// A down that fails when the migrations are replayed.
    DownFails = "M038",
    /// An up that cannot be applied again after its down.
    NotRepeatable = "M039",
    /// A replay that takes too long.
    ReplayTooLong = "M040",
    /// A statement on one table that deletes rows of another.
    RebuildCascades = "S01",
    /// A conflict clause that ends the transaction of the migration.
    OrRollback = "S04",
    /// A new column that is `NOT NULL` without a default.
    AddNotNull = "S05",
    /// A new column whose default is not constant.
    AddNonconstantDefault = "S06",
    /// A new column that is a foreign key with a default.
    AddReferencesDefault = "S07",
    /// A new stored generated column.
    AddStoredGenerated = "S08",
    /// A new column whose default violates its check.
    AddCheckViolated = "S09",
    /// A unique index on columns that may hold duplicates.
    NewUnique = "S10",
    /// A foreign key that follows a renamed table.
    RenameThenRecreate = "S11",
    /// A view or trigger that cannot be used.
    DanglingViewOrTrigger = "S12",
    /// A foreign key whose target cannot be one.
    ForeignKeyTarget = "S13",
    /// A rebuilt table that loses part of its definition.
    RebuildLosesObjects = "S14",
    /// A rebuilt table that loses rows.
    RebuildLosesRows = "S15",
    /// A table or column that is dropped with its data.
    DestructiveDrop = "S16",
    /// Double quotes around something that is not a name.
    DoubleQuotedString = "S18",
    /// A type name that SQLite does not recognize.
    UnknownType = "S19",
    /// A primary key that looks like the rowid but is not.
    IntPrimaryKey = "S20",
    /// A foreign key without an index.
    ForeignKeyWithoutIndex = "S22",
    /// A statement that a migration must not contain.
    ForbiddenStatement = "S24",
    /// Data that differs between machines.
    NondeterministicData = "S25",
    /// A change of all rows.
    UnboundedChange = "S27",
    /// An application-defined function in the schema.
    ApplicationFunction = "S28",
    /// Bytes that mislead a reader.
    BadBytes = "S31",
    /// A statement that returns rows, which are discarded.
    ReturnsRows = "S32",
    /// A down that is missing, or that does not undo its up.
    DownDoesNotRestore = "S33",
    /// Names that differ only by case.
    CaseColliding = "S34",
    /// A statement that fails on rows that the table may have.
    FailsOnRows = "S37",
    /// An index operation that blocks writers.
    BlockingIndex = "P01",
    /// An invalid index that is mistaken for a valid one.
    UnfinishedIndex = "P03",
    /// A constraint that checks all rows under a lock.
    ConstraintChecksRows = "P06",
    /// A constraint that is validated in the transaction that added it.
    ValidatedAtOnce = "P07",
    /// A `SET NOT NULL` that scans all rows under a lock.
    SetNotNull = "P08",
    /// A column that cannot be added to a table with rows.
    AddNotNullToRows = "P09",
    /// A new column that makes PostgreSQL rewrite the table.
    AddRewritesTable = "P10",
    /// A type change that makes PostgreSQL rewrite the table.
    TypeChangeRewrites = "P11",
    /// A constraint whose index is built under a lock.
    ConstraintBuildsIndex = "P12",
    /// An exclusion constraint, whose index can only be built under a lock.
    ExclusionConstraint = "P13",
    /// A drop that deletes data.
    DropsData = "P14",
    /// A rename of something that running programs may still use.
    RenameBreaksReaders = "P16",
    /// A change of all rows.
    ChangesAllRows = "P20",
    /// An enum value that is used in the transaction that adds it.
    EnumValueUsed = "P21",
    /// A type that rarely does what is intended.
    TypeWithTraps = "P27",
    /// A statement that fails on any row.
    FailsWithRows = "P50",
    /// Rows that are lost although no statement deletes them.
    LosesRows = "P52",
    /// An index that no query uses, because it is invalid.
    InvalidIndex = "P53",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
