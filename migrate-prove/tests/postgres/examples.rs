//! The examples on the pages of the rules are true.

use crate::findings;
use crate::rule_page::RulePage;
use migrate_scan::Engine;
use migrate_servers::{Refused, Server};
use migrate_source::diagnostic::{Code, Diagnostic};
use migrate_source::lint::{RULES, Rule};
use migrate_source::render::render;

/// Those that the text decides; the others need the engine.
fn rules() -> impl Iterator<Item = &'static Rule> {
    let rules = RULES.iter();
    rules.filter(|it| it.engine == Engine::Postgres && !it.needs_replay)
}

fn examples(rule: &Rule) -> RulePage {
    RulePage::read(rule.code.as_str())
}

fn shown(found: &[Diagnostic]) -> String {
    let shown: Vec<String> = found.iter().map(render).collect();
    shown.join("\n")
}

#[test]
fn each_bad_example_shows_its_hazard() {
    assert_eq!(rules().count(), 19);
    for rule in rules() {
        let found = findings(&examples(rule).bad());
        let codes: Vec<Code> = found.iter().map(|it| it.code).collect();
        assert_eq!(codes, [rule.code], "{}: {}", rule.code, shown(&found));
    }
}

#[test]
fn no_good_example_has_a_finding() {
    for rule in rules() {
        let found = findings(&examples(rule).good());
        assert!(found.is_empty(), "{}: {}", rule.code, shown(&found));
    }
}

/// The good ones run as they are; of the bad ones only what must fail does.
#[test]
fn a_server_runs_the_examples() {
    let Some(server) = Server::shared() else {
        return;
    };
    for rule in rules() {
        let examples = examples(rule);
        for (files, fails) in [
            (examples.good(), false),
            (examples.bad(), rule.code == Code::EnumValueUsed),
        ] {
            let database = server.database();
            let mut client = database.connect();
            let run: Result<Vec<()>, Refused> = files
                .iter()
                .map(|(name, text)| {
                    let found = crate::directory(&[(*name, *text)]);
                    let script = &found.migrations[0].up;
                    let statements: Vec<&str> = script
                        .statements
                        .iter()
                        .map(|it| &script.text[it.start as usize..it.end as usize])
                        .collect();
                    let batch = if script.in_transaction {
                        vec![format!("BEGIN; {} COMMIT;", statements.join("\n"))]
                    } else {
                        statements.iter().map(|it| (*it).to_owned()).collect()
                    };
                    batch.iter().try_for_each(|it| client.query(it).map(drop))
                })
                .collect();
            assert_eq!(run.is_err(), fails, "{}: {run:?}", rule.code);
        }
    }
}
