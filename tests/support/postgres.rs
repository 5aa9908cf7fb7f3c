//! Registries for PostgreSQL, and what is in a database as text to compare.

use migrate_model::files::InMemory;
use migrate_runtime::{Migrator, Numbering, Postgres, Registry, Version};
use migrate_scan::Engine;
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tools::leak;

/// A registry of files that exist only in memory, made without the compiler's
/// checks, as [`registry`](crate::registry) makes one.
///
/// The memory is never freed.
///
/// # Panics
///
/// Panics if the names are not numbered from 1.
#[must_use]
pub fn registry(files: &[(&str, &str)]) -> &'static Registry<Postgres> {
    let mut options = Options::default();
    options.engine = Engine::Postgres;
    let directory = read(&mut InMemory(files), &options);
    assert!(
        !directory.migrations.is_empty(),
        "no migrations: {:?}",
        directory.diagnostics
    );
    leak(Numbering::DEFAULT, directory.migrations)
}

/// A migrator for [`registry`].
///
/// # Panics
///
/// As [`registry`].
#[must_use]
pub fn migrator(files: &[(&str, &str)]) -> Migrator<Version, Postgres> {
    Migrator::new(registry(files))
}

/// The migrations of a folder, which are named as they are sorted.
///
/// # Panics
///
/// As [`registry`], and if the folder cannot be read.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test with a wrong fixture must fail")]
pub fn folder(path: &std::path::Path) -> Migrator<Version, Postgres> {
    let mut files: Vec<(String, String)> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    migrator(&files)
}

/// The schema of a database and all rows: whatever a migration could have changed. `psql` runs
/// a query, and returns a line for each row.
pub fn dump(psql: impl Fn(&str) -> String) -> String {
    schema(&psql) + &rows(&psql)
}

/// The schema without the rows, the history included.
pub fn schema(psql: impl Fn(&str) -> String) -> String {
    // Columns with their types and defaults, what depends on tables, and
    // whatever has a body.
    let mut text = psql(
        "SELECT n.nspname, c.relkind, c.relname, a.attname, \
         format_type(a.atttypid, a.atttypmod), a.attnotnull, \
         pg_get_expr(d.adbin, d.adrelid), \
         CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
         AND NOT a.attisdropped \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 3, a.attnum",
    );
    for more in [
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1, 2",
        "SELECT indexdef FROM pg_indexes WHERE schemaname !~ '^pg_' ORDER BY 1",
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE prokind IN ('f', 'p') AND \
         pronamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT t.oid::regtype, e.enumlabel FROM pg_type t LEFT JOIN pg_enum e \
         ON e.enumtypid = t.oid WHERE t.typtype IN ('e', 'd') AND \
         t.typnamespace::regnamespace::text !~ '^(pg_|information_schema)' \
         ORDER BY t.oid::regtype::text, e.enumsortorder",
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
    ] {
        text += "\n\n";
        text += &psql(more);
    }
    text
}

fn rows(psql: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let tables = psql(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
         WHERE schemaname !~ '^(pg_|information_schema)' ORDER BY 1",
    );
    for table in tables.lines() {
        text += &format!("\n{table}\n");
        text += &psql(&format!("SELECT * FROM {table} t ORDER BY t::text"));
    }
    text
}
