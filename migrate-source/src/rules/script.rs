//! Checks of one script.

use super::{shell, statements};
use crate::Options;
use crate::diagnostic::{Code, Diagnostic};
use crate::file_name::Role;
use crate::section::Section;
use crate::text::shortened;
use migrate_model::excerpt::is_invisible;
use migrate_scan::text::line_at;
use migrate_scan::{Engine, Unterminated};

/// Checks one script.
pub(crate) fn check(section: &Section<'_>, options: &Options<'_>, out: &mut Vec<Diagnostic>) {
    if section.role == Role::Rust {
        return;
    }
    empty_script(section, out);
    unterminated(section, out);
    bind_parameters(section, out);
    shell::check(section, out);
    let had_invisible = invisible_characters(section, out);
    let flagged = statements::check(section, out);
    if section.scan.unterminated.is_none() && !had_invisible {
        statements::syntax(section, options, &flagged, out);
    }
}

/// Reports an empty script, which would be recorded as applied although it does nothing.
fn empty_script(section: &Section<'_>, out: &mut Vec<Diagnostic>) {
    let scan = &section.scan;
    if !scan.statements.is_empty()
        || !scan.shell_commands.is_empty()
        || scan.unterminated.is_some()
        || section.is_empty_on_purpose()
    {
        return;
    }
    let what = match section.role {
        Role::Down => "this down",
        _ => "this migration",
    };
    let text = section.text();
    let blank = |c: char| c.is_whitespace() || c == ';';
    let first = text.find(|c| !blank(c));
    let message = match first {
        Some(_) => format!("{what} has comments, but no statement"),
        None => format!("{what} is empty"),
    };
    let help = "write a statement; if the script intentionally does nothing, declare it on the \
                first line: `-- migrate: empty \"why\"`";
    // An empty section has no line to show, so the marker next to it is shown.
    let source = section.source;
    let place = match (first, section.role) {
        (Some(first), _) => Some(section.range.start + first),
        (None, Role::Down) => section.range.start.checked_sub(1),
        (None, _) => Some(section.range.end).filter(|end| *end < source.text.len()),
    };
    let path = &source.path;
    out.push(match place {
        Some(at) => {
            let (start, line) = line_at(&source.text, at);
            let range = start..start + line.len();
            Diagnostic::in_text(Code::EmptyScript, path, &source.text, range, message, help)
        }
        None => Diagnostic::of_path(Code::EmptyScript, path, message, help),
    });
}

fn unterminated(section: &Section<'_>, out: &mut Vec<Diagnostic>) {
    let Some((what, range)) = &section.scan.unterminated else {
        return;
    };
    let marked = &section.text()[range.clone()];
    let (message, help, length) = match what {
        Unterminated::Quote if marked.starts_with('[') => {
            ("this bracket is never closed", "add the closing `]`", 1)
        }
        Unterminated::Quote if section.engine == Engine::Postgres => (
            "this quote is never closed",
            "add the closing quote; a quote in the text is written twice, and a backslash escapes \
             it only in `E'…'`",
            1,
        ),
        Unterminated::Quote => (
            "this quote is never closed",
            "add the closing quote; a quote in the text is written twice",
            1,
        ),
        Unterminated::Comment => ("this comment is never closed", "add `*/`", 2),
        Unterminated::Trigger => (
            "the body of this trigger is never closed",
            "end it with `END;` on a line of its own; the statement before it needs its semicolon",
            range.len(),
        ),
        Unterminated::DollarQuote => {
            let tag = marked[1..]
                .find('$')
                .map_or(marked, |end| &marked[..end + 2]);
            let place = range.start..range.start + tag.len();
            let tag = shortened(tag);
            let message = format!("this `{tag}` is never closed");
            let help = format!("write `{tag}` after the text, in the same letters");
            out.push(section.diagnostic(Code::Unterminated, place, message, help));
            return;
        }
        Unterminated::Routine => (
            "the body of this routine is never closed",
            "end it with `END;`; the statement before it needs its semicolon",
            range.len(),
        ),
        Unterminated::Parenthesis => ("this parenthesis is never closed", "add the closing `)`", 1),
    };
    let place = range.start..range.start + length;
    out.push(section.diagnostic(Code::Unterminated, place, message, help));
}

/// Reports bind parameters, which have no value: SQLite would silently use NULL, and PostgreSQL
/// refuses the statement.
fn bind_parameters(section: &Section<'_>, out: &mut Vec<Diagnostic>) {
    let parameters = &section.scan.parameters;
    let Some(first) = parameters.first() else {
        return;
    };
    let name = shortened(&section.text()[first.clone()]);
    let what = match section.engine {
        Engine::Postgres if name.starts_with(':') => "a variable of psql or a bind parameter",
        _ => "a bind parameter",
    };
    let mut diagnostic = section.diagnostic(
        Code::BindParameter,
        first.clone(),
        format!("`{name}` is {what}: a migration has no value for it"),
        "write the value itself; put text in single quotes",
    );
    if let more @ 2.. = parameters.len() {
        let note = format!("the script has {more} bind parameters in all");
        diagnostic = diagnostic.note(note);
    }
    out.push(diagnostic);
}

/// Reports a no-break space, which is invisible, and a typographic quote, both of which the engines
/// treat as letters: `DEFAULT ‘x’` is a string of three characters.
fn invisible_characters(section: &Section<'_>, out: &mut Vec<Diagnostic>) -> bool {
    let text = section.text();
    if text.is_ascii() {
        return false;
    }
    let words = section.engine.words(text);
    let mut found = words.iter().filter_map(|range| {
        let (at, character) = text[range.clone()]
            .char_indices()
            .find(|(_, c)| is_invisible(*c) || is_typographic_quote(*c))?;
        let start = range.start + at;
        Some((start..start + character.len_utf8(), character))
    });
    let Some((range, character)) = found.next() else {
        return false;
    };
    let more = found.count();
    let (message, help) = if is_typographic_quote(character) {
        (
            format!(
                "{} treats the typographic quote `{character}` as a letter",
                section.engine
            ),
            "write `'` around a text, and `\"` around a name; it often comes from text copied \
             from a web page",
        )
    } else {
        (
            format!(
                "the invisible character U+{:04X} is part of a word here",
                u32::from(character)
            ),
            "replace it with a space; it often comes from text copied from a web page",
        )
    };
    let mut diagnostic = section.diagnostic(Code::InvisibleCharacter, range, message, help);
    if more > 0 {
        diagnostic = diagnostic.note(format!("{} words of this script contain one", more + 1));
    }
    out.push(diagnostic);
    true
}

fn is_typographic_quote(character: char) -> bool {
    matches!(character, '\u{2018}'..='\u{201f}')
}
