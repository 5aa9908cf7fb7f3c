//! Escaping of text from databases and files: characters that move the cursor
//! of a terminal or change the direction of text are shown as their codes.

use crate::style::CODES;

/// Escapes text of several lines.
pub(crate) fn lines(text: &str) -> String {
    text.chars().map(|it| shown(it, true)).collect()
}

/// Escapes text that must stay on one line.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|it| shown(it, false)).collect()
}

/// Escapes text that already contains our own styles.
pub(crate) fn styled_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (i, part) in text.split('\u{1b}').enumerate() {
        let is_style = CODES.iter().any(|style| part.starts_with(style));
        match (i, is_style) {
            (0, _) => {}
            (_, true) => shown.push('\u{1b}'),
            (_, false) => shown += &line("\u{1b}"),
        }
        shown += &lines(part);
    }
    shown
}

/// Escapes a JSON document, whose strings may contain such characters.
pub(crate) fn json(document: &str) -> String {
    let code = |it: char| {
        if is_harmful(it) && it != '\n' {
            format!("\\u{:04x}", u32::from(it))
        } else {
            it.to_string()
        }
    };
    document.chars().map(code).collect()
}

fn shown(character: char, breaks: bool) -> String {
    match character {
        '\n' if breaks => character.to_string(),
        '\t' => "    ".to_owned(),
        it if is_harmful(it) => it.escape_unicode().to_string(),
        it => it.to_string(),
    }
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_is_shown() {
        assert_eq!(lines("a\u{1b}[2J\r\nb\0"), "a\\u{1b}[2J\\u{d}\nb\\u{0}");
        assert_eq!(
            line("a\nb\tgrün\u{202e}\u{9b}"),
            "a\\u{a}b    grün\\u{202e}\\u{9b}"
        );
        assert_eq!(json("\"\u{7f}\u{2028}\"\n"), "\"\\u007f\\u2028\"\n");
    }

    #[test]
    fn our_own_styles_stay() {
        use crate::style::{RED, styled};
        let text = styled(RED, "a\u{1b}[5mb");
        assert_eq!(styled_text(&text), "\u{1b}[31ma\\u{1b}[5mb\u{1b}[0m");
    }
}
