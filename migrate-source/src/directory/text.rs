//! Decoding the bytes of a file to canonical text.

use crate::diagnostic::{Code, Diagnostic};
use migrate_scan::Engine;
use migrate_scan::text::canonicalize;

/// The canonical text of a file, or `None` if its bytes are not valid text.
pub(crate) fn canonical(
    path: &str,
    bytes: &[u8],
    engine: Engine,
    out: &mut Vec<Diagnostic>,
) -> Option<String> {
    if u32::try_from(bytes.len()).is_err() {
        out.push(unreadable(path, "it has 4 GiB or more"));
        return None;
    }
    match canonicalize(bytes) {
        Ok(text) => {
            if let Some(at) = text.find('\0') {
                out.push(nul_byte(path, &text, at, engine));
                return None;
            }
            Some(text)
        }
        Err(at) => {
            out.push(not_utf8(path, bytes, at));
            None
        }
    }
}

pub(crate) fn unreadable(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::of_path(
        Code::UnreadableFile,
        path,
        format!("this file cannot be read: {reason}"),
        "make it readable, or remove it",
    )
}

fn not_utf8(path: &str, bytes: &[u8], at: usize) -> Diagnostic {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        // There is no excerpt: every other character of it would be a NUL.
        return Diagnostic::of_path(
            Code::NotUtf8,
            path,
            "this file is not UTF-8, but seems to be UTF-16",
            "save the file as UTF-8",
        );
    }
    let byte = bytes.get(at).copied().unwrap_or_default();
    let (before, damaged) = bytes.split_at(at);
    // The bytes before the damage are valid; the length of their canonical text is the
    // position of the damage.
    let mut text = canonicalize(before).unwrap_or_default();
    let at = text.len();
    text.push_str(&String::from_utf8_lossy(damaged));
    Diagnostic::in_text(
        Code::NotUtf8,
        path,
        &text,
        at..at + 1,
        format!("this file is not UTF-8: the byte 0x{byte:02X} is invalid here"),
        "save the file as UTF-8",
    )
}

/// SQLite stops reading at a NUL, and silently ignores what follows. In PostgreSQL's protocol a
/// NUL ends the text of a query.
fn nul_byte(path: &str, text: &str, at: usize, engine: Engine) -> Diagnostic {
    let message = match engine {
        Engine::Sqlite => "a NUL byte: SQLite would silently ignore everything after it",
        Engine::Postgres => "a NUL byte, which cannot be sent to PostgreSQL",
    };
    Diagnostic::in_text(
        Code::NulByte,
        path,
        text,
        at..at + 1,
        message,
        "remove the byte; if the file is UTF-16, save it as UTF-8",
    )
}
