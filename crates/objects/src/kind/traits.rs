//! What sets kinds apart from one another.

use super::list::KindId;
use crate::filter::Shape;
use crate::value::Node;

/// What sets a kind apart from others, for those who list, compare, follow or export objects of all kinds.
/// Most kinds have [none](Self::NONE) of it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Traits {
    /// Its ids are keys of the KV store: prefixes choose among them, and the beginning of a key says nothing
    /// about that one key.
    pub keyed: bool,
    /// A tombstone may remain of an object that was deleted.
    pub leaves_tombstones: bool,
    /// Its objects are nothing but the servers' bookkeeping: what remains of a deleted key, the index of a
    /// table. They are compared when they are asked for.
    pub bookkeeping_only: bool,
    /// The kind whose objects these are, with fewer fields; exports leave them out if nobody asks.
    pub excerpt_of: Option<KindId>,
    /// The field that holds whatever users put there: lists mask it, `get` prints its bytes.
    pub value: Option<&'static str>,
    /// Fields that columns show whole; if there are any, exports have what else is stored beside the columns,
    /// and not the object once more.
    pub in_columns: &'static [&'static str],
    /// Its id is an ID, beside which people want to see the name.
    pub called_by_id: bool,
    /// The catalog's names are the same in any case, and so are ids made of them.
    pub folded_id: bool,
    /// The id orders the records in their section too, so that an object that has no counterpart where it
    /// should be has none.
    pub ordered_by_id: bool,
    /// By what the servers' index orders the records of a section, unless that is the id. `None` of an object
    /// that goes by its id.
    pub order: for<'t> fn(Node<'t>) -> Option<[&'t [u8]; 4]>,
    /// Lists whose order means nothing: paths with dots.
    pub sets: &'static [&'static str],
    /// Fields that another object has, which is compared itself.
    pub repeats: &'static [&'static str],
    /// Objects of another kind that are part of these.
    pub parts: Option<Parts>,
    /// Whether the field `Value` of an object is secret whatever it looks like.
    pub hides_value: fn(Node<'_>) -> bool,
    /// The shape of one object, where it says itself more than its kind does.
    pub shape_of: Option<fn(Node<'_>) -> Shape>,
    /// What leads to an object of another kind.
    pub references: &'static [Reference],
    /// Lists that lead to objects of another kind.
    pub links: &'static [Link],
}

/// Objects that are part of others.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Their kind.
    pub kind: KindId,
    /// The field they are in.
    pub field: &'static str,
    /// Which objects have such parts.
    pub of: fn(Node<'_>) -> bool,
}

/// What leads to an object of another kind, which may not be there.
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    /// That kind.
    pub to: KindId,
    /// The fields the other's id is made of, the first after the peer's name.
    pub fields: &'static [&'static str],
    /// The field that names the peer both were imported from.
    pub peer: Option<&'static str>,
}

/// A list that leads to objects of another kind, which may not be there.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// That kind.
    pub to: KindId,
    /// The list.
    pub list: &'static str,
    /// The field of its items that is the other's id.
    pub field: &'static str,
}

impl Traits {
    /// Of a kind like most.
    pub const NONE: Self = Self {
        keyed: false,
        leaves_tombstones: false,
        bookkeeping_only: false,
        excerpt_of: None,
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
