//! Property tests of planning a down run, over all kinds of histories.

mod cases;

use cases::cases;
use insta::assert_snapshot;
use migrate_model::history::{Row, State};
use migrate_model::plan::{Down, Drift, NoDown, Obstacle, Undo, plan_down};
use migrate_model::{Checksum, Migration, Numbering, Registry, Script, Version};
use proptest::prelude::*;
use std::sync::LazyLock;

const FIRST: u64 = 5;
const COUNT: u64 = 12;

/// By turns, a migration with a down, one without, an irreversible one, and one with a down in
/// Rust.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let migrations: Vec<Migration> = (FIRST..FIRST + COUNT).map(migration).collect();
    let numbering = Numbering::Sequential {
        first: Version::new(FIRST),
    };
    Registry::with_numbering(numbering, migrations.leak())
});

fn migration(number: u64) -> Migration {
    let migration = Migration::new(
        Version::new(number),
        format!("{number:03}_m{number}").leak(),
        Checksum::of(&number.to_string()),
        Script::single("a.sql", "SELECT 1"),
    );
    match number % 4 {
        0 => migration.with_down(Script::single("a.down.sql", "SELECT 2")),
        1 => migration,
        2 => migration.irreversible("the rows are gone"),
        _ => migration.with_down(Script::rust("a.rs")),
    }
}

/// How a row differs from the migration of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    None,
    Text,
    Name,
    Both,
}

const CHANGES: [Change; 4] = [Change::None, Change::Text, Change::Name, Change::Both];

fn row(number: u64, change: Change, stored: bool) -> Row {
    let text = match change {
        Change::Text | Change::Both => format!("{number} of before"),
        _ => number.to_string(),
    };
    let name = match change {
        Change::Name | Change::Both => format!("old{number}"),
        _ => format!("m{number}"),
    };
    let checksum = Checksum::of(&text).to_string();
    let mut row = Row::applied(Version::new(number), &name, &checksum);
    row.down_sql = stored.then(|| format!("DROP TABLE t{number}"));
    row
}

/// The history after the first `count` migrations, each with a stored down.
fn history(count: u64) -> Vec<Row> {
    (FIRST..FIRST + count)
        .map(|number| row(number, Change::None, true))
        .collect()
}

/// The expected script to undo a row, computed independently of the planner: the embedded down
/// if the row is the migration of the registry and that has one, or else the down of the row.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Embedded,
    Stored(String),
    None,
}

fn way(row: &Row, change: Change) -> Way {
    let number = row.version.get();
    let is_known = (FIRST..FIRST + COUNT).contains(&number) && change == Change::None;
    match &row.down_sql {
        _ if is_known && matches!(number % 4, 0 | 3) => Way::Embedded,
        Some(down) => Way::Stored(down.clone()),
        None => Way::None,
    }
}

/// The script that a planned step would run.
fn way_of(undo: &Undo) -> Way {
    match undo.migration.and_then(|migration| migration.down) {
        Some(_) => Way::Embedded,
        None => undo.row.down_sql.clone().map_or(Way::None, Way::Stored),
    }
}

fn downs() -> impl Strategy<Value = Down> {
    prop_oneof![
        (0..30_usize).prop_map(Down::Steps),
        (1..30_u64).prop_map(|number| Down::To(Version::new(number))),
        (1..30_u64).prop_map(|number| Down::Only(Version::new(number))),
        Just(Down::All),
    ]
}

/// Rows by number, each with its difference and perhaps a stored down.
fn rows(stored: f64) -> impl Strategy<Value = Vec<(Row, Change)>> {
    let row = (
        prop::sample::select(&CHANGES[..]),
        prop::bool::weighted(stored),
    );
    prop::collection::btree_map(1..30_u64, row, 0..20).prop_map(|rows| {
        rows.into_iter()
            .map(|(number, (change, stored))| (self::row(number, change, stored), change))
            .collect()
    })
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn what_is_asked_for_is_undone_newest_first(
        rows in prop_oneof![rows(1.0), rows(0.9), rows(0.5)],
        down in downs(),
    ) {
        let history: Vec<Row> = rows.iter().map(|(row, _)| row.clone()).collect();
        let later = |version| history.iter().filter(move |row| row.version > version).count();
        let wanted: Vec<&(Row, Change)> = rows
            .iter()
            .rev()
            .enumerate()
            .filter(|(newer, (row, _))| match down {
                Down::Steps(steps) => *newer < steps,
                Down::To(target) => row.version > target,
                Down::Only(version) => row.version == version,
                _ => true,
            })
            .map(|(_, row)| row)
            .collect();
        let missing = wanted.iter().filter(|(row, change)| way(row, *change) == Way::None);
        match (plan_down(&REGISTRY, &history, &down), down) {
            (Ok(undos), _) => {
                prop_assert_eq!(missing.count(), 0);
                prop_assert_eq!(undos.len(), wanted.len());
                for (undo, (row, change)) in undos.iter().zip(wanted) {
                    prop_assert_eq!(undo.version, row.version);
                    prop_assert_eq!(&undo.row, row);
                    prop_assert_eq!(&undo.label, &row.label());
                    prop_assert_eq!(way_of(undo), way(row, *change));
                }
                if let Down::Only(version) = down {
                    prop_assert_eq!(later(version), 0);
                }
            }
            (Err(Obstacle::NoDown(found)), _) => {
                let missing: Vec<String> = missing.map(|(row, _)| row.label()).collect();
                let found: Vec<String> = found.into_iter().map(|it| it.label).collect();
                prop_assert!(!missing.is_empty());
                prop_assert_eq!(found, missing);
            }
            (Err(Obstacle::NotApplied { .. }), Down::Only(_)) => prop_assert!(wanted.is_empty()),
            (Err(Obstacle::LaterApplied { later: found, .. }), Down::Only(version)) => {
                prop_assert_eq!(wanted.len(), 1);
                prop_assert!(!found.is_empty());
                prop_assert_eq!(found.len(), later(version));
            }
            (Err(other), _) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn what_has_not_ended_is_in_every_way(
        rows in rows(1.0),
        started in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        down in downs(),
    ) {
        let mut history: Vec<Row> = rows.into_iter().map(|(row, _)| row).collect();
        history.push(row(30, Change::None, true));
        for at in started {
            let at = at.index(history.len());
            history[at].state = State::Started;
        }
        let dirty: Vec<Version> = history.iter().filter(|row| row.state == State::Started).map(|row| row.version).collect();
        let Err(Obstacle::Dirty(found)) = plan_down(&REGISTRY, &history, &down) else {
            return Err(TestCaseError::fail("planned"));
        };
        let version = |drift: &Drift| match drift {
            Drift::Dirty { version, .. } => Some(*version),
            _ => None,
        };
        prop_assert_eq!(found.iter().filter_map(version).collect::<Vec<_>>(), dirty);
    }

    /// A history comes from a database and may contain anything.
    #[test]
    fn no_history_makes_it_panic(
        rows in prop::collection::vec(
            (1..=i64::MAX as u64, any::<String>(), any::<String>(), any::<bool>(), any::<Option<String>>()),
            0..6,
        ),
        down in prop_oneof![
            downs(),
            any::<usize>().prop_map(Down::Steps),
            (1..=i64::MAX as u64).prop_map(|number| Down::Only(Version::new(number))),
        ],
        near in any::<bool>(),
    ) {
        let history: Vec<Row> = rows
            .into_iter()
            .map(|(number, name, checksum, started, stored)| {
                let number = if near { number % 20 + 1 } else { number };
                let mut row = Row::applied(Version::new(number), &name, &checksum);
                row.down_sql = stored;
                if started {
                    row.state = State::Started;
                }
                row
            })
            .collect();
        match plan_down(&REGISTRY, &history, &down) {
            Ok(undos) => prop_assert!(undos.len() <= history.len()),
            Err(obstacle) => prop_assert!(!obstacle.to_string().is_empty()),
        }
    }
}

/// The label and script of each migration to undo, or the obstacle.
fn shown(history: &[Row], down: Down) -> String {
    match plan_down(&REGISTRY, history, &down) {
        Ok(undos) => undos
            .iter()
            .map(|undo| match way_of(undo) {
                Way::Stored(sql) => format!("{}: {sql}\n", undo.label),
                Way::Embedded => format!("{}: embedded\n", undo.label),
                Way::None => format!("{}: none\n", undo.label),
            })
            .collect(),
        Err(obstacle) => obstacle.to_string(),
    }
}

fn version(number: u64) -> Version {
    Version::new(number)
}

#[test]
fn every_way_of_asking() {
    let history = history(4);
    assert_snapshot!(shown(&history, Down::Steps(2)), @"
    008_m8: embedded
    007_m7: embedded
    ");
    assert_snapshot!(shown(&history, Down::To(version(6))), @"
    008_m8: embedded
    007_m7: embedded
    ");
    assert_snapshot!(shown(&history, Down::Only(version(8))), @"008_m8: embedded");
    assert_snapshot!(shown(&history, Down::All), @"
    008_m8: embedded
    007_m7: embedded
    006_m6: DROP TABLE t6
    005_m5: DROP TABLE t5
    ");
    assert_eq!(shown(&history, Down::Steps(0)), "");
    assert_eq!(shown(&history, Down::To(version(8))), "");
    assert_eq!(shown(&history, Down::To(version(99))), "");
    assert_eq!(shown(&[], Down::All), "");
    assert_eq!(
        shown(&history, Down::Steps(usize::MAX)),
        shown(&history, Down::To(version(1)))
    );
}

#[test]
fn a_version_of_ones_own_is_asked_for_alike() {
    struct Mine;
    impl From<Mine> for Version {
        fn from(_: Mine) -> Version {
            Version::new(7)
        }
    }
    assert_eq!(Down::To(Mine).untyped(), Down::To(version(7)));
    assert_eq!(Down::Only(Mine).untyped(), Down::Only(version(7)));
    assert_eq!(Down::<Mine>::Steps(3).untyped(), Down::Steps(3));
    assert_eq!(Down::<Mine>::All.untyped(), Down::All);
}

/// The row keeps the down of the text that was applied.
#[test]
fn what_the_registry_lacks_takes_the_down_of_its_row() {
    let mut history = history(3);
    history.push(row(8, Change::Text, true));
    history.push(row(12, Change::Name, true));
    history.push(row(16, Change::Both, true));
    history.push(row(40, Change::None, true));
    assert_snapshot!(shown(&history, Down::To(version(7))), @"
    040_m40: DROP TABLE t40
    016_old16: DROP TABLE t16
    012_old12: DROP TABLE t12
    008_m8: DROP TABLE t8
    ");
    let undos = plan_down(&REGISTRY, &history, &Down::All).unwrap();
    let known: Vec<u64> = undos
        .iter()
        .filter(|undo| undo.migration.is_some())
        .map(|undo| undo.version.get())
        .collect();
    assert_eq!(known, [7, 6, 5]);
}

#[test]
fn everything_without_a_way_back_is_named() {
    let history: Vec<Row> = (FIRST..FIRST + 4)
        .map(|number| row(number, Change::None, false))
        .chain([row(12, Change::Text, false), row(40, Change::None, false)])
        .collect();
    assert_snapshot!(shown(&history, Down::All), @"not all of these migrations can be undone: `040_m40` is not contained in this binary as it was applied, and the history stores no down for it; `012_m12` is not contained in this binary as it was applied, and the history stores no down for it; `006_m6` is irreversible (the rows are gone); `005_m5` has no down; nothing was undone; add the missing downs or restore a backup");
    let Err(Obstacle::NoDown(missing)) = plan_down(&REGISTRY, &history, &Down::All) else {
        panic!("planned");
    };
    let found: Vec<(Option<&str>, bool)> = missing
        .iter()
        .map(
            |NoDown {
                 reason, is_known, ..
             }| (*reason, *is_known),
        )
        .collect();
    let irreversible = Some("the rows are gone");
    assert_eq!(
        found,
        [
            (None, false),
            (None, false),
            (irreversible, true),
            (None, true)
        ]
    );
    // Migrations that are not to be undone are no obstacle.
    assert_snapshot!(shown(&history[..4], Down::Steps(2)), @"
    008_m8: embedded
    007_m7: embedded
    ");
}

#[test]
fn one_below_others_cannot_be_undone_alone() {
    let mut history = history(2);
    history.push(row(7, Change::Name, true));
    history.push(row(40, Change::None, true));
    assert_snapshot!(shown(&history, Down::Only(version(5))), @"migration `005_m5` cannot be undone on its own, because later migrations are applied: `006_m6`, `007_old7`, `040_m40`; undo those first, or go down to the version before it");
    assert_snapshot!(shown(&history, Down::Only(version(7))), @"migration `007_old7` cannot be undone on its own, because later migrations are applied: `040_m40`; undo those first, or go down to the version before it");
}

#[test]
fn one_that_is_not_applied_cannot_be_undone() {
    assert_snapshot!(shown(&history(2), Down::Only(version(8))), @"migration `008_m8` cannot be undone, because it is not applied");
    assert_snapshot!(shown(&history(2), Down::Only(version(40))), @"migration `040` cannot be undone, because it is not applied");
    assert_snapshot!(shown(&[], Down::Only(version(5))), @"migration `005_m5` cannot be undone, because it is not applied");
}

#[test]
fn those_that_have_not_ended_are_all_named() {
    let mut history = history(3);
    history[0].state = State::Started;
    history[2].state = State::Started;
    assert_snapshot!(shown(&history, Down::Steps(0)), @"
    the up of migration `005_m5` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome
    the up of migration `007_m7` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome
    ");
}
