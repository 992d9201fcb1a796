//! The common form of parsed HCL and JSON rule texts: keys with values.

use super::name::Name;
use super::position::Position;

/// Maximum nesting of objects and lists. Real rules need 3; servers are limited only by memory, but
/// the stack must not overflow here.
pub(super) const MAX_DEPTH: usize = 100;

/// The language of a rule text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Hcl,
    Json,
}

/// `key "app/" { ... }`: one or more keys and a value.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) keys: Vec<Key>,
    pub(super) value: Node,
}

/// A key, quoted or not.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// `None` if its escapes are invalid. Servers notice when they read the key, which they do not
    /// in ignored blocks.
    pub(super) text: Option<Name>,
    pub(super) place: Position,
}

/// A plain value.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    /// A value that is text: quoted text, a heredoc, an integer. `None` as in [`Key`].
    Text(Option<Name>),
    /// A value that is not text: a bool, a float.
    Other,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Text, number or bool, as text; `None` as in [`Key`].
    Literal(Literal, Position),
    Object(Vec<Item>, Position),
    List(Vec<Node>, Position),
}

impl Node {
    pub(super) const fn place(&self) -> Position {
        match self {
            Self::Literal(_, place) | Self::Object(_, place) | Self::List(_, place) => *place,
        }
    }

    pub(super) const fn describe(&self) -> &'static str {
        match self {
            Self::Literal(..) => "a plain value",
            Self::Object(..) => "a block",
            Self::List(..) => "a list",
        }
    }
}
