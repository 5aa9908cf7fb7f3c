//! Problems of a migrations directory, as values; [`render`](crate::render)
//! turns them into text.

use migrate_model::Excerpt;
use std::fmt;
use std::ops::Range;

/// How many problems of one kind are shown for a script: enough to work on, and a
/// bound on the time that a hopeless file takes.
pub(crate) const MOST: usize = 20;

/// One problem: what is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of problem, stable across releases.
    pub code: Code,
    /// What is wrong: lower case, no final stop, values in backticks.
    pub message: String,
    /// The file or directory, as it is to be shown.
    pub path: String,
    /// The place in the file, if the problem has one.
    pub excerpt: Option<Excerpt>,
    /// Facts that explain the problem.
    pub notes: Vec<String>,
    /// The edit or the command that mends it.
    pub help: String,
}

impl Diagnostic {
    /// A problem of a whole file or directory.
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

    /// A problem at a place in the text of a file.
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

    /// A problem at a place of a text that is a part of its file, and starts
    /// on the line `first_line` of it.
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

    /// Adds a fact.
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
        /// The kind of a problem, written `M001` and so on. Each has a section
        /// with a bad and a good example in `docs/diagnostics.md`. Those that
        /// begin with an `S` or a `P` are the [rules](crate::lint) that can be allowed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// The code as it is printed.
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
    /// The directory holds no migration.
    NoMigrations = "M002",
    /// A file that is not part of a migrations directory.
    UnknownFile = "M003",
    /// An SQL file without a number.
    NoNumber = "M004",
    /// A number that is not written as it must be.
    BadNumber = "M005",
    /// A name outside of the grammar.
    BadName = "M006",
    /// Numbers of different widths.
    MixedWidths = "M007",
    /// The first version is not the one that is expected.
    WrongFirstVersion = "M008",
    /// Versions are missing.
    Gap = "M009",
    /// Several migrations with one version.
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
    /// A quote, comment, trigger or the like without its end.
    Unterminated = "M017",
    /// A bind parameter.
    BindParameter = "M018",
    /// `BEGIN`, `COMMIT` and their like.
    TransactionControl = "M019",
    /// A statement that cannot run in a transaction.
    OutsideTransaction = "M020",
    /// A `PRAGMA` or `SET` that the runner decides, or that does nothing here.
    RefusedPragma = "M021",
    /// A command of a database shell, or `COPY` from and to it.
    ShellCommand = "M022",
    /// A `-- migrate:` comment that is not known.
    UnknownDirective = "M023",
    /// A directive that is known but wrongly used.
    MisusedDirective = "M024",
    /// A syntax error.
    Syntax = "M025",
    /// A Rust file without the function that applies the migration.
    RustMigration = "M026",
    /// An invisible character or a typographic quote, outside of quotes.
    InvisibleCharacter = "M027",
    /// A line of the lock file that is not written as it must be.
    LockLine = "M028",
    /// Two branches that were merged have both changed the lock file.
    LockConflict = "M029",
    /// A chain value of the lock file that does not follow from what stands
    /// before it.
    BrokenChain = "M030",
    /// A frozen migration that was changed.
    FrozenChanged = "M031",
    /// A frozen migration that has another number or name now.
    FrozenRenamed = "M032",
    /// A frozen migration without its file.
    FrozenMissing = "M033",
    /// A migration that the lock file does not list.
    NotInLock = "M034",
    /// A draft of the lock file without its file.
    DraftMissing = "M035",
    /// Lines of the lock file that stand in another order than their versions.
    LockOrder = "M036",
    /// A statement that SQLite refuses when the migrations are replayed.
    ReplayFailed = "M037",
    /// A down that fails when the migrations are replayed.
    DownFails = "M038",
    /// An up that cannot be applied again after its down.
    NotRepeatable = "M039",
    /// A replay that takes too long.
    ReplayTooLong = "M040",
    /// Rows of other tables that a migration loses.
    RebuildCascades = "S01",
    /// A conflict clause that ends the transaction of the migration.
    OrRollback = "S04",
    /// A column that cannot be added to a table with rows: `NOT NULL`, and no
    /// default.
    AddNotNull = "S05",
    /// The same: a default that is no constant.
    AddNonconstantDefault = "S06",
    /// The same: a foreign key with a default.
    AddReferencesDefault = "S07",
    /// The same: a stored generated column.
    AddStoredGenerated = "S08",
    /// The same: a check that its default violates.
    AddCheckViolated = "S09",
    /// A unique index on columns that may hold duplicates.
    NewUnique = "S10",
    /// A foreign key that followed its table to another name.
    RenameThenRecreate = "S11",
    /// A view or trigger that cannot be used.
    DanglingViewOrTrigger = "S12",
    /// A foreign key whose target cannot be one.
    ForeignKeyTarget = "S13",
    /// What a table loses when it is built anew.
    RebuildLosesObjects = "S14",
    /// Rows that a table loses when it is built anew.
    RebuildLosesRows = "S15",
    /// A table or column that is dropped with its data.
    DestructiveDrop = "S16",
    /// Double quotes around what is no name.
    DoubleQuotedString = "S18",
    /// A type that SQLite does not know.
    UnknownType = "S19",
    /// A primary key that is not the rowid, but looks like it.
    IntPrimaryKey = "S20",
    /// A foreign key without an index.
    ForeignKeyWithoutIndex = "S22",
    /// A statement that no migration should hold.
    ForbiddenStatement = "S24",
    /// Data that is another on each machine.
    NondeterministicData = "S25",
    /// A change of all rows.
    UnboundedChange = "S27",
    /// A function of the application in the schema.
    ApplicationFunction = "S28",
    /// Bytes that mislead a reader.
    BadBytes = "S31",
    /// A statement that returns rows nobody reads.
    ReturnsRows = "S32",
    /// A down that is missing, or that does not undo its up.
    DownDoesNotRestore = "S33",
    /// Names that differ only by case.
    CaseColliding = "S34",
    /// A statement that fails on rows which the table may hold.
    FailsOnRows = "S37",
    /// An index for which writers wait.
    BlockingIndex = "P01",
    /// An index that may be the invalid one of a try that was cut off.
    UnfinishedIndex = "P03",
    /// A constraint for which all rows are checked under a lock.
    ConstraintChecksRows = "P06",
    /// The same, in the transaction that has added it.
    ValidatedAtOnce = "P07",
    /// A column for whose `NOT NULL` all rows are searched under a lock.
    SetNotNull = "P08",
    /// A column that cannot be added to a table with rows.
    AddNotNullToRows = "P09",
    /// A new column for which a table is written anew.
    AddRewritesTable = "P10",
    /// A type for which a table is written anew.
    TypeChangeRewrites = "P11",
    /// A constraint whose index is built under a lock.
    ConstraintBuildsIndex = "P12",
    /// The same, where there is no other way.
    ExclusionConstraint = "P13",
    /// Data that is dropped.
    DropsData = "P14",
    /// A name that those who run may still use.
    RenameBreaksReaders = "P16",
    /// A change of all rows.
    ChangesAllRows = "P20",
    /// A value of an enum that cannot be used yet.
    EnumValueUsed = "P21",
    /// A type that seldom does what is meant.
    TypeWithTraps = "P27",
    /// A statement that fails on any rows.
    FailsWithRows = "P50",
    /// Rows that are lost, though no statement deletes them.
    LosesRows = "P52",
    /// An index that is half-made at the end.
    InvalidIndex = "P53",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
