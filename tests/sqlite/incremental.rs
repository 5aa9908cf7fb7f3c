//! Random schemas and scripts: the check of what a migration touched finds what
//! the check of everything finds.
//!
//! Some databases have problems before. Some statements run as code of an
//! application would run them, without their text being known.

#[path = "random/script.rs"]
mod script;

use fastrand::Rng;
use migrate_scan::sqlite::quote;
use migrate_sqlite::authorizer::{Authorizer, Scope};
use migrate_sqlite::integrity::{Checker, Object, Problems, Violation, check};
use migrate_sqlite::rusqlite::Connection;
use migrate_sqlite::statement;
use script::{schema, statement};
use std::collections::{BTreeMap, BTreeSet};

/// Set it to try another number of databases.
const VARIABLE: &str = "MIGRATE_RANDOM_CASES";
const CASES: u64 = 4_000;
const MIGRATIONS: usize = 5;

#[derive(Default)]
struct Counts {
    judged: usize,
    /// Migrations of a sound database that broke nothing, and how many of them
    /// were checked in full.
    sound: usize,
    suspected: usize,
    /// The kinds of problems that were found.
    broken: BTreeMap<String, usize>,
}

#[test]
fn the_quick_check_finds_what_the_full_check_finds() {
    let cases = std::env::var(VARIABLE).map_or(CASES, |it| it.parse().unwrap());
    let threads = 4;
    let parts: Vec<Counts> = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|part| scope.spawn(move || run((part..cases).step_by(threads as usize))))
            .collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    let mut all = Counts::default();
    for part in parts {
        all.judged += part.judged;
        all.sound += part.sound;
        all.suspected += part.suspected;
        for (kind, count) in part.broken {
            *all.broken.entry(kind).or_default() += count;
        }
    }
    let Counts {
        judged,
        sound,
        suspected,
        broken,
    } = &all;
    println!("{judged} migrations, {sound} sound, {suspected} suspected, broken: {broken:?}");
    // The cases are worth something.
    let kinds: Vec<&str> = all.broken.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["reference", "row", "table", "trigger", "view"]);
    assert!(broken.values().all(|count| count * 200 > *judged));
    assert!(suspected * 10 < *sound);
}

fn run(seeds: impl Iterator<Item = u64>) -> Counts {
    let mut counts = Counts::default();
    for seed in seeds {
        case(seed, &mut counts);
    }
    counts
}

fn case(seed: u64, counts: &mut Counts) {
    let mut rng = Rng::with_seed(seed);
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let authorizer = Authorizer::new("log");
    for sql in schema(&mut rng) {
        let _ = conn.execute_batch(&sql);
    }
    if rng.u8(0..3) > 0 {
        remove_problems(&conn);
    }
    authorizer.install(&mut conn).unwrap();
    let mut checker = Checker::default();
    let everywhere = BTreeSet::new();
    for migration in 0..MIGRATIONS {
        let before = check(&conn, &everywhere).unwrap();
        authorizer.take_touched();
        conn.execute_batch("BEGIN").unwrap();
        let mut ran = Vec::new();
        let count = rng.usize(1..4);
        let script: Vec<String> = (0..count).flat_map(|_| statement(&mut rng)).collect();
        for sql in script {
            if rng.u8(..) > 20 {
                // A script ends at the first error.
                conn.execute_batch("SAVEPOINT try").unwrap();
                let works = conn.execute_batch(&sql).is_ok();
                conn.execute_batch("ROLLBACK TO try; RELEASE try").unwrap();
                if !works {
                    continue;
                }
                statement::run(&conn, &authorizer, Scope::Transaction, &sql).unwrap();
            } else {
                // An application may ignore the error.
                let _entered = authorizer.enter(Scope::Transaction);
                let _ = conn.execute_batch(&sql);
            }
            ran.push(sql);
        }
        let touched = authorizer.take_touched();
        let broken = checker.broken(&conn, &touched).unwrap();
        let after = check(&conn, &everywhere).unwrap();
        let explain =
            || format!("seed {seed}, migration {migration}: {ran:#?}\n{touched:#?}\n{broken:?}");
        let new = new(&before, &after, counts);
        for (name, what) in &new {
            let is_found = broken.as_ref().is_none_or(|broken| broken.contains(name));
            assert!(is_found, "{what}: {}", explain());
        }
        let is_quick = broken.as_ref().is_some_and(BTreeSet::is_empty);
        counts.judged += 1;
        if before.is_empty() && new.is_empty() {
            counts.sound += 1;
            counts.suspected += usize::from(!is_quick);
        }
        if before.is_empty() && after.is_empty() && broken.is_some() {
            assert!(is_quick, "nothing is broken: {}", explain());
        }
        // A migration that broke something is rolled back.
        if new.is_empty() {
            conn.execute_batch("COMMIT").unwrap();
        } else {
            conn.execute_batch("ROLLBACK").unwrap();
            checker.forget();
        }
    }
}

/// Drops and deletes what is broken, as far as that works.
fn remove_problems(conn: &Connection) {
    let nothing = Problems::default();
    for _ in 0..5 {
        let problems = check(conn, &BTreeSet::new()).unwrap();
        for violation in problems.new_violations(&nothing) {
            let _ = conn.execute_batch(&format!("DELETE FROM {}", quote(&violation.table)));
        }
        for problem in problems.new_schema(&nothing) {
            let name = quote(&problem.name);
            let drops = match problem.object {
                Object::Table | Object::Reference => format!("DROP TABLE {name}"),
                Object::View => format!("DROP VIEW {name}"),
                Object::Triggers(names) => names
                    .iter()
                    .map(|name| format!("DROP TRIGGER {};", quote(name)))
                    .collect(),
                _ => unreachable!(),
            };
            let _ = conn.execute_batch(&drops);
        }
        if problems.is_empty() {
            return;
        }
    }
}

/// What the check of everything finds to be new, by table or view in lower case.
fn new(before: &Problems, after: &Problems, counts: &mut Counts) -> Vec<(String, String)> {
    let old: Vec<(String, bool)> = before
        .new_schema(&Problems::default())
        .into_iter()
        .map(|it| {
            (
                it.name,
                matches!(it.object, Object::Table | Object::Reference),
            )
        })
        .collect();
    let mut new = Vec::new();
    let mut found = |kind: &str, name: &str, what: String| {
        *counts.broken.entry(kind.to_owned()).or_default() += 1;
        new.push((name.to_ascii_lowercase(), what));
    };
    for problem in after.new_schema(before) {
        let kind = match problem.object {
            Object::Table => "table",
            Object::Reference => "reference",
            Object::View => "view",
            _ => "trigger",
        };
        // A problem from before that has changed its words.
        if old.contains(&(problem.name.clone(), matches!(kind, "table" | "reference"))) {
            continue;
        }
        found(kind, &problem.name, problem.to_string());
    }
    // An old one may have moved to another row.
    let nothing = Problems::default();
    let count = |problems: &Problems, like: &Violation| {
        let all = problems.new_violations(&nothing).into_iter();
        all.filter(|it| it.table == like.table && it.parent == like.parent)
            .count()
    };
    for violation in after.new_violations(before) {
        // The rows of a table with a foreign key that cannot be checked were not
        // looked at.
        let was_unknown = old.contains(&(violation.table.clone(), true));
        if was_unknown || count(after, &violation) <= count(before, &violation) {
            continue;
        }
        found("row", &violation.table, violation.to_string());
    }
    new
}
