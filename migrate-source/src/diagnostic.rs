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
    pub fn of_path(
        code: Code,
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            path: path.to_owned(),
            excerpt: None,
            notes: Vec::new(),
            help: help.into(),
        }
    }

    /// Creates a problem at a place in the text of a file.
    pub fn in_text(
        code: Code,
        path: &str,
        text: &str,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
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
        message: impl Into<String>,
        help: impl Into<String>,
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
    ($($code:literal $name:ident $doc:literal;)+) => {
        /// The kind of a problem, printed as `M001` and so on. Each code has a section
        /// with a bad and a good example in `docs/diagnostics.md`. The codes that start
        /// with `S` or `P` are [rules](crate::lint), whose findings can be allowed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $doc] $name,)+
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
    "M001" UnreadableDirectory    "The directory cannot be read.";
    "M002" NoMigrations           "The directory contains no migration.";
    "M003" UnknownFile            "A file that is not part of a migrations directory.";
    "M004" NoNumber               "An SQL file without a number.";
    "M005" BadNumber              "A number that is malformed or out of range.";
    "M006" BadName                "A name that is malformed.";
    "M007" MixedWidths            "Numbers of different widths.";
    "M008" WrongFirstVersion      "The first version is not the expected one.";
    "M009" Gap                    "Versions are missing.";
    "M010" DuplicateVersion       "Several migrations with the same version.";
    "M011" OrphanDown             "A down without an up.";
    "M012" TwoDowns               "Several downs for one migration.";
    "M013" UnreadableFile         "A file that cannot be read.";
    "M014" NotUtf8                "A file that is not UTF-8.";
    "M015" NulByte                "A NUL byte.";
    "M016" EmptyScript            "A script without a statement.";
    "M017" Unterminated           "A quote, comment, trigger body or the like that is not closed.";
    "M018" BindParameter          "A bind parameter.";
    "M019" TransactionControl     "`BEGIN`, `COMMIT` and other transaction control.";
    "M020" OutsideTransaction     "A statement that cannot run in a transaction.";
    "M021" RefusedPragma          "A `PRAGMA` or `SET` of the runner, or one without effect.";
    "M022" ShellCommand           "A command of a database shell, or `COPY` from or to the client.";
    "M023" UnknownDirective       "An unknown `-- migrate:` comment.";
    "M024" MisusedDirective       "A known directive that is used incorrectly.";
    "M025" Syntax                 "A syntax error.";
    "M026" RustMigration          "A Rust file without the function that applies the migration.";
    "M027" InvisibleCharacter     "An invisible character or a typographic quote outside quotes.";
    "M028" LockLine               "A malformed line of the lock file.";
    "M029" LockConflict           "Conflict markers: both merged branches changed the lock file.";
    "M030" BrokenChain            "A chain value that does not match the lines before it.";
    "M031" FrozenChanged          "A frozen migration that was changed.";
    "M032" FrozenRenamed          "A frozen migration whose number or name was changed.";
    "M033" FrozenMissing          "A frozen migration without its file.";
    "M034" NotInLock              "A migration that the lock file does not list.";
    "M035" DraftMissing           "A draft of the lock file without its file.";
    "M036" LockOrder              "Lines of the lock file that are not ordered by version.";
    "M037" ReplayFailed           "A statement that fails when the migrations are replayed.";
    "M038" DownFails              "A down that fails when the migrations are replayed.";
    "M039" NotRepeatable          "An up that cannot be applied again after its down.";
    "M040" ReplayTooLong          "A replay that takes too long.";
    "S01"  RebuildCascades        "A statement on one table that deletes rows of another.";
    "S04"  OrRollback             "A conflict clause that ends the transaction of the migration.";
    "S05"  AddNotNull             "A new column that is `NOT NULL` without a default.";
    "S06"  AddNonconstantDefault  "A new column whose default is not constant.";
    "S07"  AddReferencesDefault   "A new column that is a foreign key with a default.";
    "S08"  AddStoredGenerated     "A new stored generated column.";
    "S09"  AddCheckViolated       "A new column whose default violates its check.";
    "S10"  NewUnique              "A unique index on columns that may hold duplicates.";
    "S11"  RenameThenRecreate     "A foreign key that follows a renamed table.";
    "S12"  DanglingViewOrTrigger  "A view or trigger that cannot be used.";
    "S13"  ForeignKeyTarget       "A foreign key whose target cannot be one.";
    "S14"  RebuildLosesObjects    "A rebuilt table that loses part of its definition.";
    "S15"  RebuildLosesRows       "A rebuilt table that loses rows.";
    "S16"  DestructiveDrop        "A table or column that is dropped with its data.";
    "S18"  DoubleQuotedString     "Double quotes around something that is not a name.";
    "S19"  UnknownType            "A type name that SQLite does not recognize.";
    "S20"  IntPrimaryKey          "A primary key that looks like the rowid but is not.";
    "S22"  ForeignKeyWithoutIndex "A foreign key without an index.";
    "S24"  ForbiddenStatement     "A statement that a migration must not contain.";
    "S25"  NondeterministicData   "Data that differs between machines.";
    "S26"  NewerThanMinSqlite     "Something that the oldest supported SQLite does not have.";
    "S27"  UnboundedChange        "A change of all rows.";
    "S28"  ApplicationFunction    "An application-defined function in the schema.";
    "S31"  BadBytes               "Bytes that mislead a reader.";
    "S32"  ReturnsRows            "A statement that returns rows, which are discarded.";
    "S33"  DownDoesNotRestore     "A down that is missing, or that does not undo its up.";
    "S34"  CaseColliding          "Names that differ only by case.";
    "S37"  FailsOnRows            "A statement that fails on rows that the table may have.";
    "S38"  IneffectiveCascade     "A change of rows that counts on a foreign key action.";
    "S39"  RebuildChangesValues   "A rebuilt table whose rows have other values.";
    "S40"  NotTriedOnRows         "A migration that could not be tried on rows.";
    "S41"  DropAfterCopy          "A drop of data that the script has copied.";
    "S42"  StaleFullTextIndex     "A full-text index that no longer matches its table.";
    "S43"  ExistsDoesNothing      "An `IF EXISTS` or `IF NOT EXISTS` because of which nothing happens.";
    "S44"  UnknownPragma          "A pragma that SQLite does not have, and ignores.";
    "P01"  BlockingIndex          "An index operation that blocks writers.";
    "P03"  UnfinishedIndex        "An invalid index that is mistaken for a valid one.";
    "P06"  ConstraintChecksRows   "A constraint that checks all rows under a lock.";
    "P07"  ValidatedAtOnce        "A constraint validated in the transaction that added it.";
    "P08"  SetNotNull             "A `SET NOT NULL` that scans all rows under a lock.";
    "P09"  AddNotNullToRows       "A column that cannot be added to a table with rows.";
    "P10"  AddRewritesTable       "A new column that makes PostgreSQL rewrite the table.";
    "P11"  TypeChangeRewrites     "A type change that makes PostgreSQL rewrite the table.";
    "P12"  ConstraintBuildsIndex  "A constraint whose index is built under a lock.";
    "P13"  ExclusionConstraint    "An exclusion constraint: its index is built under a lock.";
    "P14"  DropsData              "A drop that deletes data.";
    "P15"  DropsPrimaryKey        "A table that loses its primary key.";
    "P16"  RenameBreaksReaders    "A rename of something that running programs may still use.";
    "P18"  RewritesTable          "A command that locks a table while it writes it anew.";
    "P20"  ChangesAllRows         "A change of all rows.";
    "P21"  EnumValueUsed          "An enum value that is used in the transaction that adds it.";
    "P27"  TypeWithTraps          "A type that rarely does what is intended.";
    "P39"  DisablesTriggers       "Triggers that are disabled.";
    "P50"  FailsWithRows          "A statement that fails on any row.";
    "P52"  LosesRows              "Rows that are lost although no statement deletes them.";
    "P53"  InvalidIndex           "An index that no query uses, because it is invalid.";
    "P54"  DropsCopiedData        "A drop of data that the script has copied.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
