//! Traits of kinds.

use super::list::KindId;
use crate::filter::Shape;
use crate::value::Node;

/// The traits that lists, comparisons, histories and exports use. Most kinds have
/// [none](Self::NONE).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Traits {
    /// Its IDs are keys of the KV store: prefixes select them, and the start of a key does not
    /// identify it.
    pub keyed: bool,
    /// A deleted object can leave a tombstone.
    pub leaves_tombstones: bool,
    /// Its objects are the servers' bookkeeping, such as tombstones and table indexes. They are
    /// compared only on request.
    pub bookkeeping_only: bool,
    /// The kind with the same objects and more fields; exports include this one only on request.
    pub excerpt_of: Option<KindId>,
    /// Its objects may be imported from peers, by which lists select them.
    pub by_peer: bool,
    /// The field with data of users: lists mask it, `get` prints its bytes.
    pub value: Option<&'static str>,
    /// Fields that columns show completely. If there are any, exports add the other fields beside
    /// the columns instead of the whole object.
    pub in_columns: &'static [&'static str],
    /// Its ID is a UUID, so the name is shown beside it.
    pub called_by_id: bool,
    /// The catalog ignores the case of names, and so of IDs made from them.
    pub folded_id: bool,
    /// The ID also orders the records in their section. An object without a counterpart at its
    /// position has none.
    pub ordered_by_id: bool,
    /// The order of records in a section by the servers' index, unless it is the ID. `None` for an
    /// object ordered by its ID.
    pub order: for<'t> fn(Node<'t>) -> Option<[&'t [u8]; 4]>,
    /// Lists without a meaningful order, as paths with dots.
    pub sets: &'static [&'static str],
    /// Fields of another object that is compared separately.
    pub repeats: &'static [&'static str],
    /// Parts that are objects of another kind.
    pub parts: Option<Parts>,
    /// Whether the field `Value` of an object is always a secret.
    pub hides_value: fn(Node<'_>) -> bool,
    /// The shape of one object, if more specific than the kind's.
    pub shape_of: Option<fn(Node<'_>) -> Shape>,
    /// Links to objects of another kind.
    pub references: &'static [Reference],
    /// Lists of links to objects of another kind.
    pub links: &'static [Link],
}

/// Objects that are parts of others.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Their kind.
    pub kind: KindId,
    /// The field that contains them.
    pub field: &'static str,
    /// The objects with such parts.
    pub of: fn(Node<'_>) -> bool,
}

/// A link to an object of another kind, which may not exist.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// The linked kind.
    pub to: KindId,
    /// The fields that form the target's ID, after the peer's name.
    pub fields: &'static [&'static str],
    /// The field with the peer of both objects.
    pub peer: Option<&'static str>,
}

/// A list of links to objects of another kind, which may not exist.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The linked kind.
    pub to: KindId,
    /// The list.
    pub list: &'static str,
    /// The field of its items with the target's ID.
    pub field: &'static str,
}

impl Traits {
    /// The traits of most kinds.
    pub const NONE: Self = Self {
        keyed: false,
        leaves_tombstones: false,
        bookkeeping_only: false,
        excerpt_of: None,
        by_peer: false,
        value: None,
        in_columns: &[],
        called_by_id: false,
        folded_id: false,
        ordered_by_id: true,
        order: |_| None,
        sets: &[],
        repeats: &[],
        parts: None,
        hides_value: |_| false,
        shape_of: None,
        references: &[],
        links: &[],
    };
}
