//! Two registries in one file, each with a history table of its own.

use crate::database::{Database, Journal};
use crate::worker::{Outcome, together};
use crate::{conclude, rounds};

const TABLE: &str = "table=history of \"balances\"";

#[test]
fn starters_of_two_registries_do_not_get_in_each_others_way() {
    let rounds = rounds(10);
    let mut succeeded = 0;
    for journal in [Journal::Rollback, Journal::Wal] {
        for _ in 0..rounds {
            let database = Database::new(journal);
            let commands = (0..8).map(|n| match n % 2 {
                0 => database.command("steps:6:3", &[]),
                _ => database.command("balance:4", &[TABLE]),
            });
            let outcomes = together(commands);
            outcomes.iter().for_each(Outcome::assert_ok);
            for (parity, expected) in [(0, vec![1, 2, 3, 4, 5, 6]), (1, vec![1, 2, 3, 4])] {
                let mut applied: Vec<u64> = (outcomes.iter().enumerate())
                    .filter(|(n, _)| n % 2 == parity)
                    .flat_map(|(_, outcome)| outcome.applied.iter().copied())
                    .collect();
                applied.sort_unstable();
                assert_eq!(applied, expected);
            }
            // One of them goes down while the other starts.
            let commands = (0..6).map(|n| match n % 2 {
                0 => database.command("steps:6:3", &["down=2"]),
                _ => database.command("balance:5", &[TABLE]),
            });
            let later = together(commands);
            later.iter().for_each(Outcome::assert_ok);
            let conn = database.open();
            let number = |sql: &str| -> i64 { conn.query_row(sql, [], |row| row.get(0)).unwrap() };
            assert_eq!(number("SELECT balance FROM account"), 100_000_000);
            assert_eq!(
                number("SELECT count(*) FROM \"history of \"\"balances\"\"\""),
                5
            );
            // Without the second registry, the file is that of the first alone.
            conn.execute_batch("DROP TABLE account; DROP TABLE \"history of \"\"balances\"\"\"")
                .unwrap();
            drop(conn);
            assert_eq!(database.check_steps(3), 2);
            succeeded += outcomes.len() + later.len();
        }
    }
    conclude(succeeded, 14 * rounds * 2);
}
