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
    insta::assert_snapshot!(error, @"the database has no table `_sqlx_migrations`, in which sqlx keeps its history: if the table has another name, say it with `--table`; a database that nobody has migrated so far needs no adoption");
    assert!(error.is_missing() && !error.is_damaged());
    let row = "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '1')";
    let error = from_another(Tool::Sqlx, Tool::Refinery, row);
    insta::assert_snapshot!(error, @"the database has no table `_sqlx_migrations`, in which sqlx keeps its history: it has that of refinery, which `--from refinery` adopts; if the table has another name, say it with `--table`");
    let both = "CREATE TABLE goose_db_version(id, version_id, is_applied, tstamp); \
                INSERT INTO goose_db_version VALUES (1, 1, 1, '')";
    let error = from_another(Tool::Sqlx, Tool::Refinery, &format!("{row}; {both}"));
    insta::assert_snapshot!(error, @"the database has no table `_sqlx_migrations`, in which sqlx keeps its history: it has those of `refinery` and `goose`; say with `--from` which one counts");
}

#[test]
fn the_table_is_another_tools() {
    let row = "INSERT INTO schema_migrations VALUES (1, 0)";
    let error = from_another(Tool::Dbmate, Tool::GolangMigrate, row);
    insta::assert_snapshot!(error, @"the table `schema_migrations` is not one that dbmate makes: its columns are `version` and `dirty`; it looks like one of golang-migrate: say `--from golang-migrate`");
    assert!(error.is_damaged() && !error.is_missing());
    let row = "INSERT INTO schema_migrations VALUES ('1')";
    let error = from_another(Tool::GolangMigrate, Tool::Dbmate, row);
    insta::assert_snapshot!(error, @"the table `schema_migrations` is not one that golang-migrate makes: its columns are `version`; it looks like one of dbmate: say `--from dbmate`");
    let of_nobody = "CREATE TABLE _sqlx_migrations(x, y)";
    let error = from_another(Tool::Sqlx, Tool::RusqliteMigration, of_nobody);
    insta::assert_snapshot!(error, @"the table `_sqlx_migrations` is not one that sqlx makes: its columns are `x` and `y`; say with `--table` where the history is");
    let row = "INSERT INTO _migrations(name) VALUES ('001_a')";
    let error = from_another(Tool::Numbered, Tool::Names, row);
    insta::assert_snapshot!(error, @"the table `_migrations` is not one that numbered makes: its columns are `id`, `name` and `applied_at`; it looks like one of names: say `--from names`");
}

#[test]
fn a_pragma_is_no_table() {
    let mut left = left(Tool::RusqliteMigration, 1, "PRAGMA user_version = 1");
    let mut with = Options::default();
    with.table = Some("versions".to_owned());
    let error = refused(&mut left, &abc(), Tool::RusqliteMigration, &with);
    insta::assert_snapshot!(error, @"rusqlite_migration keeps its history in `PRAGMA user_version`, and in no table: leave out `--table versions`, or say with `--from` which tool the table is of");
}

#[test]
fn nothing_is_applied() {
    let error = refusal(Tool::Sqlx, "");
    insta::assert_snapshot!(error, @"`_sqlx_migrations` records no applied migration of sqlx, so that there is nothing to adopt: `migrate up` applies them all");
    assert!(error.is_missing());
    let error = refusal(Tool::RusqliteMigration, "");
    insta::assert_snapshot!(error, @"`PRAGMA user_version` is 0: rusqlite_migration has applied nothing, so that there is nothing to adopt: `migrate up` applies them all");
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
    insta::assert_snapshot!(error, @"sqlx records `2 b c` as failed or not finished, so that nobody knows how much of it took effect: mend the database, then delete that row, or finish the migration with sqlx");
    assert!(error.is_dirty());
    let error = refusal(
        Tool::GolangMigrate,
        "INSERT INTO schema_migrations VALUES (2, 1)",
    );
    insta::assert_snapshot!(error, @"golang-migrate records `2` as failed or not finished, so that nobody knows how much of it took effect: mend the database, then say so with its `force`");
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
    insta::assert_snapshot!(error, @"flyway records `1 a b` as failed or not finished, so that nobody knows how much of it took effect: mend the database, then say so with its `repair`");
    let error = refusal(
        Tool::Flyway,
        "INSERT INTO flyway_schema_history VALUES \
         (1, NULL, 'views', 'SQL', 'R__views.sql', 5, 'me', '', 3, 0)",
    );
    insta::assert_snapshot!(error, @"flyway records `R__views.sql` as failed or not finished, so that nobody knows how much of it took effect: mend the database, then say so with its `repair`");
}

/// SQLite stores any type in any column.
#[test]
fn a_row_cannot_be_understood() {
    let error = refusal(
        Tool::Refinery,
        "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '5'), (2, 'b', '', 'none')",
    );
    insta::assert_snapshot!(error, @"row 2 of `refinery_schema_history` has `none` as its `checksum`, where a whole number should be: mend it, or say with `--table` where the history is");
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
    row 1 of `_sqlx_migrations` has `x` as its `version`, where a whole number should be: mend it, or say with `--table` where the history is
    row 1 of `_sqlx_migrations` has `text` as its `checksum`, where bytes should be: mend it, or say with `--table` where the history is
    row 1 of `_sqlx_migrations` has `perhaps` as its `success`, where true or false should be: mend it, or say with `--table` where the history is
    row 1 of `refinery_schema_history` has nothing as its `checksum`, where a text should be: mend it, or say with `--table` where the history is
    row 1 of `refinery_schema_history` has nothing as its `version`, where a whole number should be: mend it, or say with `--table` where the history is
    row 1 of `seaql_migrations` has binary data as its `version`, where a text should be: mend it, or say with `--table` where the history is
    row 1 of `schema_migrations` has `-1` as its `version`, where a whole number from 0 should be: mend it, or say with `--table` where the history is
    `schema_migrations` has 2 rows, and golang-migrate writes one: delete those that are not the newest version
    the `schema_version` in `metadata` is `two`, where a whole number should be: mend it, or say with `--table` where the history is
    the `schema_version` in `metadata` is `-2`, where a whole number should be: mend it, or say with `--table` where the history is
    `PRAGMA user_version` is -3, which rusqlite_migration never writes: it belongs to something else; record what is applied with `migrate baseline`
    row 1 of `schema_migrations` has an empty text as its `version`, where a text should be: mend it, or say with `--table` where the history is
    ");
}
