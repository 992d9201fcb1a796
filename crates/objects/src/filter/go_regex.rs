//! Go's regular expressions on the regex crate.
//!
//! Both descend from RE2 and run in linear time, but differ in some patterns: `\d`, `\w`, `\s` and
//! `\b` are ASCII in Go; `[[a&&b]` is a class of four characters; `\<` is a plain `<`; `\Q...\E`
//! quotes; a `{` that does not start a repetition is literal. The pattern is rewritten where they
//! differ, and patterns that Go refuses are refused.

use regex::bytes::{Regex, RegexBuilder};

/// Maximum size of a compiled pattern: the regex crate's default.
const SIZE_LIMIT: usize = 10 << 20;

/// Go's limit for the number in a repetition.
const MAX_REPEAT: u32 = 1000;

/// Compiles a pattern as Go understands it.
///
/// # Errors
/// If the pattern is invalid.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let rewritten = Rewriter { rest: pattern, out: String::with_capacity(pattern.len()) }.run()?;
    RegexBuilder::new(&rewritten).size_limit(SIZE_LIMIT).octal(false).build().map_err(|e| match e {
        regex::Error::CompiledTooBig(_) => "the pattern needs too much memory".to_owned(),
        other => {
            other.to_string().lines().last().unwrap_or("").trim_start_matches("error: ").to_owned()
        }
    })
}

struct Rewriter<'p> {
    rest: &'p str,
    out: String,
}

impl<'p> Rewriter<'p> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn run(mut self) -> Result<String, String> {
        // Whether the previous item was a repetition: Go refuses to repeat it.
        let mut repeated = false;
        while let Some(c) = self.next() {
            let again = std::mem::take(&mut repeated);
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '*' | '+' | '?' => {
                    if again {
                        return Err(format!("a repetition of a repetition: {c}"));
                    }
                    self.out.push(c);
                    self.lazy();
                    repeated = true;
                }
                '{' => match repetition(self.rest) {
                    Some((len, largest)) => {
                        if again {
                            return Err("a repetition of a repetition: {".to_owned());
                        }
                        if largest > MAX_REPEAT {
                            return Err(format!("more than {MAX_REPEAT} repetitions"));
                        }
                        self.out.push('{');
                        self.out.push_str(self.rest.get(..len).unwrap_or(""));
                        self.rest = self.rest.get(len..).unwrap_or("");
                        self.lazy();
                        repeated = true;
                    }
                    None => self.out.push_str("\\{"),
                },
                '}' => self.out.push_str("\\}"),
                '(' => self.group()?,
                c => self.out.push(c),
            }
        }
        Ok(self.out)
    }

    fn lazy(&mut self) {
        if let Some(rest) = self.rest.strip_prefix('?') {
            self.rest = rest;
            self.out.push('?');
        }
    }

    /// Both support the flags `imsU`; the regex crate supports more.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        let Some(inside) = self.rest.strip_prefix('?') else { return Ok(()) };
        if inside.starts_with("P<") || inside.starts_with('<') {
            return Ok(());
        }
        let flags = inside.find([':', ')']).and_then(|end| inside.get(..end));
        match flags {
            Some(flags) if flags.chars().all(|c| "imsU-".contains(c)) => Ok(()),
            _ => Err("an unknown group: (?".to_owned()),
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let c = self.next().ok_or("a \\ at the end")?;
        match c {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            'w' => self.out.push_str("[0-9A-Za-z_]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            's' => self.out.push_str("[\\t\\n\\f\\r ]"),
            'S' => self.out.push_str("[^\\t\\n\\f\\r ]"),
            'b' => self.out.push_str("(?-u:\\b)"),
            'B' => self.out.push_str("(?-u:\\B)"),
            'A' => self.out.push_str("\\A"),
            'z' => self.out.push_str("\\z"),
            // `\C` matches one byte, and texts are never split into bytes.
            'C' => self.out.push_str("(?s-u:.)"),
            'Q' => {
                let end = self.rest.find("\\E");
                let quoted = self.rest.get(..end.unwrap_or(self.rest.len())).unwrap_or("");
                self.out.push_str(&regex::escape(quoted));
                self.rest = end.and_then(|at| self.rest.get(at + 2..)).unwrap_or("");
            }
            'E' => {}
            c => self.character(c)?,
        }
        Ok(())
    }

    /// An escaped character that means the same inside and outside of a class.
    fn character(&mut self, c: char) -> Result<(), String> {
        match c {
            'a' | 'f' | 't' | 'n' | 'r' | 'v' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'p' | 'P' => {
                self.out.push('\\');
                self.out.push(c);
                if self.rest.starts_with('{') {
                    let end = self.rest.find('}').ok_or("an unclosed \\p{")?;
                    self.out.push_str(self.rest.get(..=end).unwrap_or(""));
                    self.rest = self.rest.get(end + 1..).unwrap_or("");
                } else {
                    let name = self.next().ok_or("a \\p without a name")?;
                    self.out.push(name);
                }
            }
            'x' => {
                let hex = if let Some(inside) = self.rest.strip_prefix('{') {
                    let end = inside.find('}').ok_or("an unclosed \\x{")?;
                    self.rest = inside.get(end + 1..).unwrap_or("");
                    inside.get(..end)
                } else {
                    let hex = self.rest.get(..2);
                    self.rest = self.rest.get(2..).unwrap_or("");
                    hex
                };
                let code = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
                self.literal(code.and_then(char::from_u32).ok_or("an invalid \\x")?);
            }
            '0'..='7' => {
                // \1 to \7 alone would be a backreference, which neither supports.
                let more =
                    self.rest.bytes().take(2).take_while(|b| matches!(b, b'0'..=b'7')).count();
                if c != '0' && more == 0 {
                    return Err(format!("an invalid escape: \\{c}"));
                }
                let octal = format!("{c}{}", self.rest.get(..more).unwrap_or(""));
                self.rest = self.rest.get(more..).unwrap_or("");
                let code = u32::from_str_radix(&octal, 8).ok().and_then(char::from_u32);
                self.literal(code.ok_or("an invalid octal escape")?);
            }
            c if c.is_ascii_punctuation() => self.literal(c),
            c => return Err(format!("an invalid escape: \\{c}")),
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if let Some(rest) = self.rest.strip_prefix('^') {
            self.rest = rest;
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let c = self.next().ok_or("an unclosed [")?;
            match c {
                ']' if !first => {
                    self.out.push(']');
                    return Ok(());
                }
                ']' => self.out.push_str("\\]"),
                '[' if self.rest.starts_with(':') => {
                    let end = self.rest.find(":]").filter(|end| *end > 0);
                    match end {
                        Some(end) => {
                            self.out.push('[');
                            self.out.push_str(self.rest.get(..end + 2).unwrap_or(""));
                            self.rest = self.rest.get(end + 2..).unwrap_or("");
                        }
                        None => self.out.push_str("\\["),
                    }
                }
                // Doubled, these have a meaning for the regex crate.
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '-' => self.dash(first)?,
                '\\' => match self.next().ok_or("a \\ at the end")? {
                    'd' => self.out.push_str("0-9"),
                    'D' => self.out.push_str("[^0-9]"),
                    'w' => self.out.push_str("0-9A-Za-z_"),
                    'W' => self.out.push_str("[^0-9A-Za-z_]"),
                    's' => self.out.push_str("\\t\\n\\f\\r "),
                    'S' => self.out.push_str("[^\\t\\n\\f\\r ]"),
                    c => self.character(c)?,
                },
                c => self.out.push(c),
            }
            first = false;
        }
    }

    /// A dash is literal at the start and the end. Elsewhere it forms a range, and Go allows
    /// nothing else.
    fn dash(&mut self, first: bool) -> Result<(), String> {
        if first || self.rest.starts_with(']') {
            self.out.push_str("\\-");
            return Ok(());
        }
        if self.rest.starts_with("--") || self.out.ends_with("\\-") {
            return Err("an invalid range of characters".to_owned());
        }
        self.out.push('-');
        if let Some(rest) = self.rest.strip_prefix('-') {
            self.rest = rest;
            self.out.push_str("\\-");
        }
        Ok(())
    }
}

/// The length after the `{` of a repetition such as `{2}`, `{2,}` or `{2,5}`, and its largest
/// number.
fn repetition(rest: &str) -> Option<(usize, u32)> {
    let end = rest.find('}')?;
    let inside = rest.get(..end)?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u32::MAX))
    };
    let (low, high) = match inside.split_once(',') {
        None => (number(inside)?, 0),
        Some((low, "")) => (number(low)?, 0),
        Some((low, high)) => (number(low)?, number(high)?),
    };
    Some((end + 1, low.max(high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, text, found) in [
            (r"^10\.", "10.0", true),
            (r"(?i)NODE_with", "Node_With", true),
            (r"(?s)line.two", "line\ntwo", true),
            (r"line.two", "line\ntwo", false),
            (r"^\d$", "٣", false),
            (r"^\w+$", "é", false),
            (r"^\W$", "é", true),
            (r"^\s$", "\u{b}", false),
            (r"\bnode\b", "a node b", true),
            (r"é\b", "é", false),
            (r"^[[a]$", "[", true),
            (r"^[a&&b]$", "&", true),
            (r"^[]a]$", "]", true),
            (r"^[^]a]$", "b", true),
            (r"^[a-]$", "-", true),
            (r"^[\d.]+$", "1.2", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^[\D]$", "x", true),
            (r"\Qa.b\E$", "xa.b", true),
            (r"\Qa.b", "axb", false),
            (r"^a{,2}$", "a{,2}", true),
            (r"^a{2}$", "aa", true),
            (r"^{$", "{", true),
            (r"\<b\>", "<b>", true),
            (r"^\x41\101\x{1F600}$", "AA😀", true),
            (r"^.$", "é", true),
            (r"a*?b", "aab", true),
            (r"^\pL$", "é", true),
            ("", "anything", true),
        ] {
            let regex = compile(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
            assert_eq!(regex.is_match(text.as_bytes()), found, "{pattern} on {text:?}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [
            "(",
            ")",
            "[a",
            "a**",
            "a+*",
            "*",
            r"\1",
            r"\u0041",
            r"\G",
            r"\Z",
            "a{1001}",
            "(?x)a",
            "(?=a)",
            "(?<!a)b",
            "a{2}{3}",
            r"\",
            "[z-a]",
            r"\pX{",
            "(((a{100}){100}){100})",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_makes_it_panic(pattern in r"[a-z0-9\\\[\](){}*+?.|^$&~:<>,=-]{0,20}") {
            let _ = compile(&pattern);
        }
    }
}
