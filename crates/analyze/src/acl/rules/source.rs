//! Reads a rule text character by character as servers do, and keeps the position.

use super::fault::Fault;
use super::position::{Position, RuleError};
use super::tree::Language;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The character read at the end of the text. In JSON servers confuse a NUL with it.
pub(super) const END: char = '\0';

/// A position between two characters, as servers count.
#[derive(Clone, Copy, Debug)]
struct Point {
    offset: usize,
    line: u32,
    /// Characters read of the line; 0 at its start.
    column: u32,
}

/// A text that is read character by character.
///
/// Servers do not stop at an error of their lexer: they note it, continue, and report the last one noted.
/// So errors are kept here, and reading never fails.
#[derive(Debug)]
pub(super) struct Source<'t> {
    text: Cow<'t, [u8]>,
    /// Where a `\r` was dropped before a `\n`, as servers do for HCL.
    joined: Vec<usize>,
    language: Language,
    /// The end of the part after `at` that is known to be UTF-8.
    valid_to: usize,
    /// Where the next character starts.
    at: usize,
    here: Point,
    /// Before the last character.
    before: Point,
    /// Bytes of the last character.
    last_length: usize,
    /// Characters of the previous line, including its end.
    last_line: u32,
    /// Whether servers can put the last character back.
    can_return: bool,
    noted: Option<RuleError>,
    /// An error that ends reading at once.
    halted: Option<RuleError>,
}

impl<'t> Source<'t> {
    pub(super) fn new(bytes: &'t [u8], language: Language) -> Self {
        let (text, joined) = match language {
            Language::Hcl => join_lines(bytes),
            Language::Json => (Cow::Borrowed(bytes), Vec::new()),
        };
        let start = Point { offset: 0, line: 1, column: 0 };
        Self {
            text,
            joined,
            language,
            valid_to: 0,
            at: 0,
            here: start,
            before: start,
            last_length: 0,
            last_line: 0,
            can_return: false,
            noted: None,
            halted: None,
        }
    }

    /// The next character and its length; the replacement character of length 1 for a byte that is not
    /// UTF-8.
    fn look(&mut self) -> Option<(char, usize)> {
        if self.at >= self.valid_to {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let valid = match std::str::from_utf8(rest) {
                Ok(rest) => rest.len(),
                Err(e) => e.valid_up_to(),
            };
            if valid == 0 {
                return Some((char::REPLACEMENT_CHARACTER, 1));
            }
            self.valid_to = self.at + valid;
        }
        let first = *self.text.get(self.at)?;
        let length = match first {
            0..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        let bytes = self.text.get(self.at..self.at + length)?;
        let c = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next());
        Some((c.unwrap_or(char::REPLACEMENT_CHARACTER), length))
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> char {
        if self.halted.is_some() {
            return END;
        }
        let Some((c, length)) = self.look() else {
            self.here.column = self.here.column.saturating_add(1);
            self.last_length = 0;
            self.can_return = false;
            return END;
        };
        let is_text = c != char::REPLACEMENT_CHARACTER || length > 1;
        // In JSON servers do not remember the position before a byte that is not UTF-8.
        if is_text || self.language == Language::Hcl {
            self.before = self.here;
        }
        self.at += length;
        self.last_length = length;
        self.can_return = true;
        self.here.offset += length;
        self.here.column = self.here.column.saturating_add(1);
        if !is_text {
            self.note(Fault::Utf8);
            return c;
        }
        if c == '\n' {
            self.here.line = self.here.line.saturating_add(1);
            self.last_line = self.here.column;
            self.here.column = 0;
        }
        match (self.language, c) {
            (Language::Hcl, '\0') => {
                self.note(Fault::Nul);
                END
            }
            (Language::Hcl, '\u{e123}') => {
                self.note(Fault::Reserved);
                char::REPLACEMENT_CHARACTER
            }
            _ => c,
        }
    }

    /// Puts the last character back.
    pub(super) fn put_back(&mut self) {
        if !self.can_return {
            self.halt(Fault::Panic);
            return;
        }
        self.can_return = false;
        self.at -= self.last_length;
        self.here = self.before;
    }

    /// Returns the next character without taking it.
    pub(super) fn peek(&mut self) -> char {
        self.can_return = false;
        self.look().map_or(END, |(c, _)| c)
    }

    /// Takes characters while they are `wanted`, starting with `c`, which was taken before; returns the first
    /// other one.
    pub(super) fn skip_while(&mut self, mut c: char, wanted: impl Fn(char) -> bool) -> char {
        while wanted(c) {
            c = self.next();
        }
        c
    }

    /// The position of the last character.
    pub(super) fn place(&self) -> Position {
        let offset = self.here.offset.saturating_sub(self.last_length);
        let (line, column) = match (self.here.column, self.last_line) {
            (0, 0) => (1, 1),
            (0, column) => (self.here.line.saturating_sub(1), column),
            (column, _) => (self.here.line, column),
        };
        let left_out = self.joined.partition_point(|at| *at < offset);
        Position { line, column, offset: u32::try_from(offset + left_out).unwrap_or(u32::MAX) }
    }

    /// The offset of the last character.
    pub(super) const fn start(&self) -> usize {
        self.here.offset.saturating_sub(self.last_length)
    }

    /// Where the next character starts.
    pub(super) const fn offset(&self) -> usize {
        self.here.offset
    }

    /// The text between two offsets.
    pub(super) fn between(&self, from: usize, to: usize) -> &str {
        let bytes = self.text.get(from..to).unwrap_or(&[]);
        std::str::from_utf8(bytes).unwrap_or("")
    }

    /// Notes an error at the last character.
    pub(super) fn note(&mut self, fault: Fault) {
        self.noted = Some(fault.at(self.place(), self.language));
    }

    /// Whether an error was noted.
    pub(super) const fn has_noted(&self) -> bool {
        self.noted.is_some()
    }

    /// The position servers count, which continues beyond the end of the text.
    pub(super) const fn progress(&self) -> (usize, u32, u32) {
        (self.here.offset, self.here.line, self.here.column)
    }

    /// Ends reading with an error.
    pub(super) fn halt(&mut self, fault: Fault) {
        if self.halted.is_none() {
            self.halted = Some(fault.at(self.place(), self.language));
        }
    }

    /// The error that servers report for the text read so far.
    pub(super) fn verdict(&mut self) -> Result<(), RuleError> {
        match self.halted.take().or_else(|| self.noted.take()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Takes an escape after its backslash. Both languages allow Go's, with all their digits.
    pub(super) fn escape(&mut self) {
        let c = self.next();
        let (first, base, digits) = match c {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' | '"' => return,
            '0'..='7' => (c, 8, 3),
            'x' => (self.next(), 16, 2),
            'u' => (self.next(), 16, 4),
            'U' => (self.next(), 16, 8),
            _ => return self.note(Fault::Escape),
        };
        let (mut c, mut left) = (first, digits);
        let is_hcl = self.language == Language::Hcl;
        while left > 0 && c.is_digit(base) {
            c = self.next();
            if is_hcl && c == END {
                break;
            }
            left -= 1;
        }
        if left > 0 {
            self.note(Fault::Escape);
        }
        if !is_hcl || (left != digits && c != END) {
            self.put_back();
        }
    }
}

/// Replaces `\r\n` by `\n`; returns the text and where a `\r` was dropped.
fn join_lines(bytes: &[u8]) -> (Cow<'_, [u8]>, Vec<usize>) {
    if !bytes.windows(2).any(|pair| pair == b"\r\n") {
        return (Cow::Borrowed(bytes), Vec::new());
    }
    let mut text = Vec::with_capacity(bytes.len());
    let mut joined = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
            joined.push(text.len());
        } else {
            text.push(*byte);
        }
    }
    (Cow::Owned(text), joined)
}

pub(super) const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
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
