//! The directories of systems that wrote a runner of their own.

use super::{conversion, converted, directory};
use insta::assert_snapshot;
use migrate_adopt::Tool;

#[test]
fn names() {
    assert_snapshot!(converted(Tool::Names, &[
        ("001_initial_schema.sql", "CREATE TABLE nodes(id INTEGER PRIMARY KEY, parent INTEGER);\n"),
        ("002_add_indexes.sql", "CREATE INDEX nodes_parent ON nodes(parent);\nINSERT INTO _migrations (name) VALUES ('002_add_indexes');\n"),
        ("002_down.sql", "DROP INDEX nodes_parent;\nDELETE FROM _migrations WHERE name = '002_add_indexes';\n"),
        ("003_break_down.sql", "CREATE TABLE parts(id INTEGER PRIMARY KEY);\n"),
        ("runner.ts", "export {}\n"),
    ]), @r#"
    001_initial_schema.sql -> 001_initial_schema.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from names"
    002_add_indexes.sql, 002_down.sql -> 002_add_indexes.sql, 002_add_indexes.down.sql
      002_add_indexes.sql: a statement that maintains the history of names is removed: the runner records each migration itself
           2 - INSERT INTO _migrations (name) VALUES ('002_add_indexes');
      002_down.sql: a statement that maintains the history of names is removed: the runner records each migration itself
           2 - DELETE FROM _migrations WHERE name = '002_add_indexes';
    003_break_down.sql -> 003_break_down.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from names"
    note: `runner.ts` is not a migration

    === 001_initial_schema.sql
    -- migrate: adopted names "001_initial_schema"
    -- migrate: irreversible "it had no down when it was adopted from names"
    CREATE TABLE nodes(id INTEGER PRIMARY KEY, parent INTEGER);

    === 002_add_indexes.sql
    -- migrate: adopted names "002_add_indexes"
    CREATE INDEX nodes_parent ON nodes(parent);

    === 002_add_indexes.down.sql
    DROP INDEX nodes_parent;

    === 003_break_down.sql
    -- migrate: adopted names "003_break_down"
    -- migrate: irreversible "it had no down when it was adopted from names"
    CREATE TABLE parts(id INTEGER PRIMARY KEY);
    "#);
}

#[test]
fn metadata() {
    assert_snapshot!(converted(Tool::Metadata, &[
        (
            "001-initial.sql",
            "CREATE TABLE metadata(key TEXT PRIMARY KEY, value TEXT);\n\
             INSERT INTO metadata (key, value) VALUES ('schema_version', '1');\n\
             INSERT INTO metadata VALUES ('theme', 'dark');\n",
        ),
        (
            "002-add-user-field.sql",
            "CREATE TABLE sessions(id INTEGER PRIMARY KEY, user_id TEXT);\n\
             UPDATE metadata SET value = '2' WHERE key = 'schema_version';\n",
        ),
        (
            "003-both.sql",
            "INSERT OR REPLACE INTO main.\"metadata\" VALUES ('schema_version', '3'), ('size', '1');\n",
        ),
    ]), @r#"
    001-initial.sql -> 001_initial.sql
      a statement that maintains the history of metadata is removed: the runner records each migration itself
           2 - INSERT INTO metadata (key, value) VALUES ('schema_version', '1');
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from metadata"
    002-add-user-field.sql -> 002_add-user-field.sql
      a statement that maintains the history of metadata is removed: the runner records each migration itself
           2 - UPDATE metadata SET value = '2' WHERE key = 'schema_version';
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from metadata"
    003-both.sql -> 003_both.sql
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from metadata"
    note: `003-both.sql`, line 1: a statement writes the version of metadata together with other rows, and was left; remove the version

    === 001_initial.sql
    -- migrate: adopted metadata "1"
    -- migrate: irreversible "it had no down when it was adopted from metadata"
    CREATE TABLE metadata(key TEXT PRIMARY KEY, value TEXT);
    INSERT INTO metadata VALUES ('theme', 'dark');

    === 002_add-user-field.sql
    -- migrate: adopted metadata "2"
    -- migrate: irreversible "it had no down when it was adopted from metadata"
    CREATE TABLE sessions(id INTEGER PRIMARY KEY, user_id TEXT);

    === 003_both.sql
    -- migrate: adopted metadata "3"
    -- migrate: irreversible "it had no down when it was adopted from metadata"
    INSERT OR REPLACE INTO main."metadata" VALUES ('schema_version', '3'), ('size', '1');
    "#);
}

/// Its rows could not be adopted, and a conversion in place cannot be repeated.
#[test]
fn the_base_schema_must_be_a_file() {
    let refused = |path: &str| {
        let folder = directory(&[(path, "CREATE TABLE t(id INTEGER PRIMARY KEY);\n")]);
        let read = migrate_adopt::files::read_source(Tool::Metadata, folder.path());
        read.unwrap_err().to_string()
    };
    assert_snapshot!(refused("002-add.sql"), @"the first file has the version 2, and no file contains what the application created before: a new database would not have it; write that as `001_….sql` next to the other files, then convert");
    assert_snapshot!(refused("4-add.sql"), @"the first file has the version 4, and no file contains what the application created before: a new database would not have it; write that as `001_….sql` to `003_….sql` next to the other files, then convert");
}

#[test]
fn archon() {
    let up = "-- 010_add_provider.sql\n-- Adds the placeholders.\n\nBEGIN;  -- Start transaction\n\n\
        -- The table.\nCREATE TABLE IF NOT EXISTS providers(id INTEGER PRIMARY KEY);\n\n\
        -- Track the migration.\nINSERT INTO archon_migrations (version, migration_name)\n\
        VALUES ('0.1.0', '010_add_provider.sql')\nON CONFLICT (version, migration_name) DO NOTHING;\n\n\
        COMMIT;  -- End transaction\n";
    let down = "BEGIN;\nDROP TABLE providers;\n\
        DELETE FROM archon_migrations WHERE migration_name = '010_add_provider.sql';\nCOMMIT;\n";
    let tracking = "CREATE TABLE IF NOT EXISTS archon_migrations (id TEXT PRIMARY KEY, version TEXT);\n\
        CREATE INDEX IF NOT EXISTS by_version ON archon_migrations(version);\n";
    assert_snapshot!(converted(Tool::Archon, &[
        ("008_tracking.sql", tracking),
        ("010_add_provider.sql", up),
        ("rollbacks/010_add_provider.sql", down),
    ]), @r#"
    008_tracking.sql -> 001_tracking.sql
      a statement that maintains the history of archon is removed: the runner records each migration itself
           1 - CREATE TABLE IF NOT EXISTS archon_migrations (id TEXT PRIMARY KEY, version TEXT);
           2 - CREATE INDEX IF NOT EXISTS by_version ON archon_migrations(version);
      it has no statement: an empty migration is refused unless it declares this
             + -- migrate: empty "it only did what archon required"
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from archon"
    010_add_provider.sql, rollbacks/010_add_provider.sql -> 002_add_provider.sql, 002_add_provider.down.sql
      010_add_provider.sql: the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           4 - BEGIN;
          14 - COMMIT;
      010_add_provider.sql: a statement that maintains the history of archon is removed: the runner records each migration itself
          10 - INSERT INTO archon_migrations (version, migration_name)
          11 - VALUES ('0.1.0', '010_add_provider.sql')
          12 - ON CONFLICT (version, migration_name) DO NOTHING;
      rollbacks/010_add_provider.sql: the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN;
           4 - COMMIT;
      rollbacks/010_add_provider.sql: a statement that maintains the history of archon is removed: the runner records each migration itself
           3 - DELETE FROM archon_migrations WHERE migration_name = '010_add_provider.sql';

    === 001_tracking.sql
    -- migrate: adopted archon "008_tracking.sql"
    -- migrate: empty "it only did what archon required"
    -- migrate: irreversible "it had no down when it was adopted from archon"

    === 002_add_provider.sql
    -- migrate: adopted archon "010_add_provider.sql"
    -- 010_add_provider.sql
    -- Adds the placeholders.

    -- Start transaction

    -- The table.
    CREATE TABLE IF NOT EXISTS providers(id INTEGER PRIMARY KEY);

    -- Track the migration.

    -- End transaction

    === 002_add_provider.down.sql
    DROP TABLE providers;
    "#);
}

#[test]
fn numbered() {
    let up = |table: &str| {
        format!(
            "-- Migration\nBEGIN;\n\nCREATE TABLE IF NOT EXISTS {table}(id INTEGER PRIMARY KEY);\n\nCOMMIT;\n"
        )
    };
    assert_snapshot!(converted(Tool::Numbered, &[
        ("versions/001_initial_schema.sql", &up("jobs")),
        ("versions/002_job_queue.sql", &up("queue")),
        ("down/002_job_queue_down.sql", "BEGIN;\nDROP TABLE queue;\nCOMMIT;\n"),
        ("setup_db.sql", "SELECT 1;\n"),
        ("migrate.py", "pass\n"),
    ]), @r#"
    versions/001_initial_schema.sql -> 001_initial_schema.sql
      the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           2 - BEGIN;
           6 - COMMIT;
      it has no down: remove this line if you write one
             + -- migrate: irreversible "it had no down when it was adopted from numbered"
    versions/002_job_queue.sql, down/002_job_queue_down.sql -> 002_job_queue.sql, 002_job_queue.down.sql
      versions/002_job_queue.sql: the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           2 - BEGIN;
           6 - COMMIT;
      down/002_job_queue_down.sql: the transaction around the script is removed: the runner runs each migration in one, together with its row in the history
           1 - BEGIN;
           3 - COMMIT;
    note: `migrate.py` is not a migration
    note: `setup_db.sql` is not a migration

    === 001_initial_schema.sql
    -- migrate: adopted numbered "001"
    -- migrate: irreversible "it had no down when it was adopted from numbered"
    -- Migration

    CREATE TABLE IF NOT EXISTS jobs(id INTEGER PRIMARY KEY);

    === 002_job_queue.sql
    -- migrate: adopted numbered "002"
    -- Migration

    CREATE TABLE IF NOT EXISTS queue(id INTEGER PRIMARY KEY);

    === 002_job_queue.down.sql
    DROP TABLE queue;
    "#);
}

/// Only the names of this real directory matter here: its numbers go wrong.
#[test]
fn a_directory_that_went_wrong() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/seeds-002/sql"
    );
    let source = migrate_adopt::files::read_source(Tool::Names, folder.as_ref()).unwrap();
    let conversion = conversion(Tool::Names, folder.as_ref());
    let ups = conversion
        .files
        .iter()
        .filter(|file| !file.path.ends_with(".down.sql"));
    assert_eq!(ups.count(), source.migrations.len());
    let first = source.migrations.iter().take(12).map(|it| it.id.as_str());
    assert_snapshot!(first.collect::<Vec<_>>().join("\n"), @"
    010_create_meetings_schema
    011_create_context_schema
    012_replace_files_with_context
    012_unify_meeting_files
    021_add_client_id_to_context_tables
    021_create_client_games
    022_create_games_schema
    022_update_files_source_type_constraint
    023_create_avatar_system
    023_remove_client_id_from_llms
    024_remove_client_id_from_llm_types
    025_create_llm_models_table
    ");
    assert_snapshot!(conversion.notes.iter().filter(|note| note.contains("not a migration")).take(6).cloned().collect::<Vec<_>>().join("\n"), @"`feature-additions/add_client_id_to_files_and_chunks.sql` is not a migration");
}
