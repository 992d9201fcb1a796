//! What a kind of object is: a row of the table of [`kinds`](crate::kinds).

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
use crate::render::Record;
use crate::value::{Node, Wanted};
use snapscope_decode::{Frame, Kind};

/// A kind of object.
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectKind {
    /// Its number.
    pub id: KindId,
    /// What it is called in commands: `nodes`.
    pub name: &'static str,
    /// What one of it is called: `node`.
    pub one: &'static str,
    /// What comparisons and findings call one of these objects, beside its id; `None` if they are
    /// objects of another kind seen otherwise, as locks are keys. In them a `service` is an
    /// instance, `NODE/SERVICE-ID`.
    pub object: Option<&'static str>,
    /// What it is, in a line.
    pub about: &'static str,
    /// The types of the records its rows come from.
    pub from: &'static [Kind],
    /// How rows come from them.
    pub(crate) rows: Rows,
    /// What fields it has.
    pub(crate) shape: fn() -> Shape,
    /// The columns of its table.
    pub columns: &'static [Column],
    /// Writes what tells one from the others.
    pub(crate) write_id: fn(Node<'_>, &mut Vec<u8>),
    /// The outermost fields the id is made of.
    pub id_fields: &'static [&'static str],
    /// Fields by whose text one can be got besides by its id: paths with dots.
    pub names: &'static [&'static str],
    /// Fields that are secret: paths with dots, `*` for any member, `?` for any that isn't known to be
    /// [harmless](crate::kinds::is_harmless), lists seen through.
    pub secrets: &'static [&'static str],
    /// Outermost fields that are the servers' bookkeeping, and no difference between two objects.
    pub bookkeeping: &'static [&'static str],
    /// What else sets it apart.
    pub traits: Traits,
}

/// One is the other if they have one number.
impl PartialEq for ObjectKind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ObjectKind {}

impl ObjectKind {
    /// What fields its objects have, for selectors.
    #[must_use]
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }

    /// Whether each record is some rows, which stream; else rows come when all records were seen.
    #[must_use]
    pub const fn is_direct(&self) -> bool {
        matches!(self.rows, Rows::Record | Rows::Direct(_))
    }

    /// The id of the one object a record is, without making a row of it; `None` where it takes a
    /// row to know, or the record is none or several.
    #[must_use]
    pub fn id_of_record<'f>(&self, record: &Record<'f>) -> Option<&'f [u8]> {
        match (self.rows, self.id_fields) {
            (Rows::Record, [field]) if self.from.contains(&record.frame.kind) => {
                record.fields()?.get(field)?.as_raw()
            }
            _ => None,
        }
    }

    /// The id of the row a record becomes, where it stands in the record: of kinds whose ids can be
    /// told before anything else is read, which are keys. `None` of all others.
    #[must_use]
    pub fn stored_id<'f>(&self, frame: &Frame<'f>) -> Option<&'f [u8]> {
        if !self.has_stored_ids() || !self.from.contains(&frame.kind) {
            return None;
        }
        frame.entries()?.find(b"Key").ok()??.as_raw()
    }

    /// Whether it is of the kinds whose ids [`stored_id`](Self::stored_id) tells.
    #[must_use]
    pub fn has_stored_ids(&self) -> bool {
        (self.from == [Kind::KVS] || self.from == [Kind::TOMBSTONE]) && self.is_direct()
    }

    /// The columns of its table, those of a wide one too if `wide`.
    #[must_use]
    pub fn table(&'static self, wide: bool) -> Vec<Chosen> {
        self.columns.iter().filter(|c| wide || !c.wide).map(Chosen::Column).collect()
    }

    /// One of its columns by name (any case), or any selector as a column; `shape` is its own, or that of the
    /// objects that are meant.
    ///
    /// # Errors
    /// When there is neither.
    pub fn column(&'static self, shape: &Shape, name: &str) -> Result<Chosen, UnknownColumn> {
        Chosen::find(self.columns, shape, name).ok_or_else(|| UnknownColumn {
            kind: self.name,
            name: name.to_owned(),
            columns: self.columns.iter().map(|column| column.name).collect(),
            fields: shape.names(),
        })
    }

    /// What comparisons and findings call one of its objects, and if they don't, what lists call them.
    #[must_use]
    pub fn object_name(&self) -> &'static str {
        self.object.unwrap_or(self.name)
    }

    /// The shape of one of its objects.
    #[must_use]
    pub fn shape_of(&self, object: Node<'_>) -> Shape {
        self.traits.shape_of.map_or_else(|| self.shape(), |shape| shape(object))
    }

    /// By what an object is found in another snapshot: its id, in one case where names are the same in any.
    #[must_use]
    pub fn key_of(&self, object: Node<'_>) -> Vec<u8> {
        let mut key = Vec::new();
        (self.write_id)(object, &mut key);
        if self.traits.folded_id {
            key.make_ascii_lowercase();
        }
        key
    }

    /// Where the record of an object stands in its section: by the index a server keeps.
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

    /// The fields that must be rendered to show these columns, to filter, and to tell the ids.
    #[must_use]
    pub fn wanted(&self, columns: &[Chosen], filter: Option<&Filter>) -> Wanted {
        let mut wanted = Wanted::Only(Vec::new());
        wanted.add(self.id_fields.iter().copied());
        wanted.add(self.names.iter().filter_map(|name| name.split('.').next()));
        for column in columns {
            wanted.add(column.fields().iter().map(String::as_str));
        }
        if let Some(filter) = filter {
            wanted.add(filter.fields());
        }
        wanted
    }
}
