//! The canonical text of a file, and places in it.

/// Turns the bytes of a file into canonical text: UTF-8, one byte-order mark
/// taken off, CRLF and lone CR turned into LF.
///
/// The canonical text is what is hashed, embedded and executed, so that a
/// checkout with other line ends gives the same checksum and the same result.
///
/// # Errors
///
/// Returns the offset of the first byte that is not UTF-8.
///
/// ```
/// use migrate_model::text::canonicalize;
///
/// assert_eq!(canonicalize(b"\xEF\xBB\xBFa\r\nb\rc\n"), Ok("a\nb\nc\n".to_owned()));
/// assert_eq!(canonicalize(b"ok \xFF"), Err(3));
/// ```
pub fn canonicalize(bytes: &[u8]) -> Result<String, usize> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.contains('\r') {
        return Ok(text.to_owned());
    }
    let mut canonical = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\r') {
        canonical.push_str(&rest[..at]);
        canonical.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    canonical.push_str(rest);
    Ok(canonical)
}

/// How a line of a file ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Lf,
    CrLf,
    Cr,
}

/// The first line end that is of another kind than the first of the file: its
/// place in the canonical text, and the two kinds.
pub(crate) fn mixed_line_ends(bytes: &[u8]) -> Option<(usize, [LineEnd; 2])> {
    if !bytes.contains(&b'\r') {
        return None;
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut first = None;
    let mut removed = 0;
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(next_line_end) {
        at += next;
        let end = match bytes.get(at..at + 2) {
            Some(b"\r\n") => LineEnd::CrLf,
            _ if bytes.get(at) == Some(&b'\n') => LineEnd::Lf,
            _ => LineEnd::Cr,
        };
        let first = *first.get_or_insert(end);
        if first != end {
            return Some((at - removed, [first, end]));
        }
        let is_pair = usize::from(end == LineEnd::CrLf);
        at += 1 + is_pair;
        removed += is_pair;
    }
    None
}

fn next_line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))
}

/// A place in a text, as editors count: both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The position of the byte `offset` in `text`; an offset beyond the end, or
/// inside a character, counts as the nearest character before it.
///
/// ```
/// use migrate_model::text::{Position, position};
///
/// assert_eq!(position("ä\nb", 3), Position { line: 2, column: 1 });
/// assert_eq!(position("äb", 2), Position { line: 1, column: 2 });
/// ```
pub fn position(text: &str, offset: usize) -> Position {
    let offset = floor_boundary(text, offset);
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The line of `text` that contains the byte `offset`, without its line end,
/// and the offset at which it starts.
pub fn line_at(text: &str, offset: usize) -> (usize, &str) {
    let offset = floor_boundary(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |newline| offset + newline);
    (start, &text[start..end])
}

/// A word as a message quotes it: one of a megabyte is cut.
pub(crate) fn shortened(word: &str) -> String {
    const MOST: usize = 40;
    match word.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}

/// The nearest character boundary at or before `offset`.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
