//! New numbers: conflicts, layouts, order.

use super::lock;
use insta::assert_snapshot;
use migrate_model::Version;
use migrate_tools::Error;
use migrate_tools::renumber::Renumbering;
use migrate_tools::renumber::drafts::{Renumber, renumber};

/// Plans, and plans again after the plan was carried out: then nothing is left.
pub(super) fn plan(
    paths: &[&str],
    lock: &str,
    options: &Renumber<'_>,
) -> Result<Renumbering, Error> {
    let mut paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let plan = renumber(&paths, "migrations.lock", lock, options)?;
    for (from, to) in &plan.moves {
        assert!(!paths.contains(to), "`{to}` is taken: {:?}", plan.moves);
        let at = paths.iter().position(|path| path == from);
        paths[at.expect("a file that exists")] = to.clone();
    }
    paths.sort();
    let mut again = *options;
    again.label = None;
    let lock = plan.lock.as_deref().unwrap();
    let settled = renumber(&paths, "migrations.lock", lock, &again)?;
    assert_eq!((settled.moves, &settled.lock), (vec![], &plan.lock));
    Ok(plan)
}

/// The moves, and the lines of the lock file without checksums.
pub(super) fn shown(plan: &Renumbering) -> String {
    let mut out = String::new();
    for (from, to) in &plan.moves {
        out += &format!("{from} -> {to}\n");
    }
    for line in plan.lock.iter().flat_map(|lock| lock.lines().skip(1)) {
        let stem = line.split(' ').next().unwrap();
        let state = if line.contains("frozen") {
            "frozen"
        } else {
            "draft"
        };
        out += &format!("{stem} {state}\n");
    }
    out
}

fn planned(paths: &[&str], lock: &str) -> String {
    shown(&plan(paths, lock, &Renumber::default()).unwrap())
}

fn conflict(ours: &str, theirs: &str) -> String {
    format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n")
}

#[test]
fn ours_come_before_theirs_and_keep_their_numbers() {
    let lock = lock(&["001_a", "002_b"], 2);
    let paths = [
        "001_a.sql",
        "002_b.sql",
        "003_y.sql",
        "003_z.sql",
        "004_z2.sql",
        "004_x.sql",
    ];
    let conflict = conflict("003_z draft\n004_z2 draft\n", "003_y draft\n004_x draft\n");
    assert_snapshot!(planned(&paths, &format!("{lock}{conflict}")), @"
    003_y.sql -> 005_y.sql
    004_x.sql -> 006_x.sql
    001_a frozen
    002_b frozen
    003_z draft
    004_z2 draft
    005_y draft
    006_x draft
    ");
}

#[test]
fn the_style_diff3_shows_what_stood_there_before() {
    let lock = lock(&["001_a", "002_old"], 1);
    let (common, _) = lock.split_at(lock.find("002_old").unwrap());
    let conflict = "<<<<<<< HEAD\n002_old draft\n003_b draft\n||||||| 1234567\n002_old draft\n\
                    =======\n002_c draft\n>>>>>>> theirs\n";
    let paths = ["001_a.sql", "002_c.sql", "002_old.sql", "003_b.sql"];
    assert_snapshot!(planned(&paths, &format!("{common}{conflict}")), @"
    002_c.sql -> 004_c.sql
    001_a frozen
    002_old draft
    003_b draft
    004_c draft
    ");
}

#[test]
fn one_branch_has_frozen_what_is_a_draft_on_the_other() {
    let ours = lock(&["001_a", "002_b"], 2);
    let header = ours.lines().next().unwrap();
    let ours_lines = ours.split_once('\n').unwrap().1;
    let conflict = conflict(ours_lines, "001_a draft\n002_b draft\n003_c draft\n");
    let paths = ["001_a.sql", "002_b.sql", "003_c.sql"];
    assert_snapshot!(planned(&paths, &format!("{header}\n{conflict}")), @"
    001_a frozen
    002_b frozen
    003_c draft
    ");
    // A draft that took a number which is frozen now.
    let theirs = super::renumber::conflict("002_other draft\n", ours_lines);
    let paths = ["001_a.sql", "002_b.sql", "002_other.sql"];
    assert_snapshot!(planned(&paths, &format!("{header}\n{theirs}")), @"
    002_other.sql -> 003_other.sql
    001_a frozen
    002_b frozen
    003_other draft
    ");
}

#[test]
fn every_layout_keeps_its_form() {
    let lock = lock(&["001_a", "002_f"], 2) + "002-one draft\n";
    for paths in [
        &["002-one.sql"][..],
        &["002-one.down.sql", "002-one.sql"],
        &["002-one.down.sql", "002-one.up.sql"],
        &["002-one.sql", "down/002-one.sql"],
        &["002-one.sql", "down/002-one_down.sql"],
        &["002-one.sql", "down/002_one.down.sql"],
        &["002-one.sql", "rollbacks/002-one.sql"],
        &["002-one/down.sql", "002-one/up.sql"],
        &["schema/more/002-one/down.sql", "schema/more/002-one/up.sql"],
        &["seed/002-one.sql", "seed/down/002-one.sql"],
        &["002-one.rs"],
        &["002-one.down.sql", "002-one.rs"],
    ] {
        let mut all = paths.to_vec();
        all.extend(["001_a.sql", "002_f.sql"]);
        all.extend([
            "archive/002-one.sql",
            "README.md",
            ".gitattributes",
            "migrations.lock",
        ]);
        let plan = plan(&all, &lock, &Renumber::default()).unwrap();
        let expected = paths.iter().map(|path| path.replace("002", "003"));
        let targets: Vec<String> = plan.moves.iter().map(|(_, to)| to.clone()).collect();
        assert_eq!(targets, expected.collect::<Vec<_>>());
        let lock = plan.lock.unwrap();
        assert!(lock.ends_with("\n003-one draft\n"), "{lock}");
    }
}

#[test]
fn the_width_stays_and_grows_only_if_it_must() {
    let lock = lock(&["0001_a"], 1) + "0001_b draft\n";
    assert_snapshot!(planned(&["0001_a.sql", "0001_b.sql"], &lock), @"
    0001_b.sql -> 0002_b.sql
    0001_a frozen
    0002_b draft
    ");
    let stems: Vec<String> = (1..=999).map(|number| format!("{number:03}_a")).collect();
    let stems: Vec<&str> = stems.iter().map(String::as_str).collect();
    let lock = super::lock(&stems, 999) + "999_b draft\n";
    let mut paths: Vec<String> = stems.iter().map(|stem| format!("{stem}.sql")).collect();
    paths.push("999_b.sql".to_owned());
    let plan = renumber(&paths, "x", &lock, &Renumber::default()).unwrap();
    assert_eq!(plan.moves, [("999_b.sql".into(), "1000_b.sql".into())]);
}

#[test]
fn a_draft_that_is_named_goes_behind_all_others() {
    let lock = lock(&["001_a", "002_b", "003_c", "004_d"], 1);
    let paths = ["001_a.sql", "002_b.sql", "003_c.sql", "004_d.sql"];
    let labelled = |label| {
        let mut options = Renumber::default();
        options.label = Some(label);
        shown(&plan(&paths, &lock, &options).unwrap())
    };
    assert_snapshot!(labelled("002_b"), @"
    002_b.sql -> 004_b.sql
    003_c.sql -> 002_c.sql
    004_d.sql -> 003_d.sql
    001_a frozen
    002_c draft
    003_d draft
    004_b draft
    ");
    assert_eq!(labelled("b"), labelled("002_b"));
}

#[test]
fn drafts_that_change_places_do_not_overwrite_each_other() {
    let lock = lock(&["001_x", "002_x", "003_x"], 0);
    let paths = ["001_x.sql", "002_x.sql", "003_x.sql"];
    let mut options = Renumber::default();
    options.label = Some("001_x");
    assert_snapshot!(shown(&plan(&paths, &lock, &options).unwrap()), @"
    001_x.sql -> .001_x.sql.renumbered
    002_x.sql -> 001_x.sql
    003_x.sql -> 002_x.sql
    .001_x.sql.renumbered -> 003_x.sql
    001_x draft
    002_x draft
    003_x draft
    ");
}

#[test]
fn files_that_are_not_listed_come_last_and_drafts_without_a_file_go() {
    let lock = lock(&["001_a", "002_gone", "003_b"], 1);
    let paths = ["001_a.sql", "002_new.sql", "003_b.sql"];
    assert_snapshot!(planned(&paths, &lock), @"
    002_new.sql -> 003_new.sql
    003_b.sql -> 002_b.sql
    001_a frozen
    002_b draft
    003_new draft
    ");
}

#[test]
fn a_set_may_begin_elsewhere_and_drafts_may_stand_in_any_order() {
    let mut options = Renumber::default();
    options.numbering = migrate_model::Numbering::Sequential {
        first: Version::new(10),
    };
    let header = lock(&["001_a"], 0).lines().next().unwrap().to_owned();
    let lock = format!("{header}\n012_c draft\n010_a draft\n010_a draft\n");
    let plan = plan(&["010_a.sql", "012_c.sql"], &lock, &options).unwrap();
    assert_snapshot!(shown(&plan), @"
    010_a.sql -> 011_a.sql
    012_c.sql -> 010_c.sql
    010_c draft
    011_a draft
    ");
}
