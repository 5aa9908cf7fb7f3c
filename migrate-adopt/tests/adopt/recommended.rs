//! `up` refuses a foreign history and recommends a command: that command must
//! accept the table.

use crate::real::{database, ours};
use crate::support::{Left, abc, left, lines, options};
use migrate_adopt::{Error, Options, Tool, adopt, detect};
use migrate_runtime::{Migrator, Version};
use migrate_scan::sqlite::quote;

/// What `up` says about a database; `None` if it does not refuse it.
fn refusal(left: &Left, ours: &Migrator<Version>) -> Option<String> {
    let error = ours.plan(&left.conn).err()?;
    assert!(error.is_foreign_history(), "{error}");
    Some(error.to_string())
}

/// The tool and the options of the command in such a message.
fn command(message: &str) -> Option<(Tool, Options)> {
    let (_, command) = message.split_once("`migrate adopt ")?;
    let (command, _) = command.split_once('`').unwrap();
    let mut words = command.split(' ');
    let (mut tool, mut options) = (None, options());
    while let Some(option) = words.next() {
        let value = words.next().unwrap();
        match option {
            "--from" => tool = Tool::parse(value),
            "--table" => options.table = Some(value.to_owned()),
            "--rename-old" => options.rename_to = Some(value.to_owned()),
            _ => panic!("{command}"),
        }
    }
    Some((tool.unwrap(), options))
}

fn is_about_the_shape(error: &Error) -> bool {
    error.to_string().contains("is not one that")
}

/// Databases that the tools have made. With the first name the history of some
/// is in the place of ours.
#[test]
fn what_the_tools_have_made_is_adopted_as_recommended() {
    let mut recommended = 0;
    for tool in Tool::ALL {
        if matches!(tool, Tool::SeaOrm | Tool::RusqliteMigration) {
            continue;
        }
        for name in ["app.db", "partial.db"] {
            for table in ["_migrations", "ours"] {
                let ours = ours(tool).history_table(table);
                let mut left = database(tool, name);
                let message = refusal(&left, &ours).unwrap();
                let (from, options) = command(&message).unwrap();
                assert_eq!(from, tool, "{message}");
                let adoption = adopt(&ours, &mut left.conn, tool, &options);
                adoption.unwrap_or_else(|error| panic!("{message}: {error}"));
                recommended += 1;
            }
        }
    }
    assert_eq!(recommended, 11 * 4);
}

/// A row for each tool that says that `001_a` is applied.
const fn row(tool: Tool) -> &'static str {
    match tool {
        Tool::Refinery => {
            "INSERT INTO refinery_schema_history VALUES (1, 'a', '2024-01-31T12:00:00Z', '5')"
        }
        Tool::Sqlx => "INSERT INTO _sqlx_migrations VALUES (1, 'a', '', 1, x'00', 5)",
        Tool::Diesel => "INSERT INTO __diesel_schema_migrations(version) VALUES ('1')",
        Tool::SeaOrm => "INSERT INTO seaql_migrations VALUES ('m1_a', 1)",
        Tool::GolangMigrate => "INSERT INTO schema_migrations VALUES (1, 0)",
        Tool::Goose => "INSERT INTO goose_db_version(version_id, is_applied) VALUES (1, 1)",
        Tool::Dbmate => "INSERT INTO schema_migrations VALUES ('1')",
        Tool::Flyway => {
            "INSERT INTO flyway_schema_history VALUES \
             (1, '1', 'a', 'SQL', 'V1__a.sql', 5, 'me', '', 3, 1)"
        }
        Tool::Names => "INSERT INTO _migrations(name) VALUES ('001_a')",
        Tool::Metadata => "INSERT INTO metadata VALUES ('schema_version', '1')",
        Tool::Archon => {
            "INSERT INTO archon_migrations(version, migration_name) VALUES ('1', '001_a')"
        }
        Tool::Numbered => "INSERT INTO _migrations(version, name) VALUES ('001', 'a')",
        _ => "",
    }
}

/// The same table with other columns.
fn change(left: &Left, table: &str, columns: &str) {
    let table = quote(table);
    let sql = format!(
        "CREATE TABLE changed AS SELECT {columns} FROM {table};
         DROP TABLE {table};
         ALTER TABLE changed RENAME TO {table}"
    );
    left.conn.execute_batch(&sql).unwrap();
}

/// Tables of other versions of a tool, or of another tool with the same name for
/// its table: a column less, or one more.
#[test]
fn a_table_with_other_columns_is_adopted_as_recommended_or_not_recommended() {
    let mut seen = Vec::new();
    for tool in Tool::ALL {
        let Some(table) = tool.table() else { continue };
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = lines(&left(tool, 1, "").conn, &columns);
        let less = (0..columns.len()).map(|gone| {
            let mut others = columns.clone();
            let gone = others.remove(gone);
            (format!("without {gone}"), others.join(", "))
        });
        let more = ("with another".to_owned(), "*, 1 AS another".to_owned());
        for (what, columns) in less.chain([more]) {
            if columns.is_empty() {
                continue;
            }
            for name in ["_migrations", "ours"] {
                let mut left = left(tool, 1, row(tool));
                change(&left, table, &columns);
                let ours = abc().history_table(name);
                let Some(message) = refusal(&left, &ours) else {
                    continue;
                };
                let recommended = command(&message).map_or("a baseline", |(from, options)| {
                    let adoption = adopt(&ours, &mut left.conn, from, &options);
                    if let Err(error) = adoption {
                        assert!(!is_about_the_shape(&error), "{message}: {error}");
                    }
                    from.name()
                });
                seen.push(format!("{tool} {what}: {recommended}"));
            }
        }
    }
    seen.dedup();
    insta::assert_snapshot!(seen.join("\n"), @"
    refinery with another: refinery
    sqlx without installed_on: a baseline
    sqlx without execution_time: a baseline
    sqlx with another: sqlx
    diesel with another: a baseline
    sea-orm with another: a baseline
    golang-migrate without dirty: dbmate
    golang-migrate with another: golang-migrate
    goose without id: a baseline
    goose without tstamp: a baseline
    goose with another: goose
    dbmate with another: a baseline
    flyway without description: a baseline
    flyway without type: a baseline
    flyway without script: a baseline
    flyway without installed_by: flyway
    flyway without installed_on: a baseline
    flyway without execution_time: a baseline
    flyway without success: a baseline
    flyway with another: flyway
    names without id: a baseline
    names without name: a baseline
    names without applied_at: a baseline
    names with another: names
    metadata with another: metadata
    archon without id: archon
    archon without applied_at: a baseline
    archon with another: archon
    numbered without id: numbered
    numbered without version: a baseline
    numbered without name: a baseline
    numbered without checksum: names
    numbered without applied_at: a baseline
    numbered without execution_time_ms: a baseline
    numbered without git_commit: numbered
    numbered with another: numbered
    ");
}

/// The history table was given a name that a tool's table already has.
#[test]
fn a_table_with_another_name_is_adopted_as_recommended() {
    let mut left = left(Tool::Names, 1, row(Tool::Names));
    let rename = "ALTER TABLE _migrations RENAME TO versions";
    left.conn.execute_batch(rename).unwrap();
    let ours = abc().history_table("versions");
    let message = refusal(&left, &ours).unwrap();
    insta::assert_snapshot!(message, @"the table `versions` was created by a runner that records names (its columns are `id`, `name`, `applied_at`); nothing was written: adopt it with `migrate adopt --from names --table versions --rename-old versions_before`, which renames this table, or choose another name for the history with `history_table` (on the command line `--history-table`)");
    let (tool, options) = command(&message).unwrap();
    adopt(&ours, &mut left.conn, tool, &options).unwrap();
    assert_eq!(ours.up(&mut left.conn).unwrap().applied().len(), 2);
}

/// Another name for it would break the application.
#[test]
fn a_table_of_the_application_is_not_renamed() {
    for create in [
        "",
        "DROP TABLE metadata; CREATE TABLE metadata(schema_version)",
    ] {
        let left = left(Tool::Metadata, 1, create);
        let ours = abc().history_table("metadata");
        let message = refusal(&left, &ours).unwrap();
        assert!(command(&message).is_none(), "{message}");
    }
}

/// All of it was undone, so that `up` has nothing to ask.
#[test]
fn a_log_that_ends_with_nothing_is_no_history() {
    let rows = "INSERT INTO goose_db_version(version_id, is_applied) VALUES (1, 1), (1, 0)";
    let left = left(Tool::Goose, 0, rows);
    assert_eq!(refusal(&left, &abc()), None);
    assert_eq!(detect(&left.conn).unwrap(), []);
}
