//! Removing parts of a text without leaving gaps.
//!
//! Statements are found by tokens in a copy of the text in which the marks of the
//! tool and the other half are spaces, so all places are places in the source.

use std::ops::Range;

/// Removes the ranges, and inserts a semicolon at each of the positions. Lines
/// that become empty are removed.
pub(super) fn without(text: &str, mut ranges: Vec<Range<usize>>, semicolons: &[usize]) -> String {
    ranges.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in joined(text, ranges) {
        let range = widened(text, range);
        push(&mut out, text, at..range.start, semicolons);
        at = range.end.max(at);
        let is_after_blank = out.is_empty() || out.ends_with("\n\n");
        while is_after_blank && text[at..].starts_with('\n') {
            at += 1;
        }
    }
    push(&mut out, text, at..text.len(), semicolons);
    let body = out.trim_end();
    let start = body.len() - body.trim_start_matches(['\n', ' ', '\t']).len();
    // The first line keeps its indentation.
    let start = body[..start].rfind('\n').map_or(0, |newline| newline + 1);
    match &body[start..] {
        "" => String::new(),
        body => format!("{body}\n"),
    }
}

fn push(out: &mut String, text: &str, range: Range<usize>, semicolons: &[usize]) {
    let mut at = range.start;
    for &place in semicolons {
        if place > at && place <= range.end {
            out.push_str(&text[at..place]);
            out.push(';');
            at = place;
        }
    }
    out.push_str(text.get(at..range.end).unwrap_or_default());
}

/// Merges ranges that touch, or have only spaces between them.
fn joined(text: &str, ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end || is_blank(&text[last.end..range.start]) => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// Extends a range to the whole line, if the line contains nothing else, or else
/// to the spaces on one side.
fn widened(text: &str, range: Range<usize>) -> Range<usize> {
    let line_start = text[..range.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line_end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |at| range.end + at);
    let is_first = is_blank(&text[line_start..range.start]);
    let is_last = is_blank(&text[range.end..line_end]);
    match (is_first, is_last) {
        (true, true) => line_start..(line_end + 1).min(text.len()),
        (false, true) => text[..range.start].trim_end_matches([' ', '\t']).len()..line_end,
        _ => {
            let rest = &text[range.end..line_end];
            range.start..line_end - rest.trim_start_matches([' ', '\t']).len()
        }
    }
}
