//! Compiles an expression so that it can be evaluated on objects.

use super::error::FilterError;
use super::evaluate::{Leaf, Step, Test};
use super::expr::{Expr, Match, Operator};
use super::shape::Shape;
use super::{go_regex, parse};
use crate::go_number;
use crate::nearest;
use crate::value::Node;

/// A compiled expression. Evaluating it allocates nothing.
#[derive(Debug, Clone)]
pub struct Filter {
    test: Test,
    fields: Vec<String>,
}

impl Filter {
    /// Compiles an expression about objects of this shape. An empty text matches all of them.
    ///
    /// # Errors
    /// If the text is not an expression, a selector does not exist, or an operator or value does
    /// not fit the field.
    pub fn compile(text: &str, shape: &Shape) -> Result<Self, FilterError> {
        // The HTTP API treats an empty parameter as absent.
        if text.is_empty() {
            return Ok(Self { test: Test::All(Vec::new()), fields: Vec::new() });
        }
        Self::of(&parse(text)?, text, shape)
    }

    /// Compiles an expression that was parsed from `text`.
    ///
    /// # Errors
    /// As [`Filter::compile`].
    pub fn of(expr: &Expr, text: &str, shape: &Shape) -> Result<Self, FilterError> {
        let mut fields = Vec::new();
        let test = Compiler { text, shape, fields: &mut fields, lenient: false }.expr(expr)?;
        Ok(Self { test, fields })
    }

    /// Compiles an expression in which some statements may be about other objects; statements that
    /// do not fit these objects never match.
    pub(super) fn lenient(expr: &Expr, shape: &Shape) -> Self {
        let mut fields = Vec::new();
        let compiled = Compiler { text: "", shape, fields: &mut fields, lenient: true }.expr(expr);
        Self { test: compiled.unwrap_or(Test::Any(Vec::new())), fields }
    }

    /// Whether the expression matches an object.
    #[must_use]
    pub fn holds(&self, object: Node<'_>) -> bool {
        self.test.holds(object)
    }

    /// Returns the outermost fields that the expression uses, each once.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }
}

struct Compiler<'c> {
    text: &'c str,
    shape: &'c Shape,
    fields: &'c mut Vec<String>,
    lenient: bool,
}

impl Compiler<'_> {
    fn expr(&mut self, expr: &Expr) -> Result<Test, FilterError> {
        Ok(match expr {
            Expr::Any(parts) => Test::Any(self.parts(parts)?),
            Expr::All(parts) => Test::All(self.parts(parts)?),
            Expr::Not(inner) => Test::Not(Box::new(self.expr(inner)?)),
            Expr::Match(statement) => match self.statement(statement) {
                // None of an empty list of tests matches.
                Err(_) if self.lenient => Test::Any(Vec::new()),
                compiled => compiled?,
            },
        })
    }

    fn parts(&mut self, parts: &[Expr]) -> Result<Vec<Test>, FilterError> {
        parts.iter().map(|part| self.expr(part)).collect()
    }

    fn statement(&mut self, statement: &Match) -> Result<Test, FilterError> {
        let path = &statement.selector.path;
        let mut shapes = vec![self.shape.clone()];
        for (at, name) in path.iter().enumerate() {
            let inside = shapes.last().unwrap_or(self.shape);
            match inside.member(name) {
                Some(shape) => shapes.push(shape),
                None => return Err(self.unknown(statement, at, inside)),
            }
        }
        let last = shapes.pop().unwrap_or(Shape::Any);
        let leaf = self.leaf(statement, &last)?;
        if let Some(field) = path.first().map(|name| String::from_utf8_lossy(name).into_owned())
            && !self.fields.contains(&field)
        {
            self.fields.push(field);
        }
        let missing = statement.operator.holds_of_missing_key();
        // The result for an absent value, from the inside out.
        let mut absent = leaf.holds_of_zero(&last);
        let mut steps = Vec::with_capacity(path.len());
        for (name, inside) in path.iter().zip(&shapes).rev() {
            let in_map = matches!(inside, Shape::Map(_) | Shape::Any)
                || matches!(inside, Shape::List(of) if matches!(**of, Shape::Map(_) | Shape::Any));
            steps.push(Step { name: name.clone(), in_map, absent });
            absent = match inside {
                Shape::List(_) => false,
                Shape::Map(_) | Shape::Any => missing,
                _ => absent,
            };
        }
        steps.reverse();
        Ok(Test::Match { steps, leaf: Box::new(leaf), missing, absent })
    }

    fn unknown(&self, statement: &Match, at: usize, inside: &Shape) -> FilterError {
        let path = &statement.selector.path;
        let name = |path: &[Vec<u8>]| String::from_utf8_lossy(&path.join(&b'.')).into_owned();
        let known = inside.names();
        let message = if known.is_empty() {
            let outside = path.get(..at).unwrap_or(&[]);
            format!("cannot select a field of {}: it is {}", name(outside), inside.words())
        } else {
            let field = name(path.get(..=at).unwrap_or(&[]));
            let last = path.get(at).map(|last| String::from_utf8_lossy(last)).unwrap_or_default();
            match nearest(&last, known.iter().copied()) {
                Some(meant) => {
                    let outside = name(path.get(..at).unwrap_or(&[]));
                    let dot = if at > 0 { "." } else { "" };
                    format!("unknown field {field}; did you mean {outside}{dot}{meant}?")
                }
                None => format!("unknown field {field}; known fields: {}", known.join(", ")),
            }
        };
        let unknown_field = (!known.is_empty()).then(|| name(path.get(..=at).unwrap_or(&[])));
        FilterError {
            unknown_field,
            ..FilterError::new(self.text, statement.selector.span, message)
        }
    }

    fn leaf(&self, statement: &Match, shape: &Shape) -> Result<Leaf, FilterError> {
        if let Shape::OneOf(shapes) = shape {
            // A statement is valid if it fits one of the kinds. If it fits none, the error is that
            // of the first kind.
            let mut first = None;
            for shape in shapes {
                match self.leaf(statement, shape) {
                    Ok(leaf) => return Ok(leaf),
                    Err(e) => first = first.or(Some(e)),
                }
            }
            return Err(first.unwrap_or_else(|| self.operator_error(statement, shape)));
        }
        let mut leaf = Leaf::new(statement.operator, statement.value.as_deref().unwrap_or(b""));
        let text = statement.value.as_ref().and_then(|value| std::str::from_utf8(value).ok());
        leaf.int = text.and_then(|t| {
            go_number::int(t).map(i128::from).or_else(|| go_number::uint(t).map(i128::from))
        });
        leaf.float = text.and_then(go_number::float);
        leaf.bool = text.and_then(go_number::bool);
        leaf.base64 = matches!(shape, Shape::Base64);
        if matches!(statement.operator, Operator::Matches | Operator::NotMatches) {
            let Some(pattern) = text else {
                return Err(self.value_error(statement, "a pattern must be UTF-8"));
            };
            leaf.regex = Some(go_regex::compile(pattern).map_err(|e| {
                self.value_error(statement, &format!("invalid regular expression: {e}"))
            })?);
        }
        match Operands::of(shape, statement.operator) {
            Operands::None => Err(self.operator_error(statement, shape)),
            Operands::Anything => Ok(leaf),
            Operands::Of(scalar) => {
                let fits = match scalar {
                    Shape::Bool => leaf.bool.is_some(),
                    Shape::Int => text.and_then(go_number::int).is_some(),
                    Shape::Uint => text.and_then(go_number::uint).is_some(),
                    Shape::Uint32 => {
                        text.and_then(go_number::uint).is_some_and(|n| u32::try_from(n).is_ok())
                    }
                    Shape::Float => leaf.float.is_some(),
                    Shape::Float32 => leaf.float.is_some_and(go_number::fits_32_bits),
                    _ => true,
                };
                if fits {
                    return Ok(leaf);
                }
                let message =
                    format!("{} is {}, and this value is not", statement.selector, scalar.words());
                Err(self.value_error(statement, &message))
            }
        }
    }

    fn operator_error(&self, statement: &Match, shape: &Shape) -> FilterError {
        let fitting: Vec<&str> = Operator::ALL
            .into_iter()
            .filter(|operator| !matches!(Operands::of(shape, *operator), Operands::None))
            .map(Operator::text)
            .collect();
        let Match { selector, operator, .. } = statement;
        let hint = if let Some(field) = name_in(shape) {
            format!("did you mean {selector}.{field}?")
        } else if fitting.is_empty() {
            format!("select one of its fields: {}", shape.names().join(", "))
        } else if matches!(shape, Shape::Text) && *operator == Operator::IsEmpty {
            format!("use {selector} == \"\"")
        } else if matches!(shape, Shape::Text) && *operator == Operator::IsNotEmpty {
            format!("use {selector} != \"\"")
        } else {
            format!("it supports {}", fitting.join(", "))
        };
        let message = format!(
            "{1:?} cannot be used on {selector}, which is {0}; {hint}",
            shape.words(),
            operator.text()
        );
        FilterError::new(self.text, statement.operator_span, message)
    }

    fn value_error(&self, statement: &Match, message: &str) -> FilterError {
        FilterError::new(self.text, statement.value_span, message)
    }
}

/// The field by which the items of a list are called, if they are objects.
fn name_in(shape: &Shape) -> Option<&'static str> {
    let Shape::List(_) = shape else { return None };
    let names = shape.names();
    ["Name", "ServiceName", "NodeName", "TemplateName", "ID"]
        .into_iter()
        .find(|name| names.contains(name))
}

/// The values that an operator accepts for a shape.
enum Operands<'s> {
    /// The operator does not fit.
    None,
    /// Any value, or none.
    Anything,
    /// Values of a scalar shape.
    Of(&'s Shape),
}

impl<'s> Operands<'s> {
    fn of(shape: &'s Shape, operator: Operator) -> Self {
        use Operator::{Equal, In, IsEmpty, IsNotEmpty, Matches, NotEqual, NotIn, NotMatches};
        match (shape, operator) {
            (Shape::Any, _) => Self::Anything,
            (Shape::Bytes, _) => Self::Anything,
            (Shape::OneOf(shapes), operator) => shapes
                .iter()
                .map(|shape| Operands::of(shape, operator))
                .find(|operands| !matches!(operands, Self::None))
                .unwrap_or(Self::None),
            (Shape::Text | Shape::Base64, Equal | NotEqual | In | NotIn | Matches | NotMatches) => {
                Self::Anything
            }
            (
                Shape::Bool
                | Shape::Int
                | Shape::Uint
                | Shape::Uint32
                | Shape::Float
                | Shape::Float32,
                Equal | NotEqual,
            ) => Self::Of(shape),
            (Shape::List(_) | Shape::Map(_), IsEmpty | IsNotEmpty) => Self::Anything,
            (Shape::Map(_), In | NotIn) => Self::Anything,
            (Shape::List(of), In | NotIn) => match &**of {
                Shape::Text | Shape::Bytes | Shape::Base64 | Shape::Any => Self::Anything,
                scalar @ (Shape::Bool
                | Shape::Int
                | Shape::Uint
                | Shape::Uint32
                | Shape::Float
                | Shape::Float32) => Self::Of(scalar),
                _ => Self::None,
            },
            _ => Self::None,
        }
    }
}
