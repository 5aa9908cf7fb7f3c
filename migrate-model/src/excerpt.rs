//! Excerpts of a text for messages: a line with carets below it.

use migrate_scan::text::{self, Position};
use std::ops::Range;

/// The maximum length of a shown line, in characters: a seed file may have a statement of a
/// megabyte on one line.
const MAX_LINE: usize = 120;

/// A place in a file, with the line to show for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The bytes in the canonical text of the file.
    pub range: Range<usize>,
    /// The position of the start of the range.
    pub position: Position,
    /// The line on which it starts.
    pub line: String,
    /// The number of characters of that line in the range, at least one.
    pub width: usize,
}

impl Excerpt {
    /// Creates an excerpt of the line of `text` on which `range` starts.
    pub fn new(text: &str, range: Range<usize>) -> Excerpt {
        let (line_start, line) = text::line_at(text, range.start);
        let from = text::floor_boundary(text, range.start);
        let line_end = line_start + line.len();
        let to = text::floor_boundary(text, range.end.clamp(from, line_end.max(from)));
        Excerpt {
            position: text::position(text, from),
            line: line.to_owned(),
            width: text[from..to].chars().count().max(1),
            range,
        }
    }
}

/// Renders a place in a file, its line, and carets below it, without a final line ending.
///
/// ```
/// use migrate_model::Excerpt;
///
/// let excerpt = Excerpt::new("SELECT 1;\nCREAT TABLE a(x);\n", 10..15);
/// let shown = migrate_model::excerpt::render_place("001_a.sql", &excerpt);
/// assert_eq!(shown.lines().collect::<Vec<_>>(), [
///     " --> 001_a.sql:2:1",
///     "  |",
///     "2 | CREAT TABLE a(x);",
///     "  | ^^^^^",
/// ]);
/// ```
pub fn render_place(path: &str, excerpt: &Excerpt) -> String {
    let number = excerpt.position.line.to_string();
    let gutter = number.len();
    let column = excerpt.position.column;
    let (line, caret) = window(&excerpt.line, column.saturating_sub(1), excerpt.width);
    format!(
        "{:gutter$}--> {path}:{number}:{column}\n{:gutter$} |\n{number} | {line}\n{:gutter$} | {caret}",
        "", "", ""
    )
}

/// Joins the lines of a text: each line ending, with the white space around it, becomes a
/// space.
///
/// ```
/// assert_eq!(migrate_model::excerpt::one_line("no\n  such table\n"), "no such table");
/// ```
pub fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

/// The part of a line around the marked characters, and the carets below it.
fn window(line: &str, marked: usize, width: usize) -> (String, String) {
    let characters: Vec<char> = line.chars().collect();
    let marked = marked.min(characters.len());
    let from = if characters.len() <= MAX_LINE {
        0
    } else {
        marked.saturating_sub(MAX_LINE / 2)
    };
    let to = characters.len().min(from + MAX_LINE);
    let mut shown = String::new();
    let mut caret = String::new();
    if from > 0 {
        shown.push('…');
        caret.push(' ');
    }
    for (at, &character) in characters.iter().enumerate().take(to).skip(from) {
        let visible = printable(character);
        let cells: usize = visible.chars().map(cells).sum();
        if at < marked {
            caret.extend(std::iter::repeat_n(' ', cells));
        } else if at < marked + width {
            caret.extend(std::iter::repeat_n('^', cells.max(1)));
        }
        shown.push_str(&visible);
    }
    if to < characters.len() {
        shown.push('…');
    }
    if !caret.ends_with('^') {
        caret.push('^');
    }
    (shown.trim_end().to_owned(), caret)
}

/// The visible form of a character: a tab as spaces, and a control or invisible character as
/// its escape, because a reader cannot fix what cannot be seen.
pub fn printable(character: char) -> String {
    match character {
        '\t' => "    ".to_owned(),
        character if character.is_control() || is_invisible(character) => {
            format!("{}", character.escape_unicode())
        }
        character => character.to_string(),
    }
}

/// Whether a character is white space that SQL does not recognize, or has no visible form.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{ad}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{feff}'
    )
}

/// The number of terminal cells that a character takes: two for the wide East Asian and emoji
/// blocks, none for combining marks. This is precise enough to place a caret.
fn cells(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
