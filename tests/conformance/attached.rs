//! Functions that are missing, and such as nobody would call.

use crate::database::{A, B, Database, Work, done, refused, version};
use crate::rust::{CREATE, SECOND, second};
use migrate_runtime::Direction;

fn without_its_function_nothing_runs<D: Database>(mut db: D) {
    let without = D::migrator(&[A, SECOND]);
    insta::assert_snapshot!(refused(&mut db, |db| db.up(&without)), @"migration `002_second` is written in Rust (`002_second.rs`), and this program does not have its function; nothing was applied, run it from the program that embeds it, or attach the function with `with_up` and `with_down`");
    // What only looks, and what stops before it, need no function.
    assert_eq!(db.plan(&without).unwrap().pending().len(), 2);
    assert_eq!(db.status(&without).unwrap().pending(), 2);
    let first = without.clone().to(version(1));
    assert_eq!(done(&db.up(&first).unwrap()), "001_a");
    db.up(&second::<D>(Work::Runs(CREATE))).unwrap();
    assert!(db.up(&without).unwrap().is_empty());
}

fn for_something_else<D: Database>(mut db: D) {
    let mut messages = Vec::new();
    let work = Work::Runs(CREATE);
    for migrator in [
        D::attach(second::<D>(work), 1, Direction::Up, work),
        D::attach(second::<D>(work), 7, Direction::Up, work),
        D::attach(second::<D>(work), 2, Direction::Down, work),
        D::attach(D::migrator(&[A, B]), 2, Direction::Down, work),
    ] {
        let error = refused(&mut db, |db| db.up(&migrator));
        messages.push(error.message());
    }
    insta::assert_snapshot!(messages.join("\n"), @"
    a function was attached to the up of version 001, but there is no such migration in Rust; nothing was changed, remove the call, or make its script `Script::rust`
    a function was attached to the up of version 007, but there is no such migration in Rust; nothing was changed, remove the call, or make its script `Script::rust`
    a function was attached to the down of version 002, but there is no such migration in Rust; nothing was changed, remove the call, or make its script `Script::rust`
    a function was attached to the down of version 002, but there is no such migration in Rust; nothing was changed, remove the call, or make its script `Script::rust`
    ");
}

fn the_last_one_counts<D: Database>(mut db: D) {
    let first = second::<D>(Work::Fails("SELECT 1", "the first one"));
    let replaced = D::attach(first, 2, Direction::Up, Work::Runs(CREATE));
    assert_eq!(done(&db.up(&replaced).unwrap()), "001_a 002_second");
}

on_both![
    without_its_function_nothing_runs,
    for_something_else,
    the_last_one_counts,
];
