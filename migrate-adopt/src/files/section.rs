//! The sections of a file that are scripts, and their markers.

use super::clean::Origin;
use super::error::{Error, Kind};
use super::statement::tokens;
use crate::Tool;
use migrate_scan::{Engine, Token, TokenKind};
use std::ops::Range;

/// A script in its file.
#[derive(Debug, Default)]
pub(super) struct Section {
    pub(super) range: Range<usize>,
    /// The markers, which are comments that only the old tool reads.
    pub(super) marks: Vec<Range<usize>>,
    /// The positions where statements end without a semicolon.
    pub(super) semicolons: Vec<usize>,
    /// Whether the tool runs it without a transaction.
    pub(super) no_transaction: bool,
    /// Whether the tool substitutes variables.
    pub(super) has_variables: bool,
}

/// Splits a file into its up and, for tools that write both in one file, its
/// down.
pub(super) fn sections(
    origin: Origin<'_>,
    file: &str,
    text: &str,
) -> Result<(Section, Option<Section>), Error> {
    match origin.tool {
        Tool::Goose => divided((file, origin.engine), text, goose, NO_GOOSE_UP),
        Tool::Dbmate => divided((file, origin.engine), text, dbmate, NO_DBMATE_UP),
        tool => Ok((whole(tool, text), None)),
    }
}

const NO_GOOSE_UP: &str = "has no line `-- +goose Up`; add it before the first statement";
const NO_DBMATE_UP: &str = "has no line `-- migrate:up`; add it before the first statement";

/// A file that is one script.
pub(super) fn whole(tool: Tool, text: &str) -> Section {
    const MARK: &str = "-- no-transaction";
    let is_marked = tool == Tool::Sqlx && text.starts_with(MARK);
    let line_end = text.find('\n').unwrap_or(text.len());
    Section {
        range: 0..text.len(),
        marks: is_marked.then_some(0..line_end).into_iter().collect(),
        no_transaction: is_marked,
        // Substitution is on by default.
        has_variables: tool == Tool::Flyway && text.contains("${"),
        ..Section::default()
    }
}

/// A marker: a comment at the start of a line, for the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Whether it runs without a transaction.
    Up(bool),
    Down(bool),
    NoTransaction,
    Begin,
    End,
    Variables,
    Nothing,
}

/// Newer versions of goose ignore the case.
fn goose(comment: &str) -> Option<Mark> {
    let words: Vec<String> = comment
        .strip_prefix("--")?
        .trim_start()
        .strip_prefix("+goose")?
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match words[..] {
        ["up"] => Mark::Up(false),
        ["down"] => Mark::Down(false),
        ["statementbegin"] => Mark::Begin,
        ["statementend"] => Mark::End,
        ["no", "transaction"] => Mark::NoTransaction,
        ["envsubst", "on"] => Mark::Variables,
        ["envsubst", "off"] => Mark::Nothing,
        _ => return None,
    })
}

fn dbmate(comment: &str) -> Option<Mark> {
    let mut words = comment
        .strip_prefix("--")?
        .trim_start()
        .strip_prefix("migrate:")?
        .split_whitespace();
    let direction = words.next()?;
    let no_transaction = words.any(|word| word == "transaction:false");
    match direction {
        "up" => Some(Mark::Up(no_transaction)),
        "down" => Some(Mark::Down(no_transaction)),
        _ => None,
    }
}

fn divided(
    (file, engine): (&str, Engine),
    text: &str,
    read: fn(&str) -> Option<Mark>,
    no_up: &'static str,
) -> Result<(Section, Option<Section>), Error> {
    let refused = |what| Error::from(Kind::Marks(file.to_owned(), what));
    let mut up = Section::default();
    let mut down: Option<Section> = None;
    let mut has_up = false;
    let mut no_transaction = false;
    // The end of the last token that is not a comment, and whether it ends a
    // statement.
    let mut last = (0, true);
    for Token { kind, range } in tokens(engine, text) {
        let is_at_start = range.start == 0 || text.as_bytes()[range.start - 1] == b'\n';
        let mark = match kind {
            TokenKind::LineComment if is_at_start => read(&text[range.clone()]),
            _ => None,
        };
        let Some(mark) = mark else {
            if !kind.is_blank() {
                last = (range.end, kind == TokenKind::Semicolon);
            }
            continue;
        };
        match mark {
            Mark::Up(_) if has_up || down.is_some() => {
                return Err(refused("has two ups; divide it into two files"));
            }
            Mark::Down(_) if !has_up || down.is_some() => {
                return Err(refused(
                    "has a down before its up, or two; put them in order",
                ));
            }
            Mark::Up(no_transaction) => {
                has_up = true;
                up.no_transaction |= no_transaction;
            }
            Mark::Down(no_transaction) => {
                up.range = 0..range.start;
                down = Some(Section {
                    no_transaction,
                    ..Section::default()
                });
            }
            _ => {}
        }
        no_transaction |= mark == Mark::NoTransaction;
        let section = down.as_mut().unwrap_or(&mut up);
        section.has_variables |= mark == Mark::Variables;
        if mark == Mark::End && !last.1 {
            section.semicolons.push(last.0);
            last.1 = true;
        }
        section.marks.push(range);
    }
    if !has_up {
        return Err(refused(no_up));
    }
    match &mut down {
        Some(down) => {
            down.range = up.range.end..text.len();
            down.no_transaction |= no_transaction;
        }
        None => up.range = 0..text.len(),
    }
    up.no_transaction |= no_transaction;
    Ok((up, down))
}
