//! Where versions are timestamps, most stay.

use super::{files, plan, shown};
use insta::assert_snapshot;
use migrate_model::{Numbering, Version};
use migrate_tools::renumber::directory::RenumberAll;

fn options<'a>() -> RenumberAll<'a> {
    let mut options = RenumberAll::default();
    options.numbering = Numbering::Timestamp;
    options
}

#[test]
fn duplicates_get_the_next_free_second() {
    assert_snapshot!(shown(&[
        "20231231235959_a.sql",
        "20231231235959_b.sql",
        "20231231235959_c.sql",
        "20231231235959_c.down.sql",
        "20240101000000_d.sql",
        "20240228235959_e.sql",
        "2024-02-28-235959_f.sql",
        "20230430235959_g.sql",
        "20230430235959_h.sql",
        "20230430135959_i.sql",
        "20230430135959_j.sql",
        "20230430115859_k.sql",
        "20230430115859_l.sql",
    ], &options()), @"
    2024-02-28-235959_f.sql -> 20240229000000_f.sql
    20231231235959_c.down.sql -> 20240101000002_c.down.sql
    20231231235959_c.sql -> 20240101000002_c.sql
    20231231235959_b.sql -> 20240101000001_b.sql
    20230430235959_h.sql -> 20230501000000_h.sql
    20230430135959_j.sql -> 20230430140000_j.sql
    20230430115859_l.sql -> 20230430115900_l.sql
    note: check the order of those with the same number: they are sorted by their folders, then by their own names; the first keeps it, the others take the next free seconds
    note: number 20230430115859: `20230430115859_k.sql`, then `20230430115859_l.sql`
    note: number 20230430135959: `20230430135959_i.sql`, then `20230430135959_j.sql`
    note: number 20230430235959: `20230430235959_g.sql`, then `20230430235959_h.sql`
    note: number 20231231235959: `20231231235959_a.sql`, then `20231231235959_b.sql`, then `20231231235959_c.sql`
    note: number 20240228235959: `20240228235959_e.sql`, then `2024-02-28-235959_f.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
}

#[test]
fn what_has_no_timestamp_comes_last() {
    let paths = ["20240101000000_a.sql", "001_b.sql", "2_a.sql", "x.sql"];
    assert_snapshot!(shown(&paths, &options()), @"
    001_b.sql -> 20240101000001_b.sql
    2_a.sql -> 20240101000002_a.sql
    x.sql -> 20240101000003_x.sql
    note: check the order of migrations without a timestamp, which come last: `001_b.sql`, then `2_a.sql`, then `x.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
    let mut options = options();
    options.now = Some(Version::new(20_260_131_235_959));
    assert_snapshot!(shown(&paths, &options), @"
    001_b.sql -> 20260131235959_b.sql
    2_a.sql -> 20260201000000_a.sql
    x.sql -> 20260201000001_x.sql
    note: check the order of migrations without a timestamp, which come last: `001_b.sql`, then `2_a.sql`, then `x.sql`
    note: databases know a migration by its number: if one that gets a new number is already applied, the history must get it too (`adopt` takes a map), or the next run is refused
    ");
    options.now = None;
    let error = plan(&files(&["1_a.sql"]), &options).unwrap_err();
    assert_snapshot!(error, @"there is no higher number than that of the last migration");
}
