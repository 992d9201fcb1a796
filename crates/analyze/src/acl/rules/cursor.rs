//! Walks a rule text character by character and tracks the position.

use super::place::{Place, RuleError};
use regex::Regex;
use std::sync::LazyLock;

/// A position in a text.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    /// The text up to the first byte that is not UTF-8.
    text: &'t str,
    /// Bytes that are not UTF-8 follow.
    broken: bool,
    /// Whether `\r\n` counts as one `\n`, as in HCL.
    join_lines: bool,
    at: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(bytes: &'t [u8], join_lines: bool) -> Self {
        let (text, broken) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(e) => {
                let valid = bytes.get(..e.valid_up_to()).unwrap_or(&[]);
                (std::str::from_utf8(valid).unwrap_or(""), true)
            }
        };
        Self { text, broken, join_lines, at: 0, line: 1, column: 1 }
    }

    /// Position of the next character.
    pub(super) fn place(&self) -> Place {
        let offset = u32::try_from(self.at).unwrap_or(u32::MAX);
        Place { line: self.line, column: self.column, offset }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The text from `from` to here.
    pub(super) fn since(&self, from: usize) -> &'t str {
        self.text.get(from..self.at).unwrap_or("")
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next character, without taking it.
    pub(super) fn peek(&self) -> Option<char> {
        let rest = self.rest();
        if self.join_lines && rest.starts_with("\r\n") { Some('\n') } else { rest.chars().next() }
    }

    /// Takes the next character; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<char>, RuleError> {
        let Some(c) = self.peek() else {
            if self.broken {
                return Err(self.error("the text is not UTF-8"));
            }
            return Ok(None);
        };
        if c == '\0' {
            return Err(self.error("a character U+0000 is not allowed"));
        }
        let crlf = c == '\n' && self.rest().starts_with('\r');
        self.at += if crlf { 2 } else { c.len_utf8() };
        if c == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        Ok(Some(c))
    }

    /// Takes a NUL.
    pub(super) fn skip_nul(&mut self) -> bool {
        let is_nul = self.rest().starts_with('\0');
        if is_nul {
            self.at += 1;
            self.column = self.column.saturating_add(1);
        }
        is_nul
    }

    /// Takes characters as long as they are `wanted`.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> Result<(), RuleError> {
        while self.peek().is_some_and(&wanted) {
            self.next()?;
        }
        Ok(())
    }

    pub(super) fn error(&self, what: impl Into<String>) -> RuleError {
        RuleError::new(self.place(), what)
    }

    /// Takes an escape after its backslash. Both languages allow Go's, with all their digits.
    pub(super) fn escape(&mut self) -> Result<(), RuleError> {
        let place = self.place();
        let (digits, base) = match self.next()? {
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' | '"') => return Ok(()),
            Some('0'..='7') => (2, 8),
            Some('x') => (2, 16),
            Some('u') => (4, 16),
            Some('U') => (8, 16),
            _ => return Err(RuleError::new(place, "no such escape in a quoted text")),
        };
        for _ in 0..digits {
            if !self.next()?.is_some_and(|c| c.is_digit(base)) {
                return Err(RuleError::new(place, "an escape has too few digits"));
            }
        }
        Ok(())
    }
}

/// Letters beyond ASCII as in Go: by category, not by property.
static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{L}$").ok());
static DIGIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{Nd}$").ok());

fn is_of(class: &LazyLock<Option<Regex>>, c: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4])))
}

/// A letter that may start a bare word.
pub(super) fn is_letter(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!c.is_ascii() && is_of(&LETTER, c))
}

/// A letter or a digit.
pub(super) fn is_letter_or_digit(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit() || (!c.is_ascii() && is_of(&DIGIT, c))
}
