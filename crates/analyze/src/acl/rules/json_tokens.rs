//! Splits JSON into tokens, as servers do with their own lexer.

use super::fault::Fault;
use super::name::Name;
use super::numbers::{after_digits, mantissa, period};
use super::source::{END, Source, is_letter, is_letter_or_digit, is_space};
use super::token::{Token, TokenKind, bracket_or_comma};

/// Returns the next token.
pub(super) fn next_token(source: &mut Source<'_>) -> Token {
    let first = source.next();
    let c = source.skip_while(first, is_space);
    let place = source.place();
    let start = source.start();
    let kind = match c {
        c if is_letter(c) => word(source, start),
        '0'..='9' => number(source, c),
        END => TokenKind::End,
        '"' => {
            quoted(source);
            TokenKind::Text
        }
        '.' => period(source),
        ':' => TokenKind::Colon,
        '-' if source.peek().is_ascii_digit() => {
            let c = source.next();
            number(source, c)
        }
        c => bracket_or_comma(source, c),
    };
    let text = Name::from(source.between(start, source.offset()));
    Token { kind, text, place }
}

fn word(source: &mut Source<'_>, start: usize) -> TokenKind {
    let c = source.next();
    let c = source.skip_while(c, |c| is_letter_or_digit(c) || c == '-');
    if c != END {
        source.put_back();
    }
    // Servers treat a NUL after the word as the end of the text, and as part of the word.
    match source.between(start, source.offset()) {
        "true" | "false" => TokenKind::Bool,
        "null" => TokenKind::Null,
        _ => {
            source.note(Fault::BareWord);
            TokenKind::Illegal
        }
    }
}

fn quoted(source: &mut Source<'_>) {
    loop {
        match source.next() {
            '\n' | END => return source.note(Fault::Unterminated),
            '"' => return,
            '\\' => source.escape(),
            _ => {}
        }
    }
}

fn number(source: &mut Source<'_>, first: char) -> TokenKind {
    let before = source.progress();
    mantissa(source, first);
    let c = source.next();
    let kind = after_digits(source, c);
    // A 0 at the end of the text is refused too: servers count columns beyond the end.
    if kind == TokenKind::Number && first == '0' && before != source.progress() {
        source.note(Fault::LeadingZero);
    }
    kind
}
