//! The scanner against PostgreSQL: each statement that it finds is one for the
//! server (docs/internals/postgres.md, "Splitting a script").
//!
//! The server's own cut is that of its grammar: a message `Parse` that holds two
//! statements is refused, and one that holds half of one has a syntax error.
//! Nothing is executed, so that names and the order of statements do not matter.

// Servers run on Unix only.
#![cfg(unix)]

mod generate;
mod transaction;

use fastrand::Rng;
use migrate_scan::postgres::scan;
use migrate_servers::{Client, Server};

const SEED: u64 = 0x6d69_6772_6174_6532;
const SCRIPTS: usize = 20_000;

#[test]
fn scripts_are_cut_where_the_server_cuts_them() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    println!("seed {SEED:#x}");
    let mut random = Rng::with_seed(SEED);
    let mut counts = Counts::default();
    for _ in 0..SCRIPTS {
        let script = generate::script(&mut random);
        if let Err(difference) = compare(&mut client, &script, &mut counts) {
            panic!("{difference}\n\nin this script:\n{script}");
        }
    }
    println!("{counts:?}");
    // A generator that went wrong must not leave a test that compares nothing.
    assert!(counts.statements > 2 * SCRIPTS, "{counts:?}");
    assert!(counts.dollars > SCRIPTS / 4, "{counts:?}");
    assert!(counts.bodies > SCRIPTS / 10, "{counts:?}");
    assert!(counts.rules > SCRIPTS / 20, "{counts:?}");
    assert!(counts.empty_scripts > SCRIPTS / 100, "{counts:?}");
}

#[derive(Debug, Default)]
struct Counts {
    statements: usize,
    dollars: usize,
    bodies: usize,
    rules: usize,
    empty_scripts: usize,
}

/// Compares every statement of a script; says where the two differ.
fn compare(client: &mut Client, script: &str, counts: &mut Counts) -> Result<(), String> {
    let found = scan(script);
    if let Some(unterminated) = found.unterminated {
        return Err(format!("the scanner finds {unterminated:?}"));
    }
    counts.empty_scripts += usize::from(found.statements.is_empty());
    let mut end = 0;
    for statement in &found.statements {
        let start = statement.start as usize;
        gap_only(&script[end..start])?;
        end = statement.end as usize;
        let text = &script[start..end];
        if statement.line as usize != script[..start].matches('\n').count() + 1 {
            return Err(format!("`{text}` is found on the wrong line"));
        }
        is_one(client, text)?;
        counts.statements += 1;
        counts.dollars += usize::from(text.contains('$'));
        counts.bodies += usize::from(text.contains("ATOMIC"));
        counts.rules += usize::from(text.contains("RULE"));
    }
    gap_only(&script[end..])
}

/// Whether the server takes a text for one statement; that it knows none of its
/// tables is no matter.
fn is_one(client: &mut Client, text: &str) -> Result<(), String> {
    if skip_gap(text).is_empty() {
        return Err(format!("`{text}` is no statement"));
    }
    let Err(error) = client.prepare(text) else {
        return Ok(());
    };
    // A syntax error; and nothing, if the connection was lost.
    match error.code() {
        "42601" | "" => Err(format!("the server says of `{text}`: {error}")),
        _ => Ok(()),
    }
}

fn gap_only(text: &str) -> Result<(), String> {
    match skip_gap(text) {
        "" => Ok(()),
        rest => Err(format!("`{rest}` belongs to no statement")),
    }
}

/// Skips white space, comments and semicolons: on purpose not with the tokens
/// that are under test.
fn skip_gap(mut text: &str) -> &str {
    loop {
        let before = text;
        text = text.trim_start_matches([' ', '\t', '\n', '\u{c}', ';']);
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.find('\n').map_or("", |end| &comment[end..]);
        }
        if text.starts_with("/*") {
            let mut depth = 0_i32;
            let ends = text.char_indices().zip(text.chars().skip(1));
            let mut skip = 0;
            let mut end = text.len();
            for ((at, first), second) in ends {
                if at < skip {
                    continue;
                }
                match (first, second) {
                    ('/', '*') => depth += 1,
                    ('*', '/') => depth -= 1,
                    _ => continue,
                }
                skip = at + 2;
                if depth == 0 {
                    end = skip;
                    break;
                }
            }
            text = &text[end..];
        }
        if text.len() == before.len() {
            return text;
        }
    }
}

/// The commands of psql are none of the server's, wherever they stand.
#[test]
fn a_backslash_is_a_syntax_error_for_the_server() {
    let Some(server) = Server::shared() else {
        return;
    };
    let database = server.database();
    let mut client = database.connect();
    for sql in [
        "\\d",
        "SELECT 1 \\gset",
        "SELECT 1 + \\x",
        "SELECT :a",
        "SELECT :'a'",
    ] {
        assert_eq!(client.prepare(sql).unwrap_err().code(), "42601", "{sql}");
    }
}
