//! The requested objects.

use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::row::Row;
use std::collections::BTreeSet;

/// The requested objects, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdQuery {
    /// The object with this name: its ID, another name of it, or a prefix that matches no other.
    Named(Vec<u8>),
    /// Those with these IDs.
    Ids(BTreeSet<Vec<u8>>),
    /// All whose IDs start with this.
    Under(Vec<u8>),
}

/// The requested objects.
#[derive(Debug, Clone)]
pub struct Question {
    /// Their kind.
    pub kind: &'static ObjectKind,
    /// The selection.
    pub ids: IdQuery,
    /// The cluster's own, or imported ones.
    pub peers: PeerSelection,
}

/// How well an object matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// By its id.
    Id,
    /// By another name.
    Name,
    /// By the prefix of a name.
    Beginning,
}

impl Question {
    /// How well an object matches, if at all.
    #[must_use]
    pub fn fit(&self, row: &Row) -> Option<Fit> {
        match &self.ids {
            IdQuery::Ids(ids) => ids.contains(&row.id()).then_some(Fit::Id),
            IdQuery::Under(prefix) => row.id().starts_with(prefix).then_some(Fit::Id),
            IdQuery::Named(name) => {
                let mut names = row.names().into_iter();
                // The first one is the id, if it has any.
                if row.id() == *name {
                    return Some(Fit::Id);
                }
                let mut fit = None;
                if names.any(|known| {
                    if known.starts_with(name) && !self.kind.traits.keyed && !name.is_empty() {
                        fit = Some(Fit::Beginning);
                    }
                    known.as_ref() == name.as_slice()
                }) {
                    fit = Some(Fit::Name);
                }
                fit
            }
        }
    }

    /// Whether the rest of a record needs to be read, judging by its stored ID.
    #[must_use]
    pub fn may(&self, id: &[u8]) -> bool {
        match &self.ids {
            IdQuery::Named(name) => name == id,
            IdQuery::Ids(ids) => ids.contains(id),
            IdQuery::Under(prefix) => id.starts_with(prefix),
        }
    }

    /// Whether a tombstone may concern one of the objects: its own, or that of a prefix.
    #[must_use]
    pub fn may_concern(&self, tombstone: &[u8]) -> bool {
        match &self.ids {
            IdQuery::Named(name) => name.starts_with(tombstone),
            IdQuery::Ids(ids) => ids.iter().any(|id| id.starts_with(tombstone)),
            IdQuery::Under(prefix) => {
                tombstone.starts_with(prefix) || prefix.starts_with(tombstone)
            }
        }
    }
}
