//! From text to an expression.
//!
//! The grammar is a parsing expression grammar: the first alternative that matches is used. It has
//! no reserved words, so `not == x` is about a field called `not`. If an alternative fails, the
//! error reports the furthest position and what was expected there. A broken literal, index or
//! bracket fails the whole text whatever else would match, as on a server.

use super::error::FilterError;
use super::expr::{Expr, Match, Operator, Span};
use super::foreign::meant;

/// Maximum nesting of `not` and brackets. Deeper expressions are an error, not a stack overflow.
pub const MAX_DEPTH: u32 = 200;

/// Parses an expression.
///
/// # Errors
/// If the text is not an expression; the error points at the first position that cannot be right.
pub fn parse(text: &str) -> Result<Expr, FilterError> {
    let mut parser =
        Parser { text, at: 0, depth: 0, furthest: 0, expected: Vec::new(), broken: None };
    parser.space();
    let expr = parser.any();
    if expr.is_some() {
        parser.space();
        if parser.at < text.len() {
            parser.expect_here(&["and", "or", "the end"]);
        }
    }
    match (parser.broken.take(), expr) {
        (Some((span, message)), _) => Err(FilterError::new(text, span, message)),
        (None, Some(expr)) if parser.at == text.len() => Ok(expr),
        _ => Err(parser.error()),
    }
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) depth: u32,
    /// The furthest position at which something did not match, and what was expected there.
    pub(super) furthest: usize,
    pub(super) expected: Vec<&'static str>,
    /// An error that no alternative can avoid.
    pub(super) broken: Option<(Span, String)>,
}

impl<'t> Parser<'t> {
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn expect_here(&mut self, what: &[&'static str]) {
        if self.at > self.furthest {
            self.furthest = self.at;
            self.expected.clear();
        }
        if self.at == self.furthest {
            for what in what {
                if !self.expected.contains(what) {
                    self.expected.push(what);
                }
            }
        }
    }

    pub(super) fn fail(&mut self, start: usize, message: &str) {
        if self.broken.is_none() {
            let end = self.at.max(start + 1);
            self.broken = Some((Span { start, end }, message.to_owned()));
        }
    }

    fn error(&self) -> FilterError {
        let start = self.furthest;
        let rest = self.text.get(start..).unwrap_or("");
        let word = rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len()).max(1);
        let found = match rest.chars().next() {
            None => "the expression ends".to_owned(),
            Some('\'') => "single quotes are not supported (use \"...\" or backquotes)".to_owned(),
            Some(_) => format!("unexpected {:?}", rest.get(..word).unwrap_or(rest)),
        };
        // Literal text is quoted, descriptions are not.
        let expected: Vec<String> = self
            .expected
            .iter()
            .map(|what| match what.split(' ').next() {
                Some("a" | "an" | "the") => (*what).to_owned(),
                _ => format!("{what:?}"),
            })
            .collect();
        if let Some((selector, span)) = self.key_with_dash(start) {
            let message = format!("{found}; did you mean {selector}?");
            return FilterError::new(self.text, span, message);
        }
        let (before, rest) = self.text.split_at_checked(start).unwrap_or_default();
        if let Some(meant) = meant(before, rest) {
            let span = Span { start, end: start + word };
            return FilterError::new(self.text, span, format!("{found}; {meant}"));
        }
        let message = match expected.as_slice() {
            [] => found,
            [one] => format!("{found}: expected {one}"),
            [many @ .., last] => format!("{found}: expected {} or {last}", many.join(", ")),
        };
        FilterError::new(self.text, Span { start, end: start + word }, message)
    }

    /// What was meant by `Meta.a-b`, if a dash is at this position: a key in brackets.
    fn key_with_dash(&self, at: usize) -> Option<(String, Span)> {
        let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let (before, rest) = self.text.split_at_checked(at).filter(|(_, r)| r.starts_with('-'))?;
        let start = before.rfind(|c| !is_of_key(c)).map_or(0, |at| at + 1);
        let end = at + rest.find(|c| !is_of_key(c)).unwrap_or(rest.len());
        let (outside, key) = self.text.get(start..end)?.split_once('.')?;
        let is_name = outside.starts_with(|c: char| c.is_ascii_alphabetic());
        is_name.then(|| (format!("{outside}[{key:?}]"), Span { start, end }))
    }

    /// Skips white space; returns whether there was any.
    pub(super) fn space(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.at > start
    }

    pub(super) fn take(&mut self, word: &'static str) -> bool {
        if self.rest().starts_with(word) {
            self.at += word.len();
            return true;
        }
        false
    }

    /// Takes words with white space before each of them, or nothing if one is missing.
    fn words(&mut self, words: &[&'static str]) -> bool {
        let start = self.at;
        for word in words {
            if !(self.space() && self.take(word)) {
                self.at = start;
                return false;
            }
        }
        true
    }

    /// One or more expressions with `word` between them.
    fn chain(
        &mut self,
        word: &'static str,
        part: fn(&mut Self) -> Option<Expr>,
        join: fn(Vec<Expr>) -> Expr,
    ) -> Option<Expr> {
        let first = part(self)?;
        let mut parts = Vec::new();
        loop {
            let before = self.at;
            if !(self.words(&[word]) && self.space()) {
                if self.at > before && self.at == self.text.len() {
                    self.expect_here(&["an expression"]);
                }
                self.at = before;
                break;
            }
            parts.push(part(self)?);
        }
        if parts.is_empty() {
            return Some(first);
        }
        parts.insert(0, first);
        Some(join(parts))
    }

    fn any(&mut self) -> Option<Expr> {
        self.chain("or", Self::all, Expr::Any)
    }

    fn all(&mut self) -> Option<Expr> {
        self.chain("and", Self::not, Expr::All)
    }

    fn not(&mut self) -> Option<Expr> {
        let start = self.at;
        if self.take("not") && self.space() {
            let inner = self.deeper(start, Self::not);
            if self.broken.is_some() {
                return None;
            }
            match inner {
                Some(Expr::Not(twice)) => return Some(*twice),
                Some(inner) => return Some(Expr::Not(Box::new(inner))),
                // It may be a field of that name.
                None => {}
            }
        }
        self.at = start;
        self.grouping()
    }

    fn deeper(&mut self, start: usize, part: fn(&mut Self) -> Option<Expr>) -> Option<Expr> {
        if self.depth >= MAX_DEPTH {
            self.fail(start, &format!("more than {MAX_DEPTH} levels of not and brackets"));
            return None;
        }
        self.depth += 1;
        let out = part(self);
        self.depth -= 1;
        out
    }

    fn grouping(&mut self) -> Option<Expr> {
        let start = self.at;
        if !self.take("(") {
            return self.statement();
        }
        self.space();
        let inner = self.deeper(start, Self::any)?;
        self.space();
        if self.take(")") {
            return Some(inner);
        }
        if self.at == self.text.len() {
            self.at = start + 1;
            self.fail(start, "this bracket is not closed");
        } else {
            self.expect_here(&["and", "or", ")"]);
        }
        None
    }

    fn statement(&mut self) -> Option<Expr> {
        let start = self.at;
        if let Some(selector) = self.selector() {
            let behind = self.at;
            if let Some((operator, operator_span)) = self.operator_with_value() {
                let from = self.at;
                if let Some(value) = self.value() {
                    let value_span = Span { start: from, end: self.at };
                    let value = Some(value);
                    return Some(Expr::Match(Match {
                        selector,
                        operator,
                        value,
                        operator_span,
                        value_span,
                    }));
                }
            }
            self.at = behind;
            for (operator, words) in [
                (Operator::IsEmpty, &["is", "empty"][..]),
                (Operator::IsNotEmpty, &["is", "not", "empty"]),
            ] {
                if self.words(words) {
                    let operator_span = Span { start: behind + 1, end: self.at };
                    let value_span = operator_span;
                    return Some(Expr::Match(Match {
                        selector,
                        operator,
                        value: None,
                        operator_span,
                        value_span,
                    }));
                }
            }
        }
        self.at = start;
        self.value_first()
    }

    fn value_first(&mut self) -> Option<Expr> {
        let start = self.at;
        let Some(value) = self.value() else {
            if self.broken.is_none() {
                self.at = start;
                self.expect_here(&["a field", "a value", "not", "("]);
            }
            return None;
        };
        let value_span = Span { start, end: self.at };
        let behind = self.at;
        for (operator, words) in
            [(Operator::In, &["in"][..]), (Operator::NotIn, &["not", "in"][..])]
        {
            if self.words(words) && self.space() {
                let operator_span = Span { start: behind + 1, end: self.at };
                if let Some(selector) = self.selector() {
                    return Some(Expr::Match(Match {
                        selector,
                        operator,
                        value: Some(value),
                        operator_span,
                        value_span,
                    }));
                }
                if self.at < self.text.len() && self.broken.is_none() {
                    let from = self.at;
                    self.at = self.text.len();
                    self.fail(from, "expected a field after in");
                }
                self.expect_here(&["a field"]);
                return None;
            }
            if self.at == self.text.len() && self.at > behind {
                self.expect_here(&["a field"]);
            }
            self.at = behind;
        }
        self.space();
        let named = matches!(self.text.as_bytes().get(start), Some(b) if b.is_ascii_alphabetic());
        if named {
            self.expect_here(&["==", "!=", "in", "not in", "contains", "is empty", "matches"]);
        } else {
            self.expect_here(&["in", "not in"]);
        }
        None
    }

    fn operator_with_value(&mut self) -> Option<(Operator, Span)> {
        let start = self.at;
        self.space();
        for (operator, sign) in [(Operator::Equal, "=="), (Operator::NotEqual, "!=")] {
            let from = self.at;
            if self.take(sign) {
                let span = Span { start: from, end: self.at };
                self.space();
                return Some((operator, span));
            }
        }
        self.at = start;
        for (operator, words) in [
            (Operator::In, &["contains"][..]),
            (Operator::NotIn, &["not", "contains"]),
            (Operator::Matches, &["matches"]),
            (Operator::NotMatches, &["not", "matches"]),
        ] {
            if self.words(words) {
                let span = Span { start: start + 1, end: self.at };
                if self.space() {
                    return Some((operator, span));
                }
                if self.at == self.text.len() {
                    self.expect_here(&["a value"]);
                }
            }
            self.at = start;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> usize {
        parse(text).unwrap_err().at.start
    }

    #[test]
    fn errors_point_at_the_place() {
        for (text, at) in [
            ("Node = \"x\"", 5),
            ("Node == ", 8),
            ("== \"x\"", 0),
            ("Node == \"unterminated", 8),
            ("(Node == x", 0),
            ("Node == x)", 9),
            ("Node is", 5),
            ("Node xor x", 5),
            ("\"x\" in", 6),
            ("Node contains", 13),
            ("Node == x and", 13),
            ("Node in \"x\"", 8),
            ("Address == 10.0.0.1", 11),
            ("Node == -x", 9),
            ("Node == 'x'", 8),
            ("Meta[os] == linux", 4),
            ("Meta.zone == a AND b == c", 15),
            ("Kind == connect-proxy", 15),
            ("not(Node == x)", 3),
            ("", 0),
        ] {
            assert_eq!(place(text), at, "{text}: {}", parse(text).unwrap_err());
        }
    }

    #[test]
    fn operators_of_other_languages_are_known() {
        for (text, meant) in [
            ("Node = x", "unexpected \"=\"; did you mean \"==\"?"),
            ("Node == x && Address == y", "did you mean \"and\"?"),
            ("Node == x || Address == y", "did you mean \"or\"?"),
            ("Node == x AND Address == y", "did you mean \"and\"?"),
            ("!Node == x", "did you mean \"not\"?"),
            ("Node =~ x", "did you mean \"matches\"?"),
            ("Node LIKE x", "did you mean \"matches\"?"),
            ("Policies has x", "did you mean \"contains\"?"),
            ("Node is null", "use \"is empty\" with lists and maps, and == \"\" with text"),
            ("Node is not null", "use \"is not empty\" with lists and maps, and != \"\" with text"),
            ("Port >= 80", "filters cannot compare by size; use == or !="),
            ("not(Node == x)", "a blank has to follow \"not\""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.message.contains(meant), "{text}: {error}");
        }
        let message = |text: &str| parse(text).unwrap_err().message;
        assert!(message("Node and").contains("expected"), "{}", message("Node and"));
    }

    #[test]
    fn words_are_not_reserved() {
        for text in [
            "not == x",
            "in in in",
            "is is empty",
            "not in not",
            "contains contains and",
            "or == and and and == or",
        ] {
            assert!(parse(text).is_ok(), "{text}: {}", parse(text).unwrap_err());
        }
    }

    #[test]
    fn what_binds_tighter() {
        let same = |a: &str, b: &str| assert_eq!(parse(a).unwrap(), parse(b).unwrap(), "{a}");
        same("a == 1 or b == 2 and not c == 3", "(a == 1 or (b == 2 and (not c == 3)))");
        same("not not a == 1", "a == 1");
        same("not a == 1 and b == 2", "(not a == 1) and b == 2");
        same("x in S", "S contains \"x\"");
        same("Meta[\"a\"].b != a.b[\"c d\"]", "Meta.a.b != `a.b.c d`");
        same("  a==1  ", "a == `1`");
    }

    #[test]
    fn deep_texts_are_refused() {
        let deep = |n: usize| format!("{}a == b{}", "(".repeat(n), ")".repeat(n));
        assert!(parse(&deep(150)).is_ok());
        assert!(parse(&deep(100_000)).unwrap_err().message.contains("levels"));
        assert!(parse(&format!("{}a == b", "not ".repeat(100_000))).is_err());
        assert!(parse(&format!("a == b{}", " or a == b".repeat(20_000))).is_ok());
    }
}
