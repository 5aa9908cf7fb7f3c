//! S31: bytes that mislead a reader.

use crate::lint::finding::Finding;
use crate::lint::script::Script;
use crate::source_file::SourceFile;

/// Finds characters that reorder or hide the text around them, anywhere in the script.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let text = &script.source.text;
    if text.is_ascii() {
        return Vec::new();
    }
    let characters = text.char_indices();
    characters
        .filter_map(|(at, character)| {
            let (message, help) = match character {
                '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' => (
                    format!(
                        "the control character U+{:04X} reorders the text around it: what a \
                         reader sees is not what SQLite reads",
                        u32::from(character)
                    ),
                    "remove it, or write it in a string with `char(…)`",
                ),
                '\u{feff}' => ("a byte order mark inside the text".to_owned(), "remove it"),
                _ => return None,
            };
            let range = at..at + character.len_utf8();
            Some(Finding::new(range, message, help))
        })
        .collect()
}

/// Finds a file with two kinds of line endings, as a partial conversion by git or an editor
/// leaves it.
pub(in crate::lint) fn mixed_line_ends(source: &SourceFile) -> Option<Finding> {
    let (at, [first, other]) = source.mixed_line_ends?;
    Some(Finding::new(
        at..at + 1,
        format!("this line ends in {other}, and those before it in {first}"),
        "save the file with one kind of line ending",
    ))
}
