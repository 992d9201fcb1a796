//! Errors of filter expressions, with their position.

use super::expr::Span;
use std::fmt;

/// An expression that cannot be parsed, or does not fit its objects.
///
/// Its text has the message, the wrong line of the expression, and a caret under the position.
#[derive(Debug, Clone)]
pub struct FilterError {
    /// The expression.
    pub expression: String,
    /// The wrong bytes in it.
    pub at: Span,
    /// What is wrong.
    pub message: String,
    /// The field that does not exist, if that is what is wrong.
    pub unknown_field: Option<String>,
}

impl FilterError {
    pub(super) fn new(expression: &str, at: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { expression: expression.to_owned(), at, message, unknown_field: None }
    }

    /// The line in which the error starts, with carets under the position.
    fn pointed_at(&self) -> (String, String) {
        let text = &self.expression;
        let boundary =
            |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let start = boundary(self.at.start).unwrap_or(0);
        let from = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let to =
            text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |n| start + n);
        let end = boundary(self.at.end.clamp(start, to)).unwrap_or(start);
        let shown = |range: std::ops::Range<usize>| -> String {
            let part = text.get(range).unwrap_or("");
            part.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        let before = shown(from..start).chars().count();
        let below = shown(start..end).chars().count().max(1);
        (shown(from..to), format!("{}{}", " ".repeat(before), "^".repeat(below)))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, carets) = self.pointed_at();
        write!(f, "{}\n  {line}\n  {carets}", self.message)
    }
}

impl std::error::Error for FilterError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_pointed_at() {
        let at = |expression: &str, start, end| {
            FilterError::new(expression, Span { start, end }, "wrong").to_string()
        };
        assert_eq!(at("Node = x", 5, 6), "wrong\n  Node = x\n       ^");
        assert_eq!(at("Nöde == x", 6, 8), "wrong\n  Nöde == x\n       ^^");
        assert_eq!(at("a == b\nor c", 10, 90), "wrong\n  or c\n     ^");
        assert_eq!(at("", 0, 0), "wrong\n  \n  ^");
        assert_eq!(at("é", 1, 1), "wrong\n  é\n  ^");
    }
}
