//! What became of each damaged set, added up for each kind of damage.

use crate::damage::{Change, Kind, Place, kinds};
use crate::parallel;
use crate::set::{OLDEST, Set, findings};
use migrate_source::diagnostic::Code;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The share of the places that is demanded, in percent.
pub(crate) const DEMANDED: usize = 95;

/// What became of the places of a kind.
#[derive(Debug, Default)]
pub(crate) struct Score {
    pub places: usize,
    pub found: usize,
    pub codes: BTreeMap<Code, usize>,
    /// What was not found, as the set with its changed lines.
    pub missed: Vec<String>,
}

impl Score {
    pub(crate) fn percent(&self) -> usize {
        self.found * 100 / self.places.max(1)
    }
}

struct Mutant<'a> {
    kind: Kind,
    place: &'a Place<'a>,
    change: Change,
}

/// The score of each kind, by its name.
pub(crate) fn scores(sets: &[Set]) -> BTreeMap<&'static str, Score> {
    let places: Vec<Place<'_>> = sets
        .iter()
        .flat_map(|set| (0..set.migrations.len()).map(move |at| Place::new(set, at)))
        .collect();
    let mut mutants = Vec::new();
    for kind in kinds() {
        for place in &places {
            let changes = (kind.apply)(place).into_iter();
            mutants.extend(changes.map(|change| Mutant {
                kind,
                place,
                change,
            }));
        }
    }
    let found = parallel(&mutants, found);
    let mut broken = String::new();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for (mutant, codes) in mutants.iter().zip(found) {
        if codes.contains(&Code::Syntax) {
            let _ = writeln!(broken, "{}:{}", mutant.kind.name, difference(mutant));
        }
        let score = scores.entry(mutant.kind.name).or_default();
        score.places += 1;
        score.found += usize::from(!codes.is_empty());
        if codes.is_empty() {
            let Place { set, migration, .. } = mutant.place;
            let text = format!("{} {}{}", set.name, migration.name, difference(mutant));
            score.missed.push(text);
        }
        for code in codes {
            *score.codes.entry(code).or_default() += 1;
        }
    }
    assert_eq!(broken, "", "this damage makes no script");
    scores
}

/// The codes of the findings in the file that is wrong.
fn found(mutant: &Mutant<'_>) -> Vec<Code> {
    let (files, wrong) = mutant.place.files(&mutant.change);
    let up = wrong.replace(".down.sql", ".sql");
    let found = findings(&files, Some(OLDEST)).into_iter();
    let mut codes: Vec<Code> = found
        .filter(|it| it.file == wrong || it.file == up)
        .map(|it| it.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The lines that the damage removes and adds.
fn difference(mutant: &Mutant<'_>) -> String {
    let migration = mutant.place.migration;
    let (before, after) = match &mutant.change {
        Change::Up(text) => (migration.up.as_str(), text.clone()),
        Change::Down(text) => (migration.down.as_deref().unwrap_or_default(), text.clone()),
        Change::Next(text) => ("", text.clone()),
        Change::UpAndNext(up, next) => (migration.up.as_str(), format!("{up}{next}")),
    };
    let lines = |from: &str, to: &str, sign: &str| -> String {
        let other: Vec<&str> = to.lines().collect();
        let lines = from.lines().filter(|line| !other.contains(line));
        lines.map(|line| format!("\n  {sign} {line}")).collect()
    };
    lines(before, &after, "-") + &lines(&after, before, "+")
}
