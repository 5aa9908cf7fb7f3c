//! What is left of another tool, in a program without the verb `adopt`.

use crate::context::Context;
use crate::failure::Failure;
use migrate_runtime::Status;

/// The tables that other tools have left in an SQLite file; a comparison of the
/// schema ignores them. `None`, with a note, if they are not known here.
#[cfg(feature = "sqlite")]
pub(super) fn left_in_file(file: &super::sqlite::File<'_>) -> Result<Option<Vec<String>>, Failure> {
    Ok(left(file.context, &file.status()?))
}

/// The same on a server.
#[cfg(feature = "postgres")]
pub(super) fn left_on_server(
    on: &mut super::postgres::Connected<'_>,
) -> Result<Option<Vec<String>>, Failure> {
    let status = on.status()?;
    Ok(left(on.context, &status))
}

/// Nothing, unless a history was taken over.
fn left(context: &Context<'_>, status: &Status) -> Option<Vec<String>> {
    let mut rows = status.entries().iter().filter_map(|it| it.row.as_ref());
    if rows.all(|row| row.origin.is_none()) {
        return Some(Vec::new());
    }
    context.output.note(
        "the schema was not compared: the history was taken over from another tool, and this \
         program does not know which tables that tool has left; enable the feature `adopt` of \
         migrate-cli",
    );
    None
}
