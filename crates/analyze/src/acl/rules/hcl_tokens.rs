//! Splits HCL 1 into tokens.

use super::fault::Fault;
use super::name::Name;
use super::numbers::{after_digits, mantissa, period};
use super::source::{END, Source, is_letter, is_letter_or_digit, is_space};
use super::token::{Token, TokenKind, bracket_or_comma};

/// Returns the next token that is not a comment.
pub(super) fn next_token(source: &mut Source<'_>) -> Token {
    loop {
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
            '#' | '/' => {
                comment(source, c);
                continue;
            }
            '.' => period(source),
            '<' => {
                heredoc(source);
                TokenKind::Heredoc
            }
            '=' => TokenKind::Assign,
            '+' => TokenKind::Add,
            '-' if source.peek().is_ascii_digit() => {
                let c = source.next();
                number(source, c)
            }
            '-' => TokenKind::Sub,
            c => bracket_or_comma(source, c),
        };
        let text = Name::from(source.between(start, source.offset()));
        return Token { kind, text, place };
    }
}

fn word(source: &mut Source<'_>, start: usize) -> TokenKind {
    let c = source.next();
    let c = source.skip_while(c, |c| is_letter_or_digit(c) || c == '-' || c == '.');
    if c != END {
        source.put_back();
    }
    match source.between(start, source.offset()) {
        "true" | "false" => TokenKind::Bool,
        _ => TokenKind::Word,
    }
}

fn comment(source: &mut Source<'_>, first: char) {
    let second = source.peek();
    if first == '#' || second != '*' {
        if first == '/' && second != '/' {
            return source.note(Fault::Slash);
        }
        let c = source.next();
        if source.skip_while(c, |c| c != '\n' && c != END) != END {
            source.put_back();
        }
        return;
    }
    source.next();
    let mut c = source.next();
    loop {
        if c == END {
            return source.note(Fault::Comment);
        }
        let was_star = c == '*';
        c = source.next();
        if was_star && c == '/' {
            return;
        }
    }
}

/// Reads up to the closing quote. Inside `${ }` quotes and line ends belong to the text.
fn quoted(source: &mut Source<'_>) {
    let mut braces = 0u32;
    loop {
        let c = source.next();
        match c {
            '\n' if braces == 0 => return source.note(Fault::Unterminated),
            END => return source.note(Fault::Unterminated),
            '"' if braces == 0 => return,
            '$' if braces == 0 && source.peek() == '{' => {
                braces = 1;
                source.next();
            }
            '{' if braces > 0 => braces += 1,
            '}' if braces > 0 => braces -= 1,
            '\\' => source.escape(),
            _ => {}
        }
    }
}

/// `<<WORD`, lines, and a line with only WORD.
fn heredoc(source: &mut Source<'_>) {
    if source.next() != '<' {
        return source.note(Fault::Heredoc);
    }
    let from = source.offset();
    let mut c = source.next();
    let is_indented = c == '-';
    if is_indented {
        c = source.next();
    }
    c = source.skip_while(c, is_letter_or_digit);
    if c == END {
        return source.note(Fault::HeredocEnd);
    }
    if c == '\r' && source.peek() == '\n' {
        c = source.next();
    }
    if c != '\n' {
        return source.note(Fault::HeredocWord);
    }
    let anchor = source.between(from, source.start()).to_owned();
    let word = anchor.strip_prefix('-').unwrap_or(&anchor);
    if word.is_empty() {
        return source.note(Fault::HeredocEmpty);
    }
    let mut line = source.offset();
    loop {
        match source.next() {
            '\n' => {
                let text = source.between(line, source.start());
                let bare =
                    text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
                // Servers include the '-' here, so a bare `END` does not end `<<-END`.
                if text.len() >= anchor.len() && bare.trim_end_matches('\r') == word {
                    return;
                }
                line = source.offset();
            }
            END => return source.note(Fault::HeredocEnd),
            _ => {}
        }
    }
}

fn number(source: &mut Source<'_>, first: char) -> TokenKind {
    let mut c = first;
    if c == '0' {
        c = source.next();
        if c == 'x' || c == 'X' {
            return hexadecimal(source);
        }
        // Servers ignore the digit right after the 0.
        let mut is_octal = true;
        while c.is_ascii_digit() {
            c = source.next();
            is_octal &= c != '8' && c != '9';
        }
        if !matches!(c, 'e' | 'E' | '.') && !is_octal {
            source.note(Fault::Octal);
        }
    } else {
        mantissa(source, c);
        c = source.next();
    }
    after_digits(source, c)
}

fn hexadecimal(source: &mut Source<'_>) -> TokenKind {
    let first = source.next();
    let c = source.skip_while(first, |c| c.is_ascii_hexdigit());
    if !first.is_ascii_hexdigit() {
        source.note(Fault::Hexadecimal);
    }
    if c != END {
        source.put_back();
    }
    TokenKind::Number
}
