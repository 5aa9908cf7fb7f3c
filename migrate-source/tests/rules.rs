//! Each rule has a page in `docs/rules` that agrees with the table of the rules,
//! and the examples on the page are true.

#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod memory;
#[path = "../../tests/support/rule_page.rs"]
mod rule_page;

use insta::assert_snapshot;
use memory::Memory;
use migrate_scan::Engine;
use migrate_source::diagnostic::Diagnostic;
use migrate_source::directory::read;
use migrate_source::lint::{Level, RULES, Rule};
use migrate_source::{Options, SqliteVersion};
use rule_page::{RulePage, folder};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Those whose examples run here: the rules of PostgreSQL need a parser.
fn rules() -> impl Iterator<Item = (&'static Rule, RulePage)> {
    let rules = RULES.iter().filter(|it| it.engine == Engine::Sqlite);
    rules.map(|rule| (rule, RulePage::read(rule.code.as_str())))
}

fn findings(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let mut options = Options::default();
    options.sqlite.min_sqlite = Some(SqliteVersion::minor(38));
    let directory = read(&mut Memory::new(files.iter().copied()), &options);
    let mut findings = directory.diagnostics;
    findings.extend(directory.warnings);
    findings
}

#[test]
fn a_bad_example_has_its_finding_and_nothing_else() {
    let mut shown = String::new();
    for (rule, page) in rules() {
        let findings = findings(&page.bad());
        let place = |it: &Diagnostic| match &it.excerpt {
            Some(excerpt) => format!("{}:{}", excerpt.position.line, excerpt.position.column),
            None => "-".to_owned(),
        };
        for it in &findings {
            let _ = writeln!(shown, "{} {}:{}", rule.code, it.path, place(it));
        }
        let codes: Vec<_> = findings.iter().map(|it| it.code).collect();
        let expected = if rule.needs_replay {
            vec![]
        } else {
            vec![rule.code]
        };
        assert_eq!(codes, expected, "{}: {findings:?}", rule.code);
    }
    assert_snapshot!(shown, @"
    S04 002_admin.sql:1:8
    S10 002_unique.sql:1:8
    S16 002_drop.sql:1:1
    S19 001_users.sql:1:49
    S20 001_users.sql:1:23
    S24 002_statistics.sql:2:8
    S25 002_admin.sql:1:54
    S26 002_shown.sql:1:33
    S27 002_inactive.sql:1:1
    S31 002_admin.sql:1:34
    S32 002_admin.sql:1:42
    S34 schema/002_orders.sql:-
    S38 002_no_email.sql:1:13
    S41 002_people.sql:3:1
    S44 001_users.sql:2:8
    ");
}

#[test]
fn a_good_example_has_no_finding() {
    for (rule, page) in rules() {
        assert_eq!(findings(&page.good()), [], "{}", rule.code);
    }
}

/// What the text of a page says about its rule: the first lines, and how to
/// allow a finding.
#[test]
fn each_page_agrees_with_the_table() {
    for rule in RULES {
        let code = rule.code;
        let path = folder().join(format!("{code}.md"));
        let page = std::fs::read_to_string(path).unwrap_or_default();
        let (heading, rest) = page.split_once("\n\n").unwrap_or_default();
        assert!(heading.starts_with(&format!("# {code}: ")), "{code}.md");
        let (facts, _) = rest.split_once("\n\n").unwrap_or_default();
        let found = if rule.needs_replay {
            "found by the replay"
        } else {
            "found in the text"
        };
        let (level, engine) = (level(rule), rule.engine);
        let expected = format!("`{}` · {level} · {engine} · {found}", rule.name);
        assert_eq!(facts, expected, "{code}.md");
        let directive = format!("\n-- migrate: allow {} \"", rule.name);
        // Where the runner refuses the same, an `allow` would only move the refusal.
        let is_never = page.contains("\nNever: `migrate up` refuses this as well");
        assert!(page.contains(&directive) != is_never, "{code}.md");
    }
}

#[test]
fn no_page_is_without_a_rule() {
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    let expected = RULES
        .iter()
        .map(|rule| format!("{}.md", rule.code))
        .chain(["README.md".to_owned()]);
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.collect());
}

#[test]
fn the_index_lists_each_rule() {
    let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows: Vec<&str> = index.lines().filter(|it| it.starts_with("| [")).collect();
    let expected: Vec<String> = RULES.iter().map(row).collect();
    assert_eq!(rows, expected);
}

fn row(rule: &Rule) -> String {
    let code = rule.code;
    let page = std::fs::read_to_string(folder().join(format!("{code}.md"))).unwrap();
    let heading = page.lines().next().unwrap_or_default();
    let title = heading.trim_start_matches(&format!("# {code}: "));
    let (name, level, engine) = (rule.name, level(rule), rule.engine);
    let found = if rule.needs_replay { "replay" } else { "text" };
    format!("| [{code}]({code}.md) | `{name}` | {level} | {engine} | {found} | {title} |")
}

fn level(rule: &Rule) -> &'static str {
    match rule.level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}
