//! How much damage the check of SQLite migrations finds. Good sets are damaged in each place
//! where a kind of damage fits, one place at a time, and the guide shows the shares.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod cases;
mod damage;
mod guide;
mod score;
mod set;
mod sql;

use crate::set::{OLDEST, Set, findings};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const SETS: [(&str, &str); 9] = [
    ("accounts", include_str!("sets/accounts.sql")),
    ("blog", include_str!("sets/blog.sql")),
    ("files", include_str!("sets/files.sql")),
    ("ledger", include_str!("sets/ledger.sql")),
    ("library", include_str!("sets/library.sql")),
    ("metrics", include_str!("sets/metrics.sql")),
    ("notes", include_str!("sets/notes.sql")),
    ("queue", include_str!("sets/queue.sql")),
    ("shop", include_str!("sets/shop.sql")),
];

fn sets() -> Vec<Set> {
    let sets = SETS.iter();
    sets.map(|(name, text)| Set::parse(name, text)).collect()
}

/// The results of a function for each item, in order, on all processors.
fn parallel<T: Sync, R: Send>(items: &[T], function: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            let _ = scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = function(item);
                    results.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[test]
fn nothing_is_found_in_good_sets() {
    let mut wrong = String::new();
    for set in sets() {
        for it in findings(&set.files(), Some(OLDEST)) {
            let _ = writeln!(wrong, "{} {it}", set.name);
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn the_guide_states_what_share_of_the_damage_is_found() {
    let scores = score::scores(&sets());
    // `MIGRATE_MUTATION=missed` shows what to do next.
    if std::env::var_os("MIGRATE_MUTATION").is_some_and(|it| it == "missed") {
        for (name, score) in &scores {
            println!("== {name}: {} of {}", score.found, score.places);
            println!("{}", score.missed.join("\n"));
        }
    }
    guide::check(&scores);
}
