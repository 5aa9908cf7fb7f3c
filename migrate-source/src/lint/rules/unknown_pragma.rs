//! S44: a pragma that SQLite does not know.

use crate::lint::action::Action;
use crate::lint::finding::Finding;
use crate::lint::script::{Script, Step};
use crate::nearest;
use crate::text::shortened;

/// The pragmas of SQLite, those of debug builds and those that no longer do anything included:
/// <https://sqlite.org/pragma.html>.
const KNOWN: &str = "activate_extensions analysis_limit application_id auto_vacuum \
    automatic_index busy_timeout cache_size cache_spill case_sensitive_like cell_size_check \
    checkpoint_fullfsync collation_list compile_options count_changes data_store_directory \
    data_version database_list default_cache_size defer_foreign_keys empty_result_callbacks \
    encoding foreign_key_check foreign_key_list foreign_keys freelist_count full_column_names \
    fullfsync function_list hard_heap_limit ignore_check_constraints incremental_vacuum \
    index_info index_list index_xinfo integrity_check journal_mode journal_size_limit \
    legacy_alter_table legacy_file_format lock_proxy_file lock_status locking_mode \
    max_page_count mmap_size module_list optimize page_count page_size parser_trace \
    pragma_list query_only quick_check read_uncommitted recursive_triggers \
    reverse_unordered_selects schema_version secure_delete short_column_names shrink_memory \
    soft_heap_limit sql_trace stats synchronous table_info table_list table_xinfo temp_store \
    temp_store_directory threads trusted_schema user_version vdbe_addoptrace vdbe_debug \
    vdbe_eqp vdbe_listing vdbe_trace wal_autocheckpoint wal_checkpoint writable_schema";

/// The pragmas of encrypted variants: SEE, SQLCipher and SQLite3 Multiple Ciphers. SQLCipher's
/// others begin with `cipher`.
const OF_CIPHERS: &str = "fast_kdf_iter hexkey hexrekey hmac_algorithm hmac_algorithm_compat \
    hmac_check hmac_pgno hmac_use kdf_algorithm kdf_iter key legacy legacy_page_size \
    mc_legacy_wal plaintext_header_size rekey textkey textrekey";

/// Finds `PRAGMA` with a name that SQLite ignores without an error.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let steps = script.steps.iter();
    let steps = steps.filter(|step| step.action == Action::Other);
    steps.filter_map(finding).collect()
}

fn finding(step: &Step<'_>) -> Option<Finding> {
    if !step.words.is(step.verb, "PRAGMA") {
        return None;
    }
    let (pragma, _) = step.words.table(step.verb + 1)?;
    let name = pragma.name.as_str();
    let known: Vec<&str> = KNOWN.split(' ').collect();
    let is_of_cipher = name.starts_with("cipher") || OF_CIPHERS.split(' ').any(|it| it == name);
    if is_of_cipher || known.contains(&name) {
        return None;
    }
    let help = match nearest(name, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it; SQLite's pragmas are listed at https://sqlite.org/pragma.html".into(),
    };
    Some(Finding::new(
        step.words.place(pragma.at),
        format!(
            "there is no pragma `{}`: SQLite ignores it without an error",
            shortened(name)
        ),
        help,
    ))
}
