//! Which migrations the old ones are.

use crate::support::{
    A, B, C, abc, adopted, history, left, lines, mapped, migrator, options, refused,
};
use migrate_adopt::{Adoption, OriginalMigration, Tool, Verify};

fn sea_orm(names: &[&str]) -> String {
    let rows: Vec<String> = names.iter().map(|name| format!("('{name}', 1)")).collect();
    format!("INSERT INTO seaql_migrations VALUES {}", rows.join(", "))
}

fn dbmate(versions: &[&str]) -> String {
    let rows: Vec<String> = versions
        .iter()
        .map(|version| format!("('{version}')"))
        .collect();
    format!("INSERT INTO schema_migrations VALUES {}", rows.join(", "))
}

fn pairs(adoption: &Adoption) -> Vec<String> {
    let pairs = adoption.rows.iter();
    pairs
        .map(|row| format!("{} {}", row.old_id, row.label))
        .collect()
}

#[test]
fn names_that_disagree_with_the_order() {
    // Here the two have changed places.
    let there = sea_orm(&["m20220101_000001_b", "m20220102_000001_a"]);
    let mut old = left(Tool::SeaOrm, 2, &there);
    let error = refused(&mut old, &abc(), Tool::SeaOrm, &options());
    insta::assert_snapshot!(error, @"the names do not match the order: `m20220101_000001_b` of sea-orm would be `001_a`, `m20220102_000001_a` of sea-orm would be `002_b`; by their names, the map would be `--map m20220101_000001_b=002,m20220102_000001_a=001`");
    assert!(error.is_unmapped() && !error.is_unverified());
    // It can be taken from the message.
    let map = mapped(&[("m20220101_000001_b", 2), ("m20220102_000001_a", 1)]);
    let adoption = adopted(&mut old, &abc(), Tool::SeaOrm, &map);
    assert_eq!(
        pairs(&adoption),
        ["m20220102_000001_a 001_a", "m20220101_000001_b 002_b"]
    );

    let there = sea_orm(&["m20220101_000001_a", "m20220102_000001_something"]);
    let mut old = left(Tool::SeaOrm, 2, &there);
    let error = refused(&mut old, &abc(), Tool::SeaOrm, &options());
    insta::assert_snapshot!(error, @"the names do not match the order: `m20220102_000001_something` of sea-orm would be `002_b`; give the right pairs with `--map OLD=NEW`, such as `--map m20220102_000001_something=002` if these two are the same");
    let map = mapped(&[("m20220102_000001_something", 2)]);
    let adoption = adopted(&mut old, &abc(), Tool::SeaOrm, &map);
    assert_eq!(pairs(&adoption)[1], "m20220102_000001_something 002_b");
}

#[test]
fn spelling_does_not_matter() {
    let ours = migrator(&[("001_add_users.sql", A)]);
    for name in ["m1_add_users", "m20220101_000001_AddUsers", "m1_add-users"] {
        let mut left = left(Tool::SeaOrm, 1, &sea_orm(&[name]));
        adopted(&mut left, &ours, Tool::SeaOrm, &options());
    }
}

#[test]
fn there_are_more_than_here() {
    let mut left = left(Tool::Dbmate, 3, &dbmate(&["1", "2", "3", "4", "5"]));
    let error = refused(&mut left, &abc(), Tool::Dbmate, &options());
    insta::assert_snapshot!(error, @"dbmate has applied `4` and `5`, for which none of the 3 migrations here is left: add the files, or give the migrations that were merged with `--map OLD=NEW`");
    assert!(error.is_unmapped());
    // Two pairs were put together.
    let map = mapped(&[("1", 1), ("2", 1), ("4", 3), ("3", 2), ("5", 3)]);
    let adoption = adopted(&mut left, &abc(), Tool::Dbmate, &map);
    assert_eq!(
        pairs(&adoption),
        ["1 001_a", "2 001_a", "3 002_b", "4 003_c", "5 003_c"]
    );
    insta::assert_snapshot!(history(&left.conn).replace(char::is_numeric, "0"), @"
    0 | a | applied | dbmate 0, 0 | 0000-00-00T00:00:00.000Z | 0 | verified by schema
    0 | b | applied | dbmate 0 | 0000-00-00T00:00:00.000Z | 0 | verified by schema
    0 | c | applied | dbmate 0, 0 | 0000-00-00T00:00:00.000Z | 0 | verified by schema
    ");
}

#[test]
fn the_map_names_what_is_not_there() {
    let mut left = left(Tool::Dbmate, 1, &dbmate(&["1"]));
    let error = refused(&mut left, &abc(), Tool::Dbmate, &mapped(&[("1", 4)]));
    insta::assert_snapshot!(error, @"`--map 1=004` names a version that does not exist: the newest migration is `003_c`");
    // The same map may be meant for databases that are further.
    let adoption = adopted(&mut left, &abc(), Tool::Dbmate, &mapped(&[("7", 3)]));
    insta::assert_snapshot!(adoption.notes.join("\n"), @"`--map 7=003` was not used: dbmate has not applied `7`");
}

#[test]
fn a_gap() {
    let mut old = left(Tool::Dbmate, 1, &dbmate(&["1"]));
    let error = refused(&mut old, &abc(), Tool::Dbmate, &mapped(&[("1", 3)]));
    insta::assert_snapshot!(error, @"dbmate has applied `003_c`, but not `001_a` and `002_b`, which come before it: apply them with dbmate first, or give with `--map OLD=NEW` the version under which they are recorded");
    assert!(error.is_unmapped());
    let mut old = left(Tool::Dbmate, 2, &dbmate(&["1", "2"]));
    let error = refused(&mut old, &abc(), Tool::Dbmate, &mapped(&[("2", 3)]));
    insta::assert_snapshot!(error, @"dbmate has applied `003_c`, but not `002_b`, which comes before it: apply it with dbmate first, or give with `--map OLD=NEW` the version under which it is recorded");
}

#[test]
fn scripts_say_what_they_were() {
    let ours = migrator(&[
        (
            "001_base.sql",
            &format!(
                "-- The beginning.\n-- migrate: adopted dbmate \"20240101\"\n\
                 -- migrate: adopted dbmate \"20240102\"\n{A}{B}"
            ),
        ),
        (
            "002_c.sql",
            &format!("-- migrate: adopted dbmate \"20240103\"\n{C}"),
        ),
        ("003_d.sql", "CREATE TABLE d(x)"),
    ]);
    let check = |tables, versions: &[&str]| {
        let mut left = left(Tool::Dbmate, tables, &dbmate(versions));
        pairs(&adopted(&mut left, &ours, Tool::Dbmate, &options()))
    };
    assert_eq!(
        check(3, &["20240101", "20240102", "20240103"]),
        ["20240101 001_base", "20240102 001_base", "20240103 002_c"]
    );
    let two = ["20240101 001_base", "20240102 001_base"];
    assert_eq!(check(2, &["20240101", "20240102"]), two);

    // Half of a migration cannot be recorded.
    let mut part = left(Tool::Dbmate, 1, &dbmate(&["20240101"]));
    let error = refused(&mut part, &ours, Tool::Dbmate, &options());
    insta::assert_snapshot!(error, @"`001_base` was merged from `20240101` and `20240102` of dbmate, of which `20240102` is not applied to this database: apply them with dbmate first");
    // A migration that says nothing is new: it is not taken for the next one.
    let four = dbmate(&["20240101", "20240102", "20240103", "20240104"]);
    let mut more = left(Tool::Dbmate, 3, &four);
    let error = refused(&mut more, &ours, Tool::Dbmate, &options());
    insta::assert_snapshot!(error, @r#"dbmate has applied `20240104`, and no script here says so with `-- migrate: adopted dbmate "20240104"`: add the files, or give their migrations with `--map OLD=NEW`"#);
    // What they were for another tool says nothing here.
    let mut other = left(Tool::SeaOrm, 2, &sea_orm(&["m1_base"]));
    let adoption = adopted(&mut other, &ours, Tool::SeaOrm, &options());
    assert_eq!(pairs(&adoption), ["m1_base 001_base"]);
}

/// Of several that became one, the last was the end, and all took their time.
#[test]
fn times_are_put_together_too() {
    let rows = "INSERT INTO _migrations VALUES \
                (1, '001', 'a', NULL, '2024-01-31 12:00:00', 5, NULL), \
                (2, '002', 'b', '', '2024-01-31 12:00:01', 6, NULL)";
    let ours = migrator(&[("001_base.sql", &format!("{A}{B}"))]).history_table("ours");
    let mut left = left(Tool::Numbered, 2, rows);
    let map = mapped(&[("001", 1), ("2", 1)]);
    adopted(&mut left, &ours, Tool::Numbered, &map);
    assert_eq!(
        lines(
            &left.conn,
            "SELECT origin, applied_at, execution_ms FROM ours"
        ),
        ["numbered 001, 002 | 2024-01-31T12:00:01.000Z | 11"]
    );
}

/// What was put together has another text than its parts, and nobody claims
/// that it were the same.
#[test]
fn two_become_one() {
    let rows = "INSERT INTO refinery_schema_history VALUES (1, 'a', '', '5'), (2, 'b', '', '6')";
    let ours = migrator(&[("001_base.sql", &format!("{A}{B}"))]);
    let mut left = left(Tool::Refinery, 2, rows);
    let map = mapped(&[("1", 1), ("2", 1)]);
    let adoption = adopted(&mut left, &ours, Tool::Refinery, &map);
    assert_eq!(pairs(&adoption), ["1 001_base", "2 001_base"]);
}

/// Numbers are compared, and not their digits.
#[test]
fn nine_comes_before_ten() {
    let rows = "INSERT INTO _migrations(name) VALUES ('10_b'), ('9_a')";
    let mut left = left(Tool::Names, 2, rows);
    let ours = abc().history_table("ours");
    let adoption = adopted(&mut left, &ours, Tool::Names, &options());
    assert_eq!(pairs(&adoption), ["9_a 001_a", "10_b 002_b"]);
}

/// Both parts are there; the second is not applied again.
#[test]
fn one_becomes_two() {
    let says = |sql: &str| format!("-- migrate: adopted dbmate \"1\"\n{sql}");
    let ours = migrator(&[("001_a.sql", &says(A)), ("002_b.sql", &says(B))]);
    let mut by_scripts = left(Tool::Dbmate, 2, &dbmate(&["1"]));
    let adoption = adopted(&mut by_scripts, &ours, Tool::Dbmate, &options());
    assert_eq!(pairs(&adoption), ["1 001_a", "1 002_b"]);

    let mut by_map = left(Tool::Refinery, 2, "");
    let row = "INSERT INTO refinery_schema_history VALUES (1, 'both', '', '5')";
    by_map.conn.execute_batch(row).unwrap();
    let map = mapped(&[("1", 1), ("1", 2)]);
    let adoption = adopted(&mut by_map, &abc(), Tool::Refinery, &map);
    assert_eq!(pairs(&adoption), ["1 001_a", "1 002_b"]);
    assert_eq!(adoption.pending, ["003_c"]);
}

#[test]
fn the_map_goes_before_the_scripts() {
    let says = |id: &str, sql: &str| format!("-- migrate: adopted dbmate \"{id}\"\n{sql}");
    let ours = migrator(&[("001_a.sql", &says("1", A)), ("002_b.sql", &says("2", B))]);
    let mut left = left(Tool::Dbmate, 2, &dbmate(&["1", "3"]));
    let adoption = adopted(&mut left, &ours, Tool::Dbmate, &mapped(&[("3", 2)]));
    assert_eq!(pairs(&adoption), ["1 001_a", "3 002_b"]);
}

#[test]
fn a_number_that_says_too_little() {
    let newest = "INSERT INTO schema_migrations VALUES (20240103, 0)";
    let mut old = left(Tool::GolangMigrate, 2, newest);
    let error = refused(&mut old, &abc(), Tool::GolangMigrate, &options());
    insta::assert_snapshot!(error, @"golang-migrate records only its newest version, `20240103`, which does not show how many of the 3 migrations here are applied: give its files with `--originals DIR`, or the old version of each migration with `--map OLD=NEW`");
    assert!(error.is_unmapped());
    let mut with = options();
    with.originals = vec![
        OriginalMigration::new("20240101", "a", "20240101_a.up.sql", A),
        OriginalMigration::new("20240102", "b", "20240102_b.up.sql", B),
    ];
    let error = refused(&mut old, &abc(), Tool::GolangMigrate, &with);
    insta::assert_snapshot!(error, @"golang-migrate says that the database is at version `20240103`, which is not a known version (the newest is `20240102`): give all of its files with `--originals DIR`");
    let map = mapped(&[("20240101", 1), ("20240103", 2), ("20240104", 3)]);
    let adoption = adopted(&mut old, &abc(), Tool::GolangMigrate, &map);
    assert_eq!(pairs(&adoption), ["20240101 001_a", "20240103 002_b"]);
}

#[test]
fn a_count_that_is_too_high() {
    let mut by_pragma = left(
        Tool::RusqliteMigration,
        3,
        "PRAGMA user_version = 2147483647",
    );
    let error = refused(&mut by_pragma, &abc(), Tool::RusqliteMigration, &options());
    insta::assert_snapshot!(error, @"rusqlite_migration has applied 2147483647 migrations, but there are only 3 here: add the missing ones, or give the migrations that were merged with `--map OLD=NEW`");
    assert!(error.is_unmapped());
    let nine = "INSERT INTO metadata VALUES ('schema_version', '18446744073709551615')";
    let mut by_key = left(Tool::Metadata, 3, nine);
    let error = refused(&mut by_key, &abc(), Tool::Metadata, &options());
    insta::assert_snapshot!(error, @"the old runner has applied 18446744073709551615 migrations, but there are only 3 here: add the missing ones, or give the migrations that were merged with `--map OLD=NEW`");
}

/// A migration in Rust cannot say what it was; it stands where the tool had it.
#[test]
fn rust_between_scripts() {
    let rust = "pub fn up(_: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> { Ok(()) }";
    let says = |id: &str, sql: &str| format!("-- migrate: adopted sea-orm \"{id}\"\n{sql}");
    let ours = migrator(&[
        ("001_a.sql", &says("m1_a", A)),
        ("002_fill.rs", rust),
        ("003_b.sql", &says("m3_b", B)),
    ]);
    let mut with = options();
    with.verify = Verify::Checksum;
    let mut left = left(Tool::SeaOrm, 2, &sea_orm(&["m1_a", "m2_fill", "m3_b"]));
    let error_or = migrate_adopt::plan_adoption(&ours, &left.conn, Tool::SeaOrm, &with);
    assert_eq!(
        pairs(&error_or.unwrap()),
        ["m1_a 001_a", "m2_fill 002_fill", "m3_b 003_b"]
    );
    left.conn
        .execute_batch("UPDATE seaql_migrations SET version = 'm2_x' WHERE version = 'm2_fill'")
        .unwrap();
    let error = refused(&mut left, &ours, Tool::SeaOrm, &with);
    insta::assert_snapshot!(error, @"the names do not match the order: `m2_x` of sea-orm would be `002_fill`; give the right pairs with `--map OLD=NEW`, such as `--map m2_x=002` if these two are the same");
}
