//! New numbers that are shown before they are given, on real files.

use super::{NUMBERING, names, set, text, write};
use insta::assert_snapshot;
use migrate_runtime::Sqlite;
use migrate_tools::{read_directory, renumber};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, with its content.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(relative, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn contents(tree: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<Vec<u8>> {
    let mut contents: Vec<Vec<u8>> = tree.values().cloned().collect();
    contents.sort();
    contents
}

/// A copy of the real directory that went wrong.
fn seeds() -> tempfile::TempDir {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds-002");
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in tree(&fixture) {
        let text = String::from_utf8(content).unwrap();
        write(folder.path(), path.to_str().unwrap(), &text);
    }
    folder
}

/// What names and numbers are reproached with; the stubs of the fixture have
/// other defects.
fn defects(folder: &Path) -> Vec<String> {
    let message = match read_directory::<Sqlite>(folder, NUMBERING) {
        Ok(_) => return Vec::new(),
        Err(error) => error.message(),
    };
    let codes: Vec<String> = (3..=12).map(|code| format!("M{code:03}: ")).collect();
    let is_ours = |line: &&str| codes.iter().any(|code| line.contains(code));
    message.lines().filter(is_ours).map(str::to_owned).collect()
}

#[test]
fn a_real_directory_that_went_wrong() {
    let folder = seeds();
    let before = tree(folder.path());
    assert!(!defects(folder.path()).is_empty());
    let proposal = renumber::plan_all(folder.path(), NUMBERING).unwrap();
    assert_eq!(tree(folder.path()), before);
    assert_snapshot!(proposal, @"
    sql/schema-creation/010_create_meetings_schema.sql                    -> 001_create_meetings_schema.sql
    sql/schema-creation/011_create_context_schema.sql                     -> 002_create_context_schema.sql
    sql/data-migration/012_replace_files_with_context.sql                 -> 003_replace_files_with_context.sql
    sql/data-migration/012_unify_meeting_files.sql                        -> 004_unify_meeting_files.sql
    sql/feature-additions/021_add_client_id_to_context_tables.sql         -> 005_add_client_id_to_context_tables.sql
    sql/feature-additions/021_create_client_games.sql                     -> 006_create_client_games.sql
    sql/feature-additions/022_update_files_source_type_constraint.sql     -> 007_update_files_source_type_constraint.sql
    sql/schema-creation/022_create_games_schema.sql                       -> 008_create_games_schema.sql
    sql/cleanup-operations/023_remove_client_id_from_llms.sql             -> 009_remove_client_id_from_llms.sql
    sql/feature-additions/023_create_avatar_system.sql                    -> 010_create_avatar_system.sql
    sql/cleanup-operations/024_remove_client_id_from_llm_types.sql        -> 011_remove_client_id_from_llm_types.sql
    sql/schema-creation/025_create_llm_models_table.sql                   -> 012_create_llm_models_table.sql
    sql/cleanup-operations/026_clean_llms_table.sql                       -> 013_clean_llms_table.sql
    sql/cleanup-operations/027_remove_llm_types_and_type_id.sql           -> 014_remove_llm_types_and_type_id.sql
    sql/cleanup-operations/028_remove_kanban_schema.sql                   -> 015_remove_kanban_schema.sql
    sql/feature-additions/030_add_oauth_user_support.sql                  -> 016_add_oauth_user_support.sql
    sql/feature-additions/037_add_block_index_to_turns.sql                -> 017_add_block_index_to_turns.sql
    sql/feature-additions/038_add_user_id_to_turns.sql                    -> 018_add_user_id_to_turns.sql
    sql/schema-creation/039_create_user_alias_table.sql                   -> 019_create_user_alias_table.sql
    sql/schema-creation/040_create_block_meeting_files_table.sql          -> 020_create_block_meeting_files_table.sql
    sql/data-migration/050_consolidate_blocks_and_block_meetings.sql      -> 021_consolidate_blocks_and_block_meetings.sql
    sql/cleanup-operations/051_cleanup_old_tables.sql                     -> 022_cleanup_old_tables.sql
    sql/data-migration/052_remove_block_id_rename_block_index.sql         -> 023_remove_block_id_rename_block_index.sql
    sql/cleanup-operations/053_drop_analytical_insights_table.sql         -> 024_drop_analytical_insights_table.sql
    sql/cleanup-operations/054_drop_block_lens_version_table.sql          -> 025_drop_block_lens_version_table.sql
    sql/cleanup-operations/055_drop_concept_connections_table.sql         -> 026_drop_concept_connections_table.sql
    sql/cleanup-operations/056_drop_detected_patterns_table.sql           -> 027_drop_detected_patterns_table.sql
    sql/cleanup-operations/057_drop_lens_prototypes_table.sql             -> 028_drop_lens_prototypes_table.sql
    sql/data-migration/058_populate_turns_user_id_from_participants.sql   -> 029_populate_turns_user_id_from_participants.sql
    sql/cleanup-operations/059_remove_participant_concept.sql             -> 030_remove_participant_concept.sql
    sql/cleanup-operations/060_remove_analysis_tables.sql                 -> 031_remove_analysis_tables.sql
    sql/cleanup-operations/061_remove_block_meeting_tables.sql            -> 032_remove_block_meeting_tables.sql
    sql/schema-creation/062_create_meeting_files_table.sql                -> 033_create_meeting_files_table.sql
    sql/cleanup-operations/063_remove_blocks_table.sql                    -> 034_remove_blocks_table.sql
    sql/feature-additions/064_add_invitation_fields_to_users.sql          -> 035_add_invitation_fields_to_users.sql
    sql/schema-creation/064_create_thinking_tools_schema.sql              -> 036_create_thinking_tools_schema.sql
    sql/data-migration/065_standardize_turns_pk_to_id.sql                 -> 037_standardize_turns_pk_to_id.sql
    sql/data-migration/065_standardize_turns_pk_to_id_stepwise.sql        -> 038_standardize_turns_pk_to_id_stepwise.sql
    sql/feature-additions/065_add_fragment_tree_assignments.sql           -> 039_add_fragment_tree_assignments.sql
    sql/feature-additions/067_add_transcript_summary_to_meetings.sql      -> 040_add_transcript_summary_to_meetings.sql
    sql/data-migration/068_rename_participant_id_to_user_id_in_events.sql -> 041_rename_participant_id_to_user_id_in_events.sql
    sql/feature-additions/070_add_parent_client_id.sql                    -> 042_add_parent_client_id.sql
    sql/schema-creation/071_create_client_settings_table.sql              -> 043_create_client_settings_table.sql
    sql/feature-additions/add_client_id_to_files_and_chunks.sql           -> 044_add_client_id_to_files_and_chunks.sql
    INTENTIONS.md                                                         -> archive/INTENTIONS.md
    runners/create-users-goldenhorde.js                                   -> archive/runners/create-users-goldenhorde.js
    runners/migrate-file-contents.js                                      -> archive/runners/migrate-file-contents.js
    runners/run-021-add-client-id.js                                      -> archive/runners/run-021-add-client-id.js
    runners/run-022-update-source-types.js                                -> archive/runners/run-022-update-source-types.js
    runners/run-064.js                                                    -> archive/runners/run-064.js
    runners/run-065-stepwise.js                                           -> archive/runners/run-065-stepwise.js
    runners/run-065-with-cascade.js                                       -> archive/runners/run-065-with-cascade.js
    runners/run-065.js                                                    -> archive/runners/run-065.js
    runners/run-066-meetings-to-id.js                                     -> archive/runners/run-066-meetings-to-id.js
    runners/run-add-client-id.js                                          -> archive/runners/run-add-client-id.js
    runners/run-context-schema-migration.js                               -> archive/runners/run-context-schema-migration.js
    runners/run-meetings-schema-migration.js                              -> archive/runners/run-meetings-schema-migration.js
    runners/run-replace-files-migration.js                                -> archive/runners/run-replace-files-migration.js
    note: check the order of those with the same number: they are sorted by their folders, then by their own names; for another order, rename one of them first
    note: number 012: `sql/data-migration/012_replace_files_with_context.sql`, then `sql/data-migration/012_unify_meeting_files.sql`
    note: number 021: `sql/feature-additions/021_add_client_id_to_context_tables.sql`, then `sql/feature-additions/021_create_client_games.sql`
    note: number 022: `sql/feature-additions/022_update_files_source_type_constraint.sql`, then `sql/schema-creation/022_create_games_schema.sql`
    note: number 023: `sql/cleanup-operations/023_remove_client_id_from_llms.sql`, then `sql/feature-additions/023_create_avatar_system.sql`
    note: number 064: `sql/feature-additions/064_add_invitation_fields_to_users.sql`, then `sql/schema-creation/064_create_thinking_tools_schema.sql`
    note: number 065: `sql/data-migration/065_standardize_turns_pk_to_id.sql`, then `sql/data-migration/065_standardize_turns_pk_to_id_stepwise.sql`, then `sql/feature-additions/065_add_fragment_tree_assignments.sql`
    note: check the order of migrations without a number, which come last: `sql/feature-additions/add_client_id_to_files_and_chunks.sql`
    note: 14 files are not scripts, and go to `archive/`, which is ignored: nothing is deleted, but what a program among them did to a database is in no migration
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");

    let changes = proposal.apply().unwrap();
    assert_eq!(changes.to_string().lines().count(), proposal.moves().len());
    let after = tree(folder.path());
    assert_eq!(contents(&after), contents(&before));
    assert_eq!(defects(folder.path()), [""; 0]);
    // No lock file is made, and no folder is left behind.
    assert_eq!(names(folder.path()), ["archive", "sql"]);

    let settled = renumber::plan_all(folder.path(), NUMBERING).unwrap();
    assert!(settled.is_empty() && settled.notes().is_empty());
    assert_snapshot!(settled, @"nothing to change");
    assert!(settled.apply().unwrap().is_empty());
    assert_eq!(tree(folder.path()), after);
}

/// Killed after any of the renames.
#[test]
fn it_is_taken_up_wherever_it_was_cut_off() {
    let whole = seeds();
    let proposal = renumber::plan_all(whole.path(), NUMBERING).unwrap();
    let _ = proposal.apply().unwrap();
    let expected = tree(whole.path());
    for count in 0..proposal.moves().len() {
        let folder = seeds();
        for (from, to) in &proposal.moves()[..count] {
            let to = folder.path().join(to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::rename(folder.path().join(from), to).unwrap();
        }
        let rest = renumber::plan_all(folder.path(), NUMBERING).unwrap();
        assert_eq!(rest.moves().len(), proposal.moves().len() - count);
        let _ = rest.apply().unwrap();
        assert_eq!(tree(folder.path()), expected, "after {count}");
    }
}

#[test]
fn a_plan_holds_as_long_as_the_directory_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "002_a.sql", "CREATE TABLE a(x);\n");
    write(path, "run.js", "");
    let refused = |change: &dyn Fn()| {
        let proposal = renumber::plan_all(path, NUMBERING).unwrap();
        change();
        let before = tree(path);
        let error = proposal.apply().unwrap_err().to_string();
        assert_eq!(tree(path), before);
        error
    };
    let help = "since the new numbers were planned; nothing was renamed, plan them again";
    let error = refused(&|| write(path, "003_b.sql", "CREATE TABLE b(x);\n"));
    assert_eq!(error, format!("`003_b.sql` has appeared {help}"));
    let error = refused(&|| fs::remove_file(path.join("003_b.sql")).unwrap());
    assert_eq!(error, format!("`003_b.sql` has gone {help}"));
    // What comes to lie where something is to be put.
    let error = refused(&|| write(path, "archive/run.js", "old"));
    assert_eq!(error, format!("`archive/run.js` has appeared {help}"));
    let error = refused(&|| write(path, "migrations.lock", "what"));
    assert_eq!(error, format!("`migrations.lock` has appeared {help}"));
    fs::remove_file(path.join("migrations.lock")).unwrap();

    let proposal = renumber::plan_all(path, NUMBERING).unwrap();
    let _ = proposal.apply().unwrap();
    assert_eq!(names(path), ["001_a.sql", "archive"]);
    assert_eq!(names(&path.join("archive")), ["run-2.js", "run.js"]);
    // It was carried out already.
    assert!(proposal.apply().is_err());
}

#[test]
fn with_a_lock_file_what_is_frozen_stays() {
    let folder = set();
    let before = text(folder.path());
    write(folder.path(), "001_c.sql", "CREATE TABLE c(x);\n");
    write(folder.path(), "seed.sql", "CREATE TABLE d(x);\n");
    let proposal = renumber::plan_all(folder.path(), NUMBERING).unwrap();
    let shown = proposal.to_string();
    let root = folder.path().to_str().unwrap().replace('\\', "/");
    let shown = shown.replace(&root, "migrations");
    assert_snapshot!(shown, @"
    001_c.sql -> 002_c.sql
    002_b.sql -> 003_b.sql
    seed.sql  -> 004_seed.sql
    `migrations/migrations.lock` is rewritten
    note: check the order of those with the same number: they are sorted by their folders, then by their own names; for another order, rename one of them first
    note: number 001: `001_a.sql`, then `001_c.sql`
    note: drafts go after the frozen migrations, and were among them: `001_c.sql`
    note: check the order of migrations without a number, which come last: `seed.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
    assert_eq!(text(folder.path()), before);
    write(
        folder.path(),
        "migrations.lock",
        &before.replace("002_b", "004_b"),
    );
    let error = proposal.apply().unwrap_err().to_string();
    assert!(
        error.starts_with("`migrations.lock` was changed since"),
        "{error}"
    );
    write(folder.path(), "migrations.lock", &before);
    let _ = proposal.apply().unwrap();
    let text = text(folder.path());
    assert!(
        text.ends_with("002_c draft\n003_b draft\n004_seed draft\n"),
        "{text}"
    );
    let registry = read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap();
    assert!(registry.migrations()[0].is_frozen);
    assert!(
        renumber::plan_all(folder.path(), NUMBERING)
            .unwrap()
            .is_empty()
    );

    let lock_file = folder.path().join("migrations.lock");
    fs::write(lock_file, text.replace("001_a sha", "001_x sha")).unwrap();
    let error = renumber::plan_all(folder.path(), NUMBERING).unwrap_err();
    assert!(error.message().starts_with("M030"), "{error}");
}

/// The same for the drafts of two branches.
#[test]
fn drafts_can_be_shown_before_they_are_moved() {
    let folder = set();
    write(folder.path(), "002_c/up.sql", "CREATE TABLE c(x);\n");
    write(folder.path(), "002_c/down.sql", "DROP TABLE c;\n");
    let before = tree(folder.path());
    let proposal = renumber::plan(folder.path(), NUMBERING, Some("002_b")).unwrap();
    let shown = proposal.to_string();
    let root = folder.path().to_str().unwrap().replace('\\', "/");
    let shown = shown.replace(&root, "migrations");
    assert_snapshot!(shown, @"
    002_b.sql -> 003_b.sql
    `migrations/migrations.lock` is rewritten
    ");
    assert_eq!(tree(folder.path()), before);
    let _ = proposal.apply().unwrap();
    read_directory::<Sqlite>(folder.path(), NUMBERING).unwrap();
}
