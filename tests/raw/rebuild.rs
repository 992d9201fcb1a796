//! Restores the stored bytes from a line of `decode --raw`, independently of the product.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use snapscope_decode::Kind;
use snapscope_testkit::Val;

/// Makes stored bytes from tagged JSON text. It reads the text itself, so that no digit of a number
/// is lost in a float.
pub(super) struct Rebuild<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Rebuild<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> u8 {
        self.text[self.at]
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &[u8]) {
        assert!(self.text[self.at..].starts_with(word), "{:?}", self.text.escape_ascii());
        self.at += word.len();
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.expect(b"\"");
        while !self.eat(b'"') {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        serde_json::from_slice(&self.text[start..self.at]).expect("JSON text")
    }

    fn number(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|b| !b"+-0123456789.eE".contains(b)).unwrap_or(rest.len());
        self.at += end;
        std::str::from_utf8(&rest[..end]).expect("digits")
    }

    fn base64(&mut self) -> Vec<u8> {
        BASE64.decode(self.string()).expect("base64")
    }

    /// Appends one value's bytes to `out`.
    pub(super) fn value(&mut self, out: &mut Vec<u8>) {
        match self.peek() {
            b'n' => {
                self.expect(b"null");
                Val::Nil.encode(out);
            }
            b't' => {
                self.expect(b"true");
                Val::Bool(true).encode(out);
            }
            b'f' => {
                self.expect(b"false");
                Val::Bool(false).encode(out);
            }
            b'"' => Val::Raw(self.string().into_bytes()).encode(out),
            b'[' => {
                self.at += 1;
                let items = self.items(b']', |this, out| this.value(out));
                head(out, items.len(), 0x90, 0xdc);
                items.iter().for_each(|item| out.extend_from_slice(item));
            }
            b'{' => self.object(out),
            _ => {
                let digits = self.number();
                if digits.contains(['.', 'e', 'E']) {
                    Val::F64(digits.parse().expect("a float")).encode(out);
                } else if digits.starts_with('-') {
                    Val::Int(digits.parse().expect("an integer")).encode(out);
                } else {
                    Val::Uint(digits.parse().expect("an integer")).encode(out);
                }
            }
        }
    }

    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self, &mut Vec<u8>)) -> Vec<Vec<u8>> {
        let mut items = Vec::new();
        while !self.eat(end) {
            if !items.is_empty() {
                self.expect(b",");
            }
            let mut bytes = Vec::new();
            item(self, &mut bytes);
            items.push(bytes);
        }
        items
    }

    fn object(&mut self, out: &mut Vec<u8>) {
        self.expect(b"{");
        if !self.text[self.at..].starts_with(b"\"$") {
            let entries = self.items(b'}', |this, out| {
                let key = this.string();
                assert!(!key.starts_with('$'), "a tag must be its object's only key");
                Val::from(key).encode(out);
                this.expect(b":");
                this.value(out);
            });
            head(out, entries.len(), 0x80, 0xde);
            entries.iter().for_each(|entry| out.extend_from_slice(entry));
            return;
        }
        let tag = self.string();
        self.expect(b":");
        match tag.as_str() {
            "$raw" => Val::Raw(self.base64()).encode(out),
            "$msgpack" => out.extend_from_slice(&self.base64()),
            "$f32" if self.peek() == b'"' => {
                let bits = u32::from_str_radix(&self.string(), 16).expect("hex");
                Val::F32(f32::from_bits(bits)).encode(out);
            }
            "$f32" => Val::F32(self.number().parse().expect("a float")).encode(out),
            "$f64" => {
                let bits = u64::from_str_radix(&self.string(), 16).expect("hex");
                Val::F64(f64::from_bits(bits)).encode(out);
            }
            "$map" => {
                self.expect(b"[");
                let pairs = self.items(b']', |this, out| {
                    this.expect(b"[");
                    this.value(out);
                    this.expect(b",");
                    this.value(out);
                    this.expect(b"]");
                });
                head(out, pairs.len(), 0x80, 0xde);
                pairs.iter().for_each(|pair| out.extend_from_slice(pair));
            }
            other => panic!("the tag {other} is not documented"),
        }
        self.expect(b"}");
    }
}

fn head(out: &mut Vec<u8>, len: usize, short: u8, long: u8) {
    match len {
        0..=15 => out.push(short | len as u8),
        16..=0xffff => {
            out.push(long);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            out.push(long + 1);
            out.extend_from_slice(&(len as u32).to_be_bytes());
        }
    }
}

/// A record's bytes from its line `{"Type":...,"Data":...}`.
pub(super) fn rebuilt(line: &[u8]) -> Vec<u8> {
    let mut at = Rebuild::new(line);
    at.expect(b"{\"Type\":");
    let kind = Kind::by_name(&at.string()).expect("a known name or a number");
    at.expect(b",\"Data\":");
    let mut out = vec![kind.0];
    at.value(&mut out);
    at.expect(b"}");
    assert_eq!(at.at, line.len());
    out
}

/// The header's bytes from the first line.
pub(super) fn rebuilt_header(line: &[u8]) -> Vec<u8> {
    let mark = b",\"State\":";
    let start = line.windows(mark.len()).rposition(|w| w == mark).expect("the stored header");
    let mut at = Rebuild { text: line, at: start + mark.len() };
    let mut out = Vec::new();
    at.value(&mut out);
    out
}
