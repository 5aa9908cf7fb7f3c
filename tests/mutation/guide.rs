//! The table in the guide: what share of each kind of damage is found.

use crate::damage::kinds;
use crate::score::{DEMANDED, Score};
use migrate_tests::markdown;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// Kinds of which less than the demanded share is found, and why.
const GAPS: &[(&str, &str)] = &[
    (
        "rebuild: a view lost",
        "the script drops it with a statement of its own, which counts as intended",
    ),
    (
        "rebuild: a column of an index lost",
        "a unique index on fewer columns fails only if the made-up rows agree in those",
    ),
    (
        "rebuild: WHERE of a unique index lost",
        "it fails only if the made-up rows agree outside of the old condition",
    ),
    (
        "IF EXISTS with a misspelled name",
        "a short name resembles too many others",
    ),
];

const START: &str = "<!-- measured: start -->\n";
const END: &str = "<!-- measured: end -->\n";

fn reason(kind: &str) -> Option<&'static str> {
    GAPS.iter().find(|(name, _)| *name == kind).map(|it| it.1)
}

/// The table as the guide shows it.
fn table(scores: &BTreeMap<&str, Score>) -> String {
    let mut text = "| damage | places | found | reported as |\n|---|---|---|---|\n".to_owned();
    for kind in kinds() {
        let score = &scores[kind.name];
        let mut codes: Vec<_> = score.codes.iter().collect();
        codes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let codes: Vec<String> = codes
            .iter()
            .take(3)
            .map(|(code, _)| code.to_string())
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} % | {} |",
            kind.name,
            score.places,
            score.percent(),
            codes.join(", ")
        );
    }
    let is_missing = |(name, _): &&(&str, &str)| scores[name].percent() < DEMANDED;
    let missing: Vec<&(&str, &str)> = GAPS.iter().filter(is_missing).collect();
    if !missing.is_empty() {
        text += "\nNot proved, or not everywhere:\n\n";
        for (name, why) in missing {
            let _ = writeln!(text, "- {name}: {why}.");
        }
    }
    text
}

/// The share that the guide states for each kind.
fn stated(page: &str) -> BTreeMap<&str, usize> {
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let name = cells.next()?;
        let percent = cells.nth(1)?.strip_suffix(" %")?;
        Some((name, percent.parse().ok()?))
    });
    rows.collect()
}

/// Compares the guide with what was measured, or writes it if the variable
/// `MIGRATE_MUTATION` is `write`. The guide may state less than is found, never more.
pub(crate) fn check(scores: &BTreeMap<&str, Score>) {
    let path = markdown::root().join("docs/guide/src/proof.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(START).unwrap();
    let (measured, tail) = rest.split_once(END).unwrap();
    if std::env::var_os("MIGRATE_MUTATION").is_some_and(|it| it == "write") {
        let text = format!("{head}{START}\n{}\n{END}{tail}", table(scores));
        fs::write(&path, text).unwrap();
        return;
    }
    let stated = stated(measured);
    let mut wrong = String::new();
    for kind in kinds() {
        let score = &scores[kind.name];
        let percent = score.percent();
        let least = stated.get(kind.name).copied();
        if least.is_none_or(|least| percent < least) {
            let missed = score.missed.join("\n");
            let _ = writeln!(
                wrong,
                "{}: {percent} % are found, the guide states {least:?}\n{missed}",
                kind.name
            );
        }
        if percent < DEMANDED && reason(kind.name).is_none() {
            let _ = writeln!(wrong, "{}: {percent} % without a reason", kind.name);
        }
    }
    for (name, _) in GAPS {
        assert!(scores.contains_key(name), "there is no kind `{name}`");
    }
    assert_eq!(
        wrong, "",
        "if that is intended: `MIGRATE_MUTATION=write cargo test -p migrate-tests --test mutation`"
    );
}
