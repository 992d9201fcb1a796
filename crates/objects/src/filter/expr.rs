//! A filter expression as a tree.

/// An expression. Two are equal if they say the same, wherever they stood in their texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// `a or b or c`: at least two.
    Any(Vec<Expr>),
    /// `a and b and c`: at least two.
    All(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// A statement about one field.
    Match(Match),
}

/// A statement about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which field.
    pub selector: Selector,
    /// What is said of it.
    pub operator: Operator,
    /// What it is compared with; `None` for [`Operator::IsEmpty`] and [`Operator::IsNotEmpty`].
    pub value: Option<Vec<u8>>,
    /// Where the operator stands.
    pub operator_span: Span,
    /// Where the value stands.
    pub value_span: Span,
}

/// Names a field: `Meta.zone`, `Meta["external-node"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Names and keys from the outside in: at least one. Keys may be any bytes.
    pub path: Vec<Vec<u8>>,
    /// Where it stands.
    pub span: Span,
}

/// What is said of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `in`, and `contains` with its sides swapped.
    In,
    /// `not in`, `not contains`
    NotIn,
    /// `is empty`
    IsEmpty,
    /// `is not empty`
    IsNotEmpty,
    /// `matches`
    Matches,
    /// `not matches`
    NotMatches,
}

impl Operator {
    /// The operator as it is written behind a selector.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::In => "contains",
            Self::NotIn => "not contains",
            Self::IsEmpty => "is empty",
            Self::IsNotEmpty => "is not empty",
            Self::Matches => "matches",
            Self::NotMatches => "not matches",
        }
    }

    /// What a statement about a key says that is not in its map.
    pub(super) const fn holds_of_missing_key(self) -> bool {
        !matches!(self, Self::Equal | Self::IsNotEmpty | Self::In)
    }
}

/// Bytes of the expression's text, from and to. All spans are equal: they are no part of what an
/// expression says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}
