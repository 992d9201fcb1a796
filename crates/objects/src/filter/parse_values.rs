//! Parses selectors and values.

use super::expr::{Selector, Span};
use super::go_string::unquote;
use super::parse::Parser;

impl<'t> Parser<'t> {
    fn identifier(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let mut bytes = rest.bytes();
        if !bytes.next()?.is_ascii_alphabetic() {
            return None;
        }
        let len = 1 + bytes.take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        self.at += len;
        rest.get(..len)
    }

    pub(super) fn selector(&mut self) -> Option<Selector> {
        let start = self.at;
        let mut path = vec![self.identifier()?.as_bytes().to_vec()];
        loop {
            let before = self.at;
            if self.take(".") {
                match self.identifier() {
                    Some(name) => path.push(name.as_bytes().to_vec()),
                    None => {
                        self.expect_here(&["a name"]);
                        self.at = before;
                        break;
                    }
                }
            } else if self.take("[") {
                path.push(self.index(before)?);
            } else {
                break;
            }
        }
        Some(Selector { path, span: Span { start, end: self.at } })
    }

    /// The key in `["..."]`, after the first bracket.
    fn index(&mut self, start: usize) -> Option<Vec<u8>> {
        self.space();
        let key = self.string();
        if key.is_none() {
            self.at = self.text.len();
            self.fail(start, "a key in [ ] must be in double quotes or backquotes");
        }
        let key = key?;
        self.space();
        if !self.take("]") {
            self.fail(start, "this [ is not closed");
            return None;
        }
        Some(key)
    }

    pub(super) fn value(&mut self) -> Option<Vec<u8>> {
        let start = self.at;
        if let Some(selector) = self.selector() {
            // A bare word is its own value, and so are words with dots.
            return Some(selector.path.join(&b'.'));
        }
        if self.broken.is_some() {
            return None;
        }
        self.at = start;
        if let Some(number) = self.number() {
            return Some(number);
        }
        if self.broken.is_some() {
            return None;
        }
        self.at = start;
        let string = self.string();
        if string.is_none() && self.broken.is_none() {
            self.expect_here(&["a value"]);
        }
        string
    }

    fn number(&mut self) -> Option<Vec<u8>> {
        let start = self.at;
        let negative = self.take("-");
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => {
                if negative {
                    self.expect_here(&["a digit"]);
                }
                return None;
            }
        }
        let whole = self.at;
        if self.take(".") {
            let fraction = self.at;
            self.digits();
            if self.at == fraction {
                self.at = whole;
            }
        }
        let end = self.at;
        if !matches!(self.peek(), None | Some(b' ' | b'\t' | b'\r' | b'\n' | b')')) {
            let behind = self.rest().find([' ', '\t', '\r', '\n', ')']);
            self.at += behind.unwrap_or(self.rest().len());
            self.fail(start, "invalid number; quote it if it is text");
            return None;
        }
        self.text.get(start..end).map(|digits| digits.as_bytes().to_vec())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        let start = self.at;
        let quote = self.peek().filter(|b| matches!(b, b'"' | b'`'))?;
        let inside = self.text.get(start + 1..).unwrap_or("");
        let Some(len) = inside.find(char::from(quote)) else {
            self.at = self.text.len();
            self.fail(start, "this quote is not closed");
            return None;
        };
        self.at = start + len + 2;
        let meant = self.text.get(start..self.at).and_then(unquote);
        if meant.is_none() {
            self.fail(start, "invalid Go string (\\ starts an escape; use backquotes)");
        }
        meant
    }
}
