//! S33: a missing down.

use crate::SourceMigration;

/// Message and help for a migration without a down, if the options require one.
pub(in crate::lint) fn down_missing(migration: &SourceMigration) -> Option<(String, String)> {
    let up = &migration.up;
    let does_nothing = up.statements.is_empty() && !up.is_rust;
    if migration.down.is_some() || migration.irreversible.is_some() || does_nothing {
        return None;
    }
    let help = if up.is_rust {
        format!(
            "write a `pub fn down`, or the SQL in `{}.down.sql`",
            migration.label
        )
    } else {
        "write it after a line `-- migrate:down`, or declare on the first line that there is \
         none: `-- migrate: irreversible \"why\"`"
            .to_owned()
    };
    Some(("this migration has no down".to_owned(), help))
}
