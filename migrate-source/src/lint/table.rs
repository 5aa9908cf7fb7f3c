mod column;
mod data;
mod definition;
mod file;
mod postgres;
mod rebuild;
mod schema;
mod server;
mod statement;

use super::Rule;
use postgres::{data as postgres_data, locks};

/// Every rule, in the order of the codes.
pub static RULES: &[Rule] = &[
    rebuild::REBUILD_CASCADES,
    statement::OR_ROLLBACK,
    column::ADD_NOT_NULL,
    column::ADD_NONCONSTANT_DEFAULT,
    column::ADD_REFERENCES_DEFAULT,
    column::ADD_STORED_GENERATED,
    column::ADD_CHECK_VIOLATED,
    definition::NEW_UNIQUE,
    rebuild::RENAME_THEN_RECREATE,
    schema::DANGLING_VIEW_OR_TRIGGER,
    schema::FOREIGN_KEY_TARGET,
    rebuild::REBUILD_LOSES_OBJECTS,
    rebuild::REBUILD_LOSES_ROWS,
    statement::DESTRUCTIVE_DROP,
    schema::DOUBLE_QUOTED_STRING,
    definition::UNKNOWN_TYPE,
    definition::INT_PRIMARY_KEY,
    schema::FOREIGN_KEY_WITHOUT_INDEX,
    statement::FORBIDDEN_STATEMENT,
    data::NONDETERMINISTIC_DATA,
    data::UNBOUNDED_CHANGE,
    schema::APPLICATION_FUNCTION,
    file::BAD_BYTES,
    statement::RETURNS_ROWS,
    schema::DOWN_DOES_NOT_RESTORE,
    file::CASE_COLLIDING,
    rebuild::FAILS_ON_ROWS,
    locks::BLOCKING_INDEX,
    locks::UNFINISHED_INDEX,
    locks::CONSTRAINT_CHECKS_ROWS,
    locks::VALIDATED_AT_ONCE,
    locks::SET_NOT_NULL,
    postgres_data::ADD_NOT_NULL_TO_ROWS,
    locks::ADD_REWRITES_TABLE,
    locks::TYPE_CHANGE_REWRITES,
    locks::CONSTRAINT_BUILDS_INDEX,
    locks::EXCLUSION_CONSTRAINT,
    postgres_data::DROPS_DATA,
    postgres_data::RENAME_BREAKS_READERS,
    postgres_data::CHANGES_ALL_ROWS,
    postgres_data::ENUM_VALUE_USED,
    postgres_data::TYPE_WITH_TRAPS,
    server::FAILS_WITH_ROWS,
    server::LOSES_ROWS,
    server::INVALID_INDEX,
];
