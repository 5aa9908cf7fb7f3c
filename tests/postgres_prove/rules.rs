//! The examples of the rules that need a server.

use crate::check;
use crate::rule_page::RulePage;
use migrate_scan::Engine;
use migrate_servers::Server;
use migrate_source::lint::RULES;

#[test]
fn the_examples_are_true() {
    let Some(server) = Server::shared() else {
        return;
    };
    let mut count = 0;
    for rule in RULES {
        if rule.engine != Engine::Postgres || !rule.needs_replay {
            continue;
        }
        count += 1;
        let database = server.database();
        let page = RulePage::read(rule.code.as_str());
        for (files, expected) in [(page.bad(), vec![rule.code]), (page.good(), vec![])] {
            let check = check(database.url(), &files).unwrap();
            let found = check.errors.iter().chain(&check.warnings);
            let codes: Vec<_> = found.map(|it| it.code).collect();
            assert_eq!(codes, expected, "{}: {check}", rule.code);
        }
    }
    assert_eq!(count, 3);
}
