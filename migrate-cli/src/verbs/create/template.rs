//! The templates of new files. None of them builds, because an unfinished
//! migration must not be applied anywhere.

use migrate_scan::Engine;

/// The template of an up in SQL. A script without a statement is refused.
pub(super) fn up(stem: &str, engine: Engine) -> String {
    let example = match engine {
        Engine::Postgres => {
            "CREATE TABLE examples (
--         id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
--         name text NOT NULL
--     );"
        }
        _ => "CREATE TABLE examples (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;",
    };
    format!(
        "-- {stem}: say here what it does, and why.
--
-- It runs in a transaction, together with its row in the history: no BEGIN, no
-- COMMIT. The build fails until there is a statement here, such as:
--
--     {example}
--
-- Comments that begin with `migrate:` mark what is intentional: `empty \"why\"`,
-- `irreversible \"why\"`, `no-transaction`, `allow RULE \"why\"`.
"
    )
}

pub(super) fn down_section() -> &'static str {
    "
-- migrate:down
-- This undoes it. If that is impossible, remove this section and declare the
-- migration `irreversible` above, with the reason.
--
--     DROP TABLE examples;
"
}

pub(super) fn down_file(stem: &str) -> String {
    format!(
        "-- This undoes {stem}. If that is impossible, remove this file and declare
-- the migration `irreversible` in the other file, with the reason.
--
--     DROP TABLE examples;
"
    )
}

/// The template of a Rust migration. An empty function would be applied and
/// recorded, and a panic would occur only at start-up, so the template does not
/// compile. The types are imported from a path that exists in every crate that
/// can embed migrations.
pub(super) fn rust(stem: &str, engine: Engine, has_down: bool) -> String {
    let (function, types, result, update, batch) = match engine {
        Engine::Postgres => (
            "async fn",
            "tokio_postgres::{Error, Transaction}",
            "Result<(), Error>",
            "tx.execute(\"UPDATE examples SET name = trim(name)\", &[]).await?;",
            "tx.batch_execute(\"…\").await?;",
        ),
        _ => (
            "fn",
            "rusqlite::{Result, Transaction}",
            "Result<()>",
            "tx.execute(\"UPDATE examples SET name = trim(name)\", [])?;",
            "tx.execute_batch(\"…\")?;",
        ),
    };
    let mut text = format!(
        "// {stem}: say here what it does, and why.
//
// It runs in a transaction, together with its row in the history; an error or a
// panic rolls all of it back. `super` is the module of `embed_migrations!`.

use migrate_runtime::{types};

pub {function} up(tx: &Transaction<'_>) -> {result} {{
    compile_error!(\"write the migration {stem} here\");
    // {update}
    Ok(())
}}
"
    );
    if has_down {
        text += &format!(
            "
/// If it cannot be undone, remove this function.
pub {function} down(tx: &Transaction<'_>) -> {result} {{
    compile_error!(\"write what undoes {stem} here\");
    // {batch}
    Ok(())
}}
"
        );
    }
    text
}
