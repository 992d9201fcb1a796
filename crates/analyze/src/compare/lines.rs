//! Texts compared line by line.

use similar::{Algorithm, ChangeTag, TextDiff};
use std::fmt;

/// The change of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is in both, next to one that is not.
    Same,
    /// It is only in the first text.
    Removed,
    /// It is only in the second one.
    Added,
    /// This number of lines that are in both are left out.
    Gap(usize),
}

/// A line of a text that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its change.
    pub sign: Sign,
    /// The line without its end; empty for a gap.
    pub text: String,
}

/// The line, with its sign in front.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sign {
            Sign::Same => write!(f, " {}", self.text),
            Sign::Removed => write!(f, "-{}", self.text),
            Sign::Added => write!(f, "+{}", self.text),
            Sign::Gap(1) => f.write_str("@ 1 unchanged line"),
            Sign::Gap(n) => write!(f, "@ {n} unchanged lines"),
        }
    }
}

/// Lines shown beside those that differ.
const AROUND: usize = 2;
/// Longer texts are described by length and hash: nobody reads their lines, and finding the
/// shortest edit may take long.
const MOST_LINES: usize = 10_000;

/// Whether bytes are human-readable text.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')))
}

/// The lines that differ with those around them; `None` if the texts are too long for that.
pub(super) fn lines(before: &str, after: &str) -> Option<Vec<Line>> {
    if before.lines().count().max(after.lines().count()) > MOST_LINES {
        return None;
    }
    // A missing line break at the end is reported only if nothing else differs.
    let ended = |text: &str| match text {
        "" => String::new(),
        text => format!("{}\n", text.strip_suffix('\n').unwrap_or(text)),
    };
    let (with_end, with_end_too) = (ended(before), ended(after));
    let (old, new) = if with_end == with_end_too {
        (before, after)
    } else {
        (with_end.as_str(), with_end_too.as_str())
    };
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    let mut all = Vec::new();
    for change in diff.iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Equal => Sign::Same,
            ChangeTag::Delete => Sign::Removed,
            ChangeTag::Insert => Sign::Added,
        };
        let whole = change.value();
        let mut text = whole.strip_suffix('\n').unwrap_or(whole).to_owned();
        if whole.len() == text.len() {
            text.push_str(" (no newline at the end)");
        }
        all.push(Line { sign, text });
    }
    Some(with_gaps(all))
}

/// Leaves out lines that are far from any that differs.
fn with_gaps(all: Vec<Line>) -> Vec<Line> {
    let differs: Vec<usize> = (0..all.len()).filter(|at| all[*at].sign != Sign::Same).collect();
    let mut next = 0;
    let mut left_out = 0;
    let mut out = Vec::new();
    for (at, line) in all.into_iter().enumerate() {
        while differs.get(next).is_some_and(|d| *d + AROUND < at) {
            next += 1;
        }
        if differs.get(next).is_some_and(|d| at + AROUND >= *d) {
            if left_out > 0 {
                out.push(Line { sign: Sign::Gap(left_out), text: String::new() });
                left_out = 0;
            }
            out.push(line);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        out.push(Line { sign: Sign::Gap(left_out), text: String::new() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> Vec<String> {
        let sign = |line: &Line| match line.sign {
            Sign::Same => format!(" {}", line.text),
            Sign::Removed => format!("-{}", line.text),
            Sign::Added => format!("+{}", line.text),
            Sign::Gap(n) => format!("@{n}"),
        };
        lines(before, after).unwrap().iter().map(sign).collect()
    }

    #[test]
    fn lines_far_from_a_difference_are_left_out() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = before.replace("5\n", "five\n");
        let expected = ["@2", " 3", " 4", "-5", "+five", " 6", " 7", "@2"];
        assert_eq!(shown(before, &after), expected);
    }

    #[test]
    fn the_end_of_the_last_line_is_a_difference_only_if_it_differs() {
        assert_eq!(shown("a\nb", "a\nc\n"), [" a", "-b", "+c"]);
        assert_eq!(shown("a", "a\nb"), [" a", "+b"]);
        assert_eq!(shown("a", "a\n"), ["-a (no newline at the end)", "+a"]);
    }

    #[test]
    fn long_texts_are_not_compared_by_line() {
        assert_eq!(lines(&"x\n".repeat(MOST_LINES + 1), ""), None);
        assert!(is_text("a\tb\r\n".as_bytes()) && !is_text(b"\x00") && !is_text(b"\xff"));
    }
}
