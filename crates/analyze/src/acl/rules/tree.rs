//! What HCL and JSON rule texts have in common once read: keys with values.

use super::name::Name;
use super::place::Place;

/// How deep objects and lists may be in each other. Real rules need 3; servers have no limit but
/// their memory, we have a stack to protect.
pub(super) const MAX_DEPTH: usize = 100;

/// What a text is written in.
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
    /// `None` if its escapes can't be resolved. Servers notice when they look at the key, which
    /// they don't inside of blocks they ignore.
    pub(super) text: Option<Name>,
    pub(super) place: Place,
}

/// A plain value.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    /// What can be read as text: quoted text, a heredoc, an integer. `None` as in [`Key`].
    Text(Option<Name>),
    /// What can't: a bool, a float.
    Other,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Text, number or bool, as text; `None` as in [`Key`].
    Literal(Literal, Place),
    Object(Vec<Item>, Place),
    List(Vec<Node>, Place),
}

impl Node {
    pub(super) const fn place(&self) -> Place {
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
