//! Names in the path of a URL.
//!
//! A server decodes the path and then cleans it: it resolves `.`, `..` and empty segments, and
//! redirects a request whose path was not clean to another path. So `app/../../acl/token` in place
//! of a key is the ACL endpoint. Programs in between (proxies, the client itself) may decode once
//! more, or read a backslash as a slash.

use regex::Regex;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// Maximum length of an escaped name: proxies and servers accept lines of at least 8 KiB.
const LONGEST: usize = 4 << 10;

/// Returns the name percent-encoded, if it arrives unchanged after the path of an endpoint.
///
/// # Errors
/// If that is not certain: the reason.
pub fn escaped(name: &str) -> Result<String, &'static str> {
    if let Some(why) = redirected(name) {
        return Err(why);
    }
    if name.contains('%') {
        return Err("a percent sign in a path may be decoded twice");
    }
    if name.contains('\\') {
        return Err("a backslash in a path may be read as a slash");
    }
    if !is_printable(name) {
        return Err("servers refuse paths with unprintable characters");
    }
    let out = percent_encoded(name);
    if out.len() > LONGEST { Err("it is too long for a path") } else { Ok(out) }
}

/// A name percent-encoded for a path, whether it arrives unchanged or not.
#[must_use]
pub fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for b in name.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// The name that was percent-encoded; `None` if a percent sign is not followed by two digits.
#[must_use]
pub fn percent_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        if b == b'%' {
            let (&[high, low], after) = after.split_first_chunk()?;
            let digit = |b: u8| char::from(b).to_digit(16);
            out.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
            rest = after;
        } else {
            out.push(b);
        }
    }
    Some(out)
}

/// The name from the output of [`escaped`]; `None` for any other text.
#[must_use]
pub fn unescaped(text: &str) -> Option<String> {
    let name = String::from_utf8(percent_decoded(text.as_bytes())?).ok()?;
    (escaped(&name).as_deref() == Ok(text)).then_some(name)
}

/// Why a server would redirect the name in a path, or not find an endpoint.
#[must_use]
pub fn redirected(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("a path cannot contain an empty name");
    }
    // A trailing slash is allowed.
    let name = name.strip_suffix('/').unwrap_or(name);
    for segment in name.split('/') {
        match segment {
            "" => return Some("servers fold empty segments of a path"),
            "." | ".." => return Some("servers resolve . and .. in a path"),
            _ => {}
        }
    }
    None
}

/// Whether all characters are printable, as servers require in a path unless
/// `disable_http_unprintable_char_filter` is set: letters, marks, numbers, punctuation, symbols and
/// the plain space, as of Unicode 12, with which 1.8.7 was built.
#[must_use]
pub fn is_printable(name: &str) -> bool {
    if name.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return true;
    }
    static PRINTABLE: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r"^[\x20[\p{L}\p{M}\p{N}\p{P}\p{S}&&\p{Age:12.0}]]*$";
    let printable = PRINTABLE.get_or_init(|| Regex::new(pattern).ok());
    printable.as_ref().is_some_and(|printable| printable.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(percent_decoded(b"a%20b%2F%ff").as_deref(), Some(&b"a b/\xff"[..]));
        assert_eq!(percent_decoded(b"bad%zzescape"), None);
        assert_eq!(percent_decoded(b"cut%2"), None);
    }

    #[test]
    fn names_are_escaped_or_refused() {
        for (name, expected) in [
            ("web", Some("web")),
            ("a/b/", Some("a/b/")),
            ("a b?c#d;e", Some("a%20b%3Fc%23d%3Be")),
            ("ç.../..x", Some("%C3%A7.../..x")),
            ("*", Some("%2A")),
            ("-x", Some("-x")),
            ("", None),
            ("/", None),
            ("/a", None),
            ("a//b", None),
            ("a//", None),
            ("..", None),
            ("a/..", None),
            ("a/../", None),
            ("./a", None),
            ("a/./b", None),
            ("%2e%2e", None),
            ("..\\a", None),
            ("a\nb", None),
            ("a\0", None),
            ("a\u{a0}b", None),
            ("a\u{2028}", None),
        ] {
            assert_eq!(escaped(name).ok().as_deref(), expected, "{name:?}");
            let back = expected.and_then(unescaped);
            assert_eq!(back.as_deref(), expected.map(|_| name), "{name:?}");
        }
        assert!(escaped(&"x".repeat(LONGEST)).is_ok());
        assert!(escaped(&"x".repeat(LONGEST + 1)).is_err());
    }

    #[test]
    fn only_what_was_escaped_is_a_name() {
        for text in ["%2e%2e", "a%2", "a%zz", "..", "a b", "%FF", "%25", "a%2Fb"] {
            assert_eq!(unescaped(text), None, "{text:?}");
        }
    }

    #[test]
    fn printable_is_what_go_prints() {
        for printable in ["ç", "emoji😀", "comb\u{301}", "\u{fffd}", "…", "a b"] {
            assert!(is_printable(printable), "{printable:?}");
        }
        // The last two came with Unicode 13 and 14.
        for not in [
            "\t",
            "\u{7f}",
            "\u{80}",
            "\u{a0}",
            "\u{ad}",
            "\u{200b}",
            "\u{feff}",
            "\u{202e}",
            "\u{e000}",
            "\u{3000}",
            "\u{1680}",
            "\u{2028}",
            "🥲",
            "\u{1fae0}",
        ] {
            assert!(!is_printable(not), "{not:?}");
        }
    }
}
