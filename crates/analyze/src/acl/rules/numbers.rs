//! Parts of numbers that HCL and JSON share.

use super::source::{END, Source};
use super::token::TokenKind;

/// Takes digits, starting with `c`; returns the first other character, which is put back.
pub(super) fn mantissa(source: &mut Source<'_>, c: char) -> char {
    let after = source.skip_while(c, |c| c.is_ascii_digit());
    if c.is_ascii_digit() && after != END {
        source.put_back();
    }
    after
}

/// Takes the part after an `e`, if `c` is one. If no digit follows, servers skip the next character.
fn exponent(source: &mut Source<'_>, c: char) {
    if !matches!(c, 'e' | 'E') {
        return;
    }
    let mut c = source.next();
    if matches!(c, '+' | '-') {
        c = source.next();
    }
    mantissa(source, c);
}

/// Takes the part after a `.`, including an exponent.
fn fraction(source: &mut Source<'_>) {
    let c = source.peek();
    if matches!(mantissa(source, c), 'e' | 'E') {
        let c = source.next();
        exponent(source, c);
    }
}

/// The token that a `.` starts: a number if a digit follows.
pub(super) fn period(source: &mut Source<'_>) -> TokenKind {
    let c = source.peek();
    if !c.is_ascii_digit() {
        return TokenKind::Period;
    }
    let c = mantissa(source, c);
    exponent(source, c);
    TokenKind::Float
}

/// Takes what follows the digits of a number, starting with `c`: an exponent, a fraction, or
/// nothing.
pub(super) fn after_digits(source: &mut Source<'_>, c: char) -> TokenKind {
    match c {
        'e' | 'E' => {
            exponent(source, c);
            TokenKind::Float
        }
        '.' => {
            fraction(source);
            TokenKind::Float
        }
        c => {
            if c != END {
                source.put_back();
            }
            TokenKind::Number
        }
    }
}
