//! Small directories of each kind of damage in another form than the measured ones, and good
//! ones that look alike.

use crate::parallel;
use crate::set::{Finding, OLDEST, findings};
use migrate_source::lint::Level;

/// Cases that are not as they should be yet. A case that is right is removed from the list.
const NOT_YET: &[&str] = &[];

struct Case {
    name: &'static str,
    /// What must come, as in `S37 S10|S14`; `error` is any error.
    expected: &'static str,
    files: Vec<(String, String)>,
}

/// A line `=== name: codes` begins a case, and `== name` a file of it. A name with `SQLite 3.38`
/// sets the oldest version.
fn cases(text: &'static str) -> Vec<Case> {
    text.split("=== ")
        .skip(1)
        .map(|case| {
            let (head, rest) = case.split_once('\n').unwrap();
            let (name, expected) = head.split_once(": ").unwrap_or((head, ""));
            let files = rest.split("== ").skip(1).map(|file| {
                let (name, text) = file.split_once('\n').unwrap();
                (name.to_owned(), text.to_owned())
            });
            Case {
                name,
                expected,
                files: files.collect(),
            }
        })
        .collect()
}

fn is_found(expected: &str, found: &[Finding]) -> bool {
    found.iter().any(|it| match expected {
        "error" => it.code.level() == Level::Error,
        codes => codes.split('|').any(|code| code == it.code.as_str()),
    })
}

/// What is wrong with a case, or nothing.
fn judge(case: &Case) -> String {
    let oldest = case.name.contains("SQLite 3.38").then_some(OLDEST);
    let found = findings(&case.files, oldest);
    let last = &case.files.last().unwrap().0;
    let (found, earlier): (Vec<Finding>, Vec<Finding>) =
        found.into_iter().partition(|it| it.file == *last);
    let is_right = if case.expected.is_empty() {
        found.is_empty()
    } else {
        case.expected.split(' ').all(|it| is_found(it, &found))
    };
    if is_right && earlier.is_empty() {
        return String::new();
    }
    let all: Vec<String> = earlier
        .iter()
        .chain(&found)
        .map(Finding::to_string)
        .collect();
    format!(
        "{}: expected [{}], found {all:#?}",
        case.name, case.expected
    )
}

fn check(text: &'static str, least: usize) {
    let cases = cases(text);
    assert!(cases.len() >= least, "only {} cases", cases.len());
    let judged = parallel(&cases, judge);
    let wrong: Vec<(&str, String)> = cases
        .iter()
        .map(|it| it.name)
        .zip(judged)
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let unexpected: Vec<&str> = wrong
        .iter()
        .filter(|(name, _)| !NOT_YET.contains(name))
        .map(|(_, text)| text.as_str())
        .collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
}

#[test]
fn damage_in_other_forms_is_found() {
    check(include_str!("cases/wrong.sql"), 40);
}

#[test]
fn nothing_is_found_in_good_migrations() {
    check(include_str!("cases/good.sql"), 30);
}
