//! Names of several words, such as `node-1` or `health-checks`.
//!
//! A word with a fixed meaning is not a name: `service`, `node`. But somebody may have named a node
//! `node-1`. So fixed words are replaced in names that are joined by hyphens or have a number, and at the
//! beginning of such names: the rule `node_prefix "node-"` still covers `node-1`. Consul itself names the
//! proxy of `web` `web-sidecar-proxy`, which stays recognisable.

use super::language::Language;
use super::words::{is_server_text, is_word};
use std::cell::Cell;

/// Numbers of fewer digits are counters and ports.
const LEAST_DIGITS: usize = 6;
/// The end of the names of proxies.
const PROXY: &[u8] = b"-sidecar-proxy";

pub(super) const fn is_letter(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80
}

/// The length of the word at the start of a text.
pub(super) fn word_length(text: &[u8]) -> usize {
    text.iter().take_while(|b| is_letter(**b)).count()
}

/// Whether a word is a short number.
pub(super) fn is_counter(word: &[u8]) -> bool {
    word.len() < LEAST_DIGITS && word.iter().all(u8::is_ascii_digit)
}

/// The names of several words in a text. If positions are requested in order, each name is examined
/// once.
#[derive(Debug)]
pub(super) struct Compounds<'t> {
    text: &'t [u8],
    language: Language,
    /// Where the last one starts and ends, and up to where its fixed words are replaced.
    last: Cell<(usize, usize, usize)>,
}

impl<'t> Compounds<'t> {
    pub(super) const fn new(text: &'t [u8], language: Language) -> Self {
        Self { text, language, last: Cell::new((0, 0, 0)) }
    }

    /// Whether the word at a position is part of a name whose fixed words are replaced.
    pub(super) fn is_of_fixed_words(&self, at: usize) -> bool {
        let (start, end, to) = self.last.get();
        if (start..end).contains(&at) {
            return at < to;
        }
        let is_joined = |b: &u8| is_letter(*b) || matches!(b, b'-' | b'_');
        let before = self.text.get(..at).unwrap_or(&[]);
        let start = before.iter().rposition(|b| !is_joined(b)).map_or(0, |last| last + 1);
        let (before, rest) = self.text.split_at_checked(start).unwrap_or((&[], self.text));
        let length = rest.iter().take_while(|b| is_joined(b)).count();
        let name = rest.get(..length).unwrap_or(rest);
        let to = match is_of_fixed_words(before, name, self.language) {
            true => start + name.strip_suffix(PROXY).unwrap_or(name).len(),
            false => start,
        };
        self.last.set((start, start + length, to));
        at < to
    }
}

fn is_of_fixed_words(before: &[u8], name: &[u8], language: Language) -> bool {
    if is_server_text(name) || is_word(name) {
        return false;
    }
    let may_be_pattern = language == Language::Syntax;
    // A set of characters in a pattern.
    if may_be_pattern && (before.ends_with(b"[") || before.ends_with(b"[^")) {
        return false;
    }
    let words = || name.split(|b| !is_letter(*b)).filter(|word| !word.is_empty());
    if words().any(is_counter) {
        return words().any(|word| !is_counter(word));
    }
    // With `_`, it may be a keyword of a rule, or a setting. A pattern may continue after a hyphen.
    name.contains(&b'-') && (words().count() > 1 || !may_be_pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_names(text: &str, language: Language) -> bool {
        Compounds::new(text.as_bytes(), language).is_of_fixed_words(0)
    }

    #[test]
    fn names_of_fixed_words_are_told_from_fixed_words() {
        for name in [
            "node-1",
            "service_12",
            "node-",
            "health-checks",
            "web-1-service",
            "k-read",
            "web-node",
        ] {
            assert!(has_names(name, Language::Plain), "{name}");
        }
        for text in ["node", "service_prefix", "connect-proxy", "external-node", "12-5"] {
            assert!(!has_names(text, Language::Plain), "{text}");
        }
        assert!(has_names("node-1", Language::Syntax) && has_names("node-1", Language::Rules));
        let proxy = Compounds::new(b"node-sidecar-proxy", Language::Plain);
        for (at, is_one) in [(0, true), (5, false), (13, false)] {
            assert_eq!(proxy.is_of_fixed_words(at), is_one, "{at}");
        }
        assert!(!Compounds::new(b"[a-z0-9]", Language::Syntax).is_of_fixed_words(1));
        let compounds = Compounds::new(b"key/my-node-1/node", Language::Plain);
        for (at, is_one) in [(0, false), (4, true), (7, true), (14, false)] {
            assert_eq!(compounds.is_of_fixed_words(at), is_one, "{at}");
        }
    }
}
