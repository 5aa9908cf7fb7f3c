//! Line endings of a file, and words in messages.

/// The first line ending that differs from the first one of the file: its offset in the canonical
/// text, and the names of the two kinds.
pub(crate) fn mixed_line_ends(bytes: &[u8]) -> Option<(usize, [&'static str; 2])> {
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
            Some(b"\r\n") => "CRLF",
            _ if bytes.get(at) == Some(&b'\n') => "LF",
            _ => "CR",
        };
        let first = *first.get_or_insert(end);
        if first != end {
            return Some((at - removed, [first, end]));
        }
        let is_pair = usize::from(end == "CRLF");
        at += 1 + is_pair;
        removed += is_pair;
    }
    None
}

fn next_line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))
}

/// A word for use in a message; a long one is truncated.
pub(crate) fn shortened(word: &str) -> String {
    const MOST: usize = 40;
    match word.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}
