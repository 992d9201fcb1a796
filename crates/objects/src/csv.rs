//! Cells of comma-separated values (RFC 4180) that are safe to open in a spreadsheet.

use base64_simd::STANDARD as BASE64;

/// Prefix of a cell whose content is not text that spreadsheets can show.
pub const BASE64_MARK: &str = "base64:";

/// A row of cells, appended to what there is.
#[derive(Debug)]
pub struct CsvRow<'o> {
    out: &'o mut Vec<u8>,
    is_first: bool,
}

impl<'o> CsvRow<'o> {
    /// Starts a row.
    pub const fn begin(out: &'o mut Vec<u8>) -> Self {
        Self { out, is_first: true }
    }

    /// Adds a cell of text.
    pub fn text(&mut self, text: &[u8]) -> &mut Self {
        text_cell(text, self.next());
        self
    }

    /// Adds a cell for each of some texts.
    pub fn texts<T: AsRef<[u8]>>(&mut self, texts: impl IntoIterator<Item = T>) -> &mut Self {
        texts.into_iter().for_each(|text| text_cell(text.as_ref(), self.next()));
        self
    }

    /// Adds a cell that is not text, such as a number, which is never a formula.
    pub fn plain(&mut self, cell: &[u8]) -> &mut Self {
        self.next().extend_from_slice(cell);
        self
    }

    /// Adds the cell of a number; an empty one if there is none.
    pub fn number(&mut self, number: impl Into<Option<u64>>) -> &mut Self {
        let mut digits = itoa::Buffer::new();
        self.plain(number.into().map_or("", |number| digits.format(number)).as_bytes())
    }

    /// Ends the row.
    pub fn end(&mut self) {
        self.out.extend_from_slice(b"\r\n");
    }

    fn next(&mut self) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        self.out
    }
}

/// Writes a cell of text.
///
/// Text that a spreadsheet would evaluate as a formula is prefixed with an apostrophe: text that
/// starts with `=`, `+`, `-` or `@`, or with the wide forms of these, even after blanks and line
/// breaks, which some programs drop first; and text that starts with a tab or a line break. Bytes
/// that are not text, text with control characters other than tabs and line breaks, and text that
/// starts with the prefix of such cells are written in base64.
fn text_cell(text: &[u8], out: &mut Vec<u8>) {
    let found = found_in(text);
    let readable = !(found.control && holds_control(text))
        && (found.ascii || is_plain_unicode(text))
        && !text.starts_with(BASE64_MARK.as_bytes());
    if !readable {
        out.extend_from_slice(BASE64_MARK.as_bytes());
        BASE64.encode_append(text, out);
        return;
    }
    // The only control characters of text are tabs and line breaks.
    let quoted = found.control
        || memchr::memchr3(b'"', b',', b';', text).is_some()
        || text.first() == Some(&b' ')
        || text.last() == Some(&b' ');
    if quoted {
        out.push(b'"');
    }
    if begins_formula(text) {
        out.push(b'\'');
    }
    if quoted {
        doubled_quotes(text, out);
        out.push(b'"');
    } else {
        out.extend_from_slice(text);
    }
}

/// What the bytes of a text contain.
struct Found {
    /// A control character in ASCII.
    control: bool,
    /// Only ASCII.
    ascii: bool,
}

/// Checks every byte without an early exit, so the compiler can check many at once.
fn found_in(text: &[u8]) -> Found {
    let (least, all, delete) = text.iter().fold((u8::MAX, 0, false), |(least, all, delete), &b| {
        (least.min(b), all | b, delete | (b == 0x7f))
    });
    Found { control: least < 0x20 || delete, ascii: all < 0x80 }
}

/// Whether there is an ASCII control character other than a tab or line break.
fn holds_control(text: &[u8]) -> bool {
    text.iter().fold(false, |found, &b| {
        let blank = (b == b'\t') | (b == b'\n') | (b == b'\r');
        found | (((b < 0x20) | (b == 0x7f)) & !blank)
    })
}

/// Whether it is UTF-8 without control characters outside ASCII (U+0080 to U+009F).
fn is_plain_unicode(text: &[u8]) -> bool {
    // In UTF-8 they are C2 and the next byte.
    let control = memchr::memchr_iter(0xc2, text)
        .any(|at| text.get(at + 1).is_some_and(|b| (0x80..0xa0).contains(b)));
    !control && std::str::from_utf8(text).is_ok()
}

/// Writes a text with every quote doubled.
///
/// In JSON values quotes are so frequent that searching for the next one costs more than copying
/// byte by byte. Each byte is written twice, and the second copy is overwritten unless it is a
/// quote.
fn doubled_quotes(text: &[u8], out: &mut Vec<u8>) {
    let quotes = memchr::memchr_iter(b'"', text).count();
    if quotes == 0 {
        out.extend_from_slice(text);
        return;
    }
    let start = out.len();
    let end = start + text.len() + quotes;
    // One more byte, for the second copy of the last one.
    out.resize(end + 1, 0);
    let mut room = out.get_mut(start..).unwrap_or(&mut []);
    for &b in text {
        if let Some(pair) = room.first_chunk_mut() {
            *pair = [b, b];
        }
        room = room.get_mut(1 + usize::from(b == b'"')..).unwrap_or(&mut []);
    }
    out.truncate(end);
}

/// Whether a spreadsheet might evaluate UTF-8 text as a formula.
fn begins_formula(text: &[u8]) -> bool {
    match text.first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n') => return true,
        Some(first) if *first == b' ' || *first >= 0x80 => {}
        _ => return false,
    }
    let text = std::str::from_utf8(text).unwrap_or_default();
    let is_blank = |c: char| c.is_whitespace() || crate::printable::is_unprintable(c);
    text.trim_start_matches(is_blank)
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(text: &[u8]) -> String {
        let mut out = Vec::new();
        text_cell(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_never_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@sum", "'@sum"),
            ("\t=1", "\"'\t=1\""),
            ("\n=1", "\"'\n=1\""),
            (" \n\t =1", "\"' \n\t =1\""),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\u{3000}\u{200b}@x", "'\u{3000}\u{200b}@x"),
            (" =1", "\"' =1\""),
            ("＝1", "'＝1"),
            (" ＠1", "\"' ＠1\""),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("=\"x\"", "\"'=\"\"x\"\"\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("a;b", "\"a;b\""),
            ("base64:x", "base64:YmFzZTY0Ong="),
            ("\"", "\"\"\"\""),
            ("\"\"\"", "\"\"\"\"\"\"\"\""),
            ("é\"\t", "\"é\"\"\t\""),
            ("¢", "¢"),
        ] {
            assert_eq!(cell(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(cell(b"\xff"), "base64:/w==");
        assert_eq!(cell(b"a\0"), "base64:YQA=");
        assert_eq!(cell(b"a\x7f"), "base64:YX8=");
        assert_eq!(cell("\u{9b}31m".as_bytes()), "base64:wpszMW0=");
    }

    /// The content of a single cell.
    fn read(cell: &str) -> Vec<u8> {
        let text = match cell.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"').unwrap().replace("\"\"", "\""),
            None => {
                assert!(!cell.contains(['"', ',', '\n', '\r']), "{cell:?}");
                cell.to_owned()
            }
        };
        match text.strip_prefix(BASE64_MARK) {
            Some(rest) => BASE64.decode_to_vec(rest).unwrap(),
            None => text.into_bytes(),
        }
    }

    proptest! {
        #[test]
        fn a_cell_holds_its_text_and_nothing_else_acts(
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(), Just(b'='), Just(b' '), Just(b'\n'), Just(b'"'), Just(0xc2), Just(0x9b)
            ], 0..20),
        ) {
            let cell = cell(&bytes);
            let content = read(&cell);
            let guarded = content.strip_prefix(b"'").unwrap_or(&content);
            prop_assert!(content == bytes || guarded == bytes, "{cell:?}");
            if !cell.contains(BASE64_MARK) {
                let shown = std::str::from_utf8(&content).unwrap().trim_start();
                prop_assert!(!shown.starts_with(['=', '+', '-', '@']), "{cell:?}");
            }
            let allowed = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
            prop_assert!(cell.chars().all(allowed), "{cell:?}");
        }
    }
}
