//! Receivers of rendered records.

use base64_simd::STANDARD as BASE64;
use snapscope_decode::schema::FieldSpec;
use std::io;

/// Receives a value piece by piece: as JSON text, or as a tree to filter and compare.
pub trait Sink {
    /// `null`
    fn null(&mut self);
    /// `true` or `false`
    fn bool(&mut self, b: bool);
    /// An integer that is not negative.
    fn uint(&mut self, n: u64);
    /// An integer.
    fn int(&mut self, n: i64);
    /// A float that is neither infinite nor NaN.
    fn float(&mut self, x: f64);
    /// A 32-bit float that is neither infinite nor NaN; printed with the digits that distinguish it
    /// from other 32-bit floats.
    fn float32(&mut self, x: f32);
    /// Text as stored: bytes that may not be UTF-8.
    fn text(&mut self, text: &[u8]);
    /// Bytes, shown in base64.
    fn bytes(&mut self, bytes: &[u8]);
    /// A list starts.
    fn begin_list(&mut self);
    /// The list ends.
    fn end_list(&mut self);
    /// An object starts.
    fn begin_object(&mut self);
    /// The next value's key, as stored.
    fn key(&mut self, key: &[u8]);
    /// The next value's key, from a declaration: it needs no escaping.
    fn field(&mut self, field: &FieldSpec) {
        self.key(field.json.as_bytes());
    }
    /// The next value's key, which is a plain word: it needs no escaping.
    fn name(&mut self, name: &'static str) {
        self.key(name.as_bytes());
    }
    /// The object ends.
    fn end_object(&mut self);
    /// Whether the open object needs a member of this name; otherwise the renderer may skip it.
    fn wants(&self, _key: &[u8]) -> bool {
        true
    }
}

/// Writes compact JSON text, escaped as Go's encoder escapes it.
#[derive(Debug, Default)]
pub struct JsonText {
    out: Vec<u8>,
    /// Whether the next value needs a comma before it.
    comma: bool,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

impl JsonText {
    /// Creates an empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { out: Vec::new(), comma: false }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.out
    }

    /// Returns the text, consuming the sink.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Appends to `out`.
    #[must_use]
    pub const fn appending_to(out: Vec<u8>) -> Self {
        Self { out, comma: false }
    }

    /// Clears the text, but keeps its memory.
    pub fn clear(&mut self) {
        self.out.clear();
        self.comma = false;
    }

    /// Writes the text so far to `out`, even in the middle of a value, and continues after it.
    ///
    /// # Errors
    /// If writing to `out` fails.
    pub fn write_to(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }

    /// A value that is already JSON.
    pub fn rendered(&mut self, json: &[u8]) {
        self.before_value();
        self.out.extend_from_slice(json);
    }

    /// Ends a line; a separate value follows.
    pub fn end_line(&mut self) {
        self.out.push(b'\n');
        self.comma = false;
    }

    /// A number, as digits.
    pub(crate) fn number(&mut self, digits: &str) {
        self.digits(digits);
    }

    #[inline]
    fn before_value(&mut self) {
        if self.comma {
            self.out.push(b',');
        }
        self.comma = true;
    }

    fn digits(&mut self, text: &str) {
        self.before_value();
        self.out.extend_from_slice(text.as_bytes());
    }

    fn quoted(&mut self, text: &[u8]) {
        self.out.push(b'"');
        if is_plain(text) {
            self.out.extend_from_slice(text);
        } else {
            for chunk in text.utf8_chunks() {
                self.escaped(chunk.valid());
                // Go replaces each byte that is not UTF-8, not each run of such bytes.
                for _ in chunk.invalid() {
                    self.out.extend_from_slice(b"\\ufffd");
                }
            }
        }
        self.out.push(b'"');
    }

    fn escaped(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut from = 0;
        for (at, &b) in bytes.iter().enumerate() {
            let short = match b {
                b'"' | b'\\' => b,
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                0x08 => b'b',
                0x0c => b'f',
                0x00..=0x1f | b'<' | b'>' | b'&' => 0,
                // U+2028 and U+2029 are e2 80 a8 and e2 80 a9.
                0xe2 if matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])) => 1,
                _ => continue,
            };
            if at < from {
                continue;
            }
            self.out.extend_from_slice(&bytes[from..at]);
            from = at + 1;
            match short {
                0 => {
                    self.out.extend_from_slice(b"\\u00");
                    self.out.push(HEX[usize::from(b >> 4)]);
                    self.out.push(HEX[usize::from(b & 15)]);
                }
                1 => {
                    self.out.extend_from_slice(b"\\u202");
                    self.out.push(HEX[usize::from(bytes[at + 2] & 15)]);
                    from = at + 3;
                }
                short => self.out.extend_from_slice(&[b'\\', short]),
            }
        }
        self.out.extend_from_slice(&bytes[from..]);
    }
}

/// Whether a text needs no escaping.
///
/// Sixteen bytes are checked without an early exit, so the compiler can check them at once.
fn is_plain(text: &[u8]) -> bool {
    let (pieces, rest) = text.as_chunks::<16>();
    // The bytes after the last whole piece, extended to form one.
    let rest = match text.last_chunk::<16>() {
        Some(last) => *last,
        None => {
            let mut padded = [b' '; 16];
            padded[..rest.len()].copy_from_slice(rest);
            padded
        }
    };
    pieces.iter().all(are_plain) && are_plain(&rest)
}

#[inline(always)]
fn are_plain(bytes: &[u8; 16]) -> bool {
    bytes.iter().fold(true, |plain, &b| {
        let printed = b.wrapping_sub(0x20) < 0x5f;
        let escaped = (b == b'"') | (b == b'\\') | (b == b'<') | (b == b'>') | (b == b'&');
        plain & printed & !escaped
    })
}

impl Sink for JsonText {
    fn null(&mut self) {
        self.digits("null");
    }

    fn bool(&mut self, b: bool) {
        self.digits(if b { "true" } else { "false" });
    }

    fn uint(&mut self, n: u64) {
        self.digits(itoa::Buffer::new().format(n));
    }

    fn int(&mut self, n: i64) {
        self.digits(itoa::Buffer::new().format(n));
    }

    fn float(&mut self, x: f64) {
        self.digits(&super::go_text::float_text(x.abs(), &format!("{x}"), || format!("{x:e}")));
    }

    fn float32(&mut self, x: f32) {
        let size = f64::from(x.abs());
        self.digits(&super::go_text::float_text(size, &format!("{x}"), || format!("{x:e}")));
    }

    fn text(&mut self, text: &[u8]) {
        self.before_value();
        self.quoted(text);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.before_value();
        self.out.push(b'"');
        BASE64.encode_append(bytes, &mut self.out);
        self.out.push(b'"');
    }

    fn begin_list(&mut self) {
        self.before_value();
        self.out.push(b'[');
        self.comma = false;
    }

    fn end_list(&mut self) {
        self.out.push(b']');
        self.comma = true;
    }

    fn begin_object(&mut self) {
        self.before_value();
        self.out.push(b'{');
        self.comma = false;
    }

    fn key(&mut self, key: &[u8]) {
        self.before_value();
        self.quoted(key);
        self.out.push(b':');
        self.comma = false;
    }

    fn name(&mut self, name: &'static str) {
        self.before_value();
        self.out.reserve(name.len() + 3);
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.comma = false;
    }

    fn field(&mut self, field: &FieldSpec) {
        let member = field.member.as_bytes();
        let without_comma = member.get(1..).unwrap_or(&[]);
        self.out.extend_from_slice(if self.comma { member } else { without_comma });
        self.comma = false;
    }

    fn end_object(&mut self) {
        self.out.push(b'}');
        self.comma = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut json = JsonText::new();
        json.text(bytes);
        String::from_utf8(json.into_bytes()).unwrap()
    }

    #[test]
    fn text_is_escaped_as_go_does() {
        assert_eq!(text(b"plain/key"), r#""plain/key""#);
        assert_eq!(
            text(b"a\"b\\c\n\r\t\x08\x0c\x01\x7f"),
            "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001\x7f\""
        );
        assert_eq!(text(b"<&>"), r#""\u003c\u0026\u003e""#);
        assert_eq!(text("é\u{2028}x\u{2029}\u{2027}".as_bytes()), "\"é\\u2028x\\u2029\u{2027}\"");
        assert_eq!(text(b"\xe2\x82"), r#""\ufffd\ufffd""#);
        assert_eq!(text(b"\xed\xa0\x80"), r#""\ufffd\ufffd\ufffd""#);
        assert_eq!(text(b"\xc0\x80ok"), r#""\ufffd\ufffdok""#);
    }

    #[test]
    fn floats_are_written_as_go_does() {
        let float = |x: f64| {
            let mut json = JsonText::new();
            json.float(x);
            String::from_utf8(json.into_bytes()).unwrap()
        };
        for (x, expected) in [
            (30.0, "30"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (-2.5, "-2.5"),
            (0.0, "0"),
            (-0.0, "-0"),
            (f64::from(0.1f32), "0.10000000149011612"),
        ] {
            assert_eq!(float(x), expected);
        }
        let mut json = JsonText::new();
        json.float32(33.3);
        assert_eq!(json.as_bytes(), b"33.3");
    }

    #[test]
    fn commas_stand_where_they_must() {
        let mut json = JsonText::new();
        json.begin_object();
        json.key(b"a");
        json.begin_list();
        json.uint(1);
        json.int(-1);
        json.end_list();
        json.key(b"b");
        json.begin_object();
        json.end_object();
        json.key(b"c");
        json.bytes(b"ab");
        json.end_object();
        assert_eq!(json.as_bytes(), br#"{"a":[1,-1],"b":{},"c":"YWI="}"#);
    }
}
