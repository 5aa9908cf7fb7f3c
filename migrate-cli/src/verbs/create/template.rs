//! The texts of new files. None of them builds: a migration that does nothing
//! because nobody has written it yet must not be applied anywhere.

/// The up in SQL. A script without a statement is refused.
pub(super) fn up(stem: &str) -> String {
    format!(
        "-- {stem}: say here what it does, and why.
--
-- It runs in a transaction, together with its row in the history: no BEGIN, no
-- COMMIT. The build fails until a statement stands here, such as:
--
--     CREATE TABLE examples (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
--
-- Comments that begin with `migrate:` say what is on purpose: `empty \"why\"`,
-- `irreversible \"why\"`, `no-transaction`, `allow RULE \"why\"`.
"
    )
}

/// The down behind the up; the line before it is the caller's.
pub(super) fn down_section() -> String {
    "-- This undoes it. If nothing can, take this part out, and say above why it is
-- `irreversible`.
--
--     DROP TABLE examples;
"
    .to_owned()
}

/// The down in a file of its own.
pub(super) fn down_file(stem: &str) -> String {
    format!(
        "-- This undoes {stem}. If nothing can, remove this file, and say in the
-- other one why it is `irreversible`.
--
--     DROP TABLE examples;
"
    )
}

/// In Rust, an empty function would be applied and recorded, and a panic would
/// come at start-up only; so the template does not compile. The path of the
/// types is one that every crate has which can embed migrations.
pub(super) fn rust(stem: &str, has_down: bool) -> String {
    let mut text = format!(
        "// {stem}: say here what it does, and why.
//
// It runs in a transaction, together with its row in the history; an error or a
// panic takes all of it back. `super` is the module of `embed_migrations!`.

use migrate_runtime::rusqlite::{{Result, Transaction}};

pub fn up(tx: &Transaction<'_>) -> Result<()> {{
    compile_error!(\"write the migration {stem} here\");
    // tx.execute(\"UPDATE examples SET name = trim(name)\", [])?;
    Ok(())
}}
"
    );
    if has_down {
        text += &format!(
            "
/// If nothing can undo it, take this function out.
pub fn down(tx: &Transaction<'_>) -> Result<()> {{
    compile_error!(\"write what undoes {stem} here\");
    // tx.execute_batch(\"…\")?;
    Ok(())
}}
"
        );
    }
    text
}
