//! Tokens of both languages.

use super::fault::Fault;
use super::name::Name;
use super::position::Position;
use super::source::Source;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A character that starts no token.
    Illegal,
    End,
    /// A bare word.
    Word,
    Number,
    Float,
    Bool,
    /// Quoted text.
    Text,
    Heredoc,
    Null,
    ListOpen,
    ListClose,
    Open,
    Close,
    Comma,
    Period,
    Colon,
    Assign,
    Add,
    Sub,
}

impl TokenKind {
    /// The name in our errors.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Illegal => "a character that is not allowed",
            Self::End => "the end of the text",
            Self::Word => "a bare word",
            Self::Number | Self::Float => "a number",
            Self::Bool => "a bool",
            Self::Text => "a quoted string",
            Self::Heredoc => "a heredoc",
            Self::Null => "null",
            Self::ListOpen => "'['",
            Self::ListClose => "']'",
            Self::Open => "'{'",
            Self::Close => "'}'",
            Self::Comma => "','",
            Self::Period => "'.'",
            Self::Colon => "':'",
            Self::Assign => "'='",
            Self::Add => "'+'",
            Self::Sub => "'-'",
        }
    }

    /// The name in servers' errors.
    pub(super) const fn server(self) -> &'static str {
        match self {
            Self::Illegal => "ILLEGAL",
            Self::End => "EOF",
            Self::Word => "IDENT",
            Self::Number => "NUMBER",
            Self::Float => "FLOAT",
            Self::Bool => "BOOL",
            Self::Text => "STRING",
            Self::Heredoc => "HEREDOC",
            Self::Null => "NULL",
            Self::ListOpen => "LBRACK",
            Self::ListClose => "RBRACK",
            Self::Open => "LBRACE",
            Self::Close => "RBRACE",
            Self::Comma => "COMMA",
            Self::Period => "PERIOD",
            Self::Colon => "COLON",
            Self::Assign => "ASSIGN",
            Self::Add => "ADD",
            Self::Sub => "SUB",
        }
    }
}

/// The token for this character, if it means the same in both languages; any other character is
/// noted.
pub(super) fn bracket_or_comma(source: &mut Source<'_>, c: char) -> TokenKind {
    match c {
        '[' => TokenKind::ListOpen,
        ']' => TokenKind::ListClose,
        '{' => TokenKind::Open,
        '}' => TokenKind::Close,
        ',' => TokenKind::Comma,
        c => {
            source.note(Fault::Character(c));
            TokenKind::Illegal
        }
    }
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// As written, including quotes.
    pub(super) text: Name,
    pub(super) place: Position,
}

impl Token {
    /// The text without its quotes.
    pub(super) fn inside(&self) -> &str {
        let text = std::str::from_utf8(&self.text).unwrap_or("");
        text.get(1..text.len().saturating_sub(1)).unwrap_or("")
    }

    /// Formats the token as servers do.
    pub(super) fn server(&self) -> String {
        let Position { line, column, .. } = self.place;
        format!("{line}:{column} {} {}", self.kind.server(), self.text)
    }
}
