//! Properties of any directory.

use super::{Files, plan, rename};
use crate::cases::cases;
use crate::memory::Memory;
use migrate_model::{Numbering, Version};
use migrate_source::Options;
use migrate_source::directory::read;
use migrate_tools::renumber::Renumbering;
use migrate_tools::renumber::directory::RenumberAll;
use proptest::prelude::*;
use proptest::sample::select;

/// What the numbers and names of a directory can be reproached with.
const CODES: [&str; 8] = [
    "M003", "M004", "M005", "M006", "M007", "M008", "M009", "M010",
];

const FOLDERS: &[&str] = &[
    "",
    "",
    "a/",
    "b/",
    "a/down/",
    "rollbacks/",
    "01_old/",
    "x/y/",
    "sql/runners/",
    "down/",
];
const NUMBERS: &[&str] = &[
    "",
    "",
    "1_",
    "001_",
    "002_",
    "002-",
    "V2__",
    "U2__",
    "003_",
    "0005_",
    "5_",
    "12_",
    "040_",
    "20240101000000_",
    "20240101000001_",
    "2024-01-01-000000_",
    "99999999999999999999_",
    "000_",
    "002",
    "v3",
];
const NAMES: &[&str] = &[
    "a", "b", "A", "x_down", "x_up", "x", "X y", "down", "up", "", "é",
];
const ENDINGS: &[&str] = &[
    ".sql",
    ".sql",
    ".sql",
    ".down.sql",
    ".up.sql",
    ".SQL",
    ".DOWN.sql",
    ".rs",
    ".js",
    "/up.sql",
    "/down.sql",
    "/migration.sql",
    "/other.sql",
    "/notes.md",
];

fn directories() -> impl Strategy<Value = Files> {
    let path = (
        select(FOLDERS),
        select(NUMBERS),
        select(NAMES),
        select(ENDINGS),
    )
        .prop_map(|(folder, number, name, ending)| format!("{folder}{number}{name}{ending}"));
    proptest::collection::btree_set(path, 0..14).prop_map(|paths| {
        let mut files = Files::new();
        for (i, path) in paths.into_iter().enumerate() {
            // What is a file cannot be a folder too.
            let within = format!("{path}/");
            let is_folder = files.keys().any(|other: &String| {
                other.starts_with(&within) || path.starts_with(&format!("{other}/"))
            });
            if !is_folder && !path.starts_with('/') && !path.contains("//") {
                files.insert(path, format!("CREATE TABLE t{i}(x);\n"));
            }
        }
        files
    })
}

fn options<'a>(is_timestamp: bool) -> RenumberAll<'a> {
    let mut options = RenumberAll::default();
    if is_timestamp {
        options.numbering = Numbering::Timestamp;
        options.now = Some(Version::new(20_260_131_235_959));
    }
    options
}

fn locked(lock: &str) -> RenumberAll<'_> {
    let mut options = RenumberAll::default();
    options.lock = Some(("migrations.lock", lock));
    options
}

fn contents(files: &Files) -> Vec<&String> {
    let mut contents: Vec<&String> = files.values().collect();
    contents.sort();
    contents
}

/// No defect of names and numbers, but for downs that a note names.
fn assert_valid(files: &Files, options: &RenumberAll<'_>) {
    let mut reading = Options::default();
    reading.numbering = options.numbering;
    let found = read(&mut Memory::new(files), &reading);
    let settled = plan(files, options).unwrap();
    assert_eq!(settled.moves, [], "{files:#?}");
    for diagnostic in found.diagnostics {
        let code = diagnostic.code.to_string();
        let is_noted = |note: &String| {
            note.contains("a down without a migration") && note.contains(&diagnostic.path)
        };
        let is_known = settled.notes.iter().any(is_noted);
        assert!(
            !CODES.contains(&code.as_str()) || is_known,
            "{diagnostic:?} {files:#?}"
        );
    }
}

/// The contents of the ups, in their order.
fn order(files: &Files, options: &RenumberAll<'_>) -> Vec<String> {
    let mut reading = Options::default();
    reading.numbering = options.numbering;
    let found = read(&mut Memory::new(files), &reading);
    found.migrations.into_iter().map(|it| it.up.text).collect()
}

fn is_uncertain(notes: &[String]) -> bool {
    let is_about_downs =
        |note: &String| note.contains("not certain") || note.contains("without a migration");
    notes.iter().any(is_about_downs)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn nothing_is_lost_and_all_is_valid(files in directories(), is_timestamp in any::<bool>()) {
        let options = options(is_timestamp);
        let reordering = plan(&files, &options).unwrap();
        let mut after = files.clone();
        rename(&mut after, &reordering.moves);
        prop_assert_eq!(contents(&files), contents(&after));
        assert_valid(&after, &options);
    }

    /// Numbers that are all good and distinct only close up.
    #[test]
    fn distinct_numbers_keep_their_order(
        numbers in proptest::collection::btree_set(1_u64..3000, 1..30),
        names in proptest::collection::vec(select(&["a/%_x", "b/%_a", "%-y", "z/%_n"][..]), 30),
    ) {
        let files: Files = numbers.iter().zip(&names).map(|(number, name)| {
            let path = name.replace('%', &format!("{number:03}")) + ".sql";
            (path, format!("CREATE TABLE t{number}(x);\n"))
        }).collect();
        let reordering = plan(&files, &RenumberAll::default()).unwrap();
        let mut after = files.clone();
        rename(&mut after, &reordering.moves);
        let expected: Vec<String> =
            numbers.iter().map(|number| format!("CREATE TABLE t{number}(x);\n")).collect();
        prop_assert_eq!(order(&after, &RenumberAll::default()), expected);
    }

    /// After the first moves of a plan, planning again fixes what is left, and
    /// the ups stand in the order that they would have had. It can be another one
    /// where nobody knows what some downs undo.
    #[test]
    fn it_can_be_cut_off_anywhere(files in directories(), is_timestamp in any::<bool>()) {
        let options = options(is_timestamp);
        let Renumbering { moves, notes, .. } = plan(&files, &options).unwrap();
        let is_certain = !is_uncertain(&notes);
        let mut whole = files.clone();
        rename(&mut whole, &moves);
        for count in 0..=moves.len() {
            let mut after = files.clone();
            rename(&mut after, &moves[..count]);
            let Renumbering { moves: rest, notes, .. } = plan(&after, &options).unwrap();
            let is_certain = is_certain && !is_uncertain(&notes);
            rename(&mut after, &rest);
            prop_assert_eq!(contents(&files), contents(&after));
            assert_valid(&after, &options);
            let orders = (order(&after, &options), order(&whole, &options));
            prop_assert!(
                !is_certain || orders.0 == orders.1,
                "after {:?} then {:?}: {:?}", &moves[..count], rest, orders
            );
        }
    }

    /// With a lock file: what it says is true afterwards, and what is frozen lies
    /// where it was; wherever it was cut off.
    #[test]
    fn what_is_frozen_never_moves(files in directories(), count in 1..4) {
        let frozen: Vec<String> = (1..=count).map(|i| format!("f/{i:03}_f.sql")).collect();
        let mut files = files;
        let paths: Vec<&str> = frozen.iter().map(String::as_str).collect();
        let lock = crate::locked::frozen(&paths, 1);
        for path in &frozen {
            files.insert(path.clone(), crate::locked::TEXT.to_owned());
        }
        let Renumbering { moves, .. } = plan(&files, &locked(&lock)).unwrap();
        for count in 0..=moves.len() {
            let mut after = files.clone();
            rename(&mut after, &moves[..count]);
            let rest = plan(&after, &locked(&lock)).unwrap();
            rename(&mut after, &rest.moves);
            prop_assert_eq!(contents(&files), contents(&after));
            for path in &frozen {
                prop_assert_eq!(after[path].as_str(), crate::locked::TEXT);
            }
            let lock = rest.lock.unwrap();
            assert_valid(&after, &locked(&lock));
            after.insert("migrations.lock".to_owned(), lock);
            let found = read(&mut Memory::new(&after), &Options::default());
            for diagnostic in &found.diagnostics {
                let code = diagnostic.code.to_string();
                prop_assert!(!("M028"..="M036").contains(&code.as_str()), "{diagnostic:?} {after:#?}");
            }
        }
    }
}
