//! flyway: a log with ranks, repeatables and baselines.

use crate::support::{
    A, B, C, Left, abc, adopted, history, left, mapped, migrator, options, refused,
};
use migrate_adopt::{Options, OriginalMigration, Tool, detect};
use migrate_runtime::{Migrator, Version};

#[test]
fn the_newest_row_counts() {
    let line = |text: &str| crc32fast::hash(text.trim_end().as_bytes()).cast_signed();
    let row = "INSERT INTO flyway_schema_history(installed_rank, version, description, type, \
               script, checksum, installed_by, installed_on, execution_time, success) VALUES";
    // The second one before the first, one that was taken back, one that was
    // deleted, and two that are no scripts.
    let mut left = left(
        Tool::Flyway,
        2,
        &format!(
            "{row} (1, '1.10', 'b', 'SQL', 'V1.10__b.sql', {}, 'me', '2024-01-31 12:00:00.000', 7, 1);
             {row} (2, '1.9', 'a', 'SQL', 'V1_9__a.sql', {}, 'me', '2024-01-31 12:00:01.000', 8, 1);
             {row} (3, NULL, 'Views', 'JDBC', 'db.migration.R__Views', NULL, 'me', '2024-01-31 12:00:02', 1, 1);
             {row} (4, '2', 'x', 'SQL', 'V2__x.sql', 1, 'me', '2024-01-31 12:00:03', 1, 1);
             {row} (5, '2', 'x', 'UNDO_SQL', 'U2__x.sql', 2, 'me', '2024-01-31 12:00:04', 1, 1);
             {row} (6, '3', 'y', 'SQL', 'V3__y.sql', 1, 'me', '2024-01-31 12:00:05', 1, 1);
             {row} (7, '3.0', 'y', 'DELETE', 'V3__y.sql', 1, 'me', '2024-01-31 12:00:06', 0, 1);
             {row} (8, NULL, 'Views', 'JDBC', 'db.migration.R__Views', NULL, 'me', '2024-01-31 12:00:07', 1, 1)",
            line(B),
            line(A)
        ),
    );
    assert_eq!(detect(&left.conn).unwrap(), [Tool::Flyway]);
    let adoption = adopted(&mut left, &abc(), Tool::Flyway, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of flyway, from `flyway_schema_history`:
      1.9 a   ->  001_a  2024-01-31 12:00:01  same checksum
      1.10 b  ->  002_b  2024-01-31 12:00:00  same checksum
    The schema is the one that these migrations produce.
    Note: `db.migration.R__Views` is a repeatable migration that is not a script, and is left out: write a migration for what it creates, and a new one for each change.
    Pending: 003_c
    ");
    insta::assert_snapshot!(history(&left.conn), @"
    1 | a | applied | flyway 1.9 | 2024-01-31T12:00:01.000Z | 8 | verified by checksum and schema
    2 | b | applied | flyway 1.10 | 2024-01-31T12:00:00.000Z | 7 | verified by checksum and schema
    ");
}

/// A baseline stands for everything before it, if that is known.
#[test]
fn with_a_baseline() {
    let history = "INSERT INTO flyway_schema_history VALUES \
         (1, '2', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL, 'me', \
          '2024-01-31 12:00:00', 0, 1), \
         (2, '3', 'c', 'JDBC', 'db.migration.V3__c', NULL, 'me', '2024-01-31 12:00:01', 0, 1)";
    let mut known = left(Tool::Flyway, 3, history);
    let mut with = options();
    with.originals = vec![
        OriginalMigration::new("1", "a", "V1__a.sql", A),
        OriginalMigration::new("2", "b", "V2__b.sql", B),
    ];
    let adoption = adopted(&mut known, &abc(), Tool::Flyway, &with);
    insta::assert_snapshot!(adoption, @"
    3 migrations of flyway, from `flyway_schema_history`:
      1    ->  001_a  2024-01-31 12:00:00  not compared
      2    ->  002_b  2024-01-31 12:00:00  not compared
      3 c  ->  003_c  2024-01-31 12:00:01  not compared
    The schema is the one that these migrations produce.
    Nothing is pending.
    ");

    // One of them may have been applied afterwards, out of order.
    let later = ", (3, '1', 'a', 'JDBC', 'db.migration.V1__a', NULL, 'me', '', 0, 1)";
    let mut twice = left(Tool::Flyway, 3, &format!("{history}{later}"));
    let adoption = adopted(&mut twice, &abc(), Tool::Flyway, &with);
    assert_eq!(adoption.rows.len(), 3);

    let mut unknown = left(Tool::Flyway, 3, history);
    let ours = migrator(&[("001_base.sql", &format!("{A}{B}")), ("002_c.sql", C)]);
    let adoption = adopted(&mut unknown, &ours, Tool::Flyway, &options());
    insta::assert_snapshot!(adoption, @"
    2 migrations of flyway, from `flyway_schema_history`:
      2    ->  001_base  2024-01-31 12:00:00  not compared
      3 c  ->  002_c     2024-01-31 12:00:01  not compared
    The schema is the one that these migrations produce.
    Nothing is pending.
    ");
}

const VIEW: &str = "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT id FROM a;\n";
const SUM: &str = "DROP VIEW IF EXISTS w;\nCREATE VIEW w AS SELECT id FROM v;\n";

/// What flyway has written for each, in the order of the ranks: version,
/// description, type, script, the text that it had, and whether it succeeded.
type Written = (
    Option<&'static str>,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
);

/// A database with the tables `a` and `b` and the views of the repeatables.
fn with_views(log: &[Written]) -> Left {
    let mut history = format!("{VIEW}{SUM}");
    for (index, (version, description, kind, script, text, success)) in log.iter().enumerate() {
        let version = version.map_or("NULL".to_owned(), |version| format!("'{version}'"));
        let lines: String = text.lines().collect();
        let checksum = crc32fast::hash(lines.as_bytes()).cast_signed();
        let rank = index + 1;
        history += &format!(
            "INSERT INTO flyway_schema_history VALUES ({rank}, {version}, '{description}', \
             '{kind}', '{script}', {checksum}, 'me', '2024-01-31 12:00:0{rank}', {rank}, {success});"
        );
    }
    left(Tool::Flyway, 2, &history)
}

const ONE: Written = (Some("1"), "a", "SQL", "V1__a.sql", A, true);
const TWO: Written = (Some("2"), "b", "SQL", "V2__b.sql", B, true);
const ALL: Written = (None, "all", "SQL", "R__all.sql", VIEW, true);
const TOTAL: Written = (None, "all total", "SQL", "R__all_total.sql", SUM, true);

fn originals() -> Options {
    let mut options = options();
    options.originals = vec![
        OriginalMigration::new("1", "a", "V1__a.sql", A),
        OriginalMigration::new("2", "b", "V2__b.sql", B),
        OriginalMigration::new("R__all.sql", "all", "R__all.sql", VIEW),
        OriginalMigration::new("R__all_total.sql", "all_total", "R__all_total.sql", SUM),
    ];
    options
}

fn claiming(files: &[(&str, &str, &str)]) -> Migrator<Version> {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(path, id, text)| {
            let text = format!("-- migrate: adopted flyway \"{id}\"\n{text}");
            ((*path).to_owned(), text)
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    migrator(&files)
}

/// What the four become.
fn four() -> Migrator<Version> {
    claiming(&[
        ("001_a.sql", "1", A),
        ("002_b.sql", "2", B),
        ("003_all.sql", "R__all.sql", VIEW),
        ("004_all_total.sql", "R__all_total.sql", SUM),
    ])
}

/// They ran before a version that came later, one of them with another text and
/// once in vain, and one was deleted.
#[test]
fn repeatables_come_last() {
    let total = |text, success| (None, "all total", "SQL", "R__all_total.sql", text, success);
    let log = [
        ONE,
        total("SELECT 1;", true),
        ALL,
        total("SELECT", false),
        (None, "gone", "SQL", "R__gone.sql", "SELECT 1;", true),
        (None, "gone", "DELETE", "R__gone.sql", "SELECT 1;", true),
        TOTAL,
        TWO,
    ];
    let mut by_claims = with_views(&log);
    let adoption = adopted(&mut by_claims, &four(), Tool::Flyway, &originals());
    insta::assert_snapshot!(adoption, @"
    4 migrations of flyway, from `flyway_schema_history`:
      1 a               ->  001_a          2024-01-31 12:00:01  same checksum
      2 b               ->  002_b          2024-01-31 12:00:08  same checksum
      R__all.sql        ->  003_all        2024-01-31 12:00:03  same checksum
      R__all_total.sql  ->  004_all_total  2024-01-31 12:00:07  same checksum
    The schema is the one that these migrations produce.
    Nothing is pending.
    ");
    insta::assert_snapshot!(history(&by_claims.conn), @"
    1 | a | applied | flyway 1 | 2024-01-31T12:00:01.000Z | 1 | verified by checksum and schema
    2 | b | applied | flyway 2 | 2024-01-31T12:00:08.000Z | 8 | verified by checksum and schema
    3 | all | applied | flyway R__all.sql | 2024-01-31T12:00:03.000Z | 3 | verified by checksum and schema
    4 | all_total | applied | flyway R__all_total.sql | 2024-01-31T12:00:07.000Z | 7 | verified by checksum and schema
    ");

    // Nothing says which one is which, but their order does.
    let mut by_order = with_views(&log);
    let ours = migrator(&[
        ("001_a.sql", A),
        ("002_b.sql", B),
        ("003_all.sql", VIEW),
        ("004_all_total.sql", SUM),
    ]);
    adopted(&mut by_order, &ours, Tool::Flyway, &originals());
    assert_eq!(history(&by_order.conn), history(&by_claims.conn));
    // And their checksums are those of our files.
    let mut alone = with_views(&log);
    adopted(&mut alone, &ours, Tool::Flyway, &options());
    assert_eq!(history(&alone.conn), history(&by_claims.conn));
}

/// flyway may have been told of another folder than we are.
#[test]
fn the_folder_of_a_repeatable_makes_no_difference() {
    let log = [
        ONE,
        TWO,
        (None, "all", "SQL", "views/R__all.sql", VIEW, true),
        TOTAL,
    ];
    let mut left = with_views(&log);
    let adoption = adopted(&mut left, &four(), Tool::Flyway, &originals());
    insta::assert_snapshot!(adoption, @"
    4 migrations of flyway, from `flyway_schema_history`:
      1 a               ->  001_a          2024-01-31 12:00:01  same checksum
      2 b               ->  002_b          2024-01-31 12:00:02  same checksum
      views/R__all.sql  ->  003_all        2024-01-31 12:00:03  same checksum
      R__all_total.sql  ->  004_all_total  2024-01-31 12:00:04  same checksum
    The schema is the one that these migrations produce.
    Nothing is pending.
    ");
}

#[test]
fn a_repeatable_that_has_not_run_is_pending() {
    let mut left = with_views(&[ONE, TWO, ALL]);
    left.conn.execute_batch("DROP VIEW w").unwrap();
    let ours = four();
    let adoption = adopted(&mut left, &ours, Tool::Flyway, &originals());
    assert_eq!(adoption.pending, ["004_all_total"]);
    assert_eq!(ours.up(&mut left.conn).unwrap().applied().len(), 1);
    assert!(ours.verify(&left.conn).unwrap().is_clean());
}

#[test]
fn the_newest_row_of_a_repeatable_is_not_what_it_should_be() {
    let failed = (None, "all", "SQL", "R__all.sql", VIEW, false);
    let mut left = with_views(&[ONE, TWO, ALL, TOTAL, failed]);
    let error = refused(&mut left, &four(), Tool::Flyway, &originals());
    assert!(error.is_dirty(), "{error}");

    let changed = (None, "all", "SQL", "R__all.sql", "SELECT 1;", true);
    let mut left = with_views(&[ONE, TWO, ALL, TOTAL, changed]);
    let error = refused(&mut left, &four(), Tool::Flyway, &originals());
    insta::assert_snapshot!(error, @"a migration that was applied by flyway had a different text: `R__all.sql`; let flyway run the repeatable migrations again, restore other files as they were applied, or compare only the schema with `--verify schema`");
    assert!(error.is_unverified());
}

#[test]
fn the_file_of_a_repeatable_is_gone() {
    let left = || with_views(&[ONE, TWO, ALL, TOTAL]);
    let three = [
        ("001_a.sql", "1", A),
        ("002_b.sql", "2", B),
        ("003_all.sql", "R__all.sql", VIEW),
    ];
    let error = refused(&mut left(), &claiming(&three), Tool::Flyway, &options());
    insta::assert_snapshot!(error, @r#"flyway has applied `R__all_total.sql`, and no script here says so with `-- migrate: adopted flyway "R__all_total.sql"`: add the files, or give their migrations with `--map OLD=NEW`"#);
    assert!(error.is_unmapped());
    let unclaimed = three.map(|(path, _, text)| (path, text));
    let error = refused(&mut left(), &migrator(&unclaimed), Tool::Flyway, &options());
    insta::assert_snapshot!(error, @"flyway has applied `R__all_total.sql`, for which none of the 3 migrations here is left: add the files, or give the migrations that were merged with `--map OLD=NEW`");
}

/// What it stands on would be missing.
#[test]
fn a_repeatable_has_run_before_a_version_that_is_pending() {
    let mut left = with_views(&[ONE, ALL, TOTAL]);
    let error = refused(&mut left, &four(), Tool::Flyway, &originals());
    insta::assert_snapshot!(error, @"flyway has applied `004_all_total`, but not `002_b`, which comes before it: apply it with flyway first, or give with `--map OLD=NEW` the version under which it is recorded");
    left.conn.execute_batch("DROP TABLE b").unwrap();
    let ours = migrator(&[
        ("001_a.sql", A),
        ("002_all.sql", VIEW),
        ("003_total.sql", SUM),
    ]);
    let error = refused(&mut left, &ours, Tool::Flyway, &originals());
    insta::assert_snapshot!(error, @"the names do not match the order: `R__all_total.sql` of flyway would be `003_total`; give the right pairs with `--map OLD=NEW`, such as `--map R__all_total.sql=003` if these two are the same");
    let map = mapped(&[("R__all_total.sql", 3), ("R__all.sql", 2), ("1", 1)]);
    let adoption = adopted(&mut left, &ours, Tool::Flyway, &map);
    assert_eq!(adoption.rows.len(), 3);
}
