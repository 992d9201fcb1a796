//! Commands to repeat, as lines for a shell.

use crate::render::escape::one_line;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A path that cannot be mistaken for a flag.
pub(crate) fn named(path: &Path) -> OsString {
    let looks_like_a_flag = path.as_os_str().as_encoded_bytes().starts_with(b"-");
    if looks_like_a_flag { Path::new(".").join(path).into() } else { path.into() }
}

/// Words as a line for a POSIX shell; `None` if one of them cannot be shown as it is.
pub(crate) fn shell_words(words: &[OsString]) -> Option<String> {
    let quoted: Option<Vec<String>> = words.iter().map(|word| quoted(word)).collect();
    quoted.map(|words| words.join(" "))
}

fn quoted(word: &OsStr) -> Option<String> {
    let text = word.to_str().filter(|text| one_line(text.as_bytes()) == *text)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:,+@%=".contains(&b);
    let is_plain = !text.is_empty() && text.bytes().all(plain);
    Some(if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_a_shell_unchanged() {
        for (word, expected) in [
            ("backup.snap", "backup.snap"),
            ("http://127.0.0.1:8500", "http://127.0.0.1:8500"),
            ("a b", "'a b'"),
            ("it's; $(rm) `x`", r"'it'\''s; $(rm) `x`'"),
            ("http://[::1]:8500", "'http://[::1]:8500'"),
            ("", "''"),
            ("~/x", "'~/x'"),
        ] {
            assert_eq!(quoted(OsStr::new(word)).as_deref(), Some(expected));
        }
        assert_eq!(quoted(OsStr::new("two\nlines")), None);
        assert_eq!(named(Path::new("-y")), OsString::from("./-y"));
    }
}
