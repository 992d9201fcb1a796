//! Escapes text from a snapshot so that it is safe to print.
//!
//! Anyone who can register something chooses names in a snapshot. On a terminal, a control
//! character can move the cursor, rename the window or answer as if typed. A character that is
//! invisible or changes the direction makes one name look like another. All of them are escaped.

use std::fmt::Write as _;

/// Whether a character must not reach a terminal: it controls the terminal (C0, DEL, C1), changes
/// how others look or their order, or is invisible.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text on one line: unprintable characters and bytes that are not UTF-8 are escaped.
#[must_use]
pub fn one_line(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if is_unprintable(c) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        escape_bytes(chunk.invalid(), &mut out);
    }
    out
}

fn escape_bytes(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        let _ = write!(out, "\\x{byte:02x}");
    }
}

/// Makes a stream of bytes safe for a terminal, piece by piece. Line feeds, tabs, and a carriage
/// return before a line feed pass. Other unsafe characters become `\u009b` and the like; JSON has
/// them only in strings, so it remains JSON of the same value. A byte that is not UTF-8 becomes
/// `\xff`.
#[derive(Debug, Default)]
pub struct Screen {
    /// The start of a character, or a carriage return, that the next piece completes.
    begun: Vec<u8>,
}

impl Screen {
    /// Returns the next piece, escaped.
    #[must_use]
    pub fn pass(&mut self, piece: &[u8]) -> String {
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend_from_slice(piece);
        let whole = bytes.len() - begun(&bytes);
        self.begun = bytes.split_off(whole);
        shown(&bytes)
    }

    /// Returns the rest at the end.
    #[must_use]
    pub fn end(&mut self) -> String {
        let bytes = std::mem::take(&mut self.begun);
        shown(&bytes)
    }
}

fn shown(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let mut chars = chunk.valid().chars().peekable();
        while let Some(c) = chars.next() {
            let passes = match c {
                '\n' | '\t' => true,
                '\r' => chars.peek() == Some(&'\n'),
                c => !is_unprintable(c),
            };
            if passes {
                out.push(c);
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        escape_bytes(chunk.invalid(), &mut out);
    }
    out
}

/// Number of bytes at the end that may be an incomplete character.
fn begun(bytes: &[u8]) -> usize {
    if bytes.last() == Some(&b'\r') {
        return 1;
    }
    // A character has at most four bytes; all except the first start with the bits 10.
    let tail = bytes.iter().rev().take(3).position(|byte| byte & 0xc0 != 0x80).map(|at| at + 1);
    let is_begun = |n: &usize| {
        let tail = bytes.get(bytes.len() - n..).unwrap_or(&[]);
        // Without an error length, more bytes could complete it.
        std::str::from_utf8(tail).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none())
    };
    tail.filter(is_begun).unwrap_or(0)
}

/// A number with the noun it counts: `1 key`, `2 keys`.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A size as Consul prints it, with one decimal in units of 1024, `.0` dropped: `953.7MB`, `12B`, `0`.
#[must_use]
pub fn byte_size(bytes: u64) -> String {
    let (unit, power) = match bytes {
        0 => return "0".to_owned(),
        n if n >= 1 << 40 => ("TB", 40),
        n if n >= 1 << 30 => ("GB", 30),
        n if n >= 1 << 20 => ("MB", 20),
        n if n >= 1 << 10 => ("KB", 10),
        _ => ("B", 0),
    };
    #[allow(clippy::cast_precision_loss)] // Consul divides floats too
    let text = format!("{:.1}", bytes as f64 / (1u64 << power) as f64);
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_reaches_the_terminal_that_moves_or_hides() {
        assert_eq!(one_line("app/ключ é".as_bytes()), "app/ключ é");
        assert_eq!(one_line(b"a\nb\x1b[31m\xff\x7f"), "a\\nb\\u{1b}[31m\\xff\\u{7f}");
        assert_eq!(one_line("x\u{202e}y\u{9b}".as_bytes()), "x\\u{202e}y\\u{9b}");
    }

    #[test]
    fn a_screen_shows_lines_and_escapes_the_rest() {
        let text = "a\tb\r\nc\rd\u{9b}e\u{202e}f\u{e0041}";
        let mut screen = Screen::default();
        let shown = screen.pass(text.as_bytes()) + &screen.pass(b"\xff") + &screen.end();
        assert_eq!(shown, "a\tb\r\nc\\u000dd\\u009be\\u202ef\\udb40\\udc41\\xff");
    }

    #[test]
    fn sizes_read_as_consul_writes_them() {
        for (bytes, text) in [
            (0, "0"),
            (1, "1B"),
            (1023, "1023B"),
            (1024, "1KB"),
            (1075, "1KB"),
            (1076, "1.1KB"),
            (819_943, "800.7KB"),
            (1_048_575, "1024KB"),
            (1 << 20, "1MB"),
            (3 << 40, "3TB"),
            (5000 << 40, "5000TB"),
        ] {
            assert_eq!(byte_size(bytes), text);
        }
    }

    proptest! {
        #[test]
        fn where_a_stream_is_cut_does_not_matter(
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(), Just(b'\r'), Just(b'\n'), Just(0xe2), Just(0x80), Just(0xae), Just(0xf3)
            ], 0..40),
            cuts in prop::collection::vec(1usize..6, 1..20),
        ) {
            let mut whole = Screen::default();
            let expected = whole.pass(&bytes) + &whole.end();
            let mut pieces = Screen::default();
            let (mut rest, mut shown) = (bytes.as_slice(), String::new());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                shown += &pieces.pass(piece);
                rest = after;
            }
            shown += &pieces.end();
            prop_assert_eq!(&shown, &expected);
            let unsafe_char = |c: char| is_unprintable(c) && !matches!(c, '\n' | '\t' | '\r');
            prop_assert!(!shown.contains(unsafe_char));
            prop_assert!(!shown.replace("\r\n", "").contains('\r'));
        }
    }
}
