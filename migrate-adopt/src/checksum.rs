//! The checksums of other tools, and their comparison with files.
//!
//! Each tool hashes the bytes on the disk where it was built, so a checkout with
//! different line endings has a different checksum. A file counts as the same
//! if it matches with either line ending, with or without a byte-order mark.

use md5::Md5;
use sha2::{Digest, Sha256, Sha384};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// A checksum in the history of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OldChecksum {
    /// refinery: SipHash-1-3 over name, version and text.
    Sip(u64),
    /// sqlx: SHA-384 of the text.
    Sha384(Vec<u8>),
    /// flyway: CRC-32 over the lines.
    Crc32(i32),
    /// `archon`: MD5 in hexadecimal digits.
    Md5(String),
    /// `numbered`: the first digits of a SHA-256.
    Sha256(String),
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether these bytes have that checksum. Some tools also hash the name and the
/// version.
pub(crate) fn matches(old: &OldChecksum, name: &str, id: &str, bytes: &[u8]) -> bool {
    spellings(bytes).iter().any(|bytes| match old {
        OldChecksum::Sip(old) => refinery(name, id, bytes).contains(old),
        OldChecksum::Sha384(old) => Sha384::digest(bytes)[..] == old[..],
        OldChecksum::Crc32(old) => flyway(bytes) == *old,
        OldChecksum::Md5(old) => is_hex_of(old, &Md5::digest(bytes)),
        OldChecksum::Sha256(old) => is_hex_of(old, &Sha256::digest(bytes)),
    })
}

/// The bytes as they are, and with the line endings of another checkout.
fn spellings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let bare = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut spellings = vec![bytes.to_vec(), bare.to_vec()];
    if let Ok(text) = str::from_utf8(bare) {
        let lf = text.replace("\r\n", "\n");
        spellings.push(lf.replace('\n', "\r\n").into_bytes());
        // Some tools hash the byte-order mark as part of the text.
        spellings.push([MARK, lf.as_bytes()].concat());
        spellings.push(lf.into_bytes());
    }
    spellings
}

/// Tries both widths of versions. refinery used the wider one before April 2020,
/// and still does with the feature `int8-versions`.
fn refinery(name: &str, id: &str, bytes: &[u8]) -> Vec<u64> {
    let Ok(version) = id.parse::<i64>() else {
        return Vec::new();
    };
    let hash = |version: &[u8]| {
        let mut hasher = SipHasher13::new();
        // The standard library hashes a string with a terminating byte.
        hasher.write(name.as_bytes());
        hasher.write_u8(0xFF);
        hasher.write(version);
        hasher.write(bytes);
        hasher.write_u8(0xFF);
        hasher.finish()
    };
    let mut hashes = vec![hash(&version.to_le_bytes())];
    if let Ok(short) = i32::try_from(version) {
        hashes.push(hash(&short.to_le_bytes()));
    }
    hashes
}

/// flyway hashes lines without their endings, so those make no difference.
fn flyway(bytes: &[u8]) -> i32 {
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let mut hasher = crc32fast::Hasher::new();
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        hasher.update(line);
    }
    hasher.finalize().cast_signed()
}

/// Whether the hash begins with these digits, and there are enough of them.
fn is_hex_of(digits: &str, hash: &[u8]) -> bool {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.len() >= 16 && hex.starts_with(&digits.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &[u8] = b"CREATE TABLE a(id INTEGER);\n";

    /// Checksums written by refinery 0.10.1.
    #[test]
    fn refinery_writes_these() {
        let is = |hash, name, id, bytes| matches(&OldChecksum::Sip(hash), name, id, bytes);
        assert!(is(11573172759475866036, "a", "1", A));
        assert!(is(12733362495276473338, "a", "1", A), "eight bytes");
        let b = b"CREATE TABLE b(id INTEGER);\n";
        assert!(is(1724347979373630090, "b", "2", b));
        for bytes in [b"SELECT 'x';\n".as_slice(), b"SELECT 'x';\r\n"] {
            assert!(is(9382347694734239111, "weird_name", "7", bytes));
            assert!(is(8771978270742379587, "weird_name", "7", bytes));
        }
        assert!(!is(11573172759475866036, "b", "1", A));
        assert!(!is(11573172759475866036, "a", "2", A));
        assert!(!is(11573172759475866036, "a", "x", A));
        assert!(!is(11573172759475866036, "a", "1", b));
    }

    /// A checksum written by sqlx 0.8.
    #[test]
    fn sqlx_writes_this() {
        let hex = "f483e4997b45e17458061dd6a7c468ed30421167ab0c293e\
                   29edb3a590d3bb56e07dd8d5f91900cd7931f121b7fa4e86";
        let old: Vec<u8> = (0..48)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        let old = OldChecksum::Sha384(old);
        assert!(matches(&old, "", "1", b"CREATE TABLE a(i);\n"));
        assert!(matches(&old, "", "1", b"CREATE TABLE a(i);\r\n"));
        assert!(matches(&old, "", "1", b"\xEF\xBB\xBFCREATE TABLE a(i);\n"));
        assert!(!matches(&old, "", "1", b"CREATE TABLE a(i);"));
        assert!(!matches(&old, "", "1", b"CREATE TABLE a(j);\n"));
        assert!(!matches(&OldChecksum::Sha384(Vec::new()), "", "1", A));
    }

    /// Every pair of hashed bytes and current bytes.
    #[test]
    fn line_ends_and_marks_make_no_difference() {
        let texts: [&[u8]; 4] = [
            b"a;\nb;\n",
            b"a;\r\nb;\r\n",
            b"\xEF\xBB\xBFa;\nb;\n",
            b"\xEF\xBB\xBFa;\r\nb;\r\n",
        ];
        for hashed in texts.iter().take(3) {
            let old = OldChecksum::Sha384(Sha384::digest(hashed).to_vec());
            for here in texts {
                assert!(matches(&old, "", "1", here), "{hashed:?} {here:?}");
            }
        }
    }

    /// The check value of the algorithm, split into lines.
    #[test]
    fn flyway_hashes_lines_without_their_ends() {
        let old = OldChecksum::Crc32(0xCBF4_3926_u32.cast_signed());
        for bytes in [
            b"123456789".as_slice(),
            b"123\n456\r\n789\n",
            b"\xEF\xBB\xBF1234\r56789\n",
            b"\n\n123456789",
        ] {
            assert!(matches(&old, "", "1", bytes), "{bytes:?}");
        }
        assert!(!matches(&old, "", "1", b"12345678"));
        assert!(!matches(&old, "", "1", b"123456789\n\xEF\xBB\xBF"));
        assert_eq!(flyway(b""), 0);
    }

    #[test]
    fn hexadecimal_digits_are_compared_as_far_as_they_go() {
        let md5 = |digits: &str| OldChecksum::Md5(digits.to_owned());
        assert!(matches(
            &md5("900150983cd24fb0d6963f7d28e17f72"),
            "",
            "",
            b"abc"
        ));
        assert!(matches(
            &md5("900150983CD24FB0D6963F7D28E17F72"),
            "",
            "",
            b"abc"
        ));
        assert!(!matches(
            &md5("900150983cd24fb0d6963f7d28e17f73"),
            "",
            "",
            b"abc"
        ));
        let sha = |digits: &str| OldChecksum::Sha256(digits.to_owned());
        assert!(matches(&sha("ba7816bf8f01cfea"), "", "", b"abc"));
        assert!(!matches(&sha("ba7816bf8f01cfeb"), "", "", b"abc"));
        assert!(
            !matches(&sha(""), "", "", b"abc"),
            "no digits prove nothing"
        );
    }
}
