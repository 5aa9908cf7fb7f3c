//! Percent-encoding of URLs.

/// Characters that must be encoded in a URI, besides control characters and
/// non-ASCII ones. The paths are relative, so a colon would turn the first part
/// into a scheme.
const RESERVED: &[u8] = b" \"#%:<>?[\\]^`{|}";

/// Encodes the path of a file as a URI.
pub(crate) fn encode_path(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            byte if byte.is_ascii_graphic() && !RESERVED.contains(&byte) => {
                uri.push(char::from(byte));
            }
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

/// Decodes a text to bytes. A `%` that is not followed by two hexadecimal
/// digits is kept.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%'
            && let [high, low, after @ ..] = after
            && let Some(byte) = byte_of(*high, *low)
        {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(first);
        }
    }
    bytes
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |it: u8| char::from(it).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_digits() {
        assert_eq!(encode_path("a/b-1.sql"), "a/b-1.sql");
        assert_eq!(encode_path("a b%\u{7f}:ü.sql"), "a%20b%25%7F%3A%C3%BC.sql");
        assert_eq!(encode_path("[a]\\{b}|^`~!"), "%5Ba%5D%5C%7Bb%7D%7C%5E%60~!");
    }

    #[test]
    fn digits_are_read_as_bytes() {
        assert_eq!(decode("a%20b%c3%BC"), "a bü".as_bytes());
        assert_eq!(decode("%ff%"), [0xff, b'%']);
        for same in ["100%", "%2", "%zz", "%+1", "", "ü"] {
            assert_eq!(decode(same), same.as_bytes());
        }
    }
}
