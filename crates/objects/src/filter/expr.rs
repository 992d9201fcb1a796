//! A filter expression as a tree.

/// An expression. Equality ignores positions in the text.
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
    /// The field.
    pub selector: Selector,
    /// The operator.
    pub operator: Operator,
    /// The value to compare with; `None` for [`Operator::IsEmpty`] and [`Operator::IsNotEmpty`].
    pub value: Option<Vec<u8>>,
    /// Position of the operator.
    pub operator_span: Span,
    /// Position of the value.
    pub value_span: Span,
}

/// Names a field: `Meta.zone`, `Meta["external-node"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Names and keys from the outside in, at least one. Keys may be any bytes.
    pub path: Vec<Vec<u8>>,
    /// Its position.
    pub span: Span,
}

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `in`, and `contains` with its operands swapped.
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
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Equal,
        Self::NotEqual,
        Self::In,
        Self::NotIn,
        Self::IsEmpty,
        Self::IsNotEmpty,
        Self::Matches,
        Self::NotMatches,
    ];

    /// The operator as written after a selector.
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

    /// The result of a statement about a key that is missing from its map.
    pub(super) const fn holds_of_missing_key(self) -> bool {
        !matches!(self, Self::Equal | Self::IsNotEmpty | Self::In)
    }
}

/// A range of bytes in the expression's text. All spans are equal, because positions do not matter
/// for equality.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The end, exclusive.
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}
