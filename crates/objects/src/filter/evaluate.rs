//! Evaluates a compiled expression on an object.

use super::expr::Operator;
use super::shape::Shape;
use crate::go_number::single;
use crate::value::{Json, Node};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use regex::bytes::Regex;
use std::borrow::Cow;

#[derive(Debug, Clone)]
pub(super) enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Match {
        steps: Vec<Step>,
        leaf: Box<Leaf>,
        /// The result if a key is missing from its map.
        missing: bool,
        /// The result if the object is absent.
        absent: bool,
    },
}

/// One name of a selector.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: Vec<u8>,
    /// Whether the name is a key that may be missing, rather than a field, which would be zero.
    pub(super) in_map: bool,
    /// The result if the field is absent.
    pub(super) absent: bool,
}

/// The statement about the selected value.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    operator: Operator,
    text: Vec<u8>,
    pub(super) int: Option<i128>,
    pub(super) float: Option<f64>,
    pub(super) bool: Option<bool>,
    pub(super) base64: bool,
    pub(super) regex: Option<Regex>,
    finder: memchr::memmem::Finder<'static>,
}

impl Test {
    pub(super) fn holds(&self, object: Node<'_>) -> bool {
        match self {
            Self::Any(tests) => tests.iter().any(|test| test.holds(object)),
            Self::All(tests) => tests.iter().all(|test| test.holds(object)),
            Self::Not(test) => !test.holds(object),
            Self::Match { steps, leaf, missing, absent } => {
                walk(steps, leaf, *missing, *absent, object)
            }
        }
    }
}

fn walk(steps: &[Step], leaf: &Leaf, missing: bool, absent: bool, node: Node<'_>) -> bool {
    let Some((step, rest)) = steps.split_first() else { return leaf.holds(node) };
    match node.json() {
        Json::List(mut items) => items.any(|item| walk(steps, leaf, missing, absent, item)),
        Json::Object(members) => match members.get(&step.name) {
            None if step.in_map => missing,
            None => step.absent,
            Some(member) => match member.json() {
                // The key exists, but the value under it is absent: it is the zero value of its
                // shape.
                Json::Null => step.absent,
                _ => walk(rest, leaf, missing, step.absent, member),
            },
        },
        _ => absent,
    }
}

impl Leaf {
    pub(super) fn new(operator: Operator, text: &[u8]) -> Self {
        Self {
            operator,
            text: text.to_vec(),
            int: None,
            float: None,
            bool: None,
            base64: false,
            regex: None,
            finder: memchr::memmem::Finder::new(text).into_owned(),
        }
    }

    fn holds(&self, node: Node<'_>) -> bool {
        match self.operator {
            Operator::Equal => self.equals(node),
            Operator::NotEqual => !self.equals(node),
            Operator::In => self.is_in(node),
            Operator::NotIn => !self.is_in(node),
            Operator::IsEmpty => is_empty(node),
            Operator::IsNotEmpty => !is_empty(node),
            Operator::Matches => self.matches(node),
            Operator::NotMatches => !self.matches(node),
        }
    }

    /// The result for the zero value of a shape, which replaces an absent field.
    pub(super) fn holds_of_zero(&self, shape: &Shape) -> bool {
        let equal = match shape {
            Shape::Bool => self.bool == Some(false),
            Shape::Int | Shape::Uint | Shape::Uint32 => self.int == Some(0),
            Shape::Float | Shape::Float32 => self.float == Some(0.0),
            Shape::Any => return self.operator.holds_of_missing_key(),
            Shape::OneOf(shapes) => return shapes.first().is_some_and(|s| self.holds_of_zero(s)),
            _ => self.text.is_empty(),
        };
        // An empty list or map contains nothing; the empty text is in every text.
        let is_in = self.text.is_empty() && !matches!(shape, Shape::List(_) | Shape::Map(_));
        match self.operator {
            Operator::Equal => equal,
            Operator::NotEqual => !equal,
            Operator::In => is_in,
            Operator::NotIn => !is_in,
            Operator::IsEmpty => true,
            Operator::IsNotEmpty => false,
            Operator::Matches => self.regex.as_ref().is_some_and(|regex| regex.is_match(b"")),
            Operator::NotMatches => self.regex.as_ref().is_some_and(|regex| !regex.is_match(b"")),
        }
    }

    fn equals(&self, node: Node<'_>) -> bool {
        match node.json() {
            Json::Text(text) => text == self.text,
            Json::Bytes(bytes) if self.base64 => BASE64.encode(bytes).as_bytes() == self.text,
            Json::Bytes(bytes) => bytes == self.text,
            Json::Bool(b) => self.bool == Some(b),
            Json::Uint(n) => self.int.map_or_else(
                || self.float.is_some_and(|x| x == float_of(n)),
                |int| int == i128::from(n),
            ),
            Json::Int(n) => self.int == Some(i128::from(n)),
            Json::Float(x) => self.float == Some(x),
            Json::Float32(x) => self.float.is_some_and(|float| x == single(float)),
            // An absent opaque value equals no text.
            Json::Null | Json::List(_) | Json::Object(_) => false,
        }
    }

    fn is_in(&self, node: Node<'_>) -> bool {
        match node.json() {
            Json::Text(text) => self.finder.find(text).is_some(),
            Json::Bytes(bytes) if self.base64 => {
                self.finder.find(BASE64.encode(bytes).as_bytes()).is_some()
            }
            Json::Bytes(bytes) => self.finder.find(bytes).is_some(),
            Json::List(mut items) => items.any(|item| self.equals(item)),
            Json::Object(members) => members.get(&self.text).is_some(),
            _ => false,
        }
    }

    fn matches(&self, node: Node<'_>) -> bool {
        let Some(regex) = &self.regex else { return false };
        match node.json() {
            Json::Text(text) => regex.is_match(&as_go_reads(text)),
            Json::Bytes(bytes) if self.base64 => regex.is_match(BASE64.encode(bytes).as_bytes()),
            Json::Bytes(bytes) => regex.is_match(&as_go_reads(bytes)),
            _ => false,
        }
    }
}

/// Go's patterns see U+FFFD in place of each byte that is not UTF-8.
fn as_go_reads(text: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(text).is_ok() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() * 2);
    for chunk in text.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        for _ in chunk.invalid() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    Cow::Owned(out)
}

fn is_empty(node: Node<'_>) -> bool {
    match node.json() {
        Json::Null => true,
        Json::Text(bytes) | Json::Bytes(bytes) => bytes.is_empty(),
        Json::List(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A float field may hold a stored integer; beyond 2^53 it is rounded as a JSON reader would round
/// it.
#[allow(clippy::cast_precision_loss)]
const fn float_of(n: u64) -> f64 {
    n as f64
}
