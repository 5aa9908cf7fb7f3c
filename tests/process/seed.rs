//! A file of many megabytes.

use crate::database::{Database, Journal};
use std::time::Duration;

/// Test 24 of PROTOCOLS.md. SQLite copies the whole rest of a text for each
/// statement that it compiles, so that a file in one piece takes four times as
/// long when it is twice as large.
///
/// What else the machine does may spoil a measurement, but will not make the
/// quadratic look linear; so one good pair out of a few is enough.
#[test]
fn twice_the_seed_takes_twice_the_time() {
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let ratio = seconds("seed:16") / seconds("seed:8");
        ratios.push(ratio);
        if ratio < 2.5 {
            println!("16 MB take {ratio:.2} times as long as 8 MB");
            return;
        }
    }
    panic!("16 MB take {ratios:.2?} times as long as 8 MB");
}

fn seconds(set: &str) -> f64 {
    let database = Database::new(Journal::Rollback);
    let outcome = database.run(set, &[]);
    outcome.assert_ok();
    assert!(outcome.elapsed > Duration::ZERO);
    println!("{set}: {:?}", outcome.elapsed);
    outcome.elapsed.as_secs_f64()
}
