//! Fits text to a width: measures it, shortens it, breaks its lines.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Replaces the omitted part.
const ELLIPSIS: &str = "...";

/// Columns that text takes on a screen.
pub(crate) fn width(text: &str) -> usize {
    // True for most text.
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The longest beginning that is not wider than this.
fn beginning(text: &str, most: usize) -> &str {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > most {
            return text.get(..at).unwrap_or("");
        }
    }
    text
}

/// The longest end that is not wider than this.
fn end(text: &str, most: usize) -> &str {
    let mut taken = 0;
    for (at, c) in text.char_indices().rev() {
        taken += c.width().unwrap_or(0);
        if taken > most {
            return text.get(at + c.len_utf8()..).unwrap_or("");
        }
    }
    text
}

/// Text without its end, if it is wider.
pub(crate) fn without_end(text: &str, most: usize) -> Cow<'_, str> {
    if width(text) <= most {
        return text.into();
    }
    match most.checked_sub(ELLIPSIS.len()) {
        None => beginning(ELLIPSIS, most).into(),
        Some(left) => format!("{}{ELLIPSIS}", beginning(text, left)).into(),
    }
}

/// Text without its end, if it is wider. A list of names loses whole names, if one of them fits.
pub(crate) fn without_last_items(text: &str, most: usize) -> Cow<'_, str> {
    const BETWEEN: &str = ", ";
    if width(text) <= most {
        return text.into();
    }
    let room = most.saturating_sub(BETWEEN.len() + ELLIPSIS.len());
    let ends = text.match_indices(BETWEEN).map_while(|(at, _)| text.get(..at));
    let fitting = ends.take_while(|items| width(items) <= room).last();
    let is_name = |item: &str| !item.is_empty() && !item.contains(' ');
    let is_list = |items: &&str| items.split(BETWEEN).all(is_name);
    match fitting.filter(is_list) {
        Some(items) => format!("{items}{BETWEEN}{ELLIPSIS}").into(),
        None => without_end(text, most),
    }
}

/// Text without its middle, if it is wider: names often differ only at the end.
pub(crate) fn without_middle(text: &str, most: usize) -> Cow<'_, str> {
    if width(text) <= most {
        return text.into();
    }
    match most.checked_sub(ELLIPSIS.len()) {
        None => beginning(ELLIPSIS, most).into(),
        Some(left) => {
            let tail = left / 2;
            format!("{}{ELLIPSIS}{}", beginning(text, left - tail), end(text, tail)).into()
        }
    }
}

/// Splits text at blanks into lines that are not wider than this. A wider word is not broken.
pub(crate) fn lines(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut taken) = (String::new(), 0);
    for (at, word) in text.split(' ').enumerate() {
        let wide = width(word);
        if at > 0 && taken + 1 + wide > most {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        } else if at > 0 {
            line.push(' ');
            taken += 1;
        }
        line.push_str(word);
        taken += wide;
    }
    lines.push(line);
    lines
}

/// Breaks the lines of a text at blanks and indents the continuations. Lines that are already
/// indented stay unchanged: they are columns.
pub(crate) fn wrapped(text: &str, most: usize, indent: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        if width(content) <= most || content.starts_with(' ') || most < 2 * indent {
            out.push_str(line);
            continue;
        }
        // The first line is not indented, but has the same width.
        for (at, part) in lines(content, most - indent).iter().enumerate() {
            if at > 0 {
                out.push('\n');
                (0..indent).for_each(|_| out.push(' '));
            }
            out.push_str(part);
        }
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// Text for people as standard output shows it: on a terminal, lines are broken at words.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    match crate::tty::width() {
        Some(most) => text.split_inclusive('\n').map(|line| hanging(line, most)).collect(),
        None => text.into(),
    }
}

/// A line broken at words; its continuations are indented.
fn hanging(line: &str, most: usize) -> String {
    let content = line.trim_start_matches(' ');
    let indent = line.len() - content.len();
    if width(line) <= most || indent + 20 > most {
        return line.to_owned();
    }
    let inner = wrapped(content, most - indent, 2).replace('\n', &format!("\n{:indent$}", ""));
    // Nothing follows the last line end.
    let inner = inner
        .strip_suffix(&format!("\n{:indent$}", ""))
        .map_or(inner.clone(), |text| format!("{text}\n"));
    format!("{:indent$}{inner}", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_too_wide_loses_its_end_or_its_middle() {
        assert_eq!(without_end("abcdefghij", 10), "abcdefghij");
        assert_eq!(without_end("abcdefghij", 8), "abcde...");
        assert_eq!(without_middle("abcdefghij", 8), "abc...ij");
        assert_eq!(without_middle("你好你好你好", 9), "你...好");
        assert_eq!((without_end("abcd", 2), without_middle("abcd", 0)), ("..".into(), "".into()));
    }

    #[test]
    fn a_list_loses_whole_names() {
        let names = "policy-1, policy-22, policy-333";
        assert_eq!(without_last_items(names, 31), names);
        assert_eq!(without_last_items(names, 30), "policy-1, policy-22, ...");
        assert_eq!(without_last_items(names, 23), "policy-1, ...");
        assert_eq!(without_last_items(names, 12), "policy-1,...");
        assert_eq!(without_last_items("free text, with a comma", 20), "free text, with a...");
    }

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("one-two-three four", 5), ["one-two-three", "four"]);
        assert_eq!(
            wrapped("a bb ccc dddd\n  a bb ccc dddd\n", 9, 2),
            "a bb\n  ccc\n  dddd\n  a bb ccc dddd\n"
        );
    }

    #[test]
    fn what_follows_a_break_hangs_below() {
        assert_eq!(
            hanging("  word after word after word\n", 24),
            "  word after word\n    after word\n"
        );
        assert_eq!(hanging("short\n", 24), "short\n");
        assert_eq!(hanging("no end and no end and no end", 22), "no end and no end\n  and no end");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be(text in "[a-zé你 ]{0,60}", most in 0usize..70) {
            prop_assert!(width(&without_end(&text, most)) <= most);
            prop_assert!(width(&without_middle(&text, most)) <= most);
            prop_assert!(width(&without_last_items(&text.replace(' ', ", "), most)) <= most);
            let widest = text.split(' ').map(width).max().unwrap_or(0).max(most);
            prop_assert!(lines(&text, most).iter().all(|line| width(line) <= widest));
            prop_assert_eq!(lines(&text, most).join(" "), text);
        }
    }
}
