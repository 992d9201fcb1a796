//! Macros of the table of kinds.

use super::cell::CellValue;
use super::column::Cell;
use crate::filter::Shape;
use crate::value::Node;
use snapscope_decode::Kind;

/// Declares columns: `"name" = field("Path.To.Field")` or `"name" = made(&["Field"], function)`.
/// `@wide` comes before those that only wide tables show, and the rank on narrow screens after that:
/// `#1 "critical" = ...`.
macro_rules! columns {
    ($($(@$wide:ident)? $(#$rank:literal)? $name:literal = $cell:expr),* $(,)?) => {
        &[$($crate::kind::Column {
            name: $name,
            cell: $cell,
            wide: columns!(@is $($wide)?),
            rank: columns!(@rank $($rank)?),
        },)*]
    };
    (@is wide) => { true };
    (@is) => { false };
    (@rank $rank:literal) => { $rank };
    (@rank) => { 0 };
}
pub(crate) use columns;

pub(crate) const fn field(path: &'static str) -> Cell {
    Cell::Field(path)
}

pub(crate) const fn made(
    from: &'static [&'static str],
    make: for<'t> fn(Node<'t>) -> CellValue<'t>,
) -> Cell {
    Cell::Made { from, make }
}

/// The index fields of every stored object.
pub(crate) const INDEXES: &[&str] = &["CreateIndex", "ModifyIndex"];

/// The same, for objects with a hash of their content.
pub(crate) const INDEXES_AND_HASH: &[&str] = &["CreateIndex", "ModifyIndex", "Hash"];

pub(crate) fn schema_shape(kind: Kind) -> Shape {
    snapscope_decode::records::record_schema(kind).map_or(Shape::Any, Shape::Struct)
}

/// A text field; empty if absent.
pub(crate) fn text<'t>(object: Node<'t>, name: &str) -> &'t [u8] {
    object.get(name).and_then(|node| node.text()).unwrap_or(&[])
}

/// The peer of an object, in the order of the servers' indexes: local objects come last.
pub(crate) fn peer_order<'t>(object: Node<'t>) -> &'t [u8] {
    match text(object, "PeerName") {
        [] => b"~",
        peer => peer,
    }
}
