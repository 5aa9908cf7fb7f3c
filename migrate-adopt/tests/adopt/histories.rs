//! Old histories that are not there, not what they should be, or not whole.

use crate::support::{abc, left, options, refused};
use migrate_adopt::{Error, Options, Tool};

#[track_caller]
fn refusal(tool: Tool, history: &str) -> Error {
    // Ours stays out of the way of tools whose table has the same name.
    refused(
        &mut left(tool, 1, history),
        &abc().history_table("ours"),
        tool,
        &options(),
    )
}

#[track_caller]
fn from_another(asked: Tool, there: Tool, history: &str) -> Error {
    let ours = abc().history_table("ours");
    refused(&mut left(there, 1, history), &ours, asked, &options())
}

#[test]
fn there_is_no_table() {
    let nothing = Tool::RusqliteMigration;
    let error = from_another(Tool::Sqlx, nothing, "");
    insta::assert_snapshot!(error, @"the database has no table `_sqlx_migrations`, in which sqlx keeps its history: if the table has another name, give it with `--table`; a database that has never been migrated needs no adoption");
    assert!(error.is_missing() && !error.is_damaged());
    let row = "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '1')";
    let error = from_another(Tool::Sqlx, Tool::Refinery, row);
    insta::assert_snapshot!(error, @"the database has no table `_sqlx_migrations`, in which sqlx keeps its history: it has that of refinery, which `--from refinery` adopts; if the table has another name, give it with `--table`");
    let both = "CREATE TABLE goose_db_version(id, version_id, is_applied, tstamp); \
                INSERT INTO goose_db_version VALUES (1, 1, 1, '')";
    let error = from_another(Tool::Sqlx, Tool::Refinery, &format!("{row}; {both}"));
    insta::assert_snapshot!(error, @"the database has no table `_sqlx_migrations`, in which sqlx keeps its history: it has those of `refinery` and `goose`; choose one with `--from`");
}

#[test]
fn the_table_is_another_tools() {
    let row = "INSERT INTO schema_migrations VALUES (1, 0)";
    let error = from_another(Tool::Dbmate, Tool::GolangMigrate, row);
    insta::assert_snapshot!(error, @"the table `schema_migrations` does not have the columns that dbmate creates: its columns are `version` and `dirty`; it looks like a table of golang-migrate: use `--from golang-migrate`");
    assert!(error.is_damaged() && !error.is_missing());
    let row = "INSERT INTO schema_migrations VALUES ('1')";
    let error = from_another(Tool::GolangMigrate, Tool::Dbmate, row);
    insta::assert_snapshot!(error, @"the table `schema_migrations` does not have the columns that golang-migrate creates: its columns are `version`; it looks like a table of dbmate: use `--from dbmate`");
    let of_nobody = "CREATE TABLE _sqlx_migrations(x, y)";
    let error = from_another(Tool::Sqlx, Tool::RusqliteMigration, of_nobody);
    insta::assert_snapshot!(error, @"the table `_sqlx_migrations` does not have the columns that sqlx creates: its columns are `x` and `y`; give the table of the history with `--table`");
    let row = "INSERT INTO _migrations(name) VALUES ('001_a')";
    let error = from_another(Tool::Numbered, Tool::Names, row);
    insta::assert_snapshot!(error, @"the table `_migrations` does not have the columns that numbered creates: its columns are `id`, `name` and `applied_at`; it looks like a table of names: use `--from names`");
}

#[test]
fn a_pragma_is_no_table() {
    let mut left = left(Tool::RusqliteMigration, 1, "PRAGMA user_version = 1");
    let mut with = Options::default();
    with.table = Some("versions".to_owned());
    let error = refused(&mut left, &abc(), Tool::RusqliteMigration, &with);
    insta::assert_snapshot!(error, @"rusqlite_migration keeps its history in `PRAGMA user_version`, not in a table: omit `--table versions`, or name the tool of that table with `--from`");
}

#[test]
fn nothing_is_applied() {
    let error = refusal(Tool::Sqlx, "");
    insta::assert_snapshot!(error, @"`_sqlx_migrations` records no applied migration of sqlx, so there is nothing to adopt: `migrate up` applies all migrations");
    assert!(error.is_missing());
    let error = refusal(Tool::RusqliteMigration, "");
    insta::assert_snapshot!(error, @"`PRAGMA user_version` is 0: rusqlite_migration has applied nothing, so there is nothing to adopt: `migrate up` applies all migrations");
    assert!(error.is_missing());
    for tool in Tool::ALL {
        let error = refusal(tool, "");
        assert!(error.is_missing(), "{tool}: {error}");
    }
    let all_taken_back =
        "INSERT INTO goose_db_version(version_id, is_applied) VALUES (1, 1), (1, 0)";
    assert!(refusal(Tool::Goose, all_taken_back).is_missing());
    let zero = "INSERT INTO metadata VALUES ('schema_version', '0')";
    assert!(refusal(Tool::Metadata, zero).is_missing());
}

#[test]
fn a_migration_failed_half_way() {
    let error = refusal(
        Tool::Sqlx,
        "INSERT INTO _sqlx_migrations VALUES (1, 'a', '', 1, x'00', 5), (2, 'b c', '', 0, x'00', -1)",
    );
    insta::assert_snapshot!(error, @"sqlx records `2 b c` as failed or unfinished, so it is not known how much of it took effect: repair the database, then delete that row, or finish the migration with sqlx");
    assert!(error.is_dirty());
    let error = refusal(
        Tool::GolangMigrate,
        "INSERT INTO schema_migrations VALUES (2, 1)",
    );
    insta::assert_snapshot!(error, @"golang-migrate records `2` as failed or unfinished, so it is not known how much of it took effect: repair the database, then clear the state with its `force`");
    assert!(error.is_dirty());
    let error = refusal(
        Tool::GolangMigrate,
        "INSERT INTO schema_migrations VALUES (-1, 'true')",
    );
    assert!(error.is_dirty());
    let error = refusal(
        Tool::Flyway,
        "INSERT INTO flyway_schema_history VALUES \
         (1, '1', 'a b', 'SQL', 'V1__a_b.sql', 5, 'me', '', 3, 0)",
    );
    insta::assert_snapshot!(error, @"flyway records `1 a b` as failed or unfinished, so it is not known how much of it took effect: repair the database, then clear the state with its `repair`");
    let error = refusal(
        Tool::Flyway,
        "INSERT INTO flyway_schema_history VALUES \
         (1, NULL, 'views', 'SQL', 'R__views.sql', 5, 'me', '', 3, 0)",
    );
    insta::assert_snapshot!(error, @"flyway records `R__views.sql` as failed or unfinished, so it is not known how much of it took effect: repair the database, then clear the state with its `repair`");
}

/// SQLite stores any type in any column.
#[test]
fn a_row_cannot_be_understood() {
    let error = refusal(
        Tool::Refinery,
        "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '5'), (2, 'b', '', 'none')",
    );
    insta::assert_snapshot!(error, @"row 2 of `refinery_schema_history` has `none` in the column `checksum`, where a whole number is expected: correct it, or give the table of the history with `--table`");
    assert!(error.is_damaged());
    let rows = [
        (
            Tool::Sqlx,
            "INSERT INTO _sqlx_migrations VALUES ('x', 'a', '', 1, x'00', 5)",
        ),
        (
            Tool::Sqlx,
            "INSERT INTO _sqlx_migrations VALUES (1, 'a', '', 1, 'text', 5)",
        ),
        (
            Tool::Sqlx,
            "INSERT INTO _sqlx_migrations VALUES (1, 'a', '', 'perhaps', x'00', 5)",
        ),
        (
            Tool::Refinery,
            "INSERT INTO refinery_schema_history VALUES (1, 'a', '', NULL)",
        ),
        (
            Tool::Refinery,
            "INSERT INTO refinery_schema_history VALUES (NULL, 'a', '', '5')",
        ),
        (
            Tool::SeaOrm,
            "INSERT INTO seaql_migrations VALUES (x'00', 5)",
        ),
        (
            Tool::GolangMigrate,
            "INSERT INTO schema_migrations VALUES (-1, 0)",
        ),
        (
            Tool::GolangMigrate,
            "INSERT INTO schema_migrations VALUES (1, 0), (2, 0)",
        ),
        (
            Tool::Metadata,
            "INSERT INTO metadata VALUES ('schema_version', 'two')",
        ),
        (
            Tool::Metadata,
            "INSERT INTO metadata VALUES ('schema_version', '-2')",
        ),
        (Tool::RusqliteMigration, "PRAGMA user_version = -3"),
        (Tool::Dbmate, "INSERT INTO schema_migrations VALUES ('')"),
    ];
    let texts: Vec<String> = rows
        .iter()
        .map(|(tool, sql)| {
            let error = refusal(*tool, sql);
            assert!(error.is_damaged(), "{error}");
            error.to_string()
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @"
    row 1 of `_sqlx_migrations` has `x` in the column `version`, where a whole number is expected: correct it, or give the table of the history with `--table`
    row 1 of `_sqlx_migrations` has `text` in the column `checksum`, where bytes is expected: correct it, or give the table of the history with `--table`
    row 1 of `_sqlx_migrations` has `perhaps` in the column `success`, where true or false is expected: correct it, or give the table of the history with `--table`
    row 1 of `refinery_schema_history` has nothing in the column `checksum`, where a text is expected: correct it, or give the table of the history with `--table`
    row 1 of `refinery_schema_history` has nothing in the column `version`, where a whole number is expected: correct it, or give the table of the history with `--table`
    row 1 of `seaql_migrations` has binary data in the column `version`, where a text is expected: correct it, or give the table of the history with `--table`
    row 1 of `schema_migrations` has `-1` in the column `version`, where a whole number from 0 is expected: correct it, or give the table of the history with `--table`
    `schema_migrations` has 2 rows, but golang-migrate writes only one: delete all rows except the one with the newest version
    the `schema_version` in `metadata` is `two`, where a whole number is expected: correct it, or give the table of the history with `--table`
    the `schema_version` in `metadata` is `-2`, where a whole number is expected: correct it, or give the table of the history with `--table`
    `PRAGMA user_version` is -3, which rusqlite_migration never writes: it belongs to something else; record what is already applied with `migrate baseline`
    row 1 of `schema_migrations` has an empty text in the column `version`, where a text is expected: correct it, or give the table of the history with `--table`
    ");
}
