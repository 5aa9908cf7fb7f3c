//! What each name is taken for.

use super::shown;
use insta::assert_snapshot;
use migrate_model::{Numbering, Version};
use migrate_tools::renumber::directory::RenumberAll;

fn planned(paths: &[&str]) -> String {
    shown(paths, &RenumberAll::default())
}

#[test]
fn what_is_in_order_stays() {
    assert_snapshot!(planned(&["001_a.sql", "002-b.sql", "002-b.down.sql", "x/003_c/up.sql"]), @"");
    // As wide as they are.
    assert_snapshot!(planned(&["0001_a.sql", "0002_b.rs"]), @"");
    assert_snapshot!(planned(&["README.md", ".hidden", "archive/x.sql"]), @"");
}

#[test]
fn duplicates_and_gaps() {
    assert_snapshot!(planned(&[
        "b/010_b.sql",
        "a/010_z.sql",
        "b/010_a.sql",
        "012_c.sql",
        "001_first.sql",
    ]), @"
    a/010_z.sql -> a/002_z.sql
    b/010_a.sql -> b/003_a.sql
    b/010_b.sql -> b/004_b.sql
    012_c.sql -> 005_c.sql
    note: check the order of those with the same number: they are sorted by their folders, then by their own names; for another order, rename one of them first
    note: number 010: `a/010_z.sql`, then `b/010_a.sql`, then `b/010_b.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn bad_names_become_good_ones() {
    assert_snapshot!(planned(&[
        "V1__Create users.sql",
        "U1__Create users.sql",
        "2_orders.sql",
        "V10__prices.rs",
        "003-AddTax.SQL",
        "4.sql",
        "Seed Data.sql",
        "000_zero.sql",
        "99999999999999999999999_late.sql",
    ]), @"
    4.sql -> 005_name.sql
    003-AddTax.SQL -> 004_add_tax.sql
    2_orders.sql -> 003_orders.sql
    U1__Create users.sql -> 002_create_users.down.sql
    V1__Create users.sql -> 002_create_users.sql
    000_zero.sql -> 001_zero.sql
    V10__prices.rs -> 006_prices.rs
    99999999999999999999999_late.sql -> 007_late.sql
    Seed Data.sql -> 008_seed_data.sql
    note: check the order of migrations without a number, which come last: `Seed Data.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn downs_move_with_their_ups() {
    assert_snapshot!(planned(&[
        "a/005_x.sql",
        "a/005_x.down.sql",
        "b/005_x.sql",
        "b/down/005_x_down.sql",
        "rollbacks/006_y.sql",
        "006_y.up.sql",
        "007_z/up.sql",
        "007_z/down.sql",
        "008_r.rs",
    ]), @"
    a/005_x.down.sql -> a/001_x.down.sql
    a/005_x.sql -> a/001_x.sql
    b/down/005_x_down.sql -> b/down/002_x_down.sql
    b/005_x.sql -> b/002_x.sql
    rollbacks/006_y.sql -> rollbacks/003_y.sql
    006_y.up.sql -> 003_y.up.sql
    007_z/down.sql -> 004_z/down.sql
    007_z/up.sql -> 004_z/up.sql
    008_r.rs -> 005_r.rs
    note: check the order of those with the same number: they are sorted by their folders, then by their own names; for another order, rename one of them first
    note: number 005: `a/005_x.sql`, then `b/005_x.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn a_down_that_looks_like_an_up_is_none() {
    assert_snapshot!(planned(&[
        "001_users.sql",
        "001_users_down.sql",
        "002_orders-down.sql",
        "002_orders-up.sql",
        "003_tear_down.sql",
        "down.sql",
        "up.sql",
        "004_x.DOWN.SQL",
        "004_x.sql",
    ]), @"
    001_users_down.sql -> 001_users.down.sql
    002_orders-down.sql -> 002_orders-up.down.sql
    004_x.DOWN.SQL -> 004_x.down.sql
    down.sql -> 005_up.down.sql
    up.sql -> 005_up.sql
    note: check the order of migrations without a number, which come last: `up.sql`
    note: `001_users_down.sql` is treated as the down of `001_users.sql`
    note: `002_orders-down.sql` is treated as the down of `002_orders-up.sql`
    note: `down.sql` is treated as the down of `up.sql`
    ");
}

#[test]
fn downs_without_an_up() {
    assert_snapshot!(planned(&[
        "001_a.sql",
        "002_gone.down.sql",
        "down/nobody.sql",
        // One that can only be meant.
        "007_a.down.sql",
        // Two that could be.
        "003_b.sql",
        "004_b.sql",
        "005_b.down.sql",
    ]), @"
    005_b.down.sql -> archive/005_b.down.sql
    007_a.down.sql -> 001_a.down.sql
    003_b.sql -> 002_b.sql
    004_b.sql -> 003_b.sql
    note: `007_a.down.sql` is treated as the down of `001_a.sql`
    note: `005_b.down.sql` is a down, and it is not clear what it undoes: it goes to `archive/`; give it the number and name of its migration to have it back
    note: `002_gone.down.sql` is a down without a migration, and is left as it is: give it the number and name of its migration, or move it to `archive/`
    note: `down/nobody.sql` is a down without a migration, and is left as it is: give it the number and name of its migration, or move it to `archive/`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

/// Two downs of one migration: both keep their names if they can.
#[test]
fn two_downs_that_would_have_one_name() {
    assert_snapshot!(planned(&[
        "002_a.sql",
        "002_a.down.sql",
        "2_a.down.sql",
        "down/002_a.sql",
    ]), @"
    2_a.down.sql -> archive/2_a.down.sql
    002_a.down.sql -> 001_a.down.sql
    down/002_a.sql -> down/001_a.sql
    002_a.sql -> 001_a.sql
    note: `2_a.down.sql` is a down, and it is not clear what it undoes: it goes to `archive/`; give it the number and name of its migration to have it back
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn folders_of_other_tools() {
    assert_snapshot!(planned(&[
        // Diesel.
        "00000000000000_setup/up.sql",
        "00000000000000_setup/down.sql",
        "2024-01-31-235959_users/up.sql",
        "2024-01-31-235959_users/down.sql",
        // Prisma.
        "20240201000000_orders/migration.sql",
        "migration_lock.toml",
        // Folders of many that begin with a number.
        "01_schema/20240202000000_a.sql",
        "01_schema/b.sql",
        "02_archive/c.sql",
        "users/up.sql",
    ]), @"
    migration_lock.toml -> archive/migration_lock.toml
    00000000000000_setup/down.sql -> 001_setup/down.sql
    00000000000000_setup/up.sql -> 001_setup/up.sql
    2024-01-31-235959_users/down.sql -> 002_users/down.sql
    2024-01-31-235959_users/up.sql -> 002_users/up.sql
    20240201000000_orders/migration.sql -> 003_orders/up.sql
    01_schema/20240202000000_a.sql -> schema/004_a.sql
    01_schema/b.sql -> schema/005_b.sql
    02_archive/c.sql -> folder_02_archive/006_c.sql
    users/up.sql -> 007_users/up.sql
    note: check the order of migrations without a number, which come last: `01_schema/b.sql`, then `02_archive/c.sql`, then `users/up.sql`
    note: 1 file is not a script, and goes to `archive/`, which is ignored: nothing is deleted, but what a program among them did to a database is in no migration
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn what_is_no_script_goes_to_the_archive() {
    assert_snapshot!(planned(&[
        "001_a.sql",
        "runners/run.js",
        "runners/other.js",
        "archive/runners/run.js",
        "mod.rs",
        "001_b/up.sql",
        "001_b/notes.txt",
    ]), @"
    001_b/notes.txt -> archive/001_b/notes.txt
    mod.rs -> archive/mod.rs
    runners/other.js -> archive/runners/other.js
    runners/run.js -> archive/runners/run-2.js
    001_b/up.sql -> 002_b/up.sql
    note: check the order of those with the same number: they are sorted by their folders, then by their own names; for another order, rename one of them first
    note: number 001: `001_a.sql`, then `001_b/up.sql`
    note: 4 files are not scripts, and go to `archive/`, which is ignored: nothing is deleted, but what a program among them did to a database is in no migration
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn more_than_three_digits() {
    let paths: Vec<String> = (1..=1000)
        .map(|number| format!("{number:03}_x.sql"))
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let planned = planned(&paths);
    assert!(
        planned.starts_with("001_x.sql -> 0001_x.sql\n"),
        "{planned}"
    );
    assert!(!planned.contains("1000_x"), "{planned}");
}

#[test]
fn another_first_number() {
    let mut options = RenumberAll::default();
    options.numbering = Numbering::Sequential {
        first: Version::new(40),
    };
    assert_snapshot!(shown(&["01_a.sql", "041_b.sql"], &options), @"
    01_a.sql -> 040_a.sql
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
    options.numbering = Numbering::Sequential {
        first: Version::MAX,
    };
    let error = super::plan(&super::files(&["1_a.sql", "2_b.sql"]), &options).unwrap_err();
    assert_snapshot!(error, @"there is no higher number than that of the last migration");
}
