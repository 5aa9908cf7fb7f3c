//! Checksums of scripts.

use hmac_sha256::Hash as Sha256;
use std::fmt;

const PREFIX: &str = "sha256:";

/// The SHA-256 of a script's canonical text, written `sha256:HEX`.
///
/// It holds the 64 lower-case hexadecimal digits rather than the 32 bytes. The history table
/// stores digits, so comparing at start-up needs no conversion.
///
/// ```
/// use migrate_model::Checksum;
///
/// let checksum = Checksum::of("CREATE TABLE a(x);\n");
/// assert_eq!(Checksum::parse(&checksum.to_string()), Some(checksum));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum([u8; 64]);

impl Checksum {
    /// Hashes a canonical text; see
    /// [`canonicalize`](migrate_scan::text::canonicalize).
    pub fn of(canonical: &str) -> Checksum {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 64];
        for (pair, byte) in hex
            .chunks_exact_mut(2)
            .zip(Sha256::hash(canonical.as_bytes()))
        {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Checksum(hex)
    }

    /// Creates a checksum from 64 lower-case hexadecimal digits. In a `const`, anything else
    /// fails the build.
    ///
    /// # Panics
    ///
    /// Panics if a byte is not one of `0`–`9`, `a`–`f`. Use
    /// [`Checksum::parse`] for untrusted text.
    #[track_caller]
    pub const fn from_hex(hex: [u8; 64]) -> Checksum {
        assert!(
            is_hex(&hex),
            "a checksum is 64 lower-case hexadecimal digits"
        );
        Checksum(hex)
    }

    /// Parses `sha256:HEX`, the form in the history table.
    pub fn parse(text: &str) -> Option<Checksum> {
        let hex: [u8; 64] = text.strip_prefix(PREFIX)?.as_bytes().try_into().ok()?;
        is_hex(&hex).then_some(Checksum(hex))
    }

    /// The 64 digits, without the prefix.
    pub fn hex(&self) -> &str {
        // Every constructor checks the digits, so the default is never used.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether `text` is this checksum in the form `sha256:HEX`, without
    /// allocating.
    pub fn matches(&self, text: &[u8]) -> bool {
        text.len() == PREFIX.len() + 64
            && text.starts_with(PREFIX.as_bytes())
            && text[PREFIX.len()..] == self.0
    }
}

const fn is_hex(digits: &[u8; 64]) -> bool {
    let mut i = 0;
    while i < digits.len() {
        if !matches!(digits[i], b'0'..=b'9' | b'a'..=b'f') {
            return false;
        }
        i += 1;
    }
    true
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(self.hex())
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}
