//! The canonical text of a file, and positions in it.

/// Converts the bytes of a file to canonical text: UTF-8, with one leading byte-order mark
/// removed, and with CRLF and lone CR converted to LF.
///
/// The canonical text is hashed, embedded and executed: a checkout with other line endings
/// has the same checksum and the same effect.
///
/// # Errors
///
/// Returns the offset of the first byte that is not UTF-8.
///
/// ```
/// use migrate_scan::text::canonicalize;
///
/// assert_eq!(canonicalize(b"\xEF\xBB\xBFa\r\nb\rc\n"), Ok("a\nb\nc\n".to_owned()));
/// assert_eq!(canonicalize(b"ok \xFF"), Err(3));
/// ```
pub fn canonicalize(bytes: &[u8]) -> Result<String, usize> {
    let decoded = std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())?;
    let text = decoded.strip_prefix('\u{feff}').unwrap_or(decoded);
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

/// A position in a text as editors show it: line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The position of the byte `offset` in `text`. An offset past the end, or inside a
/// character, is rounded down to the nearest character boundary.
///
/// ```
/// use migrate_scan::text::{position, Position};
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

/// The line of `text` that contains the byte `offset`, without its line ending, and the offset
/// of its first byte.
pub fn line_at(text: &str, offset: usize) -> (usize, &str) {
    let offset = floor_boundary(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |newline| offset + newline);
    (start, &text[start..end])
}

/// The nearest character boundary at or before `offset`.
pub fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
