//! Parts of numbers that HCL and JSON share.

use super::source::{END, Source};

/// Takes digits, starting with `c`; returns the first other character, which is put back.
pub(super) fn mantissa(source: &mut Source<'_>, c: char) -> char {
    let after = source.skip_while(c, |c| c.is_ascii_digit());
    if c.is_ascii_digit() && after != END {
        source.put_back();
    }
    after
}

/// Takes the part after an `e`, if `c` is one. If no digit follows, servers skip the next character.
pub(super) fn exponent(source: &mut Source<'_>, c: char) {
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
pub(super) fn fraction(source: &mut Source<'_>) {
    let c = source.peek();
    if matches!(mantissa(source, c), 'e' | 'E') {
        let c = source.next();
        exponent(source, c);
    }
}
