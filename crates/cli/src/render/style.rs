//! Colours of severities, changes and states.
//!
//! Nothing in a snapshot may control a terminal, so output never contains escape sequences. The
//! start and end of a style are marked by bytes that no UTF-8 text contains, and standard output
//! turns these into one of a few fixed sequences.

use std::sync::OnceLock;

/// The style of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Red,
    Yellow,
    Green,
    Cyan,
    Dim,
    Bold,
}

/// The mark for the end of a style; those for the starts follow.
const END: u8 = 0xf8;

/// Marks and their sequences.
const SEQUENCES: [(u8, &str); 7] = [
    (END, "\x1b[0m"),
    (0xf9, "\x1b[31m"),
    (0xfa, "\x1b[33m"),
    (0xfb, "\x1b[32m"),
    (0xfc, "\x1b[36m"),
    (0xfd, "\x1b[2m"),
    (0xfe, "\x1b[1m"),
];

impl Style {
    const fn mark(self) -> u8 {
        match self {
            Self::Red => 0xf9,
            Self::Yellow => 0xfa,
            Self::Green => 0xfb,
            Self::Cyan => 0xfc,
            Self::Dim => 0xfd,
            Self::Bold => 0xfe,
        }
    }
}

/// The sequence of a mark.
pub(crate) fn sequence(byte: u8) -> Option<&'static str> {
    SEQUENCES.iter().find(|(mark, _)| *mark == byte).map(|(_, sequence)| *sequence)
}

/// Whether output is coloured.
pub(crate) fn is_on() -> bool {
    static ON: OnceLock<bool> = OnceLock::new();
    *ON.get_or_init(|| crate::display::is_coloured(crate::tty::is_terminal()))
}

/// Appends text in a style.
pub(crate) fn paint(style: Option<Style>, text: &[u8], out: &mut Vec<u8>) {
    match style.filter(|_| is_on() && !text.is_empty()) {
        Some(style) => {
            out.push(style.mark());
            out.extend_from_slice(text);
            out.push(END);
        }
        None => out.extend_from_slice(text),
    }
}

/// Text in a style.
pub(crate) fn painted(style: Option<Style>, text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    paint(style, text.as_bytes(), &mut out);
    out
}

/// The style of a word in a column whose words come from a small set.
pub(crate) fn of(column: &str, word: &str) -> Option<Style> {
    if !matches!(column, "severity" | "status" | "action" | "marked" | "change" | "level") {
        return None;
    }
    if column == "marked" {
        return Some(Style::Yellow);
    }
    Some(match word {
        "critical" | "high" | "remove" | "deny" | "damaged" | "refused" => Style::Red,
        "warning" | "medium" | "lost" => Style::Yellow,
        "passing" | "keep" | "allow" | "sound" => Style::Green,
        "low" | "odd" => Style::Cyan,
        _ => return None,
    })
}

/// The style of a change, by its word.
pub(crate) fn of_change(word: &str) -> Option<Style> {
    Some(match word {
        "added" | "created" => Style::Green,
        "removed" | "deleted" => Style::Red,
        "changed" => Style::Yellow,
        "recreated" | "first-seen" => Style::Cyan,
        "touched" => Style::Dim,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_bytes_that_text_never_has() {
        for (mark, sequence) in SEQUENCES {
            assert!(std::str::from_utf8(&[mark]).is_err());
            assert!(std::str::from_utf8(&[mark, 0x80, 0x80, 0x80]).is_err());
            assert!(sequence.starts_with("\x1b[") && sequence.ends_with('m'));
        }
        let styles =
            [Style::Red, Style::Yellow, Style::Green, Style::Cyan, Style::Dim, Style::Bold];
        for style in styles {
            assert!(sequence(style.mark()).is_some_and(|s| s != "\x1b[0m"), "{style:?}");
        }
        assert_eq!(sequence(b'a'), None);
    }
}
