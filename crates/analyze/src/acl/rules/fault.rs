//! Errors of servers' lexers.

use super::position::{Position, RuleError};
use super::tree::{Language, MAX_DEPTH};

/// An error in a character or token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Utf8,
    Nul,
    Reserved,
    /// A character that starts no token.
    Character(char),
    BareWord,
    Escape,
    Unterminated,
    Slash,
    Comment,
    Hexadecimal,
    Octal,
    LeadingZero,
    Heredoc,
    HeredocWord,
    HeredocEmpty,
    HeredocEnd,
    /// The server's parser panics, which ends the request without an answer.
    Panic,
    /// The limit of this parser.
    Depth,
}

impl Fault {
    /// Makes the error at a position.
    pub(super) fn at(self, place: Position, language: Language) -> RuleError {
        let error = RuleError::new(place, self.words());
        let Some(server) = self.server(language) else { return error };
        error.said(match language {
            Language::Hcl => format!("At {}:{}: {server}", place.line, place.column),
            Language::Json => format!("{}:{}: {server}", place.line, place.column),
        })
    }

    fn words(self) -> String {
        let words = match self {
            Self::Utf8 => "the text is not UTF-8",
            Self::Nul => "the character U+0000 is not allowed",
            Self::Reserved => "a character U+E123 is not allowed",
            Self::Character(c) => {
                return format!("the character {c:?} is not allowed outside quotes");
            }
            Self::BareWord => "a bare word is not allowed",
            Self::Escape => "an unknown escape, or one with too few digits",
            Self::Unterminated => "a quoted string must end on its line",
            Self::Slash => "a '/' that starts no comment",
            Self::Comment => "a comment without an end",
            Self::Hexadecimal => "a hexadecimal number without digits",
            Self::Octal => "an octal number with a digit 8 or 9",
            Self::LeadingZero => "a number that starts with 0",
            Self::Heredoc => "a '<' that starts no heredoc",
            Self::HeredocWord => "the first line of a heredoc may hold only its word",
            Self::HeredocEmpty => "a heredoc without a word",
            Self::HeredocEnd => "a heredoc without an end",
            Self::Panic => "servers fail on this text",
            Self::Depth => return format!("more than {MAX_DEPTH} levels of nesting"),
        };
        words.to_owned()
    }

    /// The error in the servers' words; `None` if servers have none.
    fn server(self, language: Language) -> Option<String> {
        let words = match self {
            Self::Utf8 => "illegal UTF-8 encoding",
            Self::Nul => "unexpected null character (0x00)",
            Self::Reserved => "unicode code point U+E123 reserved for internal use",
            Self::Character(c) if language == Language::Json && c != '-' => {
                return Some(format!("illegal char: {c}"));
            }
            Self::Character(_) | Self::BareWord => "illegal char",
            Self::Escape => "illegal char escape",
            Self::Unterminated => "literal not terminated",
            Self::Slash => "expected '/' for comment",
            Self::Comment => "comment not terminated",
            Self::Hexadecimal => "illegal hexadecimal number",
            Self::Octal => "illegal octal number",
            Self::LeadingZero => "numbers cannot start with 0",
            Self::Heredoc => "heredoc expected second '<', didn't see it",
            Self::HeredocWord => "invalid characters in heredoc anchor",
            Self::HeredocEmpty => "zero-length heredoc anchor",
            Self::HeredocEnd => "heredoc not terminated",
            Self::Panic | Self::Depth => return None,
        };
        Some(words.to_owned())
    }
}
