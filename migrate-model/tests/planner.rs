//! Property tests of the planner, over all kinds of histories.

mod cases;

use cases::cases;
use migrate_model::history::{Row, State};
use migrate_model::plan::{Ahead, Drift, Options, drift, plan};
use migrate_model::{Checksum, Migration, Numbering, Registry, Script, Version};
use proptest::prelude::*;
use std::sync::LazyLock;

const FIRST: u64 = 5;
const COUNT: usize = 12;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let migrations: Vec<Migration> = (FIRST..FIRST + COUNT as u64)
        .map(|number| {
            Migration::new(
                Version::new(number),
                format!("{number:03}_m{number}").leak(),
                Checksum::of(&number.to_string()),
                Script::single("a.sql", "SELECT 1"),
            )
        })
        .collect();
    let numbering = Numbering::Sequential {
        first: Version::new(FIRST),
    };
    Registry::with_numbering(numbering, migrations.leak())
});

fn row(version: u64) -> Row {
    let checksum = Checksum::of(&version.to_string()).to_string();
    Row::applied(Version::new(version), &format!("m{version}"), &checksum)
}

/// The history after the first `applied` migrations.
fn history(applied: usize) -> Vec<Row> {
    (FIRST..).take(applied).map(row).collect()
}

fn versions(plan: &[&Migration]) -> Vec<u64> {
    plan.iter()
        .map(|migration| migration.version.get())
        .collect()
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn the_plan_is_what_the_history_lacks(
        applied in 0..=COUNT,
        target in prop::option::of(1..30_u64),
    ) {
        let mut options = Options::default();
        options.target = target.map(Version::new);
        let plan = plan(&REGISTRY, &history(applied), &options).unwrap();
        let last = FIRST + COUNT as u64 - 1;
        let rest = FIRST + applied as u64..=target.unwrap_or(last).min(last);
        prop_assert_eq!(versions(&plan), rest.collect::<Vec<u64>>());
    }

    #[test]
    fn a_changed_row_stops_everything(
        applied in 1..=COUNT,
        at in any::<prop::sample::Index>(),
        change in 0..4_usize,
        allow in any::<bool>(),
    ) {
        let mut rows = history(applied);
        let index = at.index(applied);
        let row = &mut rows[index];
        match change {
            0 => row.name.push('x'),
            1 => row.checksum.replace_range(70..71, "x"),
            2 => row.checksum.clear(),
            _ => row.state = State::Started,
        }
        let mut options = Options::default();
        options.ahead = if allow { Ahead::Allow } else { Ahead::Refuse };
        let drift = plan(&REGISTRY, &rows, &options).unwrap_err();
        prop_assert_eq!(drift.len(), 1);
        let is_named = match (&drift[0], change) {
            (Drift::Renamed { .. }, 0) | (Drift::Modified { .. }, 1 | 2) | (Drift::Dirty { .. }, 3) => {
                drift[0].to_string().contains(&format!("m{}", FIRST + index as u64))
            }
            _ => false,
        };
        prop_assert!(is_named, "{}", drift[0]);
    }

    #[test]
    fn a_hole_in_the_history_is_found(applied in 2..=COUNT, at in any::<prop::sample::Index>()) {
        let mut rows = history(applied);
        let hole = rows.remove(at.index(applied - 1));
        let drift = plan(&REGISTRY, &rows, &Options::default()).unwrap_err();
        let latest = Version::new(FIRST + applied as u64 - 1);
        let label = REGISTRY.get(hole.version).unwrap().label;
        prop_assert_eq!(drift, [Drift::Gap { label, latest }]);
    }

    #[test]
    fn a_row_from_outside_is_missing_or_ahead(
        applied in 0..=COUNT,
        outside in prop_oneof![1..FIRST, FIRST + COUNT as u64..100],
        allow in any::<bool>(),
    ) {
        let mut rows = history(applied);
        rows.push(row(outside));
        rows.sort_by_key(|row| row.version);
        let mut options = Options::default();
        options.ahead = if allow { Ahead::Allow } else { Ahead::Refuse };
        let found = plan(&REGISTRY, &rows, &options).err().unwrap_or_default();
        let is_about_it = |drift: &Drift| match drift {
            Drift::Missing { version, .. } => version.get() == outside && outside < FIRST,
            Drift::Ahead { version, .. } => version.get() == outside && outside > FIRST,
            _ => false,
        };
        let is_allowed = allow && outside > FIRST;
        prop_assert_eq!(found.iter().any(is_about_it), !is_allowed);
        // A pending migration would be applied after a newer version.
        let gaps = found.iter().filter(|drift| matches!(drift, Drift::Gap { .. })).count();
        prop_assert_eq!(gaps, if outside > FIRST { COUNT - applied } else { 0 });
        prop_assert_eq!(found.len(), gaps + usize::from(!is_allowed));
    }

    #[test]
    fn nothing_is_planned_with_drift(
        numbers in prop::collection::btree_set(1..30_u64, 0..20),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8), 0..4),
        allow in any::<bool>(),
    ) {
        let mut rows: Vec<Row> = numbers.into_iter().map(row).collect();
        for (at, kind) in damage.iter().filter(|_| !rows.is_empty()).copied().collect::<Vec<_>>() {
            let length = rows.len();
            let row = &mut rows[at.index(length)];
            match kind {
                0 => row.name.clear(),
                1 => row.checksum = "x".to_owned(),
                _ => row.state = State::Started,
            }
        }
        let mut options = Options::default();
        options.ahead = if allow { Ahead::Allow } else { Ahead::Refuse };
        let found = drift(&REGISTRY, &rows, options.ahead);
        match plan(&REGISTRY, &rows, &options) {
            Err(drift) => prop_assert_eq!(drift, found),
            Ok(pending) => {
                prop_assert!(found.is_empty());
                let pending = versions(&pending);
                prop_assert!(pending.is_sorted_by(|a, b| a < b));
                // Applied and pending migrations together are the registry.
                let known = rows.iter().filter(|row| REGISTRY.get(row.version).is_some());
                prop_assert_eq!(known.count() + pending.len(), COUNT);
            }
        }
    }
}
