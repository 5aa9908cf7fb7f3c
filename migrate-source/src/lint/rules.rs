//! The lint rules that need only the text: one independent function each. The caller decides
//! whether a finding is allowed.

mod bad_bytes;
mod case_colliding;
mod destructive_drop;
mod down_missing;
mod forbidden_statement;
mod ineffective_cascade;
mod int_primary_key;
mod new_unique;
mod newer_than_min;
mod nondeterministic;
mod or_rollback;
mod returns_rows;
mod unbounded;
mod unknown_pragma;
mod unknown_type;

use super::finding::Finding;
use super::script::Script;
use crate::diagnostic::Code;

pub(super) use bad_bytes::mixed_line_ends;
pub(super) use case_colliding::case_colliding;
pub(super) use down_missing::down_missing;

type Check = fn(&Script<'_>) -> Vec<Finding>;

/// The rules that check one script.
pub(super) const OF_SCRIPTS: [(Code, Check); 14] = [
    (Code::OrRollback, or_rollback::check),
    (Code::NewUnique, new_unique::check),
    (Code::DestructiveDrop, destructive_drop::check),
    (Code::DropAfterCopy, destructive_drop::after_copy),
    (Code::UnknownType, unknown_type::check),
    (Code::IntPrimaryKey, int_primary_key::check),
    (Code::ForbiddenStatement, forbidden_statement::check),
    (Code::NondeterministicData, nondeterministic::check),
    (Code::NewerThanMinSqlite, newer_than_min::check),
    (Code::UnboundedChange, unbounded::check),
    (Code::BadBytes, bad_bytes::check),
    (Code::ReturnsRows, returns_rows::check),
    (Code::IneffectiveCascade, ineffective_cascade::check),
    (Code::UnknownPragma, unknown_pragma::check),
];
