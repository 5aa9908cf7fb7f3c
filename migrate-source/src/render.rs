//! Rendering diagnostics as text, the same for the compiler, the command line and tests.

use crate::diagnostic::Diagnostic;
use crate::lint::Level;
use migrate_model::Excerpt;
use migrate_model::excerpt::{one_line, render_place};
use std::fmt::Write;

/// Renders one diagnostic as plain text, without a final line ending.
///
/// ```
/// use migrate_source::diagnostic::{Code, Diagnostic};
///
/// let diagnostic = Diagnostic::in_text(
///     Code::TransactionControl, "migrations/001_a.sql", "SELECT 1;\nCOMMIT;\n", 10..16,
///     "`COMMIT` would end the transaction".to_owned(), "remove it".to_owned(),
/// );
/// assert_eq!(migrate_source::render::render(&diagnostic), "\
/// M019: `COMMIT` would end the transaction
///  --> migrations/001_a.sql:2:1
///   |
/// 2 | COMMIT;
///   | ^^^^^^
///   = help: remove it");
/// ```
pub fn render(diagnostic: &Diagnostic) -> String {
    let mut out = format!("{}: {}\n", diagnostic.code, diagnostic.message);
    let gutter = if let Some(excerpt) = &diagnostic.excerpt {
        let _ = writeln!(out, "{}", render_place(&diagnostic.path, excerpt));
        excerpt.position.line.to_string().len()
    } else {
        let _ = writeln!(out, " --> {}", diagnostic.path);
        1
    };
    for note in &diagnostic.notes {
        footer(&mut out, gutter, "note", note);
    }
    footer(&mut out, gutter, "help", &diagnostic.help);
    out.truncate(out.trim_end().len());
    out
}

/// Renders one diagnostic with its level, for use outside the compiler: `error: M001: …`.
pub fn render_with_level(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.code.level() {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    format!("{level}: {}", render(diagnostic))
}

/// Summarizes diagnostics about `what` in one line for a log: `the directory has a problem: …`.
/// The help is included only if there is a single diagnostic.
///
/// ```
/// use migrate_source::diagnostic::{Code, Diagnostic};
///
/// let diagnostic = Diagnostic::of_path(
///     Code::Gap, "003_c.sql", "version 002 is missing".to_owned(), "restore it".to_owned(),
/// );
/// assert_eq!(
///     migrate_source::render::summary("the directory", &[diagnostic]),
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
    let text = if let [one] = diagnostics {
        format!("{what} has a problem: {}; {}", shown(one), one.help)
    } else {
        let all: Vec<String> = diagnostics.iter().take(MOST).map(shown).collect();
        let more = match diagnostics.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let count = diagnostics.len();
        format!("{what} has {count} problems: {}{more}", all.join("; "))
    };
    one_line(&text)
}

/// Writes a note or help, with continuation lines indented.
fn footer(out: &mut String, gutter: usize, kind: &str, text: &str) {
    let indented = text.replace('\n', &format!("\n{:gutter$}         ", ""));
    let _ = writeln!(out, "{:gutter$} = {kind}: {indented}", "");
}
