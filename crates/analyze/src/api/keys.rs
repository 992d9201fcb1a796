//! Keys: in transactions, in paths, in `consul kv import`, and in the checks of newer servers.

use super::path::percent_decoded;
use super::{LARGEST_VALUE, path};

/// Maximum number of operations in one transaction.
pub const MOST_OPERATIONS: usize = 64;

/// The key as it is in a transaction (`/v1/txn`): in the body, where it arrives unchanged.
///
/// # Errors
/// The reason if it cannot be in one.
pub fn in_transaction(key: &[u8]) -> Result<&str, &'static str> {
    match std::str::from_utf8(key) {
        Ok("") => Err("servers refuse the empty key"),
        Ok(key) => Ok(key),
        Err(_) => Err("its key is not UTF-8, which JSON cannot express"),
    }
}

/// What `consul kv import` does with a key that it does not write unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Import {
    /// The command or the server refuses it, and the import stops.
    Refused(&'static str),
    /// It is written to another key, or reported as written although it is not.
    Elsewhere(&'static str),
    /// It is not UTF-8: JSON cannot express it, and contains another key in its place.
    NotText,
}

impl Import {
    /// Why.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Refused(why) | Self::Elsewhere(why) => why,
            Self::NotText => "it is not UTF-8, which JSON cannot express",
        }
    }
}

/// What `consul kv import`, which puts each key to its own path, does with a key and a value of
/// that size; `None` if it writes them unchanged.
#[must_use]
pub fn imported(key: &[u8], value: usize) -> Option<Import> {
    let Ok(text) = std::str::from_utf8(key) else {
        return Some(Import::NotText);
    };
    if text.is_empty() {
        return Some(Import::Refused("servers refuse the empty key"));
    }
    if text.starts_with('/') {
        return Some(Import::Refused("the command refuses a leading slash"));
    }
    if !path::is_printable(text) {
        return Some(Import::Refused("servers refuse unprintable characters"));
    }
    if value > LARGEST_VALUE {
        return Some(Import::Refused("servers refuse values over 512 KiB"));
    }
    path::redirected(text).map(Import::Elsewhere)
}

/// The checks of newer servers for keys in paths. They do not apply in transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewerCheck {
    /// All versions with the fix for CVE-2025-11392: 1.22 and later, and 1.21 after 1.21.5, unless
    /// `disable_kv_key_validation` is set.
    Kept(&'static str),
    /// Only 1.21.5, which allows few characters (GH-22822), unless
    /// `disable_http_unprintable_char_filter` is set.
    Only1215,
}

/// The bytes that all servers take. A table, because every key is checked.
static TAKEN: [bool; 256] = {
    let mut taken = [false; 256];
    let mut byte = 0u8;
    loop {
        taken[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b',' | b'_' | b'.' | b'/' | b'-' | b'?' | b'&' | b'=');
        if byte == u8::MAX {
            break taken;
        }
        byte += 1;
    }
};

/// Returns the check of newer servers that refuses a key.
#[must_use]
pub fn newer_check(key: &[u8]) -> Option<NewerCheck> {
    let only_taken = key.iter().all(|byte| TAKEN[usize::from(*byte)]);
    // Nearly all keys have neither spaces nor percent signs, nor adjacent dots.
    if only_taken && !has_adjacent_dots(key) {
        return None;
    }
    let kept = |why| Some(NewerCheck::Kept(why));
    if key.starts_with(b" ") || key.ends_with(b" ") {
        return kept("a space at its start or end");
    }
    if key.split(|b| *b == b'/').any(|segment| segment == b"..") {
        return kept("..");
    }
    match unescaped(key) {
        Some(decoded) if has_adjacent_dots(&decoded) => kept(".. percent-encoded"),
        Some(decoded) if decoded.contains(&b' ') => kept("a space beside percent signs"),
        _ => Some(NewerCheck::Only1215),
    }
}

fn has_adjacent_dots(key: &[u8]) -> bool {
    key.windows(2).any(|pair| pair == b"..")
}

/// The percent-decoded key; `None` if there is nothing to decode, or decoding fails.
fn unescaped(key: &[u8]) -> Option<Vec<u8>> {
    percent_decoded(key).filter(|decoded| decoded.len() != key.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_checks_are_those_of_the_servers() {
        // From the tests of 1.22 and the reports about 1.21.5.
        for fine in [
            "foo",
            "foo/bar/baz",
            "foo-bar",
            "foo_bar",
            "foo.bar",
            "foo,bar",
            "a=b",
            "a&b",
            "a?b",
            "/lead",
            "a//b",
        ] {
            assert_eq!(newer_check(fine.as_bytes()), None, "{fine}");
        }
        for only in [
            "foo bar",
            "foo:bar",
            "foo;bar",
            "fooçbar",
            "foo%bar",
            "foo/bar/baz%2Fqux",
            "con..fig",
            "foo+bar",
            "a*b",
        ] {
            assert_eq!(newer_check(only.as_bytes()), Some(NewerCheck::Only1215), "{only}");
        }
        for kept in [
            "foo ",
            " foo",
            "../../etc/passwd",
            "a/..",
            "..%2F..%2Fetc%2Fpasswd",
            "%2E%2E/config",
            "x%20y",
            "a b%41",
        ] {
            assert!(matches!(newer_check(kept.as_bytes()), Some(NewerCheck::Kept(_))), "{kept}");
        }
    }

    #[test]
    fn what_an_import_makes_of_keys() {
        let elsewhere = ["a//b", "up/../etc/foo", "x/.", ".."];
        for key in elsewhere {
            assert!(matches!(imported(key.as_bytes(), 0), Some(Import::Elsewhere(_))), "{key}");
        }
        for key in ["", "/lead", "//", "a\tb", "key\u{a0}nbsp", "k\u{2028}ls", "a\0b"] {
            assert!(matches!(imported(key.as_bytes(), 0), Some(Import::Refused(_))), "{key:?}");
        }
        for key in ["a", "dir/", " lead", "..%2F..", "h#frag", "q?x=1", "qmslkçj", "a\\b", "..."] {
            assert_eq!(imported(key.as_bytes(), LARGEST_VALUE), None, "{key}");
        }
        assert!(imported(b"a", LARGEST_VALUE + 1).is_some());
        assert!(imported(b"\xff", 0).is_some());
    }
}
