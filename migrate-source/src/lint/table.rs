//! The table of the lint rules. Each rule is explained on its page in `docs/rules`; a test
//! compares the two.

use super::{Level, Rule};
use crate::diagnostic::Code;
use migrate_scan::Engine;

macro_rules! rules {
    ($($code:ident $name:literal $engine:ident $level:ident $needs_replay:literal;)+) => {
        /// Every rule, in the order of the codes.
        pub static RULES: &[Rule] = &[$(Rule {
            code: Code::$code,
            name: $name,
            engine: Engine::$engine,
            level: Level::$level,
            needs_replay: $needs_replay,
        }),+];
    };
}

rules! {
//  code                     name                              engine    level    needs a replay
    RebuildCascades          "rebuild-cascades"                Sqlite    Error    true;
    OrRollback               "or-rollback"                     Sqlite    Error    false;
    AddNotNull               "add-not-null-no-default"         Sqlite    Error    true;
    AddNonconstantDefault    "add-nonconstant-default"         Sqlite    Error    true;
    AddReferencesDefault     "add-references-default"          Sqlite    Error    true;
    AddStoredGenerated       "add-stored-generated"            Sqlite    Error    true;
    AddCheckViolated         "add-check-violated-by-default"   Sqlite    Error    true;
    NewUnique                "new-unique-on-old-columns"       Sqlite    Warning  false;
    RenameThenRecreate       "rename-then-recreate"            Sqlite    Error    true;
    DanglingViewOrTrigger    "dangling-view-or-trigger"        Sqlite    Error    true;
    ForeignKeyTarget         "fk-target-invalid"               Sqlite    Error    true;
    RebuildLosesObjects      "rebuild-loses-objects"           Sqlite    Error    true;
    RebuildLosesRows         "rebuild-loses-rows"              Sqlite    Error    true;
    DestructiveDrop          "destructive-drop"                Sqlite    Error    false;
    DoubleQuotedString       "double-quoted-string"            Sqlite    Error    true;
    UnknownType              "unknown-type-name"               Sqlite    Warning  false;
    IntPrimaryKey            "int-primary-key"                 Sqlite    Warning  false;
    ForeignKeyWithoutIndex   "fk-without-index"                Sqlite    Warning  true;
    ForbiddenStatement       "forbidden-statement"             Sqlite    Error    false;
    NondeterministicData     "nondeterministic-data"           Sqlite    Warning  false;
    NewerThanMinSqlite       "newer-than-min-sqlite"           Sqlite    Error    false;
    UnboundedChange          "unbounded-dml"                   Sqlite    Warning  false;
    ApplicationFunction      "app-defined-function-in-schema"  Sqlite    Warning  true;
    BadBytes                 "bad-bytes"                       Sqlite    Error    false;
    ReturnsRows              "returns-rows"                    Sqlite    Error    false;
    DownDoesNotRestore       "down-does-not-restore"           Sqlite    Error    true;
    CaseColliding            "case-colliding-names"            Sqlite    Error    false;
    FailsOnRows              "fails-on-rows"                   Sqlite    Warning  true;
    IneffectiveCascade       "ineffective-cascade"             Sqlite    Warning  false;
    RebuildChangesValues     "rebuild-changes-values"          Sqlite    Error    true;
    NotTriedOnRows           "not-tried-on-rows"               Sqlite    Warning  true;
    DropAfterCopy            "drop-after-copy"                 Sqlite    Warning  false;
    StaleFullTextIndex       "stale-full-text-index"           Sqlite    Error    true;
    ExistsDoesNothing        "if-exists-does-nothing"          Sqlite    Error    true;
    UnknownPragma            "unknown-pragma"                  Sqlite    Error    false;
    BlockingIndex            "blocking-index"                  Postgres  Warning  false;
    UnfinishedIndex          "unfinished-index"                Postgres  Error    false;
    ConstraintChecksRows     "constraint-checks-rows"          Postgres  Warning  false;
    ValidatedAtOnce          "validated-at-once"               Postgres  Warning  false;
    SetNotNull               "set-not-null-scans"              Postgres  Warning  false;
    AddNotNullToRows         "add-not-null-to-rows"            Postgres  Error    false;
    AddRewritesTable         "add-rewrites-table"              Postgres  Warning  false;
    TypeChangeRewrites       "type-change-rewrites"            Postgres  Warning  false;
    ConstraintBuildsIndex    "constraint-builds-index"         Postgres  Warning  false;
    ExclusionConstraint      "exclusion-constraint"            Postgres  Warning  false;
    DropsData                "drops-data"                      Postgres  Error    false;
    DropsPrimaryKey          "drops-primary-key"               Postgres Warning  false;
    RenameBreaksReaders      "rename-breaks-readers"           Postgres  Warning  false;
    RewritesTable            "rewrites-table"                  Postgres Warning  false;
    ChangesAllRows           "changes-all-rows"                Postgres  Warning  false;
    EnumValueUsed            "enum-value-used"                 Postgres  Error    false;
    TypeWithTraps            "type-with-traps"                 Postgres  Warning  false;
    DisablesTriggers         "disables-triggers"               Postgres Warning  false;
    FailsWithRows            "fails-with-rows"                 Postgres  Error    true;
    LosesRows                "loses-rows"                      Postgres  Error    true;
    InvalidIndex             "invalid-index"                   Postgres  Warning  true;
    DropsCopiedData          "drops-copied-data"               Postgres  Warning  false;
}
