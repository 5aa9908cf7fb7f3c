//! As much of the protocol as one needs to see messages.

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};

/// The text of a simple query, or of a statement to be prepared.
#[must_use]
pub fn sql(message: &[u8]) -> Option<&str> {
    let body = message.get(5..)?;
    let mut words = body.split(|byte| *byte == 0);
    match message[0] {
        b'Q' => {}
        // The name of the statement comes first.
        b'P' => drop(words.next()),
        _ => return None,
    }
    std::str::from_utf8(words.next()?).ok()
}

/// A message with its type and length; `typed` is false for the first of a
/// client, which has no type.
pub(super) fn message(stream: &mut impl Read, typed: bool) -> io::Result<Vec<u8>> {
    let head = if typed { 5 } else { 4 };
    let mut message = vec![0; head];
    stream.read_exact(&mut message)?;
    let length = message[head - 4..]
        .try_into()
        .map_or(0, |bytes| u32::from_be_bytes(bytes) as usize);
    let body = length.checked_sub(4).ok_or(io::ErrorKind::InvalidData)?;
    message.resize(head + body, 0);
    stream.read_exact(&mut message[head..])?;
    Ok(message)
}

/// What a client wants first.
pub(super) enum First {
    /// TLS or GSSAPI; the answer is one byte.
    Encryption,
    Session,
    /// The server closes without an answer.
    Cancel,
}

pub(super) fn first(message: &[u8]) -> First {
    match message.get(4..8) {
        Some([0x04, 0xd2, 0x16, 0x2f | 0x30]) => First::Encryption,
        Some([0x04, 0xd2, 0x16, 0x2e]) => First::Cancel,
        _ => First::Session,
    }
}

pub(super) fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}
