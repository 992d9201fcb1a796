//! Names of objects as file names.

use std::fmt::Write as _;

/// The longest name that every file system supports, minus space for an extension.
const LONGEST: usize = 200;

/// Encodes all characters except letters, digits and `_ . - ~` as `%XX`, as in URLs. A leading dot
/// is encoded, too. A name that is too long for a file ends in a checksum of the rest.
pub(crate) fn encoded(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, &b) in name.iter().enumerate() {
        let plain = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'~' | b'.');
        if plain && (b != b'.' || at > 0) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    if out.len() > LONGEST {
        out.truncate(LONGEST);
        let _ = write!(out, "~{:016x}", checksum(name));
    }
    out
}

/// FNV-1a: names only have to differ.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, b| {
        (sum ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Whether a file of this name can be the Parquet or Arrow file of a kind.
#[cfg(feature = "columnar")]
pub(crate) fn is_columnar(name: &str) -> bool {
    let stem = name.strip_suffix(".parquet").or_else(|| name.strip_suffix(".arrow"));
    stem.is_some_and(|stem| snapscope_objects::kinds::KINDS.iter().any(|kind| kind.name == stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_differ() {
        assert_eq!(encoded(b"ads-api.api"), "ads-api.api");
        assert_eq!(encoded(b"*"), "%2A");
        assert_eq!(encoded(b"../etc/passwd"), "%2E.%2Fetc%2Fpasswd");
        assert_eq!(encoded("é\0".as_bytes()), "%C3%A9%00");
        let (a, b) = (encoded(&[b'x'; 300]), encoded(&[b'x'; 301]));
        assert!(a != b && a.len() < 240);
    }
}
