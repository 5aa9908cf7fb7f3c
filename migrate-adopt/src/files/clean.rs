//! Removing from a script what only the old tool needs.
//!
//! A script that ran without a transaction only because of `PRAGMA foreign_keys`, or
//! because it has a transaction of its own, gets the runner's transaction: the pragma
//! and its own `BEGIN` and `COMMIT` are removed.

use super::Change;
use super::edit::without;
use super::section::Section;
use super::statement::Head;
use super::tracking::{Tracking, tracking};
use crate::Tool;
use migrate_scan::Engine;
use migrate_scan::text::{line_at, position};
use std::ops::Range;

/// The origin of the scripts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) tool: Tool,
    /// The table of its history.
    pub(super) table: Option<&'a str>,
    pub(super) engine: Engine,
}

/// A script without what only the old tool needs.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    pub(super) text: String,
    pub(super) changes: Vec<Change>,
    pub(super) notes: Vec<String>,
    /// Whether it must run without a transaction, and whether one of its
    /// statements is the reason.
    pub(super) no_transaction: bool,
    pub(super) forbids_transaction: bool,
    /// The number of statements before and after.
    pub(super) had: usize,
    pub(super) left: usize,
}

pub(super) fn clean(origin: Origin<'_>, file: &str, text: &str, section: &Section) -> Cleaned {
    let tool = origin.tool;
    let masked = masked(text, section);
    let mut cleaned = Cleaned::default();
    let line = |at: usize| position(text, at).line;
    let mut removed: Vec<(Range<usize>, Change)> = Vec::new();
    let mut remove = |range: Range<usize>, what: &str, why: &str| {
        let change = Change {
            file: file.to_owned(),
            line: line(range.start),
            what: what.to_owned(),
            removed: text[range.clone()].to_owned(),
            why: why.to_owned(),
            ..Change::default()
        };
        removed.push((range, change));
    };
    for mark in &section.marks {
        let what = format!("a marker of {tool} is removed");
        remove(mark.clone(), &what, "no other tool reads it");
    }
    let mut kept: Vec<(Range<usize>, Head)> = Vec::new();
    let mut had_switch = false;
    for statement in &origin.engine.scan(&masked).statements {
        // The text before the section is masked too, to keep positions.
        let range = statement.start as usize..statement.end as usize;
        let words = &masked[range.clone()];
        let head = Head::of(origin.engine, words);
        cleaned.had += 1;
        let why = match tracking(origin, words) {
            Tracking::Only => {
                let what = format!("a statement that maintains the history of {tool} is removed");
                remove(range, &what, "the runner records each migration itself");
                continue;
            }
            Tracking::No if head.is_switch => {
                had_switch = true;
                remove(range, "the switch of foreign keys is removed", SWITCHED_OFF);
                continue;
            }
            Tracking::No => None,
            Tracking::Mixed => Some(format!(
                "writes the version of {tool} together with other rows, and was left; remove the \
                 version"
            )),
            Tracking::Names => Some(format!(
                "names `{}`, the history of {tool}, and was left; a new database will not have it: \
                 remove what needs it",
                origin.table.unwrap_or_default()
            )),
        };
        let line = line(range.start);
        let note = why.map(|why| format!("`{file}`, line {line}: a statement {why}"));
        cleaned.notes.extend(note);
        kept.push((range, head));
    }
    let is_wrapped = is_wrapped(&kept);
    if is_wrapped {
        for (range, _) in [kept.remove(0), kept.remove(kept.len() - 1)] {
            let what = "the transaction around the script is removed";
            remove(range, what, RUNS_IN_ONE);
        }
    }
    for (range, head) in kept.iter().filter(|(_, head)| head.is_control) {
        cleaned.notes.push(format!(
            "`{file}`, line {}: `{}` was left, because only a transaction around the whole script \
             is removed",
            line(range.start),
            head.word(0)
        ));
    }
    cleaned.forbids_transaction = kept.iter().any(|(_, head)| head.forbids_transaction);
    cleaned.no_transaction =
        cleaned.forbids_transaction || (section.no_transaction && !is_wrapped && !had_switch);
    if section.no_transaction && !cleaned.no_transaction {
        cleaned.notes.push(format!(
            "`{file}` ran without a transaction in {tool}, because of statements that are removed; \
             now it runs in one"
        ));
    }
    if section.has_variables {
        cleaned.notes.push(format!(
            "`{file}` has variables that {tool} filled in; write their values"
        ));
    }
    cleaned.left = kept.len();
    removed.sort_by_key(|(range, _)| range.start);
    let outside = [0..section.range.start, section.range.end..text.len()];
    let mut ranges = Vec::from(outside);
    ranges.retain(|range| !range.is_empty());
    for (range, change) in removed {
        ranges.push(range);
        cleaned.changes.push(change);
    }
    let unended = section.semicolons.iter();
    cleaned.changes.extend(unended.map(|&place| {
        let (_, removed) = line_at(&text[..place], place);
        Change {
            file: file.to_owned(),
            line: line(place),
            what: "a statement gets its semicolon".to_owned(),
            removed: removed.to_owned(),
            added: format!("{removed};"),
            why: "it was ended by a marker".to_owned(),
        }
    }));
    cleaned.text = without(text, ranges, &section.semicolons);
    cleaned
}

const RUNS_IN_ONE: &str =
    "the runner runs each migration in one, together with its row in the history";
const SWITCHED_OFF: &str = "the runner switches them off for the run, and checks before each \
                            commit that no reference is broken";

/// The text with everything outside the section, and the markers, replaced by
/// spaces. A statement without a semicolon gets one in the place of a marker.
fn masked(text: &str, section: &Section) -> String {
    let mut masked = String::with_capacity(text.len());
    let hide = |range: Range<usize>, masked: &mut String| {
        masked.extend(
            text[range]
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
        );
    };
    hide(0..section.range.start, &mut masked);
    let mut at = section.range.start;
    let mut semicolons = section.semicolons.iter().peekable();
    for mark in &section.marks {
        masked.push_str(text.get(at..mark.start).unwrap_or_default());
        hide(mark.clone(), &mut masked);
        if semicolons.next_if(|place| **place <= mark.start).is_some() {
            masked.pop();
            masked.push(';');
        }
        at = mark.end;
    }
    masked.push_str(text.get(at..section.range.end).unwrap_or_default());
    masked
}

/// Whether `BEGIN; … COMMIT;` encloses the script, without another transaction
/// in between.
fn is_wrapped(kept: &[(Range<usize>, Head)]) -> bool {
    let [(_, first), inner @ .., (_, last)] = kept else {
        return false;
    };
    let is_begin =
        first.word(0) == "BEGIN" || (first.word(0) == "START" && first.word(1) == "TRANSACTION");
    let divides = |head: &Head| {
        let is_savepoint = matches!(head.word(0), "SAVEPOINT" | "RELEASE")
            || (head.word(0) == "ROLLBACK" && (head.word(1) == "TO" || head.word(2) == "TO"));
        head.is_control && !is_savepoint
    };
    is_begin
        && matches!(last.word(0), "COMMIT" | "END")
        && !inner.iter().any(|(_, head)| divides(head))
}
