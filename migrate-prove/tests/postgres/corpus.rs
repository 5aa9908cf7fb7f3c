//! The parser against a server: on statements that are right, and on ones that
//! were broken.

use migrate_prove::postgres::SyntaxChecker;
use migrate_scan::Engine;
use migrate_servers::{Client, Server};

const CORPUS: &str = include_str!("corpus.sql");

fn corpus() -> Vec<&'static str> {
    let scan = Engine::Postgres.scan(CORPUS);
    let statements = scan.statements.iter();
    statements
        .map(|it| &CORPUS[it.start as usize..it.end as usize])
        .collect()
}

/// In a transaction that has failed, a statement is parsed and not run.
fn parser_of_server(client: &mut Client) -> impl FnMut(&str) -> bool {
    client.query("BEGIN").unwrap();
    assert_eq!(client.query("SELECT 1/0").unwrap_err().code(), "22012");
    |statement| match client.query(statement) {
        Err(refused) if refused.code() == "25P02" => true,
        Err(refused) if ["42601", "22025", "42622"].contains(&refused.code()) => false,
        other => panic!("{other:?}: {statement}"),
    }
}

#[test]
fn no_statement_is_refused_that_the_server_accepts() {
    let corpus = corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    for statement in &corpus {
        let problem = SyntaxChecker::default().check(statement);
        assert_eq!(problem, None, "{statement}");
    }
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    let mut accepts = parser_of_server(&mut client);
    let mut refused = corpus;
    refused.retain(|statement| !accepts(statement));
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// One word of each statement in five left out, and one written twice. What the
/// parser refuses then and the server's does not, as `STABLE STABLE`, `SCROLL
/// SCROLL` and `IN (SELECT)`, is mostly refused by the server later.
#[test]
fn broken_statements_are_refused_as_by_the_server() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    let mut accepts = parser_of_server(&mut client);
    let (mut wrong, mut missed, mut found) = (Vec::new(), 0, 0);
    for statement in corpus() {
        for broken in broken(statement) {
            let problem = SyntaxChecker::default().check(&broken);
            match (accepts(&broken), problem) {
                (true, Some(problem)) => wrong.push(format!("{}: {broken}", problem.message)),
                (false, None) => missed += 1,
                (false, Some(_)) => found += 1,
                (true, None) => {}
            }
        }
    }
    assert!(found > 1_000, "{found}");
    assert!(found > 20 * missed, "{found} found, {missed} missed");
    assert!(found > 200 * wrong.len(), "{}", wrong.join("\n"));
}

fn broken(statement: &str) -> Vec<String> {
    let tokens: Vec<&str> = migrate_scan::postgres::Tokens::new(statement)
        .map(|token| &statement[token.range])
        .collect();
    let words = (0..tokens.len()).filter(|at| !tokens[*at].trim().is_empty());
    words
        .skip(statement.len() % 5)
        .step_by(5)
        .flat_map(|at| {
            let (before, after) = (tokens[..at].concat(), tokens[at + 1..].concat());
            let word = tokens[at];
            [
                format!("{before} {after}"),
                format!("{before}{word} {word}{after}"),
            ]
        })
        .filter(|it| !it.trim().trim_matches(';').is_empty())
        .collect()
}
