//! Parts of numbers, which HCL and JSON have in common.

use super::source::{END, Source};

/// Takes digits from `c` on, and gives the first character that is none, which is put back.
pub(super) fn mantissa(source: &mut Source<'_>, c: char) -> char {
    let after = source.skip_while(c, |c| c.is_ascii_digit());
    if c.is_ascii_digit() && after != END {
        source.put_back();
    }
    after
}

/// Takes what follows an `e`, if `c` is one. Without a digit, servers swallow what follows instead.
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

/// Takes what follows a `.`, exponent included.
pub(super) fn fraction(source: &mut Source<'_>) {
    let c = source.peek();
    if matches!(mantissa(source, c), 'e' | 'E') {
        let c = source.next();
        exponent(source, c);
    }
}
