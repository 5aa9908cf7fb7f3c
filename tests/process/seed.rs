//! A file of many megabytes.

use crate::database::{Database, Journal};
use std::time::Duration;

/// docs/internals/sqlite.md, "Running a script": SQLite copies the whole rest of a text for each
/// statement that it compiles, so that a file in one piece takes four times as
/// long when it is twice as large.
///
/// What else the machine does may spoil a measurement, but will not make the
/// quadratic look linear; so one good pair out of a few is enough.
#[test]
fn twice_the_seed_takes_twice_the_time() {
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (larger, smaller) = (seconds("seed:16"), seconds("seed:8"));
        let ratio = larger / smaller;
        seen.push((smaller, ratio));
        // In one piece, 8 MB take a minute and a half.
        if smaller < 1.0 && ratio < 2.5 {
            println!("16 MB take {ratio:.2} times as long as 8 MB");
            return;
        }
    }
    panic!("8 MB take too long, or 16 MB more than twice as long: {seen:.2?}");
}

fn seconds(set: &str) -> f64 {
    let database = Database::new(Journal::Rollback);
    let outcome = database.run(set, &[]);
    outcome.assert_ok();
    assert!(outcome.elapsed > Duration::ZERO);
    println!("{set}: {:?}", outcome.elapsed);
    outcome.elapsed.as_secs_f64()
}
