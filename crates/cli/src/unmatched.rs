//! Answers without rows: which condition matched nothing, and which values exist.

use crate::render::escape::one_line;
use snapscope_objects::filter::{Expr, Filter, Operator, Selector, Shape, parse};
use snapscope_objects::nearest;
use std::collections::BTreeSet;

/// Maximum number of values that are named.
const NAMED: usize = 8;
/// Maximum number of values that are remembered, and their maximum length.
const REMEMBERED: usize = 10_000;
const LONGEST: usize = 60;
/// Words of other languages for an unset value.
const NOT_SET: [&str; 4] = ["null", "nil", "none", "undefined"];

/// One of the parts of a filter that an object has to match.
pub(crate) struct Conjunct {
    /// The part as typed.
    pub(crate) text: String,
    pub(crate) filter: Filter,
    /// The field that it tests, if it tests one.
    pub(crate) selector: Option<Selector>,
    /// The value that the field should have.
    pub(crate) value: Option<String>,
}

/// The parts of an expression that was already compiled.
pub(crate) fn parts(expression: &str, shape: &Shape) -> Vec<Conjunct> {
    let parts = match parse(expression).ok() {
        Some(Expr::All(parts)) => parts,
        other => other.into_iter().collect(),
    };
    parts.into_iter().filter_map(|part| part_of(&part, shape)).collect()
}

fn part_of(expr: &Expr, shape: &Shape) -> Option<Conjunct> {
    let text = expr.to_string();
    let filter = Filter::of(expr, &text, shape).ok()?;
    let Expr::Match(one) = expr else {
        return Some(Conjunct { text, filter, selector: None, value: None });
    };
    let is_value = matches!(one.operator, Operator::Equal | Operator::In);
    let value = one.value.as_ref().filter(|_| is_value);
    // It may be a real value.
    let is_secret = one.selector.path.last().is_some_and(|name| name == b"SecretID");
    Some(Conjunct {
        text: if is_secret { "the condition on SecretID".to_owned() } else { text },
        filter,
        selector: Some(one.selector.clone()),
        value: value.map(|value| String::from_utf8_lossy(value).into_owned()),
    })
}

/// Values of objects for which a condition did not hold.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeSet<String>);

impl Values {
    /// Adds a value, for suggestions.
    pub(crate) fn add(&mut self, value: String) {
        let is_shown = !value.is_empty() && value.len() <= LONGEST && !value.contains("<masked");
        if is_shown && self.0.len() < REMEMBERED {
            self.0.insert(value);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The end of a sentence: the value that was meant, or the existing values of `name`.
    pub(crate) fn hint(&self, name: &str, asked: Option<&str>) -> String {
        if let Some(near) = asked.and_then(|asked| nearest(asked, self.iter())) {
            return format!("; did you mean \"{}\"?", one_line(near.as_bytes()));
        }
        if asked.is_some_and(|asked| NOT_SET.contains(&asked.to_ascii_lowercase().as_str())) {
            return format!("; what is not set equals \"\": {} == \"\"", one_line(name.as_bytes()));
        }
        match self.listed() {
            Some(listed) => format!("; values of {}: {listed}", one_line(name.as_bytes())),
            None => String::new(),
        }
    }

    /// The first values, and the number of others; `None` if there are none.
    pub(crate) fn listed(&self) -> Option<String> {
        let quoted = |value: &str| format!("\"{}\"", one_line(value.as_bytes()));
        let named: Vec<String> = self.iter().take(NAMED).map(quoted).collect();
        let more = match self.0.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!named.is_empty()).then(|| format!("{}{more}", named.join(", ")))
    }
}

impl FromIterator<String> for Values {
    fn from_iter<I: IntoIterator<Item = String>>(values: I) -> Self {
        let mut all = Self::default();
        values.into_iter().for_each(|value| all.add(value));
        all
    }
}
