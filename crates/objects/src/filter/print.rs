//! An expression as text.

use super::expr::{Expr, Match, Operator, Selector};
use super::go_string::quote;
use std::fmt;

/// The output parses to the same expression.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Match(statement) => write!(f, "{statement}"),
            Self::Not(inner) => {
                f.write_str("not ")?;
                part(inner, f)
            }
            Self::All(parts) => chain(parts, " and ", f),
            Self::Any(parts) => chain(parts, " or ", f),
        }
    }
}

fn chain(parts: &[Expr], between: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, expr) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        part(expr, f)?;
    }
    Ok(())
}

/// Nested chains are put in brackets.
fn part(expr: &Expr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match expr {
        Expr::All(_) | Expr::Any(_) => write!(f, "({expr})"),
        Expr::Not(_) | Expr::Match(_) => write!(f, "{expr}"),
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `not not contains` would parse as two negations of something else. The language cannot
        // express `not matches` for a field called `not`.
        if self.operator == Operator::NotIn
            && self.selector.path == [b"not"]
            && let Some(value) = &self.value
        {
            return write!(f, "{} not in {}", quote(value), self.selector);
        }
        write!(f, "{} {}", self.selector, self.operator.text())?;
        match &self.value {
            Some(value) => write!(f, " {}", quote(value)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.path.iter().enumerate() {
            let plain = name.first().is_some_and(u8::is_ascii_alphabetic)
                && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
            match (plain, at) {
                (true, 0) => f.write_str(&String::from_utf8_lossy(name))?,
                (true, _) => write!(f, ".{}", String::from_utf8_lossy(name))?,
                (false, _) => write!(f, "[{}]", quote(name))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Span, parse};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn statement() -> impl Strategy<Value = Expr> {
        let operator = prop::sample::select(Operator::ALL.to_vec());
        let first = "[a-zA-Z][a-zA-Z0-9_]{0,5}|not|in|is|and|or|empty|contains|matches";
        (first, vec(vec(any::<u8>(), 0..6), 0..3), operator, vec(any::<u8>(), 0..8)).prop_map(
            |(first, rest, operator, value)| {
                let mut path = vec![first.into_bytes()];
                path.extend(rest);
                let negated_not = path == [b"not"] && operator == Operator::NotMatches;
                let operator = if negated_not { Operator::Matches } else { operator };
                let empty = matches!(operator, Operator::IsEmpty | Operator::IsNotEmpty);
                Expr::Match(Match {
                    selector: Selector { path, span: Span::default() },
                    operator,
                    value: (!empty).then_some(value),
                    operator_span: Span::default(),
                    value_span: Span::default(),
                })
            },
        )
    }

    fn expr() -> impl Strategy<Value = Expr> {
        statement().prop_recursive(6, 40, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 2..4).prop_map(Expr::All),
                vec(inner.clone(), 2..4).prop_map(Expr::Any),
                inner.prop_map(|e| match e {
                    Expr::Not(e) => *e,
                    e => Expr::Not(Box::new(e)),
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_as_the_same(expr in expr()) {
            let text = expr.to_string();
            match parse(&text) {
                Ok(again) => prop_assert_eq!(again, expr, "{}", text),
                Err(e) => prop_assert!(false, "{}", e),
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a-zA-Z. \"`\\[\\]()=!0-9éx-]{0,60}") {
            if let Err(e) = parse(&text) {
                let _ = e.to_string();
            }
        }

        #[test]
        fn no_words_make_it_panic(words in vec(prop::sample::select(vec![
            "not", "in", "is", "empty", "and", "or", "(", ")", "Node", "==", "\"x\"", "1", "contains", "matches", "[", "]", "`",
        ]), 0..20)) {
            if let Err(e) = parse(&words.join(" ")) {
                let _ = e.to_string();
            }
        }
    }
}
