//! A kind of object: a row of the table of [`kinds`](crate::kinds).

mod cell;
mod column;
pub(crate) mod declare;
pub(crate) mod id;
mod list;
mod maker;
mod traits;

pub use cell::CellValue;
pub use column::{Cell, Chosen, Column, UnknownColumn};
pub use list::KindId;
pub use maker::PeerSelection;
pub use traits::{Link, Parts, Reference, Traits};

pub(crate) use cell::joined;
pub(crate) use list::object_kinds;
pub(crate) use maker::{Join, Maker, Output, Rows, same};

use crate::filter::{Filter, Shape};
use crate::render::RecordFields;
use crate::value::{Node, Projection};
use snapscope_decode::{Frame, Kind};

/// An object kind.
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectKind {
    /// Its number.
    pub id: KindId,
    /// Its name in commands: `nodes`.
    pub name: &'static str,
    /// Its singular: `node`.
    pub one: &'static str,
    /// The type of its objects in comparisons and findings; `None` if they are another view of
    /// another kind's objects, as locks are keys. There a `service` is an instance,
    /// `NODE/SERVICE-ID`.
    pub object: Option<&'static str>,
    /// A one-line description.
    pub about: &'static str,
    /// The record types that its rows come from.
    pub from: &'static [Kind],
    /// How its rows are created.
    pub(crate) rows: Rows,
    /// Its fields.
    pub(crate) shape: fn() -> Shape,
    /// The columns of its table.
    pub columns: &'static [Column],
    /// Writes an object's ID.
    pub(crate) write_id: fn(Node<'_>, &mut Vec<u8>),
    /// The outermost fields that form the ID.
    pub id_fields: &'static [&'static str],
    /// Fields whose text also identifies an object: paths with dots.
    pub names: &'static [&'static str],
    /// Outermost fields that are bookkeeping, which are never a difference between two objects.
    pub bookkeeping: &'static [&'static str],
    /// Its other traits.
    pub traits: Traits,
}

/// Kinds are equal if their numbers are.
impl PartialEq for ObjectKind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ObjectKind {}

impl ObjectKind {
    /// Returns the shape of its objects, for selectors.
    #[must_use]
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }

    /// Whether each record yields rows, which stream; otherwise rows come after all records were
    /// read.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        matches!(self.rows, Rows::Record | Rows::Direct(_))
    }

    /// Returns the ID of the one object in a record without creating its row; `None` if that needs
    /// a row, or the record holds none or several.
    #[must_use]
    pub fn id_of_record<'f>(&self, record: &RecordFields<'f>) -> Option<&'f [u8]> {
        match (self.rows, self.id_fields) {
            (Rows::Record, [field]) if self.from.contains(&record.frame.kind) => {
                record.fields()?.get(field)?.as_raw()
            }
            _ => None,
        }
    }

    /// Returns the ID of a record's row as stored in the record, for kinds whose ID can be read
    /// before anything else, which are keys; `None` for all others.
    #[must_use]
    pub fn stored_id<'f>(&self, frame: &Frame<'f>) -> Option<&'f [u8]> {
        if !self.has_stored_ids() || !self.from.contains(&frame.kind) {
            return None;
        }
        frame.entries()?.find(b"Key").ok()??.as_raw()
    }

    /// Whether [`stored_id`](Self::stored_id) supports this kind.
    #[must_use]
    pub fn has_stored_ids(&self) -> bool {
        (self.from == [Kind::KVS] || self.from == [Kind::TOMBSTONE]) && self.is_direct()
    }

    /// Returns the columns of its table, including those of the wide table if `wide`.
    #[must_use]
    pub fn table(&'static self, wide: bool) -> Vec<Chosen> {
        self.columns.iter().filter(|c| wide || !c.wide).map(Chosen::Column).collect()
    }

    /// Finds a column by name (any case), or uses a selector as one. `shape` is the kind's, or that
    /// of the selected objects.
    ///
    /// # Errors
    /// If neither exists.
    pub fn column(&'static self, shape: &Shape, name: &str) -> Result<Chosen, UnknownColumn> {
        Chosen::find(self.columns, shape, name).ok_or_else(|| UnknownColumn {
            kind: self.name,
            name: name.to_owned(),
            columns: self.columns.iter().map(|column| column.name).collect(),
            fields: shape.names(),
        })
    }

    /// The name of an object in comparisons and findings; by default its name in lists.
    #[must_use]
    pub fn object_name(&self) -> &'static str {
        self.object.unwrap_or(self.name)
    }

    /// The shape of one of its objects.
    #[must_use]
    pub fn shape_of(&self, object: Node<'_>) -> Shape {
        self.traits.shape_of.map_or_else(|| self.shape(), |shape| shape(object))
    }

    /// The key that finds an object in another snapshot: its ID, in one case where the servers
    /// ignore case.
    #[must_use]
    pub fn key_of(&self, object: Node<'_>) -> Vec<u8> {
        let mut key = Vec::new();
        (self.write_id)(object, &mut key);
        if self.traits.folded_id {
            key.make_ascii_lowercase();
        }
        key
    }

    /// The position of an object's record in its section, by the servers' index.
    #[must_use]
    pub fn order_of(&self, object: Node<'_>) -> Vec<u8> {
        match (self.traits.order)(object) {
            Some(parts) => parts.join(&0).to_ascii_lowercase(),
            None => {
                let mut id = Vec::new();
                (self.write_id)(object, &mut id);
                id
            }
        }
    }

    /// Returns the fields that must be rendered to show these columns, to filter, and to know the
    /// IDs.
    #[must_use]
    pub fn projection(&self, columns: &[Chosen], filter: Option<&Filter>) -> Projection {
        let mut projection = Projection::Only(Vec::new());
        projection.add(self.id_fields.iter().copied());
        projection.add(self.names.iter().filter_map(|name| name.split('.').next()));
        for column in columns {
            projection.add(column.fields().iter().map(String::as_str));
        }
        if let Some(filter) = filter {
            projection.add(filter.fields());
        }
        projection
    }
}
