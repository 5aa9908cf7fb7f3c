//! The examples on the pages of the rules are true of the replay too.

use crate::rule_page::RulePage;
use crate::set::{directory, proof};
use migrate_prove::Options;
use migrate_scan::Engine;
use migrate_source::diagnostic::Code;
use migrate_source::lint::{RULES, Rule};
use migrate_source::render::render;

/// Everything that is found in files: by their text, and by the replay.
fn codes(files: &[(&str, &str)], code: Code) -> (Vec<Code>, String) {
    let directory = directory(files);
    let functions = [("slugify".to_owned(), 1)];
    let mut options = Options::default();
    if code == Code::ApplicationFunction {
        options.functions = &functions;
    }
    let proof = proof(files, &options);
    let all: Vec<_> = directory
        .diagnostics
        .iter()
        .chain(&directory.warnings)
        .chain(&proof.findings)
        .collect();
    let shown: Vec<String> = all.iter().map(|finding| render(finding)).collect();
    let notes = proof.notes.join("\n");
    let codes = all.iter().map(|finding| finding.code).collect();
    (codes, format!("{}\n{notes}", shown.join("\n")))
}

/// Those whose examples run here; the others need a PostgreSQL server.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().filter(|it| it.engine == Engine::Sqlite)
}

fn examples(rule: &Rule) -> RulePage {
    RulePage::read(rule.code.as_str())
}

#[test]
fn each_bad_example_shows_its_hazard() {
    let mut wrong = Vec::new();
    for rule in rules().filter(|rule| rule.needs_replay) {
        let (found, shown) = codes(&examples(rule).bad(), rule.code);
        if found != [rule.code] {
            wrong.push(format!("{}: {found:?}\n{shown}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn no_good_example_has_a_finding() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let (found, shown) = codes(&examples(rule).good(), rule.code);
        if !found.is_empty() {
            wrong.push(format!("{}: {found:?}\n{shown}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
