//! Diagnostics as text, the same for the compiler, the command line and tests.

use crate::diagnostic::{Diagnostic, Excerpt};
use std::fmt::Write;

/// The longest part of a line that is shown, in characters: a seed file may
/// hold a statement of a megabyte on one line.
const MAX_LINE: usize = 120;

/// Renders one diagnostic as plain text without a final line end.
///
/// ```
/// use migrate_model::diagnostic::{Code, Diagnostic};
///
/// let diagnostic = Diagnostic::in_text(
///     Code::TransactionControl, "migrations/001_a.sql", "SELECT 1;\nCOMMIT;\n", 10..16,
///     "`COMMIT` would end the transaction".to_owned(), "remove it".to_owned(),
/// );
/// assert_eq!(migrate_model::render::render(&diagnostic), "\
/// M019: `COMMIT` would end the transaction
///  --> migrations/001_a.sql:2:1
///   |
/// 2 | COMMIT;
///   | ^^^^^^
///   = help: remove it");
/// ```
pub fn render(diagnostic: &Diagnostic) -> String {
    let mut out = format!("{}: {}\n", diagnostic.code, diagnostic.message);
    let gutter = match &diagnostic.excerpt {
        Some(excerpt) => excerpt_lines(&mut out, &diagnostic.path, excerpt),
        None => {
            let _ = writeln!(out, " --> {}", diagnostic.path);
            1
        }
    };
    for note in &diagnostic.notes {
        footer(&mut out, gutter, "note", note);
    }
    footer(&mut out, gutter, "help", &diagnostic.help);
    out.truncate(out.trim_end().len());
    out
}

/// A place in a file, its line, and a mark below it, without a final line end.
///
/// ```
/// use migrate_model::diagnostic::Excerpt;
///
/// let excerpt = Excerpt::new("SELECT 1;\nCREAT TABLE a(x);\n", 10..15);
/// let shown = migrate_model::render::render_place("001_a.sql", &excerpt);
/// assert_eq!(shown.lines().collect::<Vec<_>>(), [
///     " --> 001_a.sql:2:1",
///     "  |",
///     "2 | CREAT TABLE a(x);",
///     "  | ^^^^^",
/// ]);
/// ```
pub fn render_place(path: &str, excerpt: &Excerpt) -> String {
    let mut out = String::new();
    excerpt_lines(&mut out, path, excerpt);
    out.truncate(out.trim_end().len());
    out
}

/// Diagnostics in a sentence for a log, about `what`: `the directory has a
/// problem: …`. Only one that is alone comes with its help.
///
/// ```
/// use migrate_model::diagnostic::{Code, Diagnostic};
///
/// let diagnostic = Diagnostic::of_path(
///     Code::Gap, "003_c.sql", "version 002 is missing".to_owned(), "restore it".to_owned(),
/// );
/// assert_eq!(
///     migrate_model::render::summary("the directory", &[diagnostic]),
///     "the directory has a problem: 003_c.sql: M009: version 002 is missing; restore it"
/// );
/// ```
pub fn summary(what: &str, diagnostics: &[Diagnostic]) -> String {
    const MOST: usize = 10;
    let place = |it: &Diagnostic| match &it.excerpt {
        Some(Excerpt { position, .. }) => {
            format!("{}:{}:{}", it.path, position.line, position.column)
        }
        None => it.path.clone(),
    };
    let shown = |it: &Diagnostic| format!("{}: {}: {}", place(it), it.code, it.message);
    let text = match diagnostics {
        [one] => format!("{what} has a problem: {}; {}", shown(one), one.help),
        _ => {
            let all: Vec<String> = diagnostics.iter().take(MOST).map(shown).collect();
            let more = match diagnostics.len().saturating_sub(MOST) {
                0 => String::new(),
                more => format!("; and {more} more"),
            };
            let count = diagnostics.len();
            format!("{what} has {count} problems: {}{more}", all.join("; "))
        }
    };
    one_line(&text)
}

/// A text on one line: each line end, with the white space around it, becomes a
/// space.
///
/// ```
/// assert_eq!(migrate_model::render::one_line("no\n  such table\n"), "no such table");
/// ```
pub fn one_line(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// Writes place, line and caret; returns the width of the line number.
fn excerpt_lines(out: &mut String, path: &str, excerpt: &Excerpt) -> usize {
    let number = excerpt.position.line.to_string();
    let gutter = number.len();
    let column = excerpt.position.column;
    let (line, caret) = window(&excerpt.line, column.saturating_sub(1), excerpt.width);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{:gutter$}--> {path}:{number}:{column}", "");
    let _ = writeln!(out, "{:gutter$} |", "");
    let _ = writeln!(out, "{number} | {line}");
    let _ = writeln!(out, "{:gutter$} | {caret}", "");
    gutter
}

/// A note or help; its further lines are indented below the first.
fn footer(out: &mut String, gutter: usize, kind: &str, text: &str) {
    let indented = text.replace('\n', &format!("\n{:gutter$}         ", ""));
    let _ = writeln!(out, "{:gutter$} = {kind}: {indented}", "");
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

/// A tab as spaces; a control or invisible character as its code, because a
/// reader cannot mend what cannot be seen.
pub(crate) fn printable(character: char) -> String {
    match character {
        '\t' => "    ".to_owned(),
        character if character.is_control() || is_invisible(character) => {
            format!("{}", character.escape_unicode())
        }
        character => character.to_string(),
    }
}

/// White space that SQL does not know, and characters without any ink.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{ad}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{feff}'
    )
}

/// How many terminal cells a character takes: two for the wide East Asian and
/// emoji blocks, none for combining marks. Enough to put a caret in place.
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
