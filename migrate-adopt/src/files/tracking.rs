//! Statements that maintain the history of the old tool.

use super::clean::Origin;
use super::statement::tokens;
use crate::Tool;
use migrate_scan::sqlite::{Head, name_of};
use migrate_scan::{Engine, TokenKind};

/// The effect of a statement on that history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracking {
    /// It only maintains the history.
    Only,
    /// It also writes other rows.
    Mixed,
    /// It names the table, with an unknown effect.
    Names,
    No,
}

/// Determines the effect of a statement on the history.
pub(super) fn tracking(origin: Origin<'_>, statement: &str) -> Tracking {
    let Origin {
        tool,
        table,
        engine,
    } = origin;
    if engine == Engine::Sqlite && is_user_version(tool, statement) {
        return Tracking::Only;
    }
    let Some(table) = table else {
        return Tracking::No;
    };
    let head: Vec<&str> = behind_with(engine, statement).take(HEAD).collect();
    match (tool, target(&head)) {
        (_, Some((verb, target))) if target.eq_ignore_ascii_case(table) => match tool {
            // The table belongs to the application; one row is the history.
            Tool::Metadata => version_row(engine, verb, statement),
            _ => Tracking::Only,
        },
        (Tool::Metadata, _) => Tracking::No,
        _ if names(engine, statement, table) => Tracking::Names,
        _ => Tracking::No,
    }
}

/// The words from the verb that follows `WITH name AS (…), …`.
fn behind_with(engine: Engine, statement: &str) -> impl Iterator<Item = &str> {
    const VERBS: [&str; 4] = ["INSERT", "REPLACE", "UPDATE", "DELETE"];
    let is_with = words(engine, statement)
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("WITH"));
    let mut depth = 0_usize;
    words(engine, statement).skip_while(move |word| {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_verb = || VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb));
        is_with && !(depth == 0 && is_verb())
    })
}

/// Whether the table is named anywhere, other than in a string.
fn names(engine: Engine, statement: &str, table: &str) -> bool {
    words(engine, statement)
        .filter(|word| !word.starts_with('\''))
        .any(|word| name_of(word).eq_ignore_ascii_case(table))
}

/// The length of the longest beginning, with a schema and `IF NOT EXISTS`.
const HEAD: usize = 12;

/// Whether this sets `user_version`, where home-made runners may keep their
/// counter. With other tools, it is data of the application.
fn is_user_version(tool: Tool, statement: &str) -> bool {
    let counts = matches!(
        tool,
        Tool::RusqliteMigration | Tool::Names | Tool::Metadata | Tool::Archon | Tool::Numbered
    );
    let pragma = Head::of(statement)
        .pragma()
        .map(|(name, value)| (name, value.is_some()));
    counts && pragma == Some(("user_version".to_owned(), true))
}

fn words(engine: Engine, statement: &str) -> impl Iterator<Item = &str> {
    tokens(engine, statement)
        .filter(|token| !token.kind.is_blank() && token.kind != TokenKind::Semicolon)
        .map(|token| &statement[token.range])
}

/// The action of a statement, and its table.
fn target<'a>(words: &[&'a str]) -> Option<(&'static str, String)> {
    let is = |at: usize, word: &str| {
        words
            .get(at)
            .is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    let skip = |at: usize, phrase: &[&str]| {
        let is_there = phrase.iter().enumerate().all(|(i, word)| is(at + i, word));
        if is_there { at + phrase.len() } else { at }
    };
    let (verb, at) = if is(0, "INSERT") || is(0, "REPLACE") {
        let into = if is(1, "OR") { 3 } else { 1 };
        ("INSERT", skip(into, &["INTO"]))
    } else if is(0, "DELETE") {
        ("DELETE", skip(1, &["FROM"]))
    } else if is(0, "UPDATE") {
        ("UPDATE", if is(1, "OR") { 3 } else { 1 })
    } else if is(0, "CREATE") && is(1, "TABLE") {
        ("CREATE", skip(2, &["IF", "NOT", "EXISTS"]))
    } else if (is(0, "DROP") || is(0, "ALTER")) && is(1, "TABLE") {
        ("CHANGE", skip(skip(2, &["IF", "EXISTS"]), &["ONLY"]))
    } else if is(0, "COMMENT") && is(1, "ON") && is(2, "TABLE") {
        ("CHANGE", 3)
    } else if is(0, "CREATE") && (is(1, "INDEX") || is(1, "UNIQUE")) {
        let on = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case("ON"))?;
        ("CREATE", on + 1)
    } else {
        return None;
    };
    let at = if words.get(at + 1) == Some(&".") {
        at + 2
    } else {
        at
    };
    let name: &'a str = words.get(at)?;
    Some((verb, name_of(name).into_owned()))
}

fn version_row(engine: Engine, verb: &str, statement: &str) -> Tracking {
    let names_it = |word: &str| name_of(word).eq_ignore_ascii_case("schema_version");
    if !matches!(verb, "INSERT" | "DELETE" | "UPDATE") || !words(engine, statement).any(names_it) {
        return Tracking::No;
    }
    if verb == "INSERT" && rows(engine, statement) > 1 {
        Tracking::Mixed
    } else {
        Tracking::Only
    }
}

/// The number of rows after `VALUES`.
fn rows(engine: Engine, statement: &str) -> usize {
    let mut depth = 0_usize;
    let mut rows = 0;
    for word in words(engine, statement).skip_while(|word| !word.eq_ignore_ascii_case("VALUES")) {
        match word {
            "(" => {
                rows += usize::from(depth == 0);
                depth += 1;
            }
            ")" => depth = depth.saturating_sub(1),
            // The conflict clause of an upsert.
            word if depth == 0 && word.eq_ignore_ascii_case("ON") => break,
            _ => {}
        }
    }
    rows
}
