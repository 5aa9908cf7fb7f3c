//! flyway: a log with ranks, repeatables and baselines.

use crate::support::{A, B, C, abc, adopted, history, left, migrator, options};
use migrate_adopt::{Original, Tool, detect};

#[test]
fn the_newest_row_counts() {
    let line = |text: &str| crc32fast::hash(text.trim_end().as_bytes()).cast_signed();
    let row = "INSERT INTO flyway_schema_history(installed_rank, version, description, type, \
               script, checksum, installed_by, installed_on, execution_time, success) VALUES";
    // The second one before the first, one that was taken back, and one that
    // was deleted.
    let mut left = left(
        Tool::Flyway,
        2,
        &format!(
            "{row} (1, '1.10', 'b', 'SQL', 'V1.10__b.sql', {}, 'me', '2024-01-31 12:00:00.000', 7, 1);
             {row} (2, '1.9', 'a', 'SQL', 'V1_9__a.sql', {}, 'me', '2024-01-31 12:00:01.000', 8, 1);
             {row} (3, NULL, 'views', 'SQL', 'R__views.sql', 1, 'me', '2024-01-31 12:00:02', 1, 1);
             {row} (4, '2', 'x', 'SQL', 'V2__x.sql', 1, 'me', '2024-01-31 12:00:03', 1, 1);
             {row} (5, '2', 'x', 'UNDO_SQL', 'U2__x.sql', 2, 'me', '2024-01-31 12:00:04', 1, 1);
             {row} (6, '3', 'y', 'SQL', 'V3__y.sql', 1, 'me', '2024-01-31 12:00:05', 1, 1);
             {row} (7, '3.0', 'y', 'DELETE', 'V3__y.sql', 1, 'me', '2024-01-31 12:00:06', 0, 1);
             {row} (8, NULL, 'views', 'SQL', 'R__views.sql', 3, 'me', '2024-01-31 12:00:07', 1, 1)",
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
    The schema is the one that these migrations make.
    Note: `R__views.sql` is a repeatable migration, which does not exist here: what it makes belongs in a migration, and each change of it in a new one.
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
        Original::new("1", "a", "V1__a.sql", A),
        Original::new("2", "b", "V2__b.sql", B),
    ];
    let adoption = adopted(&mut known, &abc(), Tool::Flyway, &with);
    insta::assert_snapshot!(adoption, @"
    3 migrations of flyway, from `flyway_schema_history`:
      1    ->  001_a  2024-01-31 12:00:00  not compared
      2    ->  002_b  2024-01-31 12:00:00  not compared
      3 c  ->  003_c  2024-01-31 12:00:01  not compared
    The schema is the one that these migrations make.
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
    The schema is the one that these migrations make.
    Nothing is pending.
    ");
}
