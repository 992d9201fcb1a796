//! Resolves quoted text.

use super::name::Name;

/// The rules of quoting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Text inside `${ }` stays unchanged.
    Hcl,
    /// Half a surrogate pair is an error.
    Json,
    /// The same, but half a surrogate pair is the replacement character, as in HCL.
    LenientJson,
}

/// Resolves the escapes of a text without its quotes; `None` if one is invalid, for which a server
/// refuses the text when it reads it.
pub(super) fn unquote(raw: &str, quoting: Quoting) -> Option<Name> {
    let joined;
    let mut rest = raw;
    if quoting == Quoting::Hcl && raw.contains("\r\n") {
        joined = raw.replace("\r\n", "\n");
        rest = &joined;
    }
    if !rest.contains(['\\', '$']) {
        return Some(Name::from(rest));
    }
    let mut out = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        if quoting == Quoting::Hcl && rest.starts_with("${") {
            let (inside, after) = rest.split_at(interpolation(rest)?);
            out.extend_from_slice(inside.as_bytes());
            rest = after;
            continue;
        }
        rest = one(rest, quoting, &mut out)?;
    }
    Some(Name::from(out.as_slice()))
}

/// Returns the value of a heredoc as servers extract it: they assume that its last line is as long as its
/// first. After `<<-` lines lose the last line's indent if all of them have it. `None` if servers fail.
pub(super) fn unindent(text: &[u8]) -> Option<Vec<u8>> {
    let first = text.iter().position(|b| *b == b'\n')?;
    let start = first + 1;
    let end = (text.len() + 1).checked_sub(first)?;
    if text.get(2) != Some(&b'-') {
        return text.get(start..end).map(<[u8]>::to_vec);
    }
    let lines: Vec<&[u8]> = text.get(start..end + 1)?.split(|b| *b == b'\n').collect();
    let (indent, lines) = lines.split_last()?;
    let Some(cut) = lines.iter().map(|line| line.strip_prefix(*indent)).collect::<Option<Vec<_>>>()
    else {
        let whole = text.get(start..end)?;
        let blank = whole.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
        return whole.get(..whole.len() - blank).map(<[u8]>::to_vec);
    };
    Some(cut.into_iter().flat_map(|line| [line, b"\n"]).flatten().copied().collect())
}

/// Bytes from `${` to the brace that closes it.
fn interpolation(text: &str) -> Option<usize> {
    let mut open = 0u32;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            // Servers treat it as a byte that is not UTF-8.
            char::REPLACEMENT_CHARACTER => return None,
            _ => {}
        }
        if open == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Takes one character or escape.
fn one<'t>(text: &'t str, quoting: Quoting, out: &mut Vec<u8>) -> Option<&'t str> {
    let mut chars = text.chars();
    match chars.next()? {
        '"' => return None,
        '\\' => {}
        c => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(chars.as_str());
        }
    }
    let plain = match chars.next()? {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' => b'\\',
        '"' => b'"',
        c @ '0'..='7' => {
            let digits = chars.as_str().get(..2)?;
            let value = c.to_digit(8)? * 64 + u32::from_str_radix(digits, 8).ok()?;
            out.push(u8::try_from(value).ok()?);
            return chars.as_str().get(2..);
        }
        'x' => {
            let digits = chars.as_str().get(..2)?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            return chars.as_str().get(2..);
        }
        c @ ('u' | 'U') => {
            let count = if c == 'u' { 4 } else { 8 };
            let value = u32::from_str_radix(chars.as_str().get(..count)?, 16).ok()?;
            // Go's characters are signed, and a negative one is truncated to a byte.
            if value > i32::MAX.unsigned_abs() && quoting != Quoting::Json {
                out.extend(value.to_be_bytes().last());
                return chars.as_str().get(count..);
            }
            let c = match char::from_u32(value) {
                Some(c) => c,
                None if value < 0x11_0000 && quoting != Quoting::Json => {
                    char::REPLACEMENT_CHARACTER
                }
                None => return None,
            };
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return chars.as_str().get(count..);
        }
        _ => return None,
    };
    out.push(plain);
    Some(chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hcl(raw: &str) -> Option<Vec<u8>> {
        unquote(raw, Quoting::Hcl).map(|n| n.to_vec())
    }

    #[test]
    fn escapes_mean_what_they_mean_in_go() {
        assert_eq!(hcl(r#"q\"uote"#).unwrap(), b"q\"uote");
        assert_eq!(hcl(r"tab\t\n\\").unwrap(), b"tab\t\n\\");
        assert_eq!(hcl(r"u\u00e9\U0001F600").unwrap(), "ué😀".as_bytes());
        assert_eq!(hcl(r"\xff\101").unwrap(), b"\xffA");
        assert_eq!(hcl(r"\777"), None, "more than a byte");
        assert_eq!(hcl(r"\U00110000"), None, "no such character");
        assert_eq!(hcl(r"\ud800").unwrap(), "\u{fffd}".as_bytes());
        assert_eq!(unquote(r"\ud83d\ude00", Quoting::Json), None);
        let lenient = unquote(r"\ud83d\ude00${", Quoting::LenientJson).unwrap().to_vec();
        assert_eq!(lenient, "\u{fffd}\u{fffd}${".as_bytes());
    }

    #[test]
    fn interpolations_stay_literal() {
        assert_eq!(hcl("${name}").unwrap(), b"${name}");
        assert_eq!(hcl(r#"a${f("x\n{}")}b\t"#).unwrap(), b"a${f(\"x\\n{}\")}b\t");
        assert_eq!(hcl("$5 {x}").unwrap(), b"$5 {x}");
        assert_eq!(unquote(r"${a\tb}", Quoting::Json).unwrap().to_vec(), b"${a\tb}");
    }
}
