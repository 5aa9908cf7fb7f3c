//! The progress of a script without a transaction, and the messages about it.

mod cases;

use cases::cases;
use insta::assert_snapshot;
use migrate_model::history::{Direction, Progress, Row, State};
use migrate_model::plan::{Ahead, Drift, drift};
use migrate_model::{Checksum, Migration, Registry, Script, Version, pack};
use migrate_scan::sqlite::scan;
use proptest::prelude::*;

fn direction() -> impl Strategy<Value = Direction> {
    prop::sample::select(&[Direction::Up, Direction::Down][..])
}

/// Statements that are easily confused with each other when they are joined.
fn statements() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a;0 ]{0,3}", 0..6)
}

/// The progress after all of `statements`.
fn after(direction: Direction, of: usize, statements: &[String]) -> Progress {
    let mut progress = Progress::start(direction, of);
    for statement in statements {
        progress.advance(statement);
    }
    progress
}

fn is_beginning(progress: &Progress, statements: &[String]) -> bool {
    progress.is_beginning_of(statements.iter().map(String::as_str))
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn it_is_read_as_it_was_written(
        direction in direction(),
        done in statements(),
        more in 0..5_usize,
    ) {
        let progress = after(direction, done.len() + more, &done);
        prop_assert_eq!((progress.direction, progress.done), (direction, done.len()));
        prop_assert_eq!(progress.of, done.len() + more);
        let text = progress.to_string();
        prop_assert_eq!(Progress::parse(&text), Some(progress));
        let words = format!("{direction} {} of {} sha256:", done.len(), done.len() + more);
        prop_assert!(text.starts_with(&words), "{text}");
    }

    /// Each progress has exactly one text, and only that text is parsed.
    #[test]
    fn one_byte_more_or_less_is_garbage(
        at in any::<prop::sample::Index>(),
        byte in "[ -~\u{e4}]",
        kind in 0..3_u8,
    ) {
        let progress = after(Direction::Up, 12, &["a".to_owned(), "b".to_owned()]);
        let mut text = progress.to_string();
        let at = at.index(text.len());
        match kind {
            0 => text.insert_str(at, &byte),
            1 => text.replace_range(at..=at, &byte),
            _ => text.replace_range(at..=at, ""),
        }
        if let Some(read) = Progress::parse(&text) {
            prop_assert_eq!(read.to_string(), text);
            prop_assert!(read.done <= read.of);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), words in "(up|down| |[0-9]|of|sha256:|[a-f]){0,12}") {
        for text in [text, words] {
            if let Some(read) = Progress::parse(&text) {
                prop_assert_eq!(read.to_string(), text);
            }
        }
    }

    /// A run resumes only if the finished statements are unchanged, one by one.
    #[test]
    fn every_edit_of_what_is_done_is_found(
        done in statements(),
        other in statements(),
        rest in statements(),
    ) {
        let progress = after(Direction::Up, done.len() + rest.len(), &done);
        let with_rest = |first: &[String]| [first, &rest[..]].concat();
        prop_assert!(is_beginning(&progress, &with_rest(&done)));
        let other = with_rest(&other);
        prop_assert_eq!(is_beginning(&progress, &other), other.starts_with(&done));
        let whole = with_rest(&done);
        for at in 0..done.len() {
            let mut edited = whole.clone();
            edited[at].push(' ');
            prop_assert!(!is_beginning(&progress, &edited));
            prop_assert!(!is_beginning(&progress, &whole[..at]));
        }
        for at in done.len()..whole.len() {
            let mut edited = whole.clone();
            edited[at].push('x');
            prop_assert!(is_beginning(&progress, &edited));
        }
    }

    #[test]
    fn their_order_counts(
        done in prop::collection::vec("[a;0 ]{0,3}", 2..6),
        at in any::<prop::sample::Index>(),
    ) {
        let at = at.index(done.len() - 1);
        let mut swapped = done.clone();
        swapped.swap(at, at + 1);
        let progress = after(Direction::Down, done.len(), &done);
        prop_assert_eq!(is_beginning(&progress, &swapped), swapped == done);
    }
}

#[test]
fn what_is_no_progress() {
    let sum = Checksum::of("").to_string();
    let good = format!("up 1 of 2 {sum}");
    assert!(Progress::parse(&good).is_some());
    assert!(Progress::parse(&format!("down 2 of 2 {sum}")).is_some());
    assert!(Progress::parse(&format!("up 0 of 0 {sum}")).is_some());
    for garbage in [
        String::new(),
        "up".to_owned(),
        "up 1 of 2".to_owned(),
        format!("UP 1 of 2 {sum}"),
        format!("sideways 1 of 2 {sum}"),
        format!("up 3 of 2 {sum}"),
        format!("up -1 of 2 {sum}"),
        format!("up one of 2 {sum}"),
        format!("up 1 of two {sum}"),
        format!("up 1 in 2 {sum}"),
        format!("up 1 2 {sum}"),
        format!("up  1 of 2 {sum}"),
        format!("up 1 of 2 {sum} "),
        format!("up 1 of 2 {sum} x"),
        format!(" up 1 of 2 {sum}"),
        format!("up 1 of 2 {}", sum.to_uppercase()),
        format!("up 1 of 2 {}", &sum[..70]),
        format!("up 1 of 99999999999999999999999 {sum}"),
        format!("up +1 of 2 {sum}"),
        format!("up 01 of 2 {sum}"),
    ] {
        assert_eq!(Progress::parse(&garbage), None, "{garbage}");
    }
}

#[test]
fn the_words_of_a_state() {
    assert_eq!(State::Applied.as_str(), "applied");
    assert_eq!(State::Started.as_str(), "started");
    for state in [State::Applied, State::Started] {
        assert_eq!(State::parse(state.as_str()), Some(state));
    }
    for garbage in ["", "Applied", "applied ", "pending"] {
        assert_eq!(State::parse(garbage), None, "{garbage}");
    }
}

const SQL: &str = "-- migrate: no-transaction\nVACUUM;\n  REINDEX; ANALYZE;\n";

/// A migration of three statements, and a down of one that begins on line 9 of
/// the same file.
fn registry() -> Registry {
    let packed = |sql| pack(&scan(sql).statements).leak();
    let down = Script::packed("m/001_a.sql", "VACUUM;\n", 9, packed("VACUUM;\n"));
    let up = Script::packed("m/001_a.sql", SQL, 1, packed(SQL));
    let migration = Migration::new(Version::new(1), "001_a", Checksum::of(SQL), up);
    Registry::new(vec![migration.with_down(down)].leak())
}

/// The message about migration 1 after `done` of `of` statements.
fn dirty(direction: Direction, done: usize, of: usize) -> String {
    let done: Vec<String> = ["VACUUM;", "REINDEX;", "ANALYZE;"][..done]
        .iter()
        .map(|it| (*it).to_owned())
        .collect();
    said(Some(after(direction, of, &done)), 1, Ahead::Refuse)
}

fn said(progress: Option<Progress>, version: u64, ahead: Ahead) -> String {
    let checksum = Checksum::of(SQL).to_string();
    let known = Row::applied(Version::new(1), "a", &checksum);
    let mut row = Row::applied(Version::new(version), "a", &checksum);
    row.state = State::Started;
    row.progress = progress;
    let rows = match version {
        1 => vec![row],
        _ => vec![known, row],
    };
    let found = drift(&registry(), &rows, ahead);
    assert!(found.iter().all(|it| matches!(it, Drift::Dirty { .. })));
    found.iter().map(Drift::to_string).collect()
}

#[test]
fn an_unfinished_migration_is_reported_with_its_location() {
    assert_snapshot!(dirty(Direction::Up, 0, 3), @"the up of migration `001_a` was started outside a transaction and has not finished: 0 of 3 statements finished, and statement 1 may have been partly executed (m/001_a.sql:2:1); check what it left behind, then use `repair` to resume it or to record its outcome");
    assert_snapshot!(dirty(Direction::Up, 1, 3), @"the up of migration `001_a` was started outside a transaction and has not finished: 1 of 3 statements finished, and statement 2 may have been partly executed (m/001_a.sql:3:3); check what it left behind, then use `repair` to resume it or to record its outcome");
    assert_snapshot!(dirty(Direction::Up, 2, 3), @"the up of migration `001_a` was started outside a transaction and has not finished: 2 of 3 statements finished, and statement 3 may have been partly executed (m/001_a.sql:3:12); check what it left behind, then use `repair` to resume it or to record its outcome");
    assert_snapshot!(dirty(Direction::Up, 3, 3), @"the up of migration `001_a` was started outside a transaction and has not finished: 3 of 3 statements finished; check what it left behind, then use `repair` to resume it or to record its outcome");
    assert_snapshot!(dirty(Direction::Down, 0, 1), @"the down of migration `001_a` was started outside a transaction and has not finished: 0 of 1 statements finished, and statement 1 may have been partly executed (m/001_a.sql:9:1); check what it left behind, then use `repair` to resume it or to record its outcome");
}

/// A row that was edited by hand, and one of a version that the registry lacks.
#[test]
fn an_unfinished_migration_is_reported_without_its_location() {
    assert_snapshot!(said(None, 1, Ahead::Refuse), @"the up of migration `001_a` was started outside a transaction and has not finished; check what it left behind, then use `repair` to resume it or to record its outcome");
    let progress = after(Direction::Down, 2, &["VACUUM;".to_owned()]);
    assert_snapshot!(said(Some(progress), 2, Ahead::Allow), @"the down of migration `002_a` was started outside a transaction and has not finished: 1 of 2 statements finished, and statement 2 may have been partly executed; check what it left behind, then use `repair` to resume it or to record its outcome");
}

/// The statement that failed may be fixed in its file. That is not a change of an applied
/// migration, and the location is that of the fixed statement.
#[test]
fn an_unfinished_migration_may_be_fixed() {
    let found = |name: &str, done: &[&str]| {
        let mut row = Row::applied(Version::new(1), name, &Checksum::of("x").to_string());
        row.state = State::Started;
        let done: Vec<String> = done.iter().map(|it| (*it).to_owned()).collect();
        row.progress = Some(after(Direction::Up, 3, &done));
        drift(&registry(), &[row], Ahead::Refuse)
    };
    let place = |found: &[Drift]| match found {
        [Drift::Dirty { next, .. }, ..] => next.as_ref().map(ToString::to_string),
        _ => None,
    };
    let fixed = found("a", &["VACUUM;"]);
    assert_eq!(fixed.len(), 1);
    assert_eq!(place(&fixed).as_deref(), Some("m/001_a.sql:3:3"));
    // If a finished statement was edited too, the next one is unknown.
    let edited = found("a", &["VACUUM main;"]);
    assert_eq!((edited.len(), place(&edited)), (1, None));
    // This row is undone by its stored down.
    let mut row = Row::applied(Version::new(1), "a", &Checksum::of("x").to_string());
    row.state = State::Started;
    row.progress = Some(Progress::start(Direction::Down, 1));
    assert_eq!(place(&drift(&registry(), &[row], Ahead::Refuse)), None);
    // A different migration has different statements.
    let replaced = found("b", &[]);
    assert!(matches!(replaced[1..], [Drift::Replaced { .. }]));
    assert_eq!(place(&replaced), None);
}

#[test]
fn there_is_no_next_statement_after_the_last() {
    let registry = registry();
    let migration = registry.latest();
    let at = |progress: Progress, script| progress.next(&script).map(|it| it.to_string());
    let two = ["VACUUM;".to_owned(), "REINDEX;".to_owned()];
    let up = after(Direction::Up, 3, &two);
    assert_eq!(at(up, migration.up).as_deref(), Some("m/001_a.sql:3:12"));
    let up = after(Direction::Up, 3, &[&two[..], &two[..1]].concat());
    assert_eq!(at(up, migration.up), None);
    let down = Progress::start(Direction::Down, 1);
    let place = at(down, migration.down.unwrap());
    assert_eq!(place.as_deref(), Some("m/001_a.sql:9:1"));
    assert_eq!(at(down, Script::rust("a.rs")), None);
}
