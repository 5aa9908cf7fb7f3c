//! Directories for PostgreSQL, which become ours.

use crate::support::converted;
use migrate_adopt::Tool;
use migrate_adopt::files::{Options, convert, read_source};
use migrate_scan::Engine;

/// The texts of the new files with their paths.
fn convert_one(tool: Tool, files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let source = read_source(tool, folder.path()).unwrap();
    let mut options = Options::default();
    options.engine = Engine::Postgres;
    let conversion = convert(&source, &options).unwrap();
    assert_eq!(conversion.diagnostics, [], "{conversion}");
    let files = conversion
        .files
        .iter()
        .map(|file| format!("== {}\n{}", file.path, file.text));
    files.collect::<String>() + &conversion.notes.join("\n")
}

#[test]
fn every_directory_becomes_ours() {
    for tool in [
        Tool::Refinery,
        Tool::Sqlx,
        Tool::Diesel,
        Tool::GolangMigrate,
        Tool::Goose,
        Tool::Dbmate,
        Tool::Flyway,
        Tool::Archon,
        Tool::Numbered,
    ] {
        let conversion = converted(tool);
        assert_eq!(conversion.diagnostics, [], "{tool}");
        let outside = conversion
            .files
            .iter()
            .filter(|file| file.text.contains("-- migrate: no-transaction"));
        let expected = match tool {
            // An up and a down each.
            Tool::Sqlx | Tool::Diesel | Tool::GolangMigrate | Tool::Goose | Tool::Dbmate => 2,
            _ => 0,
        };
        assert_eq!(outside.count(), expected, "{tool}");
    }
}

/// refinery has no mark for it; the statement says it.
#[test]
fn what_cannot_run_in_a_transaction() {
    let text = "CREATE INDEX CONCURRENTLY a_id ON a (id);\n";
    insta::assert_snapshot!(convert_one(Tool::Refinery, &[("V1__a.sql", text)]), @r#"
    == 001_a.sql
    -- migrate: adopted refinery "1"
    -- migrate: no-transaction
    -- migrate: irreversible "it had no down when it was adopted from refinery"
    CREATE INDEX CONCURRENTLY a_id ON a (id);
    "#);
}

/// What stands in dollars is one statement, and no transaction.
#[test]
fn bodies_of_functions_are_left_alone() {
    let text = "BEGIN;\nDO $do$\nBEGIN\n    PERFORM 1; -- it's one\n    COMMIT;\nEND\n$do$;\n\
                CREATE FUNCTION f() RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n    SELECT 1;\nEND;\n\
                /* a /* nested */ comment; */\nCOMMIT;\n";
    insta::assert_snapshot!(convert_one(Tool::Refinery, &[("V1__a.sql", text)]), @r#"
    == 001_a.sql
    -- migrate: adopted refinery "1"
    -- migrate: no-transaction
    -- migrate: irreversible "it had no down when it was adopted from refinery"
    DO $do$
    BEGIN
        PERFORM 1; -- it's one
        COMMIT;
    END
    $do$;
    CREATE FUNCTION f() RETURNS int LANGUAGE sql
    BEGIN ATOMIC
        SELECT 1;
    END;
    /* a /* nested */ comment; */
    "#);
}

#[test]
fn marks_of_goose_in_bodies_are_no_marks() {
    let text = "-- +goose Up\n-- +goose StatementBegin\nDO $$\nBEGIN\n-- +goose Down\n    PERFORM 1;\nEND\n$$\n-- +goose StatementEnd\n-- +goose Down\nSELECT 2;\n";
    insta::assert_snapshot!(convert_one(Tool::Goose, &[("00001_a.sql", text)]), @r#"
    == 001_a.sql
    -- migrate: adopted goose "1"
    DO $$
    BEGIN
    -- +goose Down
        PERFORM 1;
    END
    $$;
    == 001_a.down.sql
    SELECT 2;
    "#);
}

#[test]
fn what_keeps_the_history_is_taken_out() {
    let text = "BEGIN;\nCREATE TABLE a(id integer);\n\
                COMMENT ON TABLE public.archon_migrations IS 'What has run; all of it';\n\
                ALTER TABLE ONLY archon_migrations ADD COLUMN notes text;\n\
                INSERT INTO archon_migrations(version, migration_name) VALUES ('1', $$001_a.sql$$)\n\
                ON CONFLICT DO NOTHING;\nCOMMIT;\n";
    insta::assert_snapshot!(convert_one(Tool::Archon, &[("001_a.sql", text)]), @r#"
    == 001_a.sql
    -- migrate: adopted archon "001_a.sql"
    -- migrate: irreversible "it had no down when it was adopted from archon"
    CREATE TABLE a(id integer);
    "#);
}
